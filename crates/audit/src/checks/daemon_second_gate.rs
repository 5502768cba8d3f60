use dockward_model::facts::{Container, Effective, Engine, RunsAs, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Under runc, a container's processes call the host's kernel themselves: one mistake in it is
    /// one step from a service on the network to root. gVisor answers those calls with a kernel of
    /// its own in user space, Kata Containers with one in a virtual machine. Such a second gate is
    /// worth its price before services that strangers talk to and that run as root.
    ///
    /// ## Fix
    /// Register gVisor (`runsc install`) or Kata under `runtimes` in daemon.json and start the
    /// containers that are named with `--runtime runsc`, or run them on a virtual machine of their
    /// own. Or take root from them first: `--user`, `userns-remap`, a rootless engine.
    ///
    /// ## References
    /// NIST SP 800-190, 3.4.3, 4.4.3; gvisor.dev, "Docker quick start"; katacontainers.io.
    /// `Runtimes` of `/info`.
    id: "daemon-second-gate", title: "exposed containers have more than the host's kernel before them",
    severity: Info, area: Daemon, cis16: [], cis18: [], Engine: second_gate
}

/// How many containers are named.
const MOST: usize = 20;

/// Beginnings of the names of runtimes that put a kernel of their own before the host's.
const SANDBOXES: [&str; 5] =
    ["runsc", "kata", "io.containerd.runsc.", "io.containerd.kata", "io.containerd.runhcs."];

fn is_sandbox(name: &str) -> bool {
    SANDBOXES.iter().any(|sandbox| name.starts_with(sandbox))
}

fn second_gate(_: &Snapshot, engine: &Engine) -> Outcome {
    if engine.containers_listed.get() != Some(&true) {
        return Outcome::unread(&engine.containers_listed);
    }
    let default = &engine.daemon.default_runtime;
    if default.fact.unknown().is_some() {
        return Outcome::unread(default);
    }
    if default.get().is_some_and(|name| is_sandbox(name)) {
        return Outcome::NotApplicable("containers run in sandboxes unless told otherwise".into());
    }
    let running = || engine.containers.iter().filter(|c| c.may_run());
    if let Some(unread) = running().find(|c| c.ports.fact.unknown().is_some()) {
        return Outcome::unread(&unread.ports);
    }
    let exposed: Vec<_> = running().filter(|c| is_exposed(c)).collect();
    if exposed.is_empty() {
        return Outcome::NotApplicable("no container is published to the network".into());
    }
    let weak: Vec<_> = exposed.into_iter().filter(|c| is_weak(c, engine)).collect();
    if weak.is_empty() { Outcome::Pass } else { Outcome::Review(review(engine, &weak)) }
}

/// Whether others than the host reach a port of it.
fn is_exposed(c: &Container) -> bool {
    c.ports.get().is_some_and(|ports| ports.iter().any(|port| !port.is_loopback()))
}

/// Whether it runs as the host's root, straight on the host's kernel; unknown counts as so.
fn is_weak(c: &Container, engine: &Engine) -> bool {
    let effective = Effective::of(c, &engine.daemon);
    let is_user = matches!(effective.runs_as.get(), Some(RunsAs::Uid(_)));
    let in_sandbox = c.runtime.get().is_some_and(|name| is_sandbox(name));
    !in_sandbox && !is_user && effective.root_is_host_root()
}

fn review(engine: &Engine, weak: &[&Container]) -> Failure {
    let names: Vec<_> = weak.iter().take(MOST).map(|c| c.name.as_str()).collect();
    let runtimes = &engine.daemon.runtimes;
    let registered: Vec<_> = runtimes.get().into_iter().flatten().map(|(name, _)| name).collect();
    let gate = registered.iter().find(|name| is_sandbox(name));
    let fix = match gate {
        Some(name) => format!("start them with `--runtime {name}`, which is registered already"),
        None => "register gVisor (runsc) or Kata in daemon.json for them, use a virtual machine, \
                 or take root from them"
            .to_owned(),
    };
    let listed = registered.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let runtimes = Evidence::of(runtimes, listed, "runsc or kata for them").effective();
    let ports = weak.iter().take(MOST).map(|c| {
        let ports: Vec<_> = c.ports.get().into_iter().flatten().map(ToString::to_string).collect();
        let seen = format!("{}: {}", c.name, ports.join(", "));
        Evidence::of(&c.ports, seen, "a second gate, or no root")
    });
    let message = format!(
        "{} on the network with the host's kernel alone before root: {}",
        if weak.len() == 1 {
            "1 container is".into()
        } else {
            format!("{} containers are", weak.len())
        },
        names.join(", ")
    );
    Failure::new(message, runtimes, fix).and(ports)
}

#[cfg(test)]
mod tests;
