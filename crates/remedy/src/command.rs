//! The commands that a plan may hold: these, and no other.

use serde::{Deserialize, Serialize};

/// A unit of systemd that is started and stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// The guard.
    #[serde(rename = "dockward-guard.service")]
    Guard,
    /// The socket that clients use.
    #[serde(rename = "dockward-guard.socket")]
    GuardSocket,
    /// The engine.
    #[serde(rename = "docker.service")]
    Engine,
    /// The engine's own socket.
    #[serde(rename = "docker.socket")]
    EngineSocket,
}

impl Unit {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guard => "dockward-guard.service",
            Self::GuardSocket => "dockward-guard.socket",
            Self::Engine => "docker.service",
            Self::EngineSocket => "docker.socket",
        }
    }
}

/// A command. Each may be run again, and does no harm where it has nothing to do, so that what was
/// begun and not ended can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Makes a group of the system.
    AddGroup(String),
    /// Removes a group.
    RemoveGroup(String),
    /// Makes a user of the system in the group of the same name, without a home and a shell.
    AddUser(String),
    /// Removes a user.
    RemoveUser(String),
    /// Makes the folders that this file of tmpfiles.d(5) lists.
    MakeFolders(String),
    /// Has systemd read its units again.
    Reload,
    /// Has units start with the machine.
    Enable(Vec<Unit>),
    /// Has them no longer start with the machine.
    Disable(Vec<Unit>),
    /// Starts units, each in the order that they ask for; what runs goes on.
    Start(Vec<Unit>),
    /// Stops units.
    Stop(Vec<Unit>),
}

impl Command {
    /// The program and its arguments.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        let with = |words: &[&'static str], units: &[Unit]| -> Vec<&str> {
            words.iter().copied().chain(units.iter().map(|unit| unit.name())).collect()
        };
        match self {
            Self::AddGroup(name) => vec!["groupadd", "--system", name],
            Self::RemoveGroup(name) => vec!["groupdel", name],
            Self::AddUser(name) => vec![
                "useradd",
                "--system",
                "--gid",
                name,
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                name,
            ],
            Self::RemoveUser(name) => vec!["userdel", name],
            Self::MakeFolders(file) => vec!["systemd-tmpfiles", "--create", file],
            Self::Reload => vec!["systemctl", "daemon-reload"],
            Self::Enable(units) => with(&["systemctl", "enable"], units),
            Self::Disable(units) => with(&["systemctl", "disable"], units),
            Self::Start(units) => with(&["systemctl", "start"], units),
            Self::Stop(units) => with(&["systemctl", "stop"], units),
        }
    }

    /// Whether it ended well: an end that says that there was nothing to do counts as that
    /// (groupdel(8) and userdel(8): 6 there is none). Of units that are gone systemctl(1) says so in
    /// words: its exit code is that of the first failure, behind which there may be others.
    #[must_use]
    pub fn is_well(&self, code: i32, said: &str) -> bool {
        match self {
            Self::RemoveGroup(_) | Self::RemoveUser(_) => matches!(code, 0 | 6),
            Self::Stop(_) if code == 5 => each_line_ends(said, " not loaded."),
            Self::Disable(_) if code == 1 => each_line_ends(said, " does not exist."),
            _ => code == 0,
        }
    }
}

fn each_line_ends(said: &str, end: &str) -> bool {
    let said = said.trim();
    !said.is_empty() && said.lines().all(|line| line.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_as_people_would() {
        let command = Command::Stop(vec![Unit::EngineSocket, Unit::Engine]);
        assert_eq!(command.words().join(" "), "systemctl stop docker.socket docker.service");
        assert_eq!(Command::Reload.words().join(" "), "systemctl daemon-reload");
    }

    #[test]
    fn nobody_to_remove_is_well_and_somebody_to_make_is_not() {
        assert!(Command::RemoveUser("x".into()).is_well(6, ""));
        assert!(!Command::AddUser("x".into()).is_well(9, ""));
    }

    #[test]
    fn units_that_are_gone_need_not_be_stopped_and_whatever_else_fails_behind_them_is_told() {
        let stop = Command::Stop(vec![Unit::GuardSocket, Unit::Engine]);
        // systemd 252.
        let gone = "Failed to stop dockward-guard.socket: Unit dockward-guard.socket not loaded.\n";
        assert!(stop.is_well(5, gone) && !Command::Start(vec![]).is_well(5, gone));
        assert!(!stop.is_well(5, &format!("{gone}Job for docker.service canceled.\n")));
        assert!(!stop.is_well(5, ""));
    }

    #[test]
    fn units_that_are_not_there_need_not_be_disabled() {
        let disable = Command::Disable(vec![Unit::GuardSocket]);
        // systemd 252.
        let missing = "Failed to disable unit: Unit file dockward-guard.socket does not exist.\n";
        assert!(disable.is_well(1, missing));
        assert!(!disable.is_well(1, "Failed to disable unit: Access denied\n"));
        assert!(!disable.is_well(1, &format!("{missing}Access denied")) && !disable.is_well(1, ""));
    }
}
