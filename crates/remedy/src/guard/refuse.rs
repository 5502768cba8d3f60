//! Whether a host is one on which the change is known to work, and what of it has to change.

use dockward_model::facts::Unit;

use super::containers::Seen;
use super::facts::{Facts, Options, Public};
use super::{DAEMON_JSON, USER, daemon_json, units};
use crate::{Content, Reason};

/// What has to change.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) public: Public,
    /// Addresses of docker.socket that are no sockets of the file system, and stay.
    pub(super) open: Vec<String>,
    /// Every way around the guard that stays, as it was written.
    pub(super) around: Vec<String>,
    /// daemon.json, where it has to change.
    pub(super) daemon_json: Option<Content>,
    pub(super) program: String,
}

/// Says what has to change, or everything that stands in the way.
pub(super) fn target(facts: &Facts, options: &Options) -> Result<Target, Vec<Reason>> {
    let (Ok(service), Ok(socket)) = (&facts.service, &facts.socket) else {
        return Err(vec![no_units(facts)]);
    };
    let mut reasons: Vec<_> = [service, socket].into_iter().flat_map(unusable).collect();
    reasons.extend(command(facts));
    reasons.extend(facts.unread.iter().map(|why| {
        Reason::new(why, "only files of text of at most 1 MiB, and no links, are changed")
    }));
    reasons.extend(facts.engine.as_ref().ok().and_then(other_engine));
    let public = public(socket, options, facts, &mut reasons);
    let (mut around, open) = not_files(socket);
    let daemon_json = hosts(facts, &mut around, &mut reasons);
    if !options.leave_open {
        let hint = "whoever gets there goes around the guard: close it, or say --leave-open";
        reasons.extend(around.iter().map(|way| Reason::new(way, hint)));
    }
    match &facts.program {
        Some(program) if reasons.is_empty() => {
            Ok(Target { public, open, around, daemon_json, program: program.clone() })
        }
        Some(_) => Err(reasons),
        None => {
            let hint = "sudo install -m 0755 dockward /usr/local/bin/";
            reasons.push(Reason::new("there is no /usr/local/bin/dockward", hint));
            Err(reasons)
        }
    }
}

/// Where docker.socket listens beside the file system: in words, and as it is written.
fn not_files(socket: &Unit) -> (Vec<String>, Vec<String>) {
    let addresses = socket.settings_of("ListenStream").map(|one| one.value.clone());
    let open: Vec<_> = addresses.filter(|address| !address.starts_with('/')).collect();
    (open.iter().map(|address| format!("docker.socket listens on {address}")).collect(), open)
}

/// Another engine than the one that docker.service starts.
fn other_engine(seen: &Seen) -> Option<Reason> {
    if seen.rootless {
        return Some(Reason::new("the engine is a user's", "only the system's engine is guarded"));
    }
    let hint = "only the engine that docker.service starts is understood; as root it can be told";
    match seen.service.as_deref() {
        Some("docker.service") => None,
        Some(other) => Some(Reason::new(format!("the engine that answers is {other}"), hint)),
        None => Some(Reason::new("whose the engine is that answers can't be told", hint)),
    }
}

fn no_units(facts: &Facts) -> Reason {
    let whys = [&facts.service, &facts.socket].map(|unit| unit.as_ref().err().cloned());
    let why = whys.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if facts.snap {
        return Reason::new(why, "a snap's engine is closed in, and its sockets can't be moved");
    }
    Reason::new(
        why,
        "only an engine that systemd starts by docker.service and docker.socket is understood, as \
         packages install it; in a container, by a user or by hand it is not",
    )
}

/// A unit that would not be what it looks like once our drop-in is there.
fn unusable(unit: &Unit) -> Vec<Reason> {
    let name = unit.fragment.rsplit('/').next().unwrap_or_default();
    if unit.masked {
        let hint = format!("systemctl unmask {name}");
        return vec![Reason::new(format!("{name} is masked ({})", unit.fragment), hint)];
    }
    let later = |path: &&String| path.rsplit('/').next().is_some_and(|file| file > units::DROP_IN);
    let reason = |path: &String| {
        let hint =
            format!("it would go after {} and can undo it: give it another name", units::DROP_IN);
        Reason::new(format!("{path} is there"), hint)
    };
    unit.drop_ins.iter().filter(later).map(reason).collect()
}

fn command(facts: &Facts) -> Vec<Reason> {
    let commands = &facts.told.commands;
    let program = |command: &str| {
        let first = command.split(' ').next().unwrap_or_default();
        first.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let mut reasons = Vec::new();
    match commands.as_slice() {
        [(command, _)] if program(command) == "dockerd" => {}
        [(command, at)] => {
            let why = format!("docker.service starts `{command}` ({at})");
            reasons.push(Reason::new(why, "only `dockerd` itself is understood"));
        }
        _ => {
            let why = format!("docker.service starts {} programs", commands.len());
            reasons.push(Reason::new(why, "only `dockerd` alone is understood"));
        }
    }
    if let Some(path) = facts.told.config_file.as_ref().filter(|path| *path != DAEMON_JSON) {
        let why = format!("dockerd reads its settings from {path}");
        reasons.push(Reason::new(why, format!("only {DAEMON_JSON} is understood")));
    }
    reasons
}

/// What an address is to the plan.
enum Address {
    /// Handed over by systemd.
    HandedOver,
    /// A socket in the file system.
    Socket,
    /// Anything else: reached over a network.
    Open,
}

/// As dockerd reads an address (moby `opts.ParseHost`).
fn address(host: &str) -> Address {
    match host.split_once("://") {
        Some(("fd", _)) => Address::HandedOver,
        Some(("unix", _)) => Address::Socket,
        None if host.starts_with('/') => Address::Socket,
        _ => Address::Open,
    }
}

/// Has the engine listen on what systemd hands over. By flags it does so already, or not at all;
/// daemon.json is changed.
fn hosts(facts: &Facts, around: &mut Vec<String>, reasons: &mut Vec<Reason>) -> Option<Content> {
    let content = facts.files.get(DAEMON_JSON);
    let text = content.map_or("", |content| content.text.as_str());
    let text = if text.trim().is_empty() { "{}" } else { text };
    let in_file = daemon_json::read(text)
        .map_err(|why| reasons.push(Reason::new(format!("{DAEMON_JSON}: {why}"), "mend it first")))
        .ok()?;
    let at = facts.told.commands.first().map_or("", |(_, at)| at.as_str());
    let (hosts, from) = match (&facts.told.hosts, &in_file.hosts) {
        (Some(flags), None) => {
            reasons.extend(by_flags(flags, at));
            (flags.clone(), at.to_owned())
        }
        (Some(_), Some(_)) => {
            let why =
                format!("{DAEMON_JSON} (`hosts`) and docker.service ({at}) say where to listen");
            let hint = "dockerd does not start again with both: take one of them away";
            reasons.push(Reason::new(why, hint));
            return None;
        }
        (None, hosts) => (hosts.clone().unwrap_or_default(), format!("{DAEMON_JSON}, `hosts`")),
    };
    around.extend(open(&hosts).map(|host| format!("the engine listens on {host} ({from})")));
    let wanted = handed_over(&hosts);
    if facts.told.hosts.is_some() || wanted == hosts {
        return None;
    }
    let mode = content.map_or(0o644, |content| content.mode);
    daemon_json::with_hosts(text, &in_file, &wanted)
        .map_err(|why| {
            reasons.push(Reason::new(format!("{DAEMON_JSON}: {why}"), "change it by hand"))
        })
        .map(|text| Content { text, mode })
        .ok()
}

fn open(hosts: &[String]) -> impl Iterator<Item = &String> {
    hosts.iter().filter(|host| matches!(address(host), Address::Open))
}

fn by_flags(flags: &[String], at: &str) -> Vec<Reason> {
    let own = flags.iter().filter(|host| matches!(address(host), Address::Socket));
    let mut reasons: Vec<_> = own
        .map(|host| {
            let why = format!("docker.service starts the engine with `-H {host}` ({at})");
            Reason::new(why, "write `-H fd://` there: systemd then hands it the socket")
        })
        .collect();
    let handed_over = |host: &String| matches!(address(host), Address::HandedOver);
    if reasons.is_empty() && !flags.iter().any(handed_over) {
        let why = format!("docker.service starts the engine without `-H fd://` ({at})");
        reasons.push(Reason::new(why, "add it: systemd then hands the engine its socket"));
    }
    reasons
}

/// The same addresses, with what systemd hands over in place of sockets.
fn handed_over(hosts: &[String]) -> Vec<String> {
    if hosts.iter().any(|host| matches!(address(host), Address::HandedOver))
        && !hosts.iter().any(|host| matches!(address(host), Address::Socket))
    {
        return hosts.to_vec();
    }
    let rest = hosts.iter().filter(|host| matches!(address(host), Address::Open)).cloned();
    std::iter::once("fd://".to_owned()).chain(rest).collect()
}

/// Who may use the socket: who may today, or the group that was asked for.
fn public(socket: &Unit, options: &Options, facts: &Facts, reasons: &mut Vec<Reason>) -> Public {
    let setting = |key: &str| socket.settings_of(key).last().map(|one| one.value.clone());
    let group = options.group.clone().or_else(|| setting("SocketGroup"));
    let group = group.unwrap_or_else(|| "docker".to_owned());
    let is_there = |group: &String| group.parse::<u32>().is_ok() || facts.groups.contains(group);
    if group == USER {
        let hint = "that group reaches the engine itself; name the group of those who may call";
        reasons.push(Reason::new(format!("the socket would belong to group {USER}"), hint));
    } else if !is_there(&group) {
        let hint = format!("sudo groupadd --system {group}, or name another with --group");
        reasons.push(Reason::new(format!("there is no group {group} in /etc/group"), hint));
    }
    let paths: Vec<_> = socket.sockets().map(str::to_owned).collect();
    if paths.is_empty() {
        let hint = "it must have a `ListenStream=` with a path, which the guard takes over";
        reasons.push(Reason::new("docker.socket listens on no socket of the file system", hint));
    }
    // 0666 is systemd's default (systemd.socket(5)); nobody else than the group gets in.
    let mode = setting("SocketMode").and_then(|mode| u32::from_str_radix(&mode, 8).ok());
    Public {
        paths,
        mode: mode.unwrap_or(0o660) & 0o660,
        user: setting("SocketUser").unwrap_or_else(|| "root".to_owned()),
        group,
    }
}
