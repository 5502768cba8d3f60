//! `/etc/passwd`, `/etc/group`, and whether there are accounts elsewhere.

use dockward_model::facts::{Fact, Field, Group, Origin, Unseen, User};

use crate::tree::{SMALL, Tree};

/// How much of either file is read, in bytes.
const LIMIT: usize = 16 << 20;
const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const SWITCH: &str = "/etc/nsswitch.conf";

/// Sources of accounts that are no more than `/etc/passwd` and `/etc/group`, or make up no members.
const LOCAL: &[&str] = &["files", "compat", "systemd", "altfiles", "mymachines", "myhostname"];

/// The accounts of `/etc/passwd`.
#[must_use]
pub fn users(tree: &dyn Tree) -> Field<Vec<User>> {
    let fact = tree.read_text(PASSWD, LIMIT).map(|text| parse_passwd(text).collect());
    Field { fact, origin: Origin::file(PASSWD, None) }
}

/// The groups of `/etc/group`.
#[must_use]
pub fn groups(tree: &dyn Tree) -> Field<Vec<Group>> {
    let fact = tree.read_text(GROUP, LIMIT).map(|text| parse_group(text).collect());
    Field { fact, origin: Origin::file(GROUP, None) }
}

/// The lines that the C library would take, passwd(5); others are left out, as it does.
fn parse_passwd(text: &str) -> impl Iterator<Item = User> {
    text.lines().filter_map(|line| {
        let mut fields = line.trim().split(':');
        let name =
            fields.next().filter(|name| !name.is_empty() && !name.starts_with(['+', '-', '#']))?;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        let shell = fields.nth(2).unwrap_or_default().to_owned();
        Some(User { name: name.to_owned(), uid, gid, shell })
    })
}

/// The lines that the C library would take, group(5).
fn parse_group(text: &str) -> impl Iterator<Item = Group> {
    text.lines().zip(1..).filter_map(|(line, number)| {
        let mut fields = line.trim().split(':');
        let name =
            fields.next().filter(|name| !name.is_empty() && !name.starts_with(['+', '-', '#']))?;
        let gid = fields.nth(1)?.parse().ok()?;
        let members = fields.next().unwrap_or_default().split(',').map(str::trim);
        let members = members.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Some(Group { name: name.to_owned(), gid, members, line: number })
    })
}

/// Whether users or groups may come from a directory service, which is not asked: reading only
/// files, Dockward sees none of their members.
#[must_use]
pub fn directory_services(tree: &dyn Tree) -> Option<Unseen> {
    let others = directories(tree);
    let others = others.get()?;
    Some(Unseen {
        what: format!("users and groups that come from {}", others.join(", ")),
        why: format!("{SWITCH} names it, and only {PASSWD} and {GROUP} were read"),
        hint: "getent group docker".into(),
    })
}

/// Where users and groups come from beside the files; without nsswitch.conf, from nowhere else.
pub(super) fn directories(tree: &dyn Tree) -> Field<Vec<String>> {
    let origin = Origin::file(SWITCH, None);
    match tree.read_text(SWITCH, SMALL).map(|text| other_sources(text)) {
        Fact::Known(others) if !others.is_empty() => Field::known(others, origin),
        Fact::Known(_) | Fact::Absent => Field::absent(origin),
        Fact::Unknown(why) => Field::unknown(why, origin),
    }
}

/// The sources of `passwd` and `group` beside the files (nsswitch.conf(5)).
fn other_sources(text: &str) -> Vec<String> {
    let mut others = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((database, sources)) = line.split_once(':') else { continue };
        if !["passwd", "group", "initgroups"].contains(&database.trim()) {
            continue;
        }
        for source in sources.split_ascii_whitespace() {
            let is_action = source.starts_with('[') || source.ends_with(']');
            let is_new = !others.iter().any(|other| other == source);
            if !is_action && is_new && !LOCAL.contains(&source) {
                others.push(source.to_owned());
            }
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn groups_have_members_and_lines() {
        let text =
            "root:x:0:\n# note\n+::::\n\ndocker:x:999:ann,, bob\nbroken:x:minus:eve\nlast:x:7";
        let groups: Vec<_> = parse_group(text).collect();
        assert_eq!(groups.len(), 3);
        assert_eq!((groups[1].name.as_str(), groups[1].gid, groups[1].line), ("docker", 999, 5));
        assert_eq!(groups[1].members, ["ann", "bob"]);
        assert_eq!(groups[2].members, [""; 0]);
    }

    #[test]
    fn users_have_numbers_and_shells() {
        let text =
            "root:x:0:0:root:/root:/bin/bash\nann:x:1000:999\n+nis::::::\nbad:x:1:x\n:x:0:0\n";
        let users: Vec<_> = parse_passwd(text).collect();
        assert_eq!(users.len(), 2);
        assert_eq!((users[0].uid, users[0].shell.as_str()), (0, "/bin/bash"));
        assert_eq!((users[1].uid, users[1].gid, users[1].shell.as_str()), (1000, 999, ""));
    }

    #[test]
    fn hostile_files_do_no_harm() {
        for text in ["\0\0:\0:\0", ":::::::", &":".repeat(1 << 16), &"a".repeat(1 << 16)] {
            assert_eq!(parse_passwd(text).count() + parse_group(text).count(), 0);
        }
        let crowd = format!("docker:x:1:{}", "u,".repeat(10_000));
        assert_eq!(parse_group(&crowd).next().map(|group| group.members.len()), Some(10_000));
    }

    #[test]
    fn a_directory_service_is_named_as_unseen() {
        let tree = |text| Recorded::new().file(SWITCH, text);
        let plain =
            "passwd: files systemd # sss\ngroup: files [NOTFOUND=return] systemd\nhosts: dns\n";
        assert_eq!(directory_services(&tree(plain)), None);
        let seen = directory_services(&tree("passwd: files sss\ngroup:files sss ldap\n")).unwrap();
        assert_eq!(seen.what, "users and groups that come from sss, ldap");
        assert_eq!(directory_services(&Recorded::new()), None);
    }
}
