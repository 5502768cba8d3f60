//! What names the engine that is meant, and in which order it is asked.

use std::env;
use std::path::{Path, PathBuf};

use crate::endpoint::Endpoint;
use crate::error::Error;

/// What names an engine: the options, and the variables of the docker command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The `--host` option.
    pub host: Option<String>,
    /// The `--context` option.
    pub context: Option<String>,
    /// The variable `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// The variable `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// The variable `XDG_RUNTIME_DIR`, where a rootless engine listens.
    pub runtime_dir: Option<PathBuf>,
}

/// Which engines are to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one that the user named, and no other.
    Named(Endpoint),
    /// Nobody named one: whichever listen at the sockets of [`Named::local_sockets`].
    Local,
}

/// Whose engine a local socket usually is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Docker's, or what stands in for it.
    Docker,
    /// Podman's service.
    Podman,
}

/// A socket at which an engine of this host usually listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalSocket {
    /// Where. Two of them may be the same socket, through a symlink or a bind mount.
    pub path: PathBuf,
    /// Whose engine is expected there. What answers may be another.
    pub product: Product,
    /// The user in whose runtime directory it lies, by that directory's name; none for those of
    /// the system. It belongs to that user, and proves nothing about root's engine.
    pub uid: Option<u32>,
}

impl Named {
    /// The `--host` option, and the variables of this process.
    pub fn from_env(host: Option<String>) -> Self {
        Self {
            host,
            context: None,
            docker_host: variable("DOCKER_HOST"),
            docker_context: variable("DOCKER_CONTEXT"),
            runtime_dir: env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// The engines to ask: the one of `--host` or `DOCKER_HOST`, and only without either all that
    /// are found on this host.
    ///
    /// # Errors
    /// An address that is malformed, or of a kind that is not supported.
    pub fn wanted(&self) -> Result<Wanted, Error> {
        let named = [&self.host, &self.docker_host];
        if let Some(address) = named.into_iter().find_map(|one| filled(one.as_deref())) {
            return Ok(Wanted::Named(Endpoint::parse(address, None)?));
        }
        match [&self.context, &self.docker_context].into_iter().find_map(|c| filled(c.as_deref())) {
            None | Some("default") => Ok(Wanted::Local),
            Some(_) => Err(Error::Unsupported { kind: "a Docker context".to_owned() }),
        }
    }

    /// The sockets at which engines of this host usually listen, the system's first. `run_user`
    /// are the names of the directories below `/run/user` that are numbers.
    #[must_use]
    pub fn local_sockets(&self, run_user: &[u32]) -> Vec<LocalSocket> {
        let own = self.runtime_dir.as_deref().filter(|dir| dir.is_absolute());
        let mut rootless: Vec<_> =
            own.map(|dir| (dir.to_owned(), uid_of(dir))).into_iter().collect();
        for &uid in run_user {
            let dir = PathBuf::from(format!("/run/user/{uid}"));
            if !rootless.iter().any(|(known, _)| *known == dir) {
                rootless.push((dir, Some(uid)));
            }
        }
        let docker = ["/var/run/docker.sock", "/run/docker.sock"];
        let mut all: Vec<_> = docker.map(|path| socket(path, Product::Docker, None)).into();
        all.push(socket("/run/podman/podman.sock", Product::Podman, None));
        for (dir, uid) in rootless {
            all.push(socket(dir.join("docker.sock"), Product::Docker, uid));
            all.push(socket(dir.join("podman/podman.sock"), Product::Podman, uid));
        }
        all
    }

    /// The places to look at for the first engine that answers: what [`Named::wanted`] names, or
    /// Docker's own sockets.
    ///
    /// # Errors
    /// As [`Named::wanted`].
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        Ok(match self.wanted()? {
            Wanted::Named(endpoint) => vec![endpoint],
            Wanted::Local => {
                let all = self.local_sockets(&[]).into_iter();
                let docker = all.filter(|one| one.product == Product::Docker);
                docker.map(|one| Endpoint::Unix(one.path)).collect()
            }
        })
    }
}

fn socket(path: impl Into<PathBuf>, product: Product, uid: Option<u32>) -> LocalSocket {
    LocalSocket { path: path.into(), product, uid }
}

fn uid_of(dir: &Path) -> Option<u32> {
    dir.strip_prefix("/run/user").ok()?.to_str()?.parse().ok()
}

/// A value that is no UTF-8 is wrong, but it is not nothing.
fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(named: &Named) -> Vec<String> {
        named.endpoints().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_host_option_comes_before_the_variable_and_both_before_the_usual_places() {
        let mut named = Named {
            host: Some("unix:///a.sock".into()),
            docker_host: Some("unix:///b.sock".into()),
            docker_context: Some("far".into()),
            runtime_dir: Some("/run/user/7".into()),
            ..Named::default()
        };
        assert_eq!(shown(&named), ["unix:///a.sock"]);
        named.host = None;
        assert_eq!(shown(&named), ["unix:///b.sock"]);
        named.docker_host = Some(String::new());
        named.docker_context = Some("default".into());
        assert_eq!(named.wanted().unwrap(), Wanted::Local);
        assert_eq!(
            shown(&named),
            [
                "unix:///var/run/docker.sock",
                "unix:///run/docker.sock",
                "unix:///run/user/7/docker.sock"
            ]
        );
    }

    #[test]
    fn the_local_sockets_are_the_systems_and_those_of_every_user_each_once() {
        let named = Named { runtime_dir: Some("/run/user/7".into()), ..Named::default() };
        let all = named.local_sockets(&[0, 7, 1000]);
        let shown: Vec<_> = all.iter().map(|one| (one.path.to_str().unwrap(), one.uid)).collect();
        assert_eq!(
            shown,
            [
                ("/var/run/docker.sock", None),
                ("/run/docker.sock", None),
                ("/run/podman/podman.sock", None),
                ("/run/user/7/docker.sock", Some(7)),
                ("/run/user/7/podman/podman.sock", Some(7)),
                ("/run/user/0/docker.sock", Some(0)),
                ("/run/user/0/podman/podman.sock", Some(0)),
                ("/run/user/1000/docker.sock", Some(1000)),
                ("/run/user/1000/podman/podman.sock", Some(1000)),
            ]
        );
        assert_eq!(all[4].product, Product::Podman);
    }

    #[test]
    fn a_relative_runtime_directory_is_not_looked_at() {
        let named = Named { runtime_dir: Some("tmp".into()), ..Named::default() };
        assert_eq!(named.local_sockets(&[]).len(), 3);
    }
}
