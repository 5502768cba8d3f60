//! The uid that a container's user means.

use dockward_model::facts::{Container, Fact, Field};

use super::Record;
use crate::ground::Ground;
use crate::resolve::uid_of;
use crate::tree::Recorded;

/// By number where it is one; else by the container's own `/etc/passwd`, which is then opened.
pub(super) fn uid(c: &Container, r: &Record<'_>, ground: &dyn Ground) -> Field<u32> {
    let user = match &c.user.fact {
        Fact::Known(user) => user,
        Fact::Absent => return Field::known(0, c.user.origin.clone()),
        Fact::Unknown(_) => return c.user.map(|_| 0),
    };
    let by_number = uid_of(&Recorded::new(), user);
    if by_number.get().is_some() {
        return Field { origin: c.user.origin.clone(), ..by_number };
    }
    let pid = c.pid.get().copied();
    if let (Some(_), Some(why)) = (pid, c.kernel.unknown()) {
        // The pid may mean anyone, and so would the files that it shows.
        return Field::unknown(why, c.user.origin.clone());
    }
    let data = r.inspect.graph_driver.known().and_then(|driver| driver.data.known());
    let of = |name: &str| data.and_then(|data| data.get(name)).map_or("", String::as_str);
    match ground.files(pid, of("UpperDir"), of("LowerDir")) {
        Fact::Known(files) => uid_of(&*files, user),
        Fact::Absent => Field::unknown(
            "its files are not to be seen while it doesn't run",
            c.user.origin.clone(),
        ),
        Fact::Unknown(why) => Field::unknown(why, c.user.origin.clone()),
    }
}
