//! A machine that systemd runs, with the engine as one of its services.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::engine::PATH;
use crate::{DaemonConfig, Engine, Skip, Suite};

/// Waits until the engine that made the root has ended, steps into its cgroups (who only enters their namespace stays
/// outside), and becomes systemd. With an id it is no machine that boots for the first time, on which systemd would
/// enable what it has, and wait for a network.
const BOOT: &str = "while [ ! -e /run/ended ]; do sleep 0.05; done; mount -t proc proc /proc && \
    mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/lock; \
    for group in /sys/fs/cgroup/*/cgroup.procs; do echo 0 >$group; done; \
    echo 0123456789abcdef0123456789abcdef >/etc/machine-id; \
    exec env -i container=testbed /lib/systemd/systemd";
const START_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// Debian 12 as its own systemd runs it, in namespaces of its own: PID 1 is systemd, and engine 20.10 is its
/// `docker.service`, with `docker.socket`. Dropping it ends all of it.
#[derive(Debug)]
pub struct Machine {
    pid: u32,
    child: Child,
    /// Whose root, network and cgroups it has. Its own daemon has ended.
    world: Engine,
}

impl Machine {
    /// Boots it, and waits, at most 60 s, until its engine answers.
    ///
    /// # Errors
    /// A [`Skip`] with the reason: as for [`Engine::start`], or systemd is not unpacked or does not come up.
    pub fn boot() -> Result<Self, Skip> {
        let world = Engine::start(Suite::Bookworm, &DaemonConfig::default())?;
        world.lay("systemd")?;
        let words =
            ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", "private"];
        let mut command = world.command(&[&words[..], &["sh", "-c", BOOT]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|why| Skip::because(format!("no systemd: {why}")))?;
        let mut machine = Self { pid: 0, child, world };
        machine.world.stop();
        machine.wait_until_up()?;
        Ok(machine)
    }

    /// [`Machine::boot`] for a test: announces a skip and gives `None`, except where tests must not be skipped, where
    /// it panics with the reason as [`Engine::start_or_skip`] does.
    pub fn boot_or_skip(test_name: &str) -> Option<Self> {
        Self::boot().map_err(|skip| skip.announce_or_panic(test_name)).ok()
    }

    /// Runs a command in there to its end, at most 180 s.
    ///
    /// # Panics
    /// When `nsenter` cannot be run at all.
    pub fn exec(&self, words: &[&str]) -> Output {
        let target = self.pid.to_string();
        let mut command = Command::new("timeout");
        command.args([
            "180", "nsenter", "--target", &target, "--mount", "--net", "--pid", "--cgroup", "--",
        ]);
        command.args(words).env_clear().envs([("PATH", PATH), ("HOME", "/root"), ("LC_ALL", "C")]);
        let output = command.stdin(Stdio::null()).output();
        output.unwrap_or_else(|why| panic!("cannot run nsenter for {words:?}: {why}"))
    }

    /// Its root folder as the host sees it.
    pub fn root(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.pid))
    }

    /// Copies a program to its `/usr/local/bin`.
    ///
    /// # Panics
    /// When it can't be copied.
    pub fn install(&self, program: &Path, name: &str) {
        let inside = self.root().join("usr/local/bin").join(name);
        fs::copy(program, &inside).unwrap_or_else(|why| panic!("{}: {why}", inside.display()));
    }

    fn wait_until_up(&mut self) -> Result<(), Skip> {
        let until = Instant::now() + START_DEADLINE;
        loop {
            if let Some(pid) = descendant(self.child.id(), "systemd") {
                self.pid = pid;
                if self.exec(&["docker", "version"]).status.success() {
                    return Ok(());
                }
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Skip::because(format!("systemd ended: {status}")));
            }
            if Instant::now() > until {
                return Err(Skip::because("no engine under systemd within 60 s"));
            }
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Everything in its process namespace ends with its first process.
        let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.pid != 0) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process of that name below another, at most four levels down.
fn descendant(pid: u32, name: &str) -> Option<u32> {
    let mut level = vec![pid];
    for _ in 0..4 {
        level = level.iter().flat_map(|pid| children(*pid)).collect();
        let is_it = |pid: &&u32| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == name)
        };
        if let Some(found) = level.iter().find(is_it) {
            return Some(*found);
        }
    }
    None
}

fn children(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
