//! What lies on top of an engine's root: packages that only a few tests need.

use std::process::Command;

use crate::suite::prepared_layer;
use crate::{Engine, Skip, Suite};

impl Engine {
    /// Adds the suite's own Compose, where its root comes without: 1.29, a program of its own
    /// (`docker-compose`), to 20.10; 2.26, a plugin of the docker command, to 26.1. That of 28.5 has one (2.40).
    ///
    /// # Errors
    /// A [`Skip`] with the reason: nothing is unpacked, or it could not be laid over the root.
    pub fn add_compose(&self) -> Result<(), Skip> {
        match self.suite() {
            Suite::Sid => Ok(()),
            suite => self.lay(&format!("compose-{suite}")),
        }
    }

    /// [`Engine::add_compose`] for a test: announces a skip and gives `false`, except where tests must not be skipped,
    /// where it panics with the reason as [`Engine::start_or_skip`] does.
    pub fn add_compose_or_skip(&self, test_name: &str) -> bool {
        self.add_compose().map_err(|skip| skip.announce_or_panic(test_name)).is_ok()
    }

    /// Lays unpacked packages over the root, whose `/lib` and `/bin` are links.
    pub(crate) fn lay(&self, name: &str) -> Result<(), Skip> {
        let folder = prepared_layer(name)?;
        let laid = Command::new("sh")
            .args(["-c", r#"tar -C "$1" -c . | tar -C "$2" -x --keep-directory-symlink"#, "sh"])
            .args([&folder, self.root()])
            .status();
        match laid {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => {
                Err(Skip::because(format!("{name} could not be unpacked: tar: {status}")))
            }
            Err(why) => Err(Skip::because(format!("{name} could not be unpacked: {why}"))),
        }
    }
}
