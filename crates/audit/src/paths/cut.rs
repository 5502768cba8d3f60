//! Which one change ends the most routes.

use std::collections::BTreeMap;

use dockward_model::verdict::Subject;

use super::search::Route;

/// A door, told from others by what was found where, and on which engine.
type Key = (String, String, String);

fn key(route: &Route<'_>, door: usize) -> Option<Key> {
    let finding = route.doors.get(door)?.finding;
    let subject = match &*finding.subject {
        Subject::Container { id, .. } => id.0.as_str(),
        other => other.name(),
    };
    let engine = finding.subject.engine().unwrap_or_default();
    Some((finding.rule.as_str().to_owned(), subject.to_owned(), engine.to_owned()))
}

/// Chooses for each route the door to close: the one on most routes; where several are on as many,
/// the one nearest to the host, since what is reached from outside is often meant to be.
pub(super) fn choose(routes: &mut [Route<'_>]) {
    let mut uses: BTreeMap<Key, usize> = BTreeMap::new();
    for route in &*routes {
        for door in 0..route.doors.len() {
            if let Some(key) = key(route, door) {
                *uses.entry(key).or_default() += 1;
            }
        }
    }
    for route in routes {
        let count = |door: usize| key(route, door).and_then(|k| uses.get(&k).copied()).unwrap_or(0);
        let best = (0..route.doors.len()).map(|door| (count(door), door)).max();
        if let Some((cuts, door)) = best {
            route.cut = (door, cuts);
        }
    }
}
