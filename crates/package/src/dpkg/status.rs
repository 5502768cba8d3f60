//! The three words of `Status` (dpkg(1), "Package states" and "Package selection states"; dpkg's
//! `lib/dpkg/parsehelp.c` for those of old versions).

use dockward_model::inventory::InstallState;

use super::paragraph::NotUtf8;

const WANTS: [&str; 5] = ["unknown", "install", "hold", "deinstall", "purge"];
const FLAGS: [&str; 4] = ["ok", "reinstreq", "hold", "hold-reinstreq"];

/// Whether a status says that something of the package is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Installed {
    /// `not-installed`.
    No,
    /// So far.
    Yes(InstallState),
    /// It is none that dpkg writes; what it is.
    Odd(String),
}

/// What `Status` says; nothing at all in files that no dpkg wrote, which hold what is installed.
pub(super) fn installed(status: Option<Result<String, NotUtf8>>) -> Installed {
    let status = match status {
        None => return Installed::Yes(InstallState::Installed),
        Some(Err(NotUtf8)) => return Installed::Odd("that is not UTF-8".to_owned()),
        Some(Ok(status)) => status,
    };
    let words = status.to_ascii_lowercase();
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    let [want, flag, state] = *words else { return Installed::Odd(format!("{status:?}")) };
    if !WANTS.contains(&want) || !FLAGS.contains(&flag) {
        return Installed::Odd(format!("{status:?}"));
    }
    match state {
        "not-installed" => Installed::No,
        "config-files" => Installed::Yes(InstallState::Removed),
        "installed" => Installed::Yes(InstallState::Installed),
        "half-installed" | "unpacked" | "half-configured" | "triggers-awaited"
        | "triggers-pending" | "postinst-failed" | "removal-failed" => {
            Installed::Yes(InstallState::Incomplete)
        }
        _ => Installed::Odd(format!("{status:?}")),
    }
}
