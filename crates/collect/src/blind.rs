//! What a snapshot lacks because we may not look: said once for all containers.

use dockward_model::facts::{Container, Fact, KernelView, Snapshot, Viewer};

use crate::unseen::Notes;

/// Notes what the snapshot's facts don't know for want of rights.
pub(crate) fn note(snapshot: &Snapshot, notes: &Notes) {
    let viewer = &snapshot.host.viewer;
    for engine in &snapshot.engines {
        let blind: Vec<_> = engine.containers.iter().filter_map(why_blind).collect();
        if let Some(why) = blind.first() {
            let (why, hint) = reason(viewer, why);
            let many = match blind.len() {
                1 => "a container".to_owned(),
                many => format!("{many} containers"),
            };
            notes.add(&format!("what the kernel says of {many}"), &why, hint);
        }
        if let Some(why) = engine.daemon.process.fact.unknown() {
            let (why, hint) = reason(viewer, why);
            notes.add("the engine's process and its settings", &why, hint);
        } else if let Some(why) = engine.daemon.config.unknown() {
            notes.add("what the engine was told by flags and file", why, "");
        }
    }
}

/// Whoever isn't root is told so, and not which of root's files was closed.
fn reason(viewer: &Viewer, why: &str) -> (String, &'static str) {
    if viewer.uid != 0 {
        let why = "only root may look into other users' processes";
        return (why.to_owned(), "run it as root: `sudo dockward check`");
    }
    if viewer.in_container {
        return (why.to_owned(), "run Dockward on the host itself, not in a container");
    }
    (why.to_owned(), "")
}

/// Why the kernel's view of a container is not whole, if so.
fn why_blind(c: &Container) -> Option<&str> {
    match &c.kernel {
        Fact::Absent => None,
        Fact::Unknown(why) => Some(why),
        Fact::Known(view) => first_unknown(view),
    }
}

fn first_unknown(view: &KernelView) -> Option<&str> {
    let namespaces = &view.namespaces;
    let facts = [
        view.cap_bounding.fact.unknown(),
        view.seccomp.fact.unknown(),
        namespaces.pid_is_host.fact.unknown(),
        namespaces.net_is_host.fact.unknown(),
        namespaces.user_is_host.fact.unknown(),
        view.mounts.fact.unknown(),
        view.listening.fact.unknown(),
        view.processes.fact.unknown(),
    ];
    facts.into_iter().flatten().next()
}
