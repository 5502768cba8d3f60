//! The kernel's audit: its rules in force, those written down, and what they should be about.

mod calls;
mod decode;
mod field;
mod kernel;
mod line;
mod order;
mod places;
mod resolve;
mod written;

use dockward_model::facts::{AuditRule, AuditRules, Field, Origin};

use crate::tree::Tree;

pub(in crate::host) use self::places::places;

/// What is seen of it; nothing from within a container, whose own files say nothing of the host.
/// `more` are paths of this run that auditing is wanted for.
pub(super) fn audit_rules(tree: &dyn Tree, in_container: bool, more: &[String]) -> AuditRules {
    if in_container {
        return unseen("Dockward runs in a container: the host's audit is not in sight");
    }
    let (switch, loaded) = kernel::ask(tree);
    let off = switch.get().is_none().then(|| kernel::switched_off_at_start(tree)).flatten();
    AuditRules {
        switch: off.unwrap_or(switch),
        loaded,
        written: written::read(tree),
        paths: places(tree, more),
    }
}

/// A rule as the kernel tells it.
pub(crate) fn kernel_rule(bytes: &[u8], tree: &dyn Tree) -> Option<AuditRule> {
    decode::rule(bytes, 1, tree)
}

fn unseen(why: &str) -> AuditRules {
    AuditRules {
        switch: Field::unknown(why, kernel::origin()),
        loaded: Field::unknown(why, kernel::origin()),
        written: Field::unknown(why, Origin::file("/etc/audit", None)),
        paths: [].into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Live, Recorded};
    use dockward_model::facts::Fact;

    #[test]
    fn from_within_a_container_nothing_is_said_of_the_host() {
        let tree = Recorded::new().file("/etc/audit/audit.rules", "-w /etc/docker\n");
        let audit = audit_rules(&tree, true, &[]);
        assert!(audit.loaded.fact.unknown().is_some_and(|why| why.contains("container")));
        assert!(audit.written.fact.unknown().is_some() && audit.paths.is_empty());
    }

    #[test]
    fn links_in_a_rule_and_in_what_it_is_about_lead_to_the_same_file() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/auditd");
        let Fact::Known(tree) = Live::at(root) else { panic!("{root}") };
        let audit = audit_rules(&tree, false, &["/var/run/docker.sock".into()]);
        let written = audit.written.get().unwrap();
        let watch = written.rules.last().and_then(|rule| rule.watch.clone()).unwrap();
        assert_eq!(watch.path, "/var/run/docker.sock");
        let socket = audit.paths["/var/run/docker.sock"].get().unwrap();
        assert_eq!(watch.real.known(), Some(&socket.path));
    }
}
