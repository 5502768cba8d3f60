//! Firewalls that a person switched on. Docker's own rules come before theirs.

use dockward_model::facts::{Fact, Field, Origin};

use crate::tree::{SMALL, Tree};

const UFW: &str = "/etc/ufw/ufw.conf";

/// What shows that a unit starts with the machine, or runs.
const SIGNS: &[(&str, &[&str])] = &[
    (
        "firewalld",
        &[
            "/etc/systemd/system/multi-user.target.wants/firewalld.service",
            "/etc/systemd/system/basic.target.wants/firewalld.service",
            "/run/firewalld",
        ],
    ),
    (
        "nftables",
        &[
            "/etc/systemd/system/sysinit.target.wants/nftables.service",
            "/etc/systemd/system/multi-user.target.wants/nftables.service",
        ],
    ),
];

/// Absent where none is switched on, unknown where that can't be told.
pub(super) fn switched_on(tree: &dyn Tree) -> Field<Vec<String>> {
    let mut on: Vec<(&str, Origin)> = Vec::new();
    let mut why = None;
    match ufw(tree) {
        Fact::Known(line) => on.push(("ufw", Origin::file(UFW, Some(line)))),
        Fact::Absent => {}
        Fact::Unknown(reason) => why = Some(reason),
    }
    for (name, signs) in SIGNS {
        for sign in *signs {
            match there(tree, sign) {
                Fact::Known(()) => {
                    on.push((*name, Origin::file(*sign, None)));
                    break;
                }
                Fact::Absent => {}
                Fact::Unknown(reason) => why = Some(reason),
            }
        }
    }
    let names = on.iter().map(|(name, _)| (*name).to_owned()).collect();
    match (on.first(), why) {
        (Some((_, origin)), _) => Field::known(names, origin.clone()),
        (None, Some(why)) => Field::unknown(why, Origin::file(UFW, None)),
        (None, None) => Field::absent(Origin::file(UFW, None)),
    }
}

/// The line of ufw.conf that switches it on.
fn ufw(tree: &dyn Tree) -> Fact<u32> {
    match tree.read_text(UFW, SMALL) {
        Fact::Known(text) => {
            let is_set = |line: &str| line.trim_start().starts_with("ENABLED=");
            match text.lines().zip(1..).filter(|(line, _)| is_set(line)).last() {
                Some((line, number)) if is_yes(line) => Fact::Known(number),
                _ => Fact::Absent,
            }
        }
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

fn is_yes(line: &str) -> bool {
    let value = line.split_once('=').map_or("", |(_, value)| value);
    value.trim().trim_matches(['"', '\'']).eq_ignore_ascii_case("yes")
}

/// A link counts wherever it leads.
fn there(tree: &dyn Tree, path: &str) -> Fact<()> {
    match tree.link(path).map(|_| ()) {
        Fact::Absent => tree.stat(path).map(|_| ()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn names(tree: &Recorded) -> Option<Vec<String>> {
        switched_on(tree).get().cloned()
    }

    #[test]
    fn ufw_is_on_only_where_its_last_word_is_yes() {
        let ufw = |text| Recorded::new().file(UFW, text);
        assert_eq!(names(&ufw("# ENABLED=no\nENABLED=yes\nLOGLEVEL=low\n")).unwrap(), ["ufw"]);
        assert_eq!(names(&ufw("ENABLED=no\n")), None);
        assert_eq!(names(&ufw("ENABLED=yes\nENABLED=no\n")), None);
        assert_eq!(names(&ufw("#ENABLED=yes\n")), None);
        assert_eq!(switched_on(&ufw("\nENABLED=yes")).origin.to_string(), "/etc/ufw/ufw.conf:2");
    }

    #[test]
    fn units_that_start_with_the_machine_count() {
        let wants = "/etc/systemd/system/multi-user.target.wants/firewalld.service";
        let nft = "/etc/systemd/system/sysinit.target.wants/nftables.service";
        let tree = Recorded::new().symlink(wants, "/gone").symlink(nft, "/lib/nftables.service");
        assert_eq!(names(&tree).unwrap(), ["firewalld", "nftables"]);
        assert_eq!(names(&Recorded::new().file("/run/firewalld/x", "")).unwrap(), ["firewalld"]);
    }

    #[test]
    fn none_is_absent_and_an_unreadable_setting_unknown() {
        assert!(switched_on(&Recorded::new()).fact.is_absent());
        let refused = Recorded::new().refused(UFW, "permission denied");
        assert!(switched_on(&refused).fact.unknown().is_some());
    }
}
