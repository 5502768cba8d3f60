//! One engine, from its socket to its last container.

use std::thread;
use std::time::Instant;

use dockward_engine::{Client, Endpoint, Error};
use dockward_model::facts::{self, Engine, Fact, Field, Host, Origin, PacketFilter, Partition};

use crate::daemon::{self, Owner};
use crate::engine::{self, Asking, Lists};
use crate::ground::{Ground, LiveGround, Unlooked};
use crate::kernel::packet_filter;
use crate::options::Options;
use crate::places::Place;
use crate::progress::{Tell, Timing};
use crate::sight::Sight;
use crate::swarm;
use crate::threads::joined;
use crate::tree::Tree;
use crate::unseen::Notes;

/// What an engine told.
pub(crate) struct Visit {
    pub(crate) engine: Engine,
    /// Its host as it tells of it, where that is another one.
    pub(crate) elsewhere: Option<Host>,
    /// Files of the host whose owner and mode matter because of it.
    pub(crate) paths: Vec<String>,
    pub(crate) notes: Notes,
    pub(crate) timing: Timing,
    pub(crate) vanished: usize,
}

/// Asks the engine at `place` for everything.
pub(crate) fn visit(
    options: &Options,
    sight: &Sight,
    place: &Place,
    tell: &Tell,
) -> Result<Visit, Error> {
    let notes = Notes::default();
    let mut timing = Timing::default();
    let started = Instant::now();
    let client = connect(options, place)?;
    timing.connect = started.elapsed();
    let (lists, (owner, ground)) = thread::scope(|scope| {
        let find = || {
            let owner = Owner::find(&client, place, &sight.proc);
            let ground = ground(sight, &owner, options, started);
            (owner, ground)
        };
        let owner = thread::Builder::new().spawn_scoped(scope, find);
        let lists = Lists::ask(&client);
        (lists, joined(owner, find))
    });
    timing.lists = started.elapsed().saturating_sub(timing.connect);
    let lists = lists?;
    let elsewhere = owner.is_elsewhere().then(|| daemon::host(&lists.info));
    let paths = lists.data_root().into_iter().chain(owner.paths()).collect();
    let asking = Asking { client: &client, options, tell };
    let runc = lists.runc();
    let (mut asked, (packet_filter, programs)) = thread::scope(|scope| {
        let look = || (packet_filter(sight, &owner), owner.programs(runc.as_deref()));
        let beside = thread::Builder::new().spawn_scoped(scope, look);
        let asked = engine::ask(asking, lists, &*ground, &notes);
        (asked, joined(beside, look))
    });
    let told = &mut asked.engine;
    told.swarm.addresses =
        swarm::addresses(&told.swarm.state, &told.daemon.data_root, &owner.files);
    (told.daemon.packet_filter, told.daemon.programs) = (packet_filter, programs);
    told.daemon.partition = partition(sight, &owner, &told.daemon.data_root);
    owner.tell(&mut asked.engine.daemon, &asked.engine.containers);
    (timing.containers, timing.images) = (asked.containers_took, asked.images_took);
    let (engine, vanished) = (asked.engine, asked.vanished);
    Ok(Visit { engine, elsewhere, paths, notes, timing, vanished })
}

/// Connects. What answers in a user's runtime folder must be that user's process: a name that was
/// changed meanwhile could lead to anyone's socket.
fn connect(options: &Options, place: &Place) -> Result<Client, Error> {
    let client = Client::connect(place.endpoint.clone(), place.limits(options.limits))?;
    match (place.user, client.peer(), &place.endpoint) {
        (Some(uid), Some(peer), Endpoint::Unix(path)) if uid != peer.uid => {
            Err(Error::Refused { path: path.clone() })
        }
        _ => Ok(client),
    }
}

/// What the host shows of containers. It is asked no longer than the engine: whoever runs an engine
/// names paths, and each may take its time.
fn ground<'a>(
    sight: &'a Sight,
    owner: &Owner,
    options: &Options,
    started: Instant,
) -> Box<dyn Ground + Send + 'a> {
    let until = started + options.limits.deadlines.overall;
    match (&sight.proc, &sight.files) {
        _ if owner.is_elsewhere() => Box::new(Unlooked::because(facts::Sight::Engine)),
        (Fact::Known(proc), Fact::Known(ours)) => {
            // Where its own view can't be had, it most likely is ours.
            let its = owner.files.known().unwrap_or(ours).clone();
            let ground = LiveGround::new(proc, ours, its, owner.pid(), until);
            Box::new(if sight.root.is_some() { ground.below_a_root(proc) } else { ground })
        }
        _ => Box::new(Unlooked::because(sight.kind())),
    }
}

/// The packet filter where the engine publishes ports.
fn packet_filter(sight: &Sight, owner: &Owner) -> Field<PacketFilter> {
    let unknown = |why: &str| Field::unknown(why, Origin::Nowhere);
    match (&sight.proc, owner.pid()) {
        (Fact::Known(proc), Some(pid)) => packet_filter::read(proc, pid),
        _ => unknown(owner.files.unknown().unwrap_or("the engine's process is not known")),
    }
}

/// What holds the engine's data root, as the engine sees its mounts; where its process is not
/// known, as we see ours.
fn partition(sight: &Sight, owner: &Owner, data_root: &Field<String>) -> Field<Partition> {
    // Without its process, the mounts below another root are not known by their paths there.
    let blind = owner.is_elsewhere() || sight.root.is_some();
    if let Some(why) = owner.files.unknown().filter(|_| blind) {
        return Field::unknown(why, Origin::Nowhere);
    }
    let ours = (None, sight.files.known().map(|files| files as &dyn Tree));
    let its = owner.files.known().map(|files| (owner.pid(), Some(files as &dyn Tree)));
    let (pid, files) = its.unwrap_or(ours);
    daemon::partition(&sight.proc, pid, files, data_root)
}
