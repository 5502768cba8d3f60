//! Debian's own sshd in an engine's namespaces.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::{Engine, Skip, Suite};

const SETUP: &str = include_str!("set-up-sshd.sh");
const START_DEADLINE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(100);

impl Engine {
    /// Starts sshd on port 22 of the loopback interface in the engine's network namespace, with the settings that
    /// Debian ships. Three may be asked for over it, by root in the engine's root, whose key was made for this run
    /// and who knows the host key of 127.0.0.1 and of no other name:
    ///
    /// - `ops`, who lets that key in and is in the group `docker`;
    /// - `guest`, who lets it in and is in no such group;
    /// - `root`, who does not.
    ///
    /// It ends with the engine.
    ///
    /// # Errors
    /// A [`Skip`] with the reason: nothing is unpacked, the engine is of another suite, or sshd did not come up.
    pub fn start_sshd(&self) -> Result<(), Skip> {
        if self.suite() != Suite::Bookworm {
            return Err(Skip::because("the unpacked sshd is for the root of bookworm"));
        }
        self.lay("sshd")?;
        let made = self.exec_in_root(&["sh", "-c", SETUP]);
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr).into_owned();
            return Err(Skip::because(format!("sshd could not be set up: {}", why.trim())));
        }
        let words = ["/usr/sbin/sshd", "-D", "-e", "-o", "ListenAddress=127.0.0.1"];
        let daemon = self.command(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let daemon = daemon.map_err(|why| Skip::because(format!("sshd cannot be run: {why}")))?;
        self.wait_for_sshd(daemon)
    }

    /// [`Engine::start_sshd`] for a test: announces a skip and gives `false`, except where tests must not be skipped,
    /// where it panics with the reason as [`Engine::start_or_skip`] does.
    pub fn start_sshd_or_skip(&self, test_name: &str) -> bool {
        self.start_sshd().map_err(|skip| skip.announce_or_panic(test_name)).is_ok()
    }

    fn wait_for_sshd(&self, mut daemon: Child) -> Result<(), Skip> {
        let until = Instant::now() + START_DEADLINE;
        while !self
            .exec_in_root(&["ssh-keyscan", "-T", "2", "127.0.0.1"])
            .stdout
            .starts_with(b"127")
        {
            if let Ok(Some(_)) = daemon.try_wait() {
                let said = daemon.wait_with_output().map(|output| output.stderr);
                let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
                return Err(Skip::because(format!("sshd ended: {}", said.trim())));
            }
            if Instant::now() > until {
                return Err(Skip::because("sshd did not answer within 20 s"));
            }
            std::thread::sleep(POLL);
        }
        // Nobody reads what it logs from here on, and it must not wait for that.
        std::thread::spawn(move || daemon.wait_with_output());
        Ok(())
    }
}
