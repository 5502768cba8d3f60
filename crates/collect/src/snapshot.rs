//! One snapshot in one go: host and engine.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dockward_engine::{Client, Error};
use dockward_model::facts::{Engine, Fact, Field, Host, Origin, PacketFilter, Partition, Snapshot};
use jiff::Timestamp;

use crate::blind;
use crate::daemon::{Owner, partition};
use crate::engine::{self, Asking, Lists};
use crate::ground::{Ground, LiveGround, Unlooked};
use crate::host;
use crate::kernel::packet_filter;
use crate::options::Options;
use crate::progress::{Phase, Progress, Tell, Timing};
use crate::state::EngineState;
use crate::swarm;
use crate::tree::{Live, Proc, Tree};
use crate::unseen::Notes;

/// A snapshot, and what came of making it.
#[derive(Debug)]
pub struct Collected {
    /// What was seen.
    pub snapshot: Snapshot,
    /// Whether an engine was asked, and if not, why.
    pub engine: EngineState,
    /// How long it took.
    pub timing: Timing,
    /// How many containers ended between the list and the question about them.
    pub vanished: usize,
}

/// Looks at this host and its engine, once. Nothing fails as a whole: what could not be seen is
/// unknown in the snapshot, and named in its list of what was unseen.
pub fn collect(options: &Options, progress: &mut dyn FnMut(Progress)) -> Collected {
    let started = Instant::now();
    let now = Timestamp::now();
    let notes = Notes::default();
    let gathered = beside_progress(|tell| gather(options, tell, &notes), progress);
    let Gathered { host, engine, state, mut timing, vanished } = gathered;
    let engines: Vec<Engine> = engine.into_iter().collect();
    let mut snapshot =
        Snapshot { version: Snapshot::VERSION, now, host, engines, unseen: Vec::new() };
    blind::note(&snapshot, &notes);
    snapshot.unseen = notes.into_list();
    timing.whole = started.elapsed();
    Collected { snapshot, engine: state, timing, vanished }
}

/// Works on a thread of its own, while this one, which may not be shared, tells how far it is.
fn beside_progress<T: Send>(
    work: impl Fn(&Tell) -> T + Sync,
    progress: &mut dyn FnMut(Progress),
) -> T {
    let (send, told) = mpsc::channel();
    thread::scope(|scope| {
        let work = &work;
        let worker = thread::Builder::new().spawn_scoped(scope, move || work(&Tell(send)));
        match worker {
            Ok(worker) => {
                for step in told {
                    progress(step);
                }
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
            // No thread left for us: nobody is told, and all is looked at.
            Err(_) => work(&Tell(mpsc::channel().0)),
        }
    })
}

struct Gathered {
    host: Host,
    engine: Option<Engine>,
    state: EngineState,
    timing: Timing,
    vanished: usize,
}

/// This host as Dockward itself sees it.
struct Sight {
    proc: Fact<Proc>,
    files: Fact<Live>,
}

impl Sight {
    fn host(&self, paths: &[String], notes: &Notes) -> (Host, Duration) {
        let started = Instant::now();
        let host = match &self.files {
            Fact::Known(files) => {
                notes.extend(host::directory_services(files));
                host::host(files, &self.proc, paths)
            }
            _ => Host::default(),
        };
        (host, started.elapsed())
    }

    /// What holds the engine's data root, as the engine sees its mounts; where its process is not
    /// known, as we see ours.
    fn partition(&self, owner: &Owner, data_root: &Field<String>) -> Field<Partition> {
        let ours = (None, self.files.known().map(|files| files as &dyn Tree));
        let its = owner.files.known().map(|files| (owner.pid(), Some(files as &dyn Tree)));
        let (pid, files) = its.unwrap_or(ours);
        partition(&self.proc, pid, files, data_root)
    }

    /// The packet filter where the engine publishes ports.
    fn packet_filter(&self, owner: &Owner) -> Field<PacketFilter> {
        match (&self.proc, owner.pid()) {
            (Fact::Known(proc), Some(pid)) => packet_filter::read(proc, pid),
            (_, None) => Field::unknown("the engine's process is not known", Origin::Nowhere),
            _ => Field::unknown("there is no procfs", Origin::Nowhere),
        }
    }
}

fn gather(options: &Options, tell: &Tell, notes: &Notes) -> Gathered {
    let sight = Sight { proc: Proc::host(), files: Live::host() };
    let mut timing = Timing::default();
    tell.about(Progress { phase: Phase::Engine, done: 0, of: 1 });
    match meet(options, &sight, &mut timing) {
        Ok(met) => with_engine(options, &sight, met, timing, tell, notes),
        Err(error) => {
            let state = EngineState::of(error);
            if let Some((why, hint)) = state.explain() {
                notes.add("the engine and its containers", &why, &hint);
            }
            tell.about(Progress { phase: Phase::Host, done: 0, of: 1 });
            let (host, took) = sight.host(&[], notes);
            timing.host = took;
            Gathered { host, engine: None, state, timing, vanished: 0 }
        }
    }
}

/// An engine that answers, who answers, and the host beneath.
struct Met<'a> {
    client: Client,
    lists: Lists,
    owner: Owner,
    ground: Box<dyn Ground + Send + 'a>,
}

fn meet<'a>(options: &Options, sight: &'a Sight, timing: &mut Timing) -> Result<Met<'a>, Error> {
    let started = Instant::now();
    let client = Client::find(&options.endpoints, options.limits)?;
    timing.connect = started.elapsed();
    let (lists, (owner, ground)) = thread::scope(|scope| {
        let find = || {
            let owner = Owner::find(&client, &sight.proc, &sight.files);
            let ground = ground(sight, &owner);
            (owner, ground)
        };
        let owner = thread::Builder::new().spawn_scoped(scope, find);
        let lists = Lists::ask(&client);
        (lists, joined(owner, find))
    });
    timing.lists = started.elapsed().saturating_sub(timing.connect);
    Ok(Met { client, lists: lists?, owner, ground })
}

/// The result of a thread; where the system had none for us, the work is done here.
fn joined<T>(
    thread: std::io::Result<thread::ScopedJoinHandle<'_, T>>,
    work: impl FnOnce() -> T,
) -> T {
    match thread {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => work(),
    }
}

fn with_engine(
    options: &Options,
    sight: &Sight,
    met: Met<'_>,
    mut timing: Timing,
    tell: &Tell,
    notes: &Notes,
) -> Gathered {
    let Met { client, lists, owner, ground } = met;
    let paths: Vec<String> = lists.data_root().into_iter().chain(owner.paths()).collect();
    let asking = Asking { client: &client, options, tell };
    let (mut asked, ((host, took), packet_filter)) = thread::scope(|scope| {
        let look = || (sight.host(&paths, notes), sight.packet_filter(&owner));
        let host = thread::Builder::new().spawn_scoped(scope, look);
        let asked = engine::ask(asking, lists, &*ground, notes);
        (asked, joined(host, look))
    });
    let engine = &mut asked.engine;
    engine.swarm.addresses =
        swarm::addresses(&engine.swarm.state, &engine.daemon.data_root, &owner.files);
    engine.daemon.packet_filter = packet_filter;
    engine.daemon.partition = sight.partition(&owner, &engine.daemon.data_root);
    owner.tell(&mut asked.engine.daemon, &asked.engine.containers);
    (timing.containers, timing.images) = (asked.containers_took, asked.images_took);
    timing.host = took;
    Gathered {
        host,
        engine: Some(asked.engine),
        state: EngineState::Asked,
        timing,
        vanished: asked.vanished,
    }
}

fn ground<'a>(sight: &'a Sight, owner: &Owner) -> Box<dyn Ground + Send + 'a> {
    match (&sight.proc, &sight.files) {
        (Fact::Known(proc), Fact::Known(ours)) => {
            // Where its own view can't be had, it most likely is ours.
            let its = owner.files.known().unwrap_or(ours).clone();
            Box::new(LiveGround::new(proc, ours, its, owner.pid()))
        }
        _ => Box::new(Unlooked),
    }
}
