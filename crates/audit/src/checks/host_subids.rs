mod overlap;

use std::collections::BTreeMap;

use dockward_model::facts::{Field, Host, Snapshot, SubordinateRange};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::{lookup, together};
use overlap::{Owned, overlaps};

crate::check! {
    /// ## Why
    /// With user namespaces, root in a container is an id out of its owner's range. Two users whose
    /// ranges overlap own each other's containers: files, and processes to trace. A range that
    /// holds an account's own id gives that account away, and one with id 0 gives root.
    ///
    /// ## Fix
    /// Give each user a range of their own from 100000 on (`usermod --add-subuids FIRST-LAST
    /// --add-subgids FIRST-LAST USER`), and take the old line out. Files of containers keep their
    /// owners: move them with the range.
    ///
    /// ## References
    /// subuid(5), subgid(5), user_namespaces(7); docs.docker.com, "Isolate containers with a user
    /// namespace". Ranges that come from a directory service (`subid` in nsswitch.conf(5)) are not
    /// in these files.
    id: "host-subids", title: "each user's subordinate ids are theirs alone",
    severity: Medium, area: Host, cis16: [], cis18: [], Host: subids
}

/// Ids below are the host's own: accounts, systemd's dynamic users, nobody.
const HOSTS_OWN: u64 = 1 << 16;
const NONE: &str = "no user has subordinate ids";
/// How many faults are told of in each file.
const MOST: usize = 20;

/// The host's accounts: users by name, and ids that are taken.
struct Accounts<'a> {
    uids: BTreeMap<&'a str, u32>,
    taken: BTreeMap<u32, &'a str>,
}

fn subids(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let users = || host.users.get().into_iter().flatten();
    let groups = host.groups.get().into_iter().flatten();
    let uids: BTreeMap<_, _> = users().map(|user| (user.name.as_str(), user.uid)).collect();
    let taken = users().map(|user| (user.uid, user.name.as_str())).collect();
    let of_users = Accounts { uids: uids.clone(), taken };
    let taken = groups.map(|group| (group.gid, group.name.as_str())).collect();
    let of_groups = Accounts { uids, taken };
    let parts = [file(&host.subuids, &of_users, "uid"), file(&host.subgids, &of_groups, "gid")];
    together::all(parts.into_iter().chain(remapped(snapshot)), NONE)
}

fn file(field: &Field<Vec<SubordinateRange>>, accounts: &Accounts<'_>, what: &str) -> Outcome {
    field.judge(Outcome::NotApplicable(NONE.into()), |ranges| {
        if ranges.is_empty() {
            return Outcome::NotApplicable(NONE.into());
        }
        let owned = overlap::sorted(ranges, &accounts.uids);
        let shared = overlaps(&owned).into_iter().map(|pair| share(field, pair, what));
        let taken = owned.iter().filter_map(|one| take(field, one, accounts, what));
        let faults = shared.chain(taken).take(MOST).map(Outcome::from);
        together::all(faults.chain([Outcome::Pass]), NONE)
    })
}

fn share(
    field: &Field<Vec<SubordinateRange>>,
    [one, other]: [&SubordinateRange; 2],
    what: &str,
) -> Failure {
    let message = format!("{} and {} share {what}s", one.owner, other.owner);
    let expected = "a range of its own";
    Failure::new(message, seen(field, one, expected), fix(&other.owner))
        .and([seen(field, other, expected)])
}

/// A range that takes ids of the host's own. Root gains nothing by it, nor does a user by their
/// own id.
fn take(
    field: &Field<Vec<SubordinateRange>>,
    one: &Owned<'_>,
    accounts: &Accounts<'_>,
    what: &str,
) -> Option<Failure> {
    let range = one.range;
    let own = one.owner.ok().map(u64::from);
    if own == Some(0) || (range.count == 1 && own == Some(range.start)) {
        return None;
    }
    let first = u32::try_from(range.start).ok()?;
    let last = u32::try_from(range.last()).unwrap_or(u32::MAX);
    let whose = match accounts.taken.range(first..=last).next() {
        _ if first == 0 => format!("{what} 0, root"),
        Some((id, name)) => format!("{what} {id}, {name}"),
        None if range.start < HOSTS_OWN => format!("{what}s below {HOSTS_OWN}, the host's own"),
        None => return None,
    };
    let severity = if first == 0 { Severity::High } else { Severity::Medium };
    let evidence = seen(field, range, "ids from 100000 on that nobody else has");
    let message = format!("{} may become {whose}", range.owner);
    Some(Failure::new(message, evidence, fix(&range.owner)).severity(severity))
}

fn seen(field: &Field<Vec<SubordinateRange>>, range: &SubordinateRange, good: &str) -> Evidence {
    let text = format!("{}:{}:{}", range.owner, range.start, range.count);
    Evidence::at(&lookup::line(&field.origin, range.line), text, good)
}

fn fix(owner: &str) -> String {
    format!("give {owner} a range of its own, from 100000 on, and take this line out")
}

/// The user whose ranges an engine of root's maps its containers to.
fn remapped(snapshot: &Snapshot) -> impl Iterator<Item = Outcome> {
    let here = snapshot.engines.iter().filter(|engine| !engine.daemon.elsewhere);
    let rootful = here.filter(|engine| !engine.daemon.is_rootless());
    let used = rootful.filter(|engine| engine.daemon.security_option("userns").get().is_some());
    used.flat_map(|engine| {
        let told = engine.daemon.configured_text("userns-remap");
        let user = match told.get().map(|text| text.split(':').next().unwrap_or_default()) {
            Some("default") => "dockremap".to_owned(),
            Some(user) => user.to_owned(),
            None => return Vec::new(),
        };
        let host = &snapshot.host;
        [&host.subuids, &host.subgids].map(|field| has_range(host, field, &user)).to_vec()
    })
}

fn has_range(host: &Host, field: &Field<Vec<SubordinateRange>>, user: &str) -> Outcome {
    let none = || {
        let message = format!("the engine maps containers to {user}, who has no range any more");
        let evidence = Evidence::of(field, "no line", format!("{user}:100000:65536"));
        Failure::new(message, evidence, format!("give {user} a range, or the engine won't start"))
    };
    let uid = host.users.get().into_iter().flatten().find(|u| u.name == user).map(|u| u.uid);
    let is_theirs = |range: &SubordinateRange| {
        range.owner == user || uid.is_some_and(|uid| range.owner == uid.to_string())
    };
    field.judge(none().into(), |ranges| {
        if ranges.iter().any(is_theirs) { Outcome::Pass } else { none().into() }
    })
}

#[cfg(test)]
mod tests;
