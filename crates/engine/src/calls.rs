//! The questions with the types of their answers, and many questions at once.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::answer::Answer;
use crate::api::{
    ContainerInspect, ContainerSummary, ExecInspect, ImageHistory, ImageInspect, ImageSummary,
    Info, Network, Node, Plugin, Service, Stored, Swarm, Version, Volumes,
};
use crate::ask::Ask;
use crate::client::Client;
use crate::error::Error;
use crate::from_json::FromJson;

macro_rules! calls {
    ($($(#[$about:meta])* $name:ident($($id:ident)?) -> $type:ty = $ask:expr;)*) => {
        impl Client { $(
            $(#[$about])*
            ///
            /// # Errors
            /// As [`Client::get`].
            pub fn $name(&self $(, $id: &str)?) -> Result<Answer<$type>, Error> {
                self.get(&$ask)
            }
        )* }
    };
}

calls! {
    /// The engine's and its components' versions.
    version() -> Version = Ask::Version;
    /// The engine and its host as it sees them.
    info() -> Info = Ask::Info;
    /// All containers, running or not, without their sizes.
    containers() -> Vec<ContainerSummary> = Ask::Containers;
    /// One container.
    container(id) -> ContainerInspect = Ask::Container(id.to_owned());
    /// A process that was started in a container.
    exec(id) -> ExecInspect = Ask::Exec(id.to_owned());
    /// All images but intermediate ones.
    images() -> Vec<ImageSummary> = Ask::Images;
    /// One image.
    image(id) -> ImageInspect = Ask::Image(id.to_owned());
    /// The steps that made an image, the newest first.
    image_history(id) -> Vec<ImageHistory> = Ask::History(id.to_owned());
    /// All networks, without the containers in them.
    networks() -> Vec<Network> = Ask::Networks;
    /// One network with the containers in it.
    network(id) -> Network = Ask::Network(id.to_owned());
    /// All volumes.
    volumes() -> Volumes = Ask::Volumes;
    /// All managed plugins.
    plugins() -> Vec<Plugin> = Ask::Plugins;
    /// The swarm that this node manages, without its join tokens.
    swarm() -> Swarm = Ask::Swarm;
    /// The swarm's nodes, on a manager.
    nodes() -> Vec<Node> = Ask::Nodes;
    /// The swarm's services, on a manager.
    services() -> Vec<Service> = Ask::Services;
    /// The names of the swarm's secrets, on a manager.
    secrets() -> Vec<Stored> = Ask::Secrets;
    /// The names of the swarm's configs, on a manager.
    configs() -> Vec<Stored> = Ask::Configs;
}

impl Client {
    /// Asks many questions of one kind over a few connections at a time. The answers come in the
    /// order of the questions, each with its own error.
    pub fn get_many<T: FromJson + Send>(&self, asks: &[Ask]) -> Vec<Result<Answer<T>, Error>> {
        self.each(asks, |client, ask| client.get(ask))
    }

    /// Does a piece of work for each item, on as many threads as there may be connections. The
    /// results come in the order of the items.
    pub fn each<I: Sync, R: Send>(
        &self,
        items: &[I],
        work: impl Fn(&Self, &I) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let turns = || self.take_turns(items, &next, &work);
        let more = self.threads().min(items.len()).saturating_sub(1);
        let mut done = thread::scope(|scope| {
            // Where the system has no thread left for us, those that we got do all the work.
            let spawn = |_| thread::Builder::new().spawn_scoped(scope, turns).ok();
            let others: Vec<_> = (0..more).filter_map(spawn).collect();
            let mut done = turns();
            for other in others {
                done.extend(other.join().unwrap_or_else(|p| panic::resume_unwind(p)));
            }
            done
        });
        done.sort_unstable_by_key(|&(at, _)| at);
        done.into_iter().map(|(_, result)| result).collect()
    }

    fn take_turns<I, R>(
        &self,
        items: &[I],
        next: &AtomicUsize,
        work: &impl Fn(&Self, &I) -> R,
    ) -> Vec<(usize, R)> {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                return done;
            };
            done.push((at, work(self, item)));
        }
    }
}
