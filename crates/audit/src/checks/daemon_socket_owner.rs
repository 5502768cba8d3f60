use dockward_model::facts::{Engine, Fact, Field, FileFacts, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::{engine_sockets, lookup, together};

crate::check! {
    /// ## Why
    /// The socket's owner may connect and may open it to others; its group may connect. Both are
    /// as good as root. A group other than the one made for it, `users` say, makes people root
    /// who were never meant to be.
    ///
    /// ## Fix
    /// `chown root:docker /run/docker.sock`, and the same where it comes from: `SocketUser` and
    /// `SocketGroup` of docker.socket, `group` of daemon.json.
    ///
    /// ## References
    /// CIS Docker Benchmark 3.15. The group is looked up by its whole name in `/etc/group`.
    id: "daemon-socket-owner", title: "the engine's socket belongs to root and its own group",
    severity: Medium, area: Daemon, cis16: ["3.15"], cis18: ["3.15"], Engine: socket_owner
}

fn socket_owner(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    engine_sockets::judge(&snapshot.host, &engine.daemon, |path| {
        let field = lookup::file(&snapshot.host, path);
        let Some(file) = field.get() else { return Outcome::unread(&field) };
        let parts = [owner(engine, path, &field, file), group(snapshot, engine, path, &field)];
        together::all(parts, "no socket")
    })
}

fn owner(engine: &Engine, path: &str, field: &Field<FileFacts>, file: &FileFacts) -> Outcome {
    let expected = match lookup::engine_uid(&engine.daemon) {
        _ if file.uid == 0 => return Outcome::Pass,
        Fact::Known(uid) => uid,
        Fact::Unknown(why) => return Outcome::Unknown(why),
        Fact::Absent => 0,
    };
    if file.uid == expected {
        return Outcome::Pass;
    }
    let seen = format!("owner {}", file.uid);
    let evidence = Evidence::of(field, seen, format!("owner {expected}")).effective();
    let message = format!("the engine's socket belongs to uid {}", file.uid);
    let failure = Failure::new(message, evidence, format!("`chown {expected} {path}`"));
    failure.severity(Severity::High).opens(Gain::HostRoot, Foothold::LocalUser).into()
}

fn group(snapshot: &Snapshot, engine: &Engine, path: &str, field: &Field<FileFacts>) -> Outcome {
    let gid = field.get().map_or(0, |file| file.gid);
    if gid == 0 || engine.daemon.is_rootless() {
        return Outcome::Pass;
    }
    let groups = &snapshot.host.groups;
    let Some(list) = groups.get() else { return Outcome::unread(groups) };
    let name = list.iter().find(|group| group.gid == gid).map_or("", |group| &group.name);
    let chosen = engine.daemon.configured_text("group");
    if name == "docker" || chosen.get().is_some_and(|chosen| !name.is_empty() && chosen == name) {
        return Outcome::Pass;
    }
    let seen = if name.is_empty() { format!("group {gid}") } else { format!("group {name}") };
    let message = format!("the engine's socket is for the members of {seen}");
    let evidence = Evidence::of(field, seen, "group docker").effective();
    Failure::new(message, evidence, format!("`chgrp docker {path}`")).into()
}

#[cfg(test)]
mod tests;
