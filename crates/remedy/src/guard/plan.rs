//! The steps, and what people should know of them.

use super::containers::{Running, Seen, without_link};
use super::facts::{Facts, Options};
use super::refuse::{Target, target};
use super::{DAEMON_JSON, ENGINE, USER, units};
use crate::{Command, Error, Plan, Reason, State, Step, Unit};

/// Plans the installation; none where it is installed as it would be now.
///
/// # Errors
/// [`Error::Refused`] with everything that stands in the way.
pub fn plan(facts: &Facts, options: &Options) -> Result<Option<Plan>, Error> {
    match &facts.journal {
        Some(journal) if journal.state == State::Begun => Err(Error::Refused(vec![Reason::new(
            "an installation was begun and did not end",
            "take it back first: dockward guard install --undo --apply",
        )])),
        Some(journal) => installed(facts, &journal.steps).map(|()| None),
        None => {
            let target = target(facts, options).map_err(Error::Refused)?;
            Ok(Some(planned(facts, &target)))
        }
    }
}

/// Whether everything is as it was written.
fn installed(facts: &Facts, steps: &[Step]) -> Result<(), Error> {
    let differs = |step: &Step| match step {
        Step::Write { path, after, .. } if facts.files.get(path) != Some(after) => {
            let hint = "put its text back, or take the installation back and plan it again";
            Some(Reason::new(format!("{path} was changed since the installation"), hint))
        }
        _ => None,
    };
    let reasons: Vec<_> = steps.iter().filter_map(differs).collect();
    if reasons.is_empty() { Ok(()) } else { Err(Error::Refused(reasons)) }
}

fn planned(facts: &Facts, target: &Target) -> Plan {
    let sockets = &target.public.paths;
    Plan {
        summary: vec![
            format!("The guard takes over {}: callers change nothing.", sockets.join(", ")),
            format!("The engine listens at {ENGINE}, where only root and the guard get to."),
        ],
        steps: steps(facts, target),
        about: about(facts, target),
        socket: sockets.first().cloned().unwrap_or_default(),
    }
}

/// What is taken back last stands first: the engine comes back once its files are as they were.
fn steps(facts: &Facts, target: &Target) -> Vec<Step> {
    let engine = || vec![Unit::EngineSocket, Unit::Engine];
    let guard = || vec![Unit::GuardSocket, Unit::Guard];
    let mut steps = accounts(facts);
    steps.push(Step::run([], [Command::Reload, Command::Start(engine())]));
    let mut files = units::files(&target.public, &target.open, &target.program);
    files.extend(target.daemon_json.clone().map(|content| (DAEMON_JSON.to_owned(), content)));
    steps.extend(files.into_iter().filter_map(|(path, after)| {
        let before = facts.files.get(&path).cloned();
        (before.as_ref() != Some(&after)).then_some(Step::Write { path, before, after })
    }));
    let folders = Command::MakeFolders(units::TMPFILES.to_owned());
    steps.push(Step::run([folders, Command::Reload], []));
    steps.push(Step::run([Command::Enable(guard())], [Command::Disable(guard())]));
    steps.push(Step::run([Command::Stop(engine())], []));
    let all = || [vec![Unit::GuardSocket], engine(), vec![Unit::Guard]].concat();
    steps.push(Step::run([Command::Start(all())], [Command::Stop(all())]));
    steps
}

fn accounts(facts: &Facts) -> Vec<Step> {
    let name = || USER.to_owned();
    let mut steps = Vec::new();
    if !facts.groups.iter().any(|group| group == USER) {
        steps.push(Step::run([Command::AddGroup(name())], [Command::RemoveGroup(name())]));
    }
    if !facts.users.iter().any(|user| user == USER) {
        steps.push(Step::run([Command::AddUser(name())], [Command::RemoveUser(name())]));
    }
    steps
}

/// What becomes of containers when the socket at `sockets` changes hands and the engine restarts.
#[must_use]
pub fn consequences(
    engine: &Result<Seen, String>,
    sockets: &[String],
) -> Vec<(String, Vec<String>)> {
    vec![
        ("What restarts".to_owned(), restarts(engine)),
        ("Who holds the old socket".to_owned(), holders(engine, sockets)),
    ]
}

fn about(facts: &Facts, target: &Target) -> Vec<(String, Vec<String>)> {
    let mut about = consequences(&facts.engine, &target.public.paths);
    let running = facts.engine.iter().flat_map(|seen| &seen.running);
    let through = running.filter_map(|one| {
        let (name, folder) = (&one.name, one.sees(ENGINE)?);
        Some(format!(
            "{name} mounts {folder} of the host and so sees the engine's own socket in it: root in \
             that container goes around the guard. Take that mount away."
        ))
    });
    let around: Vec<_> = target.around.iter().cloned().chain(through).collect();
    if !around.is_empty() {
        about.push(("What still leads around the guard".to_owned(), around));
    }
    about.push(("What callers see".to_owned(), CALLERS.map(str::to_owned).to_vec()));
    about
}

const CALLERS: [&str; 3] = [
    "Calls and streams (logs -f, events, attach, builds) that are open when the engine stops are \
     cut. Until the guard has the socket, some seconds, calls fail; from then on they wait for the \
     engine.",
    "From then on the guard decides, by [guard] of /etc/dockward/dockward.toml. To only record at \
     first: DOCKWARD_GUARD_OPTIONS=--monitor in /etc/default/dockward.",
    "Where no engine answers at the socket within a minute, everything is taken back.",
];

fn named<'a>(running: impl Iterator<Item = &'a Running>) -> String {
    running.map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn restarts(engine: &Result<Seen, String>) -> Vec<String> {
    let mut lines = vec!["docker.service, once.".to_owned()];
    let seen = match engine {
        Ok(seen) => seen,
        Err(why) => {
            lines.push(format!("Which containers that hits is not known: {why}."));
            return lines;
        }
    };
    if seen.running.is_empty() {
        lines.push("No container runs.".to_owned());
        return lines;
    }
    if seen.live_restore == Some(true) {
        lines.push(format!(
            "live-restore is on: containers go on ({}).",
            named(seen.running.iter())
        ));
        return lines;
    }
    let (back, gone): (Vec<_>, Vec<_>) = seen.running.iter().partition(|one| one.comes_back);
    let off = match seen.live_restore {
        Some(_) => "live-restore is off",
        None => "the engine does not say whether live-restore is on",
    };
    lines.push(format!("{off}: all {} running containers stop.", seen.running.len()));
    if !back.is_empty() {
        lines
            .push(format!("By their restart policy these come back: {}.", named(back.into_iter())));
    }
    if !gone.is_empty() {
        let names: Vec<_> = gone.iter().map(|one| one.name.as_str()).collect();
        lines.push(format!("These stay stopped until: docker start {}", names.join(" ")));
    }
    lines
}

fn holders(engine: &Result<Seen, String>, sockets: &[String]) -> Vec<String> {
    let seen = match engine {
        Ok(seen) => seen,
        Err(why) => return vec![format!("Not known: {why}.")],
    };
    let sockets: Vec<_> = sockets.iter().map(|path| without_link(path)).collect();
    let stays = seen.live_restore != Some(false);
    let mut lines: Vec<_> = seen
        .running
        .iter()
        .filter_map(|one| Some(holder(one, one.holds(&sockets)?, stays)))
        .collect();
    lines.extend(seen.running.iter().filter_map(|one| {
        let folder = sockets.iter().find_map(|socket| one.sees(socket))?;
        let name = &one.name;
        Some(format!("{name} mounts {folder}: it finds the new socket there by itself."))
    }));
    lines.extend(
        seen.running
            .iter()
            .filter(|one| one.sources.is_none())
            .map(|one| format!("{}: its mounts could not be read, so it may.", one.name)),
    );
    if lines.is_empty() {
        lines.push("No running container mounts it.".to_owned());
    }
    lines
}

fn holder(one: &Running, mount: &str, stays: bool) -> String {
    let name = &one.name;
    if stays {
        return format!(
            "{name} mounts {mount} and goes on with the old file, at which nobody listens any \
             more: its calls fail until: docker restart {name}"
        );
    }
    let then = if one.comes_back { "comes back" } else { "is started again" };
    format!("{name} mounts {mount}: it stops, and has the new socket when it {then}.")
}
