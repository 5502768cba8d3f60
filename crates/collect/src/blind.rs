//! What a snapshot lacks because we may not look: said once for all containers.

use dockward_model::facts::{Container, Fact, Host, KernelView, Sight, Snapshot, Viewer};

use crate::unseen::Notes;

/// Notes what the snapshot's facts don't know for want of rights.
pub(crate) fn note(snapshot: &Snapshot, notes: &Notes) {
    let viewer = &snapshot.host.viewer;
    host(&snapshot.host, notes);
    let several = snapshot.engines.len() > 1;
    for engine in &snapshot.engines {
        // What lies out of sight by the nature of this run was not asked for.
        let sight = if engine.daemon.elsewhere { Sight::Engine } else { snapshot.host.sight };
        let of = if several { format!(" ({})", engine.daemon.endpoint) } else { String::new() };
        let blind = engine.containers.iter().filter_map(why_blind);
        let blind: Vec<_> = blind.filter(|why| !sight.is_beyond(why)).collect();
        if let Some(why) = blind.first() {
            let (why, hint) = reason(viewer, why);
            let many = match blind.len() {
                1 => "a container".to_owned(),
                many => format!("{many} containers"),
            };
            notes.add(&format!("what the kernel says of {many}{of}"), &why, hint);
        }
        let beyond = |why: &&str| !sight.is_beyond(why);
        if let Some(why) = engine.daemon.process.fact.unknown() {
            if beyond(&why) {
                let (why, hint) = reason(viewer, why);
                notes.add(&format!("the engine's process and its settings{of}"), &why, hint);
            }
        } else if let Some(why) = engine.daemon.config.unknown().filter(beyond) {
            notes.add(&format!("what the engine was told by flags and file{of}"), why, "");
        }
        if let Some(why) = engine.swarm.addresses.fact.unknown() {
            let (why, hint) = reason(viewer, why);
            notes.add("by which addresses this node speaks to its swarm", &why, hint);
        }
        if let Some(why) = engine.daemon.packet_filter.fact.unknown() {
            let (why, hint) = reason(viewer, why);
            notes.add("the packet filter's rules", &why, hint);
        }
    }
}

/// What the host keeps to itself.
fn host(host: &Host, notes: &Notes) {
    if host.sight == Sight::Engine {
        return;
    }
    let files: Vec<_> = host.files.values().filter_map(|file| file.fact.unknown()).collect();
    let some = [
        ("which firewall is switched on", host.firewall.fact.unknown()),
        ("which sockets the host listens on", host.listening.fact.unknown()),
        ("the host's users", host.users.fact.unknown()),
        ("the host's groups", host.groups.fact.unknown()),
        // What is written down decides where the kernel doesn't answer.
        (
            "the kernel's audit rules",
            host.audit.loaded.fact.unknown().and(host.audit.written.fact.unknown()),
        ),
    ];
    for (what, why) in some {
        if let Some(why) = why.filter(|why| !host.sight.is_beyond(why)) {
            let (why, hint) = reason(&host.viewer, why);
            notes.add(what, &why, hint);
        }
    }
    if let Some(why) = files.first() {
        let (why, hint) = reason(&host.viewer, why);
        let many =
            if files.len() == 1 { "a file".to_owned() } else { format!("{} files", files.len()) };
        notes.add(&format!("owner and mode of {many} of the host"), &why, hint);
    }
}

/// Whoever isn't root is told so, and not which of root's files was closed.
fn reason(viewer: &Viewer, why: &str) -> (String, &'static str) {
    if viewer.uid != 0 {
        let why = "only root may see it";
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

#[cfg(test)]
mod tests {
    use dockward_model::facts::{AuditRules, Engine, Field, Origin, Unseen, WrittenRules};
    use jiff::Timestamp;

    use super::*;

    fn said(change: impl FnOnce(&mut Snapshot)) -> Vec<Unseen> {
        let host = Host {
            firewall: Field::absent(Origin::Nowhere),
            listening: Field::absent(Origin::Nowhere),
            users: Field::absent(Origin::Nowhere),
            groups: Field::absent(Origin::Nowhere),
            audit: AuditRules { loaded: Field::absent(Origin::Nowhere), ..AuditRules::default() },
            ..Host::default()
        };
        let (version, now) = (Snapshot::VERSION, Timestamp::UNIX_EPOCH);
        let mut snapshot =
            Snapshot { version, now, host, engines: vec![engine()], unseen: Vec::new() };
        change(&mut snapshot);
        let notes = Notes::default();
        note(&snapshot, &notes);
        notes.into_list()
    }

    fn engine() -> Engine {
        let mut engine = Engine::default();
        engine.daemon.process.fact = Fact::Absent;
        engine.daemon.config = Fact::Absent;
        engine.swarm.addresses.fact = Fact::Absent;
        engine.daemon.packet_filter.fact = Fact::Absent;
        engine
    }

    fn with_kernel(kernel: Fact<KernelView>) -> Container {
        Container { kernel, ..Container::default() }
    }

    #[test]
    fn where_all_was_seen_there_is_nothing_to_say() {
        let stopped = |s: &mut Snapshot| s.engines[0].containers = vec![with_kernel(Fact::Absent)];
        assert_eq!(said(stopped), []);
        assert_eq!(said(|s| s.engines.clear()), []);
    }

    #[test]
    fn many_containers_are_one_note_and_whoever_is_not_root_is_told_what_helps() {
        let said = said(|s| {
            s.host.viewer.uid = 1000;
            let refused = || with_kernel(Fact::Unknown("permission denied: /proc/7/ns".into()));
            let half_seen = with_kernel(Fact::Known(KernelView::default()));
            s.engines[0].containers =
                vec![refused(), with_kernel(Fact::Absent), refused(), half_seen];
            s.engines[0].daemon.process.fact = Fact::Unknown("permission denied".into());
        });
        let whats: Vec<_> = said.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(
            whats,
            ["the engine's process and its settings", "what the kernel says of 3 containers"]
        );
        for one in &said {
            assert_eq!(one.why, "only root may see it");
            assert!(one.hint.contains("sudo dockward check"));
        }
    }

    #[test]
    fn the_kernels_silence_on_its_audit_matters_where_nothing_is_written_either() {
        let silent = |s: &mut Snapshot| {
            s.host.audit.loaded = Field::unknown("only root may ask", Origin::Nowhere);
        };
        assert_eq!(said(silent).first().unwrap().what, "the kernel's audit rules");
        let written = said(|s| {
            silent(s);
            s.host.audit.written = Field::known(WrittenRules::default(), Origin::Nowhere);
        });
        assert_eq!(written, []);
    }

    #[test]
    fn root_is_told_the_reason_itself() {
        let said = said(|s| {
            s.host.files.insert("/x".into(), Field::unknown("input/output error", Origin::Nowhere));
            s.host.viewer.in_container = true;
        });
        let one = said.first().unwrap();
        assert_eq!(one.what, "owner and mode of a file of the host");
        assert_eq!(one.why, "input/output error");
        assert!(one.hint.contains("on the host itself"));
    }
}
