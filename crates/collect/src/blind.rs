//! What a snapshot lacks because we may not look: said once for all containers.

use dockward_model::facts::{Container, Engine, Fact, Host, KernelView, Sight, Snapshot, Viewer};

use crate::unseen::Notes;

/// Notes what the snapshot's facts don't know for want of rights.
pub(crate) fn note(snapshot: &Snapshot, notes: &Notes) {
    host(&snapshot.host, notes);
    let several = snapshot.engines.len() > 1;
    for one in &snapshot.engines {
        let sight = if one.daemon.elsewhere { Sight::Engine } else { snapshot.host.sight };
        let of = if several { format!(" ({})", one.daemon.endpoint) } else { String::new() };
        engine(one, &Blind { viewer: &snapshot.host.viewer, sight, of, notes });
    }
}

/// Whose eyes it is that something is kept from.
struct Blind<'a> {
    viewer: &'a Viewer,
    /// What lies out of sight by the nature of this run was not asked for.
    sight: Sight,
    /// Which engine is meant, where there are several.
    of: String,
    notes: &'a Notes,
}

impl Blind<'_> {
    /// Kept for want of rights, most likely.
    fn add(&self, what: &str, why: Option<&str>) {
        let why = why.filter(|why| !self.sight.is_beyond(why));
        if let Some((why, hint)) = why.map(|why| reason(self.viewer, why)) {
            self.notes.add(&format!("{what}{}", self.of), &why, hint);
        }
    }

    /// Not to be read by anybody.
    fn add_as_it_is(&self, what: &str, why: Option<&str>) {
        if let Some(why) = why.filter(|why| !self.sight.is_beyond(why)) {
            self.notes.add(&format!("{what}{}", self.of), why, "");
        }
    }
}

/// What is kept from us of an engine.
fn engine(engine: &Engine, blind: &Blind<'_>) {
    let whys = engine.containers.iter().filter_map(why_blind);
    let whys: Vec<_> = whys.filter(|why| !blind.sight.is_beyond(why)).collect();
    let many = match whys.len() {
        1 => "a container".to_owned(),
        many => format!("{many} containers"),
    };
    blind.add(&format!("what the kernel says of {many}"), whys.first().copied());
    let daemon = &engine.daemon;
    match daemon.process.fact.unknown() {
        Some(why) => blind.add("the engine's process and its settings", Some(why)),
        None => {
            let why = daemon.config.unknown();
            blind.add_as_it_is("what the engine was told by flags and file", why);
        }
    }
    let addresses = engine.swarm.addresses.fact.unknown();
    blind.add("by which addresses this node speaks to its swarm", addresses);
    blind.add("the packet filter's rules", daemon.packet_filter.fact.unknown());
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
        return (
            why.to_owned(),
            "run Dockward on the host itself, or its container with all that the book's page names",
        );
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
