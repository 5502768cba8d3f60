//! One snapshot in one go: host and engines.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use dockward_engine::Error;
use dockward_model::facts::{self, Engine, Fact, Host, Snapshot, Unseen};
use jiff::Timestamp;

use crate::blind;
use crate::host;
use crate::options::Options;
use crate::places::{Place, places};
use crate::progress::{Phase, Progress, Tell, Timing};
use crate::sight::Sight;
use crate::state::EngineState;
use crate::threads::{each, joined};
use crate::unseen::Notes;
use crate::visit::{Visit, visit};

/// Engines that are asked at a time.
const AT_A_TIME: usize = 4;

/// A snapshot, and what came of making it.
#[derive(Debug)]
pub struct Collected {
    /// What was seen.
    pub snapshot: Snapshot,
    /// What came of each engine that is there, or that there is none; never empty.
    pub engines: Vec<EngineState>,
    /// How long it took; where there are several engines, the longest of each part.
    pub timing: Timing,
    /// How many containers ended between the list and the question about them.
    pub vanished: usize,
}

impl Collected {
    /// Whether there is no engine at all on this host.
    #[must_use]
    pub fn has_no_engine(&self) -> bool {
        self.engines.iter().all(EngineState::is_absent)
    }

    /// Whether nothing at all was seen: an engine elsewhere was named and could not be asked.
    #[must_use]
    pub fn saw_nothing(&self) -> bool {
        self.snapshot.engines.is_empty() && self.snapshot.host.sight == facts::Sight::Engine
    }
}

/// Looks at this host and its engines, once. Nothing fails as a whole: what could not be seen is
/// unknown in the snapshot, and named in its list of what was unseen.
pub fn collect(options: &Options, progress: &mut dyn FnMut(Progress)) -> Collected {
    let started = Instant::now();
    let now = Timestamp::now();
    let notes = Notes::default();
    let gathered = beside_progress(|tell| gather(options, tell, &notes), progress);
    let Gathered { host, engines, states, mut timing, vanished } = gathered;
    let mut snapshot =
        Snapshot { version: Snapshot::VERSION, now, host, engines, unseen: Vec::new() };
    blind::note(&snapshot, &notes);
    snapshot.unseen = notes.into_list();
    timing.whole = started.elapsed();
    Collected { snapshot, engines: states, timing, vanished }
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
    engines: Vec<Engine>,
    states: Vec<EngineState>,
    timing: Timing,
    vanished: usize,
}

/// Each engine goes its whole way by itself: one that hangs keeps no other waiting.
fn gather(options: &Options, tell: &Tell, notes: &Notes) -> Gathered {
    let sight = Sight::of(options.root.as_deref());
    let (places, missing) = places(options, &sight, notes);
    let far = !places.is_empty() && places.iter().all(Place::is_far);
    tell.about(Progress { phase: Phase::Engine, done: 0, of: 1 });
    let look = || {
        let (started, seen) = (Instant::now(), Notes::default());
        let host = if far { elsewhere() } else { sight.host(&seen) };
        (host, seen, started.elapsed())
    };
    let (visits, (host, seen, took)) = thread::scope(|scope| {
        let host = thread::Builder::new().spawn_scoped(scope, look);
        let visits = each(&places, AT_A_TIME, |place| visit(options, &sight, place, tell));
        tell.about(Progress { phase: Phase::Host, done: 0, of: 1 });
        (visits, joined(host, look))
    });
    let (states, mut visits) = states(&places, visits, missing);
    // On a disk image no engine is to be expected.
    let none = states.iter().all(EngineState::is_absent);
    if !(none && sight.kind() == facts::Sight::Files) {
        explain(&states, notes);
    }
    let host = beneath(host, seen, &mut visits, &sight, notes);
    let mut timing = Timing { host: took, ..Timing::default() };
    visits.iter().for_each(|visit| timing.include(&visit.timing));
    let vanished = visits.iter().map(|visit| visit.vanished).sum();
    Gathered { host, engines: told(visits, notes), states, timing, vanished }
}

fn elsewhere() -> Host {
    Host { sight: facts::Sight::Engine, ..Host::default() }
}

/// The host beneath the engines: ours, unless all of them are on others.
fn beneath(
    mut host: Host,
    seen: Notes,
    visits: &mut [Visit],
    sight: &Sight,
    notes: &Notes,
) -> Host {
    let far = !visits.is_empty() && visits.iter().all(|visit| visit.elsewhere.is_some());
    if let Some(theirs) = visits.first_mut().filter(|_| far).and_then(|v| v.elsewhere.take()) {
        return theirs;
    }
    notes.extend(seen.into_list());
    if let Fact::Known(files) = &sight.files {
        let near = visits.iter().filter(|visit| visit.elsewhere.is_none());
        near.for_each(|visit| host::look_at(&mut host, files, &visit.paths));
    }
    host
}

/// What came of each place; those where nobody listens are one state, and only where they are all.
fn states(
    places: &[Place],
    visits: Vec<Result<Visit, Error>>,
    mut tried: Vec<PathBuf>,
) -> (Vec<EngineState>, Vec<Visit>) {
    let asked = visits.iter().any(Result::is_ok);
    let (mut states, mut met) = (Vec::new(), Vec::new());
    for (place, visit) in places.iter().zip(visits) {
        let endpoint = &place.endpoint;
        match visit {
            Ok(visit) => {
                states.push(EngineState::Asked { endpoint: endpoint.clone() });
                met.push(visit);
            }
            // Something that was made in a socket's place, by a bind mount most often.
            Err(Error::NotASocket { .. }) if asked => {}
            Err(error) => match EngineState::of(endpoint, error) {
                EngineState::NoEngine { tried: more } => tried.extend(more),
                state => states.push(state),
            },
        }
    }
    if states.is_empty() {
        states.push(EngineState::NoEngine { tried });
    }
    (states, met)
}

/// Notes which engines could not be asked.
fn explain(states: &[EngineState], notes: &Notes) {
    let which = if states.len() > 1 { "an" } else { "the" };
    for (why, hint) in states.iter().filter_map(EngineState::explain) {
        notes.add(&format!("{which} engine and its containers"), &why, &hint);
    }
}

/// The engines, and all that they left unseen; where there are several, said of which.
fn told(visits: Vec<Visit>, notes: &Notes) -> Vec<Engine> {
    let several = visits.len() > 1;
    let told = |visit: Visit| {
        let endpoint = &visit.engine.daemon.endpoint;
        let of = if several { format!(" ({endpoint})") } else { String::new() };
        let named = |one: Unseen| Unseen { what: format!("{}{of}", one.what), ..one };
        notes.extend(visit.notes.into_list().into_iter().map(named));
        visit.engine
    };
    visits.into_iter().map(told).collect()
}
