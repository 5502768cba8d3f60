//! `dockward guard run`: the guard at work.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use dockward_admission::{Admission, Glass, Live};
use dockward_engine::Endpoint;
use dockward_guard::{Guard, Limits, Listener, Signals, Tls, Used, handed_over};
use dockward_ledger::{Ledger, Lines, Options, Post, Publish, Syslog};
use dockward_policy::{CallerSettings, Exit, InForce};

use super::in_force;
use crate::args::GuardRun;
use crate::settings;

pub(super) fn run(args: &GuardRun) -> Result<Exit> {
    // Before any thread starts: threads inherit that these are not delivered.
    let (ends, reloads) = (Signals::that_end()?, Signals::that_reload()?);
    let held_to = held_to(args.config.as_deref(), args.socket_proxy_env)?;
    let tls = tls(args)?;
    let listeners = listeners(args, tls.as_ref())?;
    let used = tls.map_or_else(Vec::new, |(_, tls)| tls.used().to_vec());
    warn(&args.engine);
    let ledger = Arc::new(open(args)?);
    let record = Arc::clone(&ledger);
    // What is decided by is on record before the first decision by it.
    let before = in_force::now(&held_to, args.monitor, &used);
    told(in_force::begins(&ledger, &held_to, &before));
    let engine = Live::new(Endpoint::parse(&format!("unix://{}", args.engine.display()), None)?);
    let admission = Admission::new(Arc::new(engine), held_to.config, record, args.monitor)
        .with_glass(Glass::at(args.glass.clone()));
    let admission = Arc::new(admission);
    let reloading = reload(reloads, args, (before, used), (&admission, &ledger))?;
    say(&format!("standing before {}{}", args.engine.display(), monitoring(args)));
    let guard = Guard::new(admission, &args.engine, Limits::default());
    let ended = guard.serve(&listeners, ends.as_fd())?;
    if ended.cut > 0 {
        say(&format!("{} calls were cut at the end", ended.cut));
    }
    // Settings that are being read are on record before the ledger is closed, and none are any more.
    let _reloading = reloading.lock();
    drop(ledger);
    Ok(Exit::Clean)
}

/// The settings, and what the environment of another proxy adds to them.
fn held_to(config: Option<&Path>, socket_proxy_env: bool) -> Result<settings::Guarded> {
    let mut held_to = settings::guarded(config)?;
    if socket_proxy_env {
        let anyone = CallerSettings::of_socket_proxy(|name| std::env::var(name).ok());
        held_to.config.guard.callers.push(anyone);
    }
    Ok(held_to)
}

const fn monitoring(args: &GuardRun) -> &'static str {
    if args.monitor { "; nothing is denied (--monitor)" } else { "" }
}

fn say(text: &str) {
    // Nobody may be listening any more.
    let _ = writeln!(std::io::stderr(), "dockward: {text}");
}

/// Where callers get in over the network, and with what.
fn tls(args: &GuardRun) -> Result<Option<(SocketAddr, Tls)>> {
    match (&args.listen_tls, &args.tls_cert, &args.tls_key, &args.tls_clients) {
        (Some(address), Some(cert), Some(key), Some(clients)) => {
            Ok(Some((*address, Tls::read(cert, key, clients)?)))
        }
        _ => Ok(None),
    }
}

fn listeners(args: &GuardRun, tls: Option<&(SocketAddr, Tls)>) -> Result<Vec<Listener>> {
    let mut listeners = handed_over()?;
    if let Some(path) = &args.listen {
        let group = args.group.as_deref().map(gid).transpose()?;
        listeners.push(Listener::bind(path, group)?);
    }
    if let Some((address, tls)) = tls {
        listeners.push(Listener::bind_tls(*address, tls)?);
    }
    if listeners.is_empty() {
        bail!(
            "there is no socket to listen on: name one with --listen, or start the guard by systemd's socket"
        );
    }
    Ok(listeners)
}

/// A group's number: as written, or from `/etc/group`.
fn gid(name: &str) -> Result<u32> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let groups = std::fs::read_to_string("/etc/group").context("cannot read /etc/group")?;
    let line = groups.lines().find(|line| line.split(':').next() == Some(name));
    let number = line.and_then(|line| line.split(':').nth(2)?.parse().ok());
    number.with_context(|| format!("there is no group `{name}`"))
}

/// What lets callers go around the guard.
fn warn(engine: &Path) {
    match std::fs::metadata(engine) {
        Ok(facts) if facts.mode() & 0o006 != 0 => {
            let mode = facts.permissions().mode() & 0o777;
            say(&format!(
                "everyone can go around the guard: {} has mode {mode:o}",
                engine.display()
            ));
        }
        Ok(_) => {}
        Err(error) => say(&format!("no engine yet at {}: {error}", engine.display())),
    }
    if rustix::process::geteuid().is_root() {
        say("runs as root; a user of its own is enough (dockward guard install)");
    }
}

fn open(args: &GuardRun) -> Result<Ledger> {
    let mut copies: Vec<Box<dyn Publish>> = Vec::new();
    if args.json {
        copies.push(Box::new(Lines::new("standard output", std::io::stdout())));
    }
    if args.syslog {
        copies.push(Box::new(Syslog::at(Path::new("/dev/log"))));
    }
    let version = env!("CARGO_PKG_VERSION");
    for url in &args.checkpoints {
        copies.push(Box::new(Post::new(url, version)));
    }
    let day = Duration::from_secs(24 * 60 * 60);
    let options = Options {
        sync: args.sync,
        version: version.to_owned(),
        reserve: u64::from(args.reserve) << 20,
        keep: args.keep.map(|days| day.saturating_mul(days)),
        ..Options::default()
    };
    Ledger::open(&args.ledger, options, copies).map_err(|error| {
        let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
        anyhow::anyhow!("{error}{hint}")
    })
}

fn told(recorded: Result<()>) {
    if let Err(error) = recorded {
        say(&format!("the settings in force could not be recorded: {error:#}"));
    }
}

/// On SIGHUP the settings are read again. Where they are wrong, the old ones stay, loudly. While the
/// lock is held, none are.
fn reload(
    signals: Signals,
    args: &GuardRun,
    (mut before, used): (InForce, Vec<Used>),
    (admission, ledger): (&Arc<Admission>, &Arc<Ledger>),
) -> Result<Arc<Mutex<()>>> {
    let (config, socket_proxy_env, monitor) =
        (args.config.clone(), args.socket_proxy_env, args.monitor);
    // The thread waits for good, and must not keep the ledger from being closed.
    let (admission, ledger) = (Arc::downgrade(admission), Arc::downgrade(ledger));
    let reloading = Arc::new(Mutex::new(()));
    let lock = Arc::clone(&reloading);
    let wait = move || {
        while signals.wait().is_ok() {
            let _reloading = lock.lock();
            let (Some(admission), Some(ledger)) = (admission.upgrade(), ledger.upgrade()) else {
                return;
            };
            match held_to(config.as_deref(), socket_proxy_env) {
                Ok(new) => {
                    let now = in_force::now(&new, monitor, &used);
                    told(in_force::changes(&ledger, &new, &before, &now));
                    before = now;
                    admission.hold_to(new.config);
                    say("the settings were read again, and hold");
                }
                Err(error) => {
                    told(in_force::refused(&ledger, &error.to_string()));
                    say(&format!("the settings are wrong, and the old ones hold: {error}"));
                }
            }
        }
    };
    std::thread::Builder::new().name("reload".into()).spawn(wait)?;
    Ok(reloading)
}
