//! What a step of a build leaves installed.

use dockward_rules::history::{Act, Command, PackageCall, package_call};

use super::steps;

/// What a step installed and did not remove again.
pub(crate) struct Installed<'a> {
    /// The packages by name, in their order.
    pub(crate) packages: Vec<&'a str>,
    /// Whether apt took what the packages recommend, too.
    pub(crate) with_recommended: bool,
}

/// What these commands of one step leave installed.
pub(crate) fn by(commands: &[Command]) -> Installed<'_> {
    let calls: Vec<(&Command, PackageCall<'_>)> = steps::all(commands)
        .filter_map(|command| Some((command, package_call(command)?)))
        .collect();
    let removed: Vec<&str> =
        of(&calls, Act::Remove).flat_map(|call| &call.packages).copied().collect();
    let stays = |call: &&PackageCall<'_>| !call.group.is_some_and(|group| removed.contains(&group));
    let packages: Vec<&str> = of(&calls, Act::Install)
        .filter(stays)
        .flat_map(|call| &call.packages)
        .copied()
        .filter(|name| !removed.contains(name))
        .collect();
    let packages = if is_undone(commands, &calls) { Vec::new() } else { packages };
    let is_apt = |manager: &str| matches!(manager, "apt" | "apt-get" | "aptitude");
    let with_recommended = calls.iter().any(|(command, call)| {
        call.act == Act::Install && is_apt(call.manager) && !leaves_recommended(command)
    });
    Installed { packages, with_recommended }
}

fn of<'c, 'a>(
    calls: &'c [(&Command, PackageCall<'a>)],
    act: Act,
) -> impl Iterator<Item = &'c PackageCall<'a>> {
    calls.iter().map(|(_, call)| call).filter(move |call| call.act == act)
}

/// Docker's own images mark all packages as automatic and purge those that nothing needs: what the
/// step installed for the build is gone then.
fn is_undone(commands: &[Command], calls: &[(&Command, PackageCall<'_>)]) -> bool {
    let marks = steps::all(commands).any(|c| c.program() == "apt-mark" && c.has("auto"));
    let purges = calls.iter().any(|(command, call)| {
        call.act == Act::Remove && (command.has("--auto-remove") || command.has("autoremove"))
    });
    marks && purges
}

fn leaves_recommended(command: &Command) -> bool {
    command.has("--no-install-recommends")
        || command.arguments().iter().any(|word| {
            let lower = word.to_ascii_lowercase();
            lower.contains("install-recommends=false") || lower.contains("install-recommends=0")
        })
}

/// Packages that containers seldom need to run, and what each is.
const SELDOM_NEEDED: &[(&str, &[&str])] = &[
    (
        "a compiler or build tool",
        &[
            "alpine-sdk",
            "autoconf",
            "automake",
            "bison",
            "build-base",
            "build-essential",
            "cargo",
            "clang",
            "cmake",
            "cpp",
            "flex",
            "g++",
            "gcc",
            "gcc-c++",
            "gfortran",
            "go",
            "golang",
            "libc-dev",
            "libc6-dev",
            "llvm",
            "make",
            "meson",
            "musl-dev",
            "ninja-build",
            "nasm",
            "rust",
            "rustc",
        ],
    ),
    (
        "a remote login",
        &[
            "dropbear",
            "openssh",
            "openssh-server",
            "openssh-sftp-server",
            "rsh-server",
            "telnetd",
            "telnet-server",
            "tigervnc-standalone-server",
            "vsftpd",
            "xrdp",
        ],
    ),
    (
        "an editor",
        &["emacs", "emacs-nox", "joe", "nano", "neovim", "vim", "vim-enhanced", "vim-tiny"],
    ),
    ("a debugger", &["bpftrace", "gdb", "gdbserver", "lldb", "ltrace", "perf", "strace"]),
    (
        "a network tool",
        &[
            "hping3",
            "masscan",
            "ncat",
            "net-tools",
            "netcat",
            "netcat-openbsd",
            "netcat-traditional",
            "nmap",
            "nmap-ncat",
            "proxychains4",
            "socat",
            "tcpdump",
            "telnet",
            "tshark",
            "wireshark",
        ],
    ),
    ("a way to more rights", &["doas", "sudo"]),
];

/// What a package is, where containers seldom need it.
pub(crate) fn seldom_needed(package: &str) -> Option<&'static str> {
    SELDOM_NEEDED.iter().find(|(_, names)| names.contains(&package)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_rules::history::{Instruction, instruction};

    fn left_by(script: &str) -> (String, bool) {
        match instruction(&format!("RUN /bin/sh -c {script}")) {
            Instruction::Run(Ok(commands)) => {
                let installed = by(&commands);
                (installed.packages.join(" "), installed.with_recommended)
            }
            other => panic!("no commands in {script}: {other:?}"),
        }
    }

    #[test]
    fn what_is_removed_in_the_same_step_does_not_count() {
        for (script, left) in [
            ("apt-get install -y a b && apt-get purge -y b", "a"),
            ("apk add c && apk add -t .b gcc make && apk del .b", "c"),
            ("apk add -t .b gcc && apk del .other", "gcc"),
            ("apt-get install gcc; apt-mark auto '.*'; apt-get purge -y --auto-remove", ""),
            ("apt-get install gcc; apt-get autoremove", "gcc"),
        ] {
            assert_eq!(left_by(script).0, left, "{script}");
        }
    }

    #[test]
    fn recommended_packages_come_with_apt_unless_it_is_told() {
        for (script, with) in [
            ("apt-get install -y a", true),
            ("apt-get install -y --no-install-recommends a", false),
            ("apt-get -o APT::Install-Recommends=false install a", false),
            ("dnf install a", false),
        ] {
            assert_eq!(left_by(script).1, with, "{script}");
        }
    }
}
