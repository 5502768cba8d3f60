use std::collections::BTreeSet;

use dockward_model::facts::{Fact, Field, Group, Host, Snapshot, User};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::lookup;

crate::check! {
    /// ## Why
    /// Members of the socket's group are root without a password and without a trace in the log:
    /// `docker run -v /:/host` is all it takes. A stolen session, or a build job that runs as such
    /// a user, is the whole host.
    ///
    /// ## Fix
    /// `gpasswd -d USER docker` for everyone who is not root's equal anyway; give them `sudo` with
    /// a password, a rootless engine of their own, or a guard before the socket. Name the rest in
    /// a waiver.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.2; group(5), passwd(5), nsswitch.conf(5). Users who come from a
    /// directory service are not in these files: `getent group docker` shows them, and where there
    /// may be any, nobody passes.
    id: "host-docker-group", title: "nobody but root reaches the engine's socket",
    severity: High, area: Host, cis16: ["1.1.2"], cis18: ["1.1.2"], Host: docker_group
}

/// Groups whose members become root by `sudo` anyway, on Debian, Red Hat and old Ubuntu.
const ADMINS: [&str; 3] = ["sudo", "wheel", "admin"];

fn docker_group(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let Some(groups) = host.groups.get() else { return Outcome::unread(&host.groups) };
    let gids = socket_groups(snapshot, groups);
    if gids.is_empty() {
        return Outcome::NotApplicable("no group may use a socket of root's engine".into());
    }
    let reach: Vec<_> = groups.iter().filter(|group| gids.contains(&group.gid)).collect();
    let users = host.users.get().map(Vec::as_slice).unwrap_or_default();
    let first = |user: &&User| gids.contains(&user.gid) && user.uid != 0;
    let root = |name: &&str| users.iter().any(|u| u.name == *name && u.uid == 0) || *name == "root";
    let listed = reach.iter().flat_map(|group| group.members.iter().map(String::as_str));
    let first: Vec<_> = users.iter().filter(first).map(|user| user.name.as_str()).collect();
    let names: BTreeSet<_> =
        listed.filter(|name| !root(name)).chain(first.iter().copied()).collect();
    if !names.is_empty() {
        return Outcome::Review(members(host, groups, &reach, &first, &names));
    }
    match (host.users.get(), &host.directories.fact) {
        (None, _) => Outcome::unread(&host.users),
        (_, Fact::Absent) => Outcome::Pass,
        (_, Fact::Known(sources)) => Outcome::Unknown(format!(
            "no local user is a member, and those of {} were not asked for: `getent group`",
            sources.join(", ")
        )),
        (_, Fact::Unknown(_)) => Outcome::unread(&host.directories),
    }
}

/// The groups that may write to a socket; the one named `docker` where no socket was seen.
fn socket_groups(snapshot: &Snapshot, groups: &[Group]) -> BTreeSet<u32> {
    let named = || groups.iter().find(|group| group.name == "docker").map(|group| group.gid);
    let rootful = snapshot.engines.iter().filter(|e| !e.daemon.is_rootless());
    let mut gids: BTreeSet<_> = rootful
        .filter_map(|engine| {
            let path = engine.daemon.socket.get()?;
            match lookup::file(&snapshot.host, path).get() {
                Some(file) => (file.mode & 0o020 != 0).then_some(file.gid),
                None => named(),
            }
        })
        .collect();
    if snapshot.engines.is_empty() {
        gids.extend(named());
    }
    gids
}

fn members(
    host: &Host,
    groups: &[Group],
    reach: &[&Group],
    first: &[&str],
    names: &BTreeSet<&str>,
) -> Failure {
    let admin = |name: &&str| {
        let mut of = groups.iter().filter(|group| ADMINS.contains(&group.name.as_str()));
        of.any(|group| group.members.iter().any(|member| member == name))
    };
    let severity = if names.iter().all(admin) { Severity::Medium } else { Severity::High };
    let list = names.iter().copied().collect::<Vec<_>>().join(", ");
    let lines = reach.iter().filter(|group| !group.members.is_empty());
    let mut evidence: Vec<_> = lines.map(|group| line(&host.groups, group)).collect();
    if !first.is_empty() {
        let seen = format!("first group of {}", first.join(", "));
        evidence.push(Evidence::of(&host.users, seen, "nobody"));
    }
    let failure = Failure {
        severity: Some(severity),
        message: format!(
            "root without a password through the engine's socket: {list}{}",
            others(host)
        ),
        evidence,
        fix: "`gpasswd -d USER GROUP` for everyone who is not root's equal anyway".into(),
        openings: Vec::new(),
    };
    failure.opens(Gain::HostRoot, Foothold::LocalUser)
}

/// Who may come on top of those that the files tell of.
fn others(host: &Host) -> String {
    match host.directories.get() {
        Some(sources) => format!(", and whom {} may know of", sources.join(", ")),
        None => String::new(),
    }
}

fn line(groups: &Field<Vec<Group>>, group: &Group) -> Evidence {
    let origin = lookup::line(&groups.origin, group.line);
    Evidence::at(&origin, format!("{}: {}", group.name, group.members.join(", ")), "no members")
}

#[cfg(test)]
mod tests;
