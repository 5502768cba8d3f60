use dockward_model::facts::{Case, Fact, Field, KernelView, NamespaceMode, Process, Protocol};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// An SSH server in a container is a second way in with its own keys, passwords and updates,
    /// which nobody looks after as they look after the host's. Whoever has one of its keys is in,
    /// past the engine's own record of who did what.
    ///
    /// ## Fix
    /// Take it out of the image or the start script. `docker exec -it NAME sh` gives the same
    /// shell, to those who may use the engine anyway; files go by `docker cp` or a volume.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.7. Read from the kernel (`/proc`), with nothing run in the container:
    /// it is seen in images without `ps` too, and under another name if it listens on port 22.
    id: "container-ssh-server", title: "no SSH server runs in it",
    severity: Medium, cis16: ["5.7"], cis18: ["5.7"], judge: ssh_server
}

const SERVERS: &[&str] = &[
    "dropbear",
    "dropbearmulti",
    "sshd",
    "sshd-auth",
    "sshd-session",
    "teleport",
    "tinysshd",
    "wolfsshd",
];
const SSH_PORT: u16 = 22;

fn ssh_server(case: &Case<'_>) -> Outcome {
    if case.container.running.get() == Some(&false) {
        return Outcome::NotApplicable("it isn't running".into());
    }
    let not_running = Outcome::NotApplicable("it isn't running".into());
    case.container.kernel.judge(not_running, |kernel| judge(case, kernel))
}

fn judge(case: &Case<'_>, kernel: &KernelView) -> Outcome {
    let process = Clue::process(kernel, shares(&case.effective.pid));
    let socket = Clue::socket(kernel, shares(&case.effective.net));
    let clues = [process, socket];
    if let Some(Clue::Seen { evidence, shared: false, .. }) = first(&clues, false) {
        return Failure::new("runs an SSH server", evidence.clone(), FIX).into();
    }
    if let Some(Clue::Seen { evidence, what, .. }) = first(&clues, true) {
        let message = format!("shares {what} in which an SSH server runs: is it this container's?");
        return Outcome::Review(Failure::new(message, evidence.clone(), FIX));
    }
    let unread = clues.into_iter().find_map(|clue| match clue {
        Clue::Unread(outcome) => Some(outcome),
        Clue::None | Clue::Seen { .. } => None,
    });
    unread.unwrap_or(Outcome::Pass)
}

const FIX: &str = "take the SSH server out of the image; `docker exec -it NAME sh` gives a shell";

/// What one place says.
enum Clue {
    None,
    Seen { evidence: Evidence, what: &'static str, shared: bool },
    Unread(Outcome),
}

impl Clue {
    fn process(kernel: &KernelView, shared: bool) -> Self {
        let is_server = |process: &&Process| {
            let exe = process.exe.as_deref().unwrap_or_default();
            let file = exe.trim_end_matches(" (deleted)").rsplit('/').next().unwrap_or_default();
            SERVERS.contains(&file) || SERVERS.contains(&process.comm.as_str())
        };
        Self::of(&kernel.processes, "processes", shared, |all| {
            let server = all.iter().find(is_server)?;
            let name = server.exe.as_ref().unwrap_or(&server.comm);
            Some(format!("{name}, pid {}", server.pid))
        })
    }

    fn socket(kernel: &KernelView, shared: bool) -> Self {
        Self::of(&kernel.listening, "a network", shared, |all| {
            let ssh = all.iter().find(|s| s.port == SSH_PORT && s.protocol == Protocol::Tcp)?;
            Some(format!("listens on {} port {SSH_PORT}", ssh.address))
        })
    }

    fn of<T>(
        field: &Field<T>,
        what: &'static str,
        shared: bool,
        find: impl FnOnce(&T) -> Option<String>,
    ) -> Self {
        match &field.fact {
            Fact::Unknown(_) => Self::Unread(Outcome::unread(field)),
            Fact::Absent => Self::None,
            Fact::Known(all) => find(all).map_or(Self::None, |seen| Self::Seen {
                evidence: Evidence::of(field, seen, "no SSH server").effective(),
                what,
                shared,
            }),
        }
    }
}

fn first(clues: &[Clue], of_shared: bool) -> Option<&Clue> {
    clues.iter().find(|clue| matches!(clue, Clue::Seen { shared, .. } if *shared == of_shared))
}

/// Whether what is seen in the namespace may be another's.
fn shares(mode: &Field<NamespaceMode>) -> bool {
    matches!(mode.get(), Some(NamespaceMode::Host | NamespaceMode::Container(_)))
}

#[cfg(test)]
mod tests;
