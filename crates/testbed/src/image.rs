//! Images for tests, made of the root's static busybox without a network.

use crate::Engine;

const SCRIPT: &str = include_str!("make-image.sh");
const BUILD: &str = include_str!("build-image.sh");

impl Engine {
    /// Imports busybox as an image (`NAME:latest`): its applets in `/bin`, the users root and `app` (1000), and a
    /// busybox named `/usr/sbin/sshd`. It runs as root, and `sleep 3600` unless told otherwise.
    ///
    /// # Panics
    /// When the import fails, with the engine's complaint.
    pub fn import_busybox(&self, name: &str) {
        self.import_busybox_with(name, &[]);
    }

    /// [`Engine::import_busybox`] with more Dockerfile instructions, for instance `USER app` or `EXPOSE 22`.
    ///
    /// # Panics
    /// When the import fails, with the engine's complaint.
    pub fn import_busybox_with(&self, name: &str, changes: &[&str]) {
        let words = ["import", name, "ENV PATH=/bin:/usr/sbin", r#"CMD ["sleep","3600"]"#];
        self.make_image(&[&words[..], changes].concat());
    }

    /// Loads busybox as an image (`NAME:latest`) that says it was made at `created` (RFC 3339), with an image
    /// configuration in JSON (the `config` object: `User`, `Cmd`, `Labels` ...).
    ///
    /// # Panics
    /// When the load fails, with the engine's complaint.
    pub fn load_busybox(&self, name: &str, created: &str, config: &str) {
        self.make_image(&["load", name, created, config]);
    }

    /// Builds an image (`NAME:latest`) with the engine's own builder, the classic one of 20.10 or BuildKit, from a
    /// Dockerfile; beside it lie `app.conf` and `app.tar`, which holds `app.txt`. There is no network.
    ///
    /// # Panics
    /// When the build fails, with the builder's complaint.
    pub fn build_image(&self, name: &str, dockerfile: &str) {
        let words = ["sh", "-c", BUILD, "build-image", name, dockerfile];
        let output = self.exec_in_root(&words);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: building {name}: {complaint}", self.suite());
    }

    fn make_image(&self, words: &[&str]) {
        let output = self.exec_in_root(&[&["sh", "-c", SCRIPT, "make-image"], words].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: image {words:?}: {complaint}", self.suite());
    }
}
