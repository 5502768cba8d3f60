//! Commands of a build that take what they are given unseen.

use dockward_rules::history::{Added, Command, Source};

/// Words that turn a package manager's verification off, wherever they stand.
const SWITCHES: &[&str] = &[
    "--allow-unauthenticated",
    "--allow-insecure-repositories",
    "--force-yes",
    "--allow-untrusted",
    "--nogpgcheck",
    "--no-gpgcheck",
    "--no-gpg-check",
    "--no-gpg-checks",
    "--nosignature",
    "--trusted-host",
];

/// Settings that do, as they are written into files and behind options.
const SETTINGS: &[&str] = &[
    "trusted=yes",
    "gpgcheck=0",
    "gpgcheck=no",
    "gpgcheck=false",
    "allowunauthenticated=true",
    "allowunauthenticated=1",
    "allowinsecurerepositories=true",
    "allowinsecurerepositories=1",
    "siglevel=never",
];

/// Settings that accept any certificate.
const ANY_CERTIFICATE: &[&str] = &[
    "sslverify=false",
    "sslverify=0",
    "strict-ssl=false",
    "verify-peer=false",
    "--no-check-certificate",
    "--insecure",
];

/// How a command turns verification off, as the end of a sentence that begins with the build.
pub(crate) fn switched_off(command: &Command) -> Option<&'static str> {
    for word in command.arguments() {
        let bare = word.split('=').next().unwrap_or(word);
        let lower = word.to_ascii_lowercase().replace(' ', "");
        if SWITCHES.contains(&bare) || SETTINGS.iter().any(|setting| lower.contains(setting)) {
            return Some("installs packages without a signature that is checked");
        }
        let is_k = command.program() == "curl" && is_flag(word, 'k');
        if is_k || ANY_CERTIFICATE.iter().any(|setting| lower.contains(setting)) {
            return Some("downloads without looking at the server's certificate");
        }
    }
    let off = command.has("strict-ssl") && command.has("false");
    off.then_some("downloads without looking at the server's certificate")
}

/// `-k`, or `-fsSLk`.
fn is_flag(word: &str, flag: char) -> bool {
    let flags = word.strip_prefix('-').unwrap_or_default();
    flags.len() <= 6 && flags.bytes().all(|b| b.is_ascii_alphabetic()) && flags.contains(flag)
}

/// Whether something fetched is run as it comes: `curl … | sh`, `sh -c "$(curl …)"`,
/// `bash <(curl …)`.
pub(crate) fn run_unread(commands: &[Command]) -> Option<&'static str> {
    let mut fetched = false;
    for command in commands {
        fetched = (fetched && command.reads_pipe) || is_fetch(command);
        let runs_input = fetched && command.reads_pipe && is_interpreter(command);
        let takes_words = command.arguments().iter().any(|word| word.contains("()"));
        let evaluates =
            is_interpreter(command) || matches!(command.program(), "eval" | "." | "source");
        let runs_words = evaluates && takes_words && command.inner.iter().any(is_fetch);
        if runs_input || runs_words {
            return Some("runs a script as it comes from the network");
        }
        if let Some(how) = run_unread(&command.inner) {
            return Some(how);
        }
    }
    None
}

/// Whether something is fetched and nothing in the same step compares it with a digest or a
/// signature.
pub(crate) fn fetched_unchecked(commands: &[Command]) -> bool {
    let all = || commands.iter().flat_map(Command::all);
    let fetches = |command: &Command| {
        is_fetch(command) && command.arguments().iter().any(|word| is_address(word))
    };
    all().any(fetches) && !all().any(checks)
}

/// Whether an `ADD` fetched something without a digest.
pub(crate) fn added_unchecked(added: &Added<'_>) -> bool {
    !added.checked && added.sources.iter().any(|source| matches!(source, Source::Remote(_)))
}

fn is_fetch(command: &Command) -> bool {
    matches!(command.program(), "curl" | "wget" | "aria2c" | "fetch")
}

/// An address, or a variable that may hold one; the host itself is none.
fn is_address(word: &str) -> bool {
    let remote = word.contains("://") || word.starts_with('$');
    remote && !word.contains("://localhost") && !word.contains("://127.")
}

fn is_interpreter(command: &Command) -> bool {
    let program = command.program();
    let name = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    command.is_shell() || matches!(name, "python" | "perl" | "ruby" | "node" | "php")
}

/// Programs that compare with a digest or a signature, or take in a key that others do so by.
fn checks(command: &Command) -> bool {
    matches!(
        command.program(),
        "sha256sum"
            | "sha384sum"
            | "sha512sum"
            | "sha1sum"
            | "shasum"
            | "b2sum"
            | "b3sum"
            | "gpg"
            | "gpgv"
            | "gpg2"
            | "minisign"
            | "signify"
            | "cosign"
            | "notation"
            | "openssl"
            | "apt-key"
            | "slsa-verifier"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_rules::history::{Instruction, instruction};

    fn commands(script: &str) -> Vec<Command> {
        match instruction(&format!("RUN /bin/sh -c {script}")) {
            Instruction::Run(Ok(commands)) => commands,
            other => panic!("no commands in {script}: {other:?}"),
        }
    }

    #[test]
    fn every_way_to_turn_verification_off_is_known() {
        for script in [
            "apt-get install -y --allow-unauthenticated x",
            "apt-get --force-yes install x",
            "apt-get -o APT::Get::AllowUnauthenticated=true install x",
            "apk add --allow-untrusted x.apk",
            "yum install -y --nogpgcheck x",
            "dnf --setopt=gpgcheck=0 install x",
            "zypper --no-gpg-checks in x",
            "rpm -i --nosignature x.rpm",
            "echo 'deb [trusted=yes] http://r.example/ ./' > /etc/apt/sources.list.d/x.list",
            "printf '[x]\\ngpgcheck=0\\n' > /etc/yum.repos.d/x.repo",
            "pip install --trusted-host pypi.example x",
            "pip install --trusted-host=pypi.example x",
            "npm config set strict-ssl false",
            "git -c http.sslVerify=false clone https://r.example/x",
            "curl -fsSLk https://r.example/x -o x",
            "wget --no-check-certificate https://r.example/x",
        ] {
            assert!(commands(script).iter().any(|c| switched_off(c).is_some()), "{script}");
        }
        for script in
            ["apt-get install -y x", "curl -fsSL https://r.example/keys", "echo gpgcheck=1"]
        {
            assert!(commands(script).iter().all(|c| switched_off(c).is_none()), "{script}");
        }
    }

    #[test]
    fn a_script_that_is_run_as_it_comes_is_known() {
        for script in [
            "curl -sSf https://r.example/x | sh",
            "wget -qO- https://r.example/x | tee x | sudo -E bash -",
            "sh -c \"$(curl -fsSL https://r.example/x)\"",
            "bash <(curl -s https://r.example/x)",
            "eval \"$(curl -s https://r.example/x)\"",
            "curl https://r.example/get-pip.py | python3.11 -",
            "if true; then (curl https://r.example/x | sh); fi",
        ] {
            assert!(run_unread(&commands(script)).is_some(), "{script}");
        }
        for script in [
            "curl -o x https://r.example/x && sh y",
            "sh -c 'curl -o x https://r.example/x'",
            "curl https://r.example/x | tar xz; id | sh",
            "V=$(curl -s https://r.example/version) && echo $V",
        ] {
            assert!(run_unread(&commands(script)).is_none(), "{script}");
        }
    }

    #[test]
    fn a_check_in_the_same_step_is_seen() {
        assert!(fetched_unchecked(&commands("curl -LO https://r.example/x")));
        assert!(fetched_unchecked(&commands("wget $URL")));
        for script in [
            "curl -LO https://r.example/x; echo 00 x | sha256sum -c",
            "curl https://r.example/k | gpg --dearmor > /k",
            "curl --version",
            "curl -f http://localhost:8080/health",
        ] {
            assert!(!fetched_unchecked(&commands(script)), "{script}");
        }
    }
}
