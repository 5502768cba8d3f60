//! What of packages runs at this moment, and whether somebody outside gets to that.

use std::collections::BTreeSet;

use dockward_audit::{WaysIn, ways_in, ways_to_host};
use dockward_collect::in_use::{InUse, Use, uses};
use dockward_collect::tree::{Live, Proc};
use dockward_model::ImageId;
use dockward_model::facts::{Container, Engine, Fact, Snapshot};
use dockward_model::inventory::{Exposure, Inventory, LoadedBy, Package, ReachedBy};

/// How many processes are named of one package in one container.
const NAMED: usize = 32;

/// What was looked into, and where it runs.
pub(crate) struct Look<'a> {
    /// What is inside.
    pub(crate) inventory: Inventory,
    /// Where it runs.
    pub(crate) runs: Runs<'a>,
}

/// Where something runs.
pub(crate) enum Runs<'a> {
    /// Nobody can tell: an archive, a folder, a bill of materials.
    Unseen,
    /// It is this host; with what was seen of it, if that was.
    Host(Option<&'a Snapshot>),
    /// In these containers of an engine.
    In {
        /// The engine.
        engine: &'a Engine,
        /// The containers, running or not.
        containers: Vec<&'a Container>,
        /// Why there may be more, if so.
        unlisted: Option<String>,
    },
}

impl From<Inventory> for Look<'_> {
    fn from(inventory: Inventory) -> Self {
        Self { inventory, runs: Runs::Unseen }
    }
}

impl<'a> Runs<'a> {
    /// The containers of an image.
    pub(crate) fn of_image(engine: &'a Engine, id: &ImageId) -> Self {
        let may_be =
            |one: &&Container| one.may_run() && one.image_id.get().is_none_or(|its| its == id);
        let containers: Vec<_> = engine.containers.iter().filter(may_be).collect();
        let listed = engine.containers_listed.fact.unknown();
        let odd = containers.iter().find_map(|one| one.image_id.fact.unknown());
        let unlisted = listed.or(odd).map(str::to_owned);
        let is_its = |one: &&Container| one.image_id.get() == Some(id);
        Self::In { engine, containers: containers.into_iter().filter(is_its).collect(), unlisted }
    }
}

/// What of each package is in use and reached, in the order of `packages`.
pub(crate) fn exposures(runs: &Runs<'_>, packages: &[&Package]) -> Vec<Exposure> {
    let all = |exposure: Exposure| vec![exposure; packages.len()];
    match runs {
        _ if packages.is_empty() => Vec::new(),
        Runs::Unseen => all(Exposure::unknown("where it runs is not to be seen")),
        Runs::Host(snapshot) => {
            on_host(*snapshot, packages).unwrap_or_else(|why| all(Exposure::unknown(&why)))
        }
        Runs::In { engine, containers, unlisted } => {
            let start = unlisted.as_deref().map_or_else(Exposure::none, Exposure::unknown);
            let each = containers.iter().map(|one| {
                in_container(engine, one, packages)
                    .unwrap_or_else(|why| all(Exposure::unknown(&why)))
            });
            each.fold(all(start), |sum, more| {
                sum.into_iter().zip(more).map(|(one, other)| one.and(other)).collect()
            })
        }
    }
}

fn in_container(
    engine: &Engine,
    container: &Container,
    packages: &[&Package],
) -> Result<Vec<Exposure>, String> {
    if container.kernel.is_absent() {
        return Ok(vec![Exposure::none(); packages.len()]);
    }
    if engine.daemon.elsewhere {
        return Err("its engine runs on another host".to_owned());
    }
    let pid = container.pid.get().ok_or("the engine names no process of it")?;
    let proc = known(Proc::host())?;
    let daemon = engine.daemon.process.get().map(|process| process.pid);
    let proc = daemon.and_then(|pid| proc.of(pid).known().cloned()).unwrap_or(proc);
    let in_use = match InUse::of_container(&proc, container) {
        Fact::Absent => return Ok(vec![Exposure::none(); packages.len()]),
        other => known(other)?,
    };
    let tree = known(Live::of_container(&proc, *pid))?;
    let ways = ways_in(engine, container);
    let name = Some(container.name.as_str());
    let uses = uses(&tree, packages, &in_use);
    Ok(uses.into_iter().map(|one| exposure(one, name, &ways, &in_use)).collect())
}

fn on_host(snapshot: Option<&Snapshot>, packages: &[&Package]) -> Result<Vec<Exposure>, String> {
    let (proc, tree) = (known(Proc::host())?, known(Live::host())?);
    let in_use = known(InUse::of_host(&proc))?;
    let unseen = || "who gets to the host's own processes was not looked at".to_owned();
    let ways = snapshot
        .map_or_else(|| WaysIn { unknown: Some(unseen()), ..WaysIn::default() }, ways_to_host);
    let uses = uses(&tree, packages, &in_use);
    Ok(uses.into_iter().map(|one| exposure(one, None, &ways, &in_use)).collect())
}

fn known<T>(fact: Fact<T>) -> Result<T, String> {
    match fact {
        Fact::Known(value) => Ok(value),
        Fact::Absent => Err("its processes are not to be seen".to_owned()),
        Fact::Unknown(why) => Err(why),
    }
}

fn exposure(
    uses: Fact<Vec<Use<'_>>>,
    container: Option<&str>,
    ways: &WaysIn,
    in_use: &InUse,
) -> Exposure {
    let reachable = match &uses {
        // What nothing has loaded nobody reaches, and neither what is behind no way in.
        Fact::Absent => Fact::Absent,
        _ if ways.is_none() => Fact::Absent,
        Fact::Known(uses) => reached(uses, container, ways, in_use),
        Fact::Unknown(why) => Fact::Unknown(why.clone()),
    };
    let loaded = uses.map(|uses| {
        uses.iter()
            .take(NAMED)
            .map(|one| LoadedBy {
                container: container.map(str::to_owned),
                process: one.process.comm.clone(),
                pid: one.process.pid,
                path: one.path.to_owned(),
                deleted: one.deleted,
            })
            .collect()
    });
    Exposure { loaded, reachable }
}

/// Those of some processes that a way leads to: who holds a socket at its end. Where in a container
/// nobody was seen to hold one, it may be any of its processes.
fn reached(
    uses: &[Use<'_>],
    container: Option<&str>,
    ways: &WaysIn,
    in_use: &InUse,
) -> Fact<Vec<ReachedBy>> {
    let (mut found, mut doubt) = (Vec::new(), ways.unknown.as_deref());
    for way in &ways.ways {
        let holders = way.sockets.as_ref().map(|sockets| holders(in_use, sockets));
        let holders = holders.filter(|holders| !holders.is_empty() || container.is_none());
        let is_one = |one: &&Use<'_>| holders.as_ref().is_none_or(|all| all.contains(&one.place));
        let mut reached = uses.iter().filter(is_one);
        if let Some(why) = &way.doubt {
            doubt = doubt.or(reached.next().map(|_| why.as_str()));
            continue;
        }
        found.extend(reached.map(|one| ReachedBy {
            container: container.map(str::to_owned),
            process: one.process.comm.clone(),
            way: way.text.clone(),
        }));
    }
    found.sort();
    found.dedup();
    found.truncate(NAMED);
    let unseen = uses.iter().find_map(|one| in_use.processes.get(one.place)?.sockets.unknown());
    match (found.is_empty(), doubt.or(unseen)) {
        (false, _) => Fact::Known(found),
        (true, Some(why)) => Fact::Unknown(why.to_owned()),
        (true, None) => Fact::Absent,
    }
}

/// Which processes hold one of these sockets, by their place.
fn holders(in_use: &InUse, sockets: &BTreeSet<u64>) -> BTreeSet<usize> {
    let holds = |held: &BTreeSet<u64>| !held.is_disjoint(sockets);
    let all = in_use.processes.iter().enumerate();
    all.filter(|(_, by)| by.sockets.known().is_some_and(holds)).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use dockward_audit::WayIn;
    use dockward_collect::in_use::InUseBy;
    use dockward_model::facts::Process;

    use super::*;

    /// nginx (7) holds socket 11; php (8) holds 12.
    fn in_use() -> InUse {
        let by = |pid, comm: &str, socket| InUseBy {
            process: Process { pid, comm: comm.into(), exe: None },
            sockets: Fact::Known([socket].into()),
        };
        let mut in_use = InUse::default();
        in_use.processes.extend([by(7, "nginx", 11), by(8, "php", 12)]);
        in_use
    }

    fn use_of(in_use: &InUse, place: usize) -> Fact<Vec<Use<'_>>> {
        let process = &in_use.processes[place].process;
        Fact::Known(vec![Use { place, process, path: "/usr/lib/x.so", deleted: false }])
    }

    fn way(sockets: Option<u64>) -> WaysIn {
        let text = "*:8080->80/tcp is published".to_owned();
        let sockets = sockets.map(|one| [one].into());
        WaysIn { ways: vec![WayIn { text, sockets, doubt: None }], unknown: None }
    }

    fn who(uses: Fact<Vec<Use<'_>>>, ways: &WaysIn, in_use: &InUse) -> String {
        match exposure(uses, Some("web"), ways, in_use).reachable {
            Fact::Known(by) => by[0].to_string(),
            Fact::Absent => "nobody".to_owned(),
            Fact::Unknown(why) => format!("unknown: {why}"),
        }
    }

    #[test]
    fn who_listens_is_reached_and_who_does_not_is_not() {
        let in_use = in_use();
        let nginx = "nginx in web: *:8080->80/tcp is published";
        assert_eq!(who(use_of(&in_use, 0), &way(Some(11)), &in_use), nginx);
        assert_eq!(who(use_of(&in_use, 1), &way(Some(11)), &in_use), "nobody");
        assert_eq!(who(Fact::Absent, &way(Some(11)), &in_use), "nobody");
        assert_eq!(who(use_of(&in_use, 0), &WaysIn::default(), &in_use), "nobody");
    }

    #[test]
    fn where_it_cannot_be_told_who_listens_any_process_is_reached() {
        let in_use = in_use();
        for ways in [way(None), way(Some(99))] {
            assert!(who(use_of(&in_use, 1), &ways, &in_use).starts_with("php in web"));
        }
        let host = exposure(use_of(&in_use, 1), None, &way(Some(99)), &in_use);
        assert!(host.reachable.is_absent(), "a socket of the host's may be a container's");
    }

    #[test]
    fn what_is_unknown_stays_so() {
        let in_use = in_use();
        let unknown = || Fact::Unknown("permission denied".to_owned());
        assert_eq!(who(unknown(), &way(Some(11)), &in_use), "unknown: permission denied");
        assert_eq!(who(unknown(), &WaysIn::default(), &in_use), "nobody", "nothing leads in");
        let doubt = WaysIn { unknown: Some("odd".into()), ..way(Some(11)) };
        assert_eq!(who(use_of(&in_use, 1), &doubt, &in_use), "unknown: odd");
        assert!(who(use_of(&in_use, 0), &doubt, &in_use).starts_with("nginx"));
        let mut closed = way(Some(11));
        closed.ways[0].doubt = Some("a rule is not understood".into());
        let unknown = "unknown: a rule is not understood";
        assert_eq!(who(use_of(&in_use, 0), &closed, &in_use), unknown);
        assert_eq!(
            who(use_of(&in_use, 1), &closed, &in_use),
            "nobody",
            "that leads to nginx alone"
        );
    }

    #[test]
    fn what_nobody_could_see_running_is_unknown() {
        let package = Package::default();
        let all = exposures(&Runs::Unseen, &[&package]);
        assert!(all[0].loaded.unknown().is_some() && all[0].reachable.unknown().is_some());
        let engine = Engine::default();
        let runs = Runs::of_image(&engine, &ImageId("sha256:0".into()));
        assert!(exposures(&runs, &[&package])[0].loaded.unknown().is_some(), "not listed");
        let mut engine = engine;
        engine.containers_listed =
            dockward_model::facts::Field::known(true, dockward_model::facts::Origin::Nowhere);
        let runs = Runs::of_image(&engine, &ImageId("sha256:0".into()));
        assert_eq!(exposures(&runs, &[&package]), [Exposure::none()]);
    }
}
