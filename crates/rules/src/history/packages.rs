//! What a package manager was told to do.

use super::Command;

/// What a package manager does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Fetches the index of what there is.
    Refresh,
    /// Installs packages.
    Install,
    /// Brings what is installed up to date.
    Upgrade,
    /// Removes packages.
    Remove,
    /// Anything else.
    Other,
}

/// A call of a package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageCall<'a> {
    /// The manager's name, such as `apt-get`.
    pub manager: &'a str,
    /// What it does.
    pub act: Act,
    /// Packages by name, versions and architectures taken off; a variable stays as it is.
    pub packages: Vec<&'a str>,
    /// The name under which `apk add --virtual` groups them.
    pub group: Option<&'a str>,
}

/// A manager's words.
struct Grammar {
    programs: &'static [&'static str],
    acts: &'static [(Act, &'static [&'static str])],
    /// Options whose value is the next word.
    with_value: &'static [&'static str],
}

const GRAMMARS: &[Grammar] = &[
    Grammar {
        programs: &["apt-get", "apt", "aptitude"],
        acts: &[
            (Act::Refresh, &["update"]),
            (Act::Install, &["install", "build-dep", "reinstall"]),
            (Act::Upgrade, &["upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"]),
            (Act::Remove, &["remove", "purge", "autoremove", "autopurge"]),
        ],
        with_value: &["-o", "--option", "-t", "--target-release", "-c", "--config-file"],
    },
    Grammar {
        programs: &["apk"],
        acts: &[
            (Act::Refresh, &["update"]),
            (Act::Install, &["add"]),
            (Act::Upgrade, &["upgrade"]),
            (Act::Remove, &["del"]),
        ],
        with_value: &["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch"],
    },
    Grammar {
        programs: &["yum", "dnf", "dnf5", "microdnf", "tdnf"],
        acts: &[
            (Act::Refresh, &["makecache", "check-update"]),
            (Act::Install, &["install", "groupinstall", "reinstall", "localinstall", "builddep"]),
            (Act::Upgrade, &["update", "upgrade", "distro-sync", "update-minimal"]),
            (Act::Remove, &["remove", "erase", "autoremove"]),
        ],
        with_value: &["-c", "--enablerepo", "--disablerepo", "--repo", "--installroot", "-x"],
    },
    Grammar {
        programs: &["zypper"],
        acts: &[
            (Act::Refresh, &["refresh", "ref"]),
            (Act::Install, &["install", "in"]),
            (Act::Upgrade, &["update", "up", "dist-upgrade", "dup", "patch"]),
            (Act::Remove, &["remove", "rm"]),
        ],
        with_value: &["-r", "--repo", "--from", "-R", "--root"],
    },
];

/// What `command` tells a package manager to do; none where it is no such call.
#[must_use]
pub fn package_call(command: &Command) -> Option<PackageCall<'_>> {
    let manager = command.program();
    if manager == "pacman" {
        return pacman(command);
    }
    let grammar = GRAMMARS.iter().find(|grammar| grammar.programs.contains(&manager))?;
    let mut words = command.arguments().iter().map(String::as_str);
    let (mut plain, mut group) = (Vec::new(), None);
    while let Some(word) = words.next() {
        if grammar.with_value.contains(&word) {
            let value = words.next();
            group = if matches!(word, "-t" | "--virtual") { value } else { group };
        } else if let Some(value) = word.strip_prefix("--virtual=") {
            group = Some(value);
        } else if !word.starts_with('-') {
            plain.push(word);
        }
    }
    let verb = plain.first().copied().unwrap_or_default();
    let act = grammar.acts.iter().find(|(_, verbs)| verbs.contains(&verb));
    let act = act.map_or(Act::Other, |(act, _)| *act);
    let packages = plain.iter().skip(1).copied().map(name).filter(|n| !n.is_empty()).collect();
    Some(PackageCall { manager, act, packages, group })
}

/// `pacman -Sy`, `-Syu`, `-S NAME`, `-R NAME`.
fn pacman(command: &Command) -> Option<PackageCall<'_>> {
    let words = || command.arguments().iter().map(String::as_str);
    let flags = words().find(|word| word.starts_with('-') && !word.starts_with("--"))?;
    let packages: Vec<&str> = words().filter(|word| !word.starts_with('-')).map(name).collect();
    let act = match flags {
        flags if flags.starts_with("-R") => Act::Remove,
        flags if !flags.starts_with("-S") => Act::Other,
        _ if !packages.is_empty() => Act::Install,
        flags if flags.contains('u') => Act::Upgrade,
        flags if flags.contains('y') => Act::Refresh,
        _ => Act::Other,
    };
    Some(PackageCall { manager: "pacman", act, packages, group: None })
}

/// A package's name without version, architecture or release.
fn name(word: &str) -> &str {
    if word.starts_with(['$', '/', '.']) {
        return word;
    }
    word.split(['=', '<', '>', '~', ':', '/']).next().unwrap_or(word)
}
