//! The uid that `Config.User` means.

use dockward_model::facts::{Fact, Field, Origin};

use crate::tree::Tree;

const PASSWD: &str = "/etc/passwd";
/// How much of a container's passwd is read, in bytes.
const LIMIT: usize = 4 << 20;
/// The engine refuses larger ones (moby sys/user, `maxID`).
const MAX_UID: i64 = i32::MAX as i64;

/// The uid of `user` (a name or a number, a group after a colon left aside) by the `/etc/passwd`
/// of the container's own root. Empty is uid 0. Read as the engine reads it: a number is a uid
/// even where somebody has that name, the first line counts, and a uid that is no number is 0.
#[must_use]
pub fn uid_of(root: &dyn Tree, user: &str) -> Field<u32> {
    let name = user.split(':').next().unwrap_or_default().trim();
    if name.is_empty() {
        return Field::known(0, Origin::default_of("Config.User"));
    }
    // As Go reads it, with a sign and with leading zeros: `+0` and `00` are root too.
    if let Ok(number) = name.parse::<i64>() {
        let origin = Origin::Request { field: "Config.User".into() };
        return match u32::try_from(number) {
            Ok(uid) if number <= MAX_UID => Field::known(uid, origin),
            _ => Field::unknown(format!("{name} is no uid"), origin),
        };
    }
    match root.read_text(PASSWD, LIMIT) {
        Fact::Known(text) => by_name(&text, name),
        Fact::Absent => Field::unknown(
            format!("the container has no {PASSWD} to look {name} up in"),
            origin(None),
        ),
        Fact::Unknown(why) => Field::unknown(why, origin(None)),
    }
}

fn origin(line: Option<u32>) -> Origin {
    Origin::file(PASSWD, line)
}

fn by_name(text: &str, name: &str) -> Field<u32> {
    for (line, number) in text.lines().zip(1..) {
        let mut fields = line.trim().split(':');
        if fields.next() == Some(name) {
            let uid = fields.nth(1).and_then(|uid| uid.parse::<i64>().ok()).unwrap_or(0);
            return match u32::try_from(uid) {
                Ok(uid) => Field::known(uid, origin(Some(number))),
                Err(_) => Field::unknown(format!("{name} has no valid uid"), origin(Some(number))),
            };
        }
    }
    Field::unknown(format!("{name} is not in the container's {PASSWD}"), origin(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn uid(user: &str) -> Result<u32, String> {
        let text = "root:x:0:0:root:/root:/bin/sh\nweb:x:101:101::/:\ntoor:x:0:0\nweb:x:0:0\n\
            1000:x:0:0\nodd:x:zero:1\nminus:x:-1:1\nshort\n\0\u{fffd}:x:5\n";
        match uid_of(&Recorded::new().file(PASSWD, text), user).fact {
            Fact::Known(uid) => Ok(uid),
            Fact::Absent => Err("absent".into()),
            Fact::Unknown(why) => Err(why),
        }
    }

    #[test]
    fn root_is_found_in_every_spelling() {
        for user in
            ["", "0", "root", "root:root", "0:0", "00", "+0", "-0", "toor", ":5", "odd", "short"]
        {
            assert_eq!(uid(user), Ok(0), "{user:?}");
        }
    }

    #[test]
    fn others_are_not_root_and_the_first_line_counts() {
        assert_eq!(uid("web:root"), Ok(101));
        assert_eq!(uid("1000"), Ok(1000), "a number is a uid even where root has it for a name");
        assert_eq!(uid("65534:0"), Ok(65534));
    }

    #[test]
    fn who_is_not_to_be_found_is_unknown() {
        for user in ["ann", "4294967295", "-1", "99999999999999999999", "minus", "root\0"] {
            assert!(uid(user).is_err(), "{user:?}");
        }
        assert!(uid_of(&Recorded::new(), "web").fact.unknown().is_some());
        let refused = Recorded::new().refused(PASSWD, "permission denied");
        assert!(uid_of(&refused, "web").fact.unknown().is_some());
        assert_eq!(uid_of(&refused, "7").get(), Some(&7), "a number needs no file");
    }

    #[test]
    fn the_line_is_told() {
        let tree = Recorded::new().file(PASSWD, "a:x:1:1\nb:x:2:2\n");
        assert_eq!(uid_of(&tree, "b").origin.to_string(), "/etc/passwd:2");
    }
}
