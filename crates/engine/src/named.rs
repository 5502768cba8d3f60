//! What names the engine that is meant, and in which order it is asked.

use std::env;
use std::path::{Path, PathBuf};

use crate::context::{self, Settings};
use crate::endpoint::Endpoint;
use crate::error::{Error, plain};
use crate::tls::Tls;

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
    /// The directory of the docker command's settings: `DOCKER_CONFIG`, or `~/.docker`.
    pub config_dir: Option<PathBuf>,
    /// How TCP ports are secured that no context names: `DOCKER_TLS_VERIFY` or `DOCKER_TLS`, with
    /// the files in `DOCKER_CERT_PATH` or in the settings.
    pub tls: Option<Tls>,
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
        let config_dir =
            directory("DOCKER_CONFIG").or_else(|| Some(directory("HOME")?.join(".docker")));
        Self {
            host,
            context: None,
            docker_host: variable("DOCKER_HOST"),
            docker_context: variable("DOCKER_CONTEXT"),
            tls: tls(
                is_set("DOCKER_TLS"),
                is_set("DOCKER_TLS_VERIFY"),
                directory("DOCKER_CERT_PATH").or_else(|| config_dir.clone()),
            ),
            config_dir,
            runtime_dir: env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// The engines to ask, named in the order of the docker command (docker/cli,
    /// `cli/command/cli.go`): `--host`, `--context`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the context
    /// that `docker context use` chose. Only without any, or with the context `default`, all that
    /// are found on this host: there the docker command would ask one.
    ///
    /// # Errors
    /// An address that is malformed, or of a kind that is not supported; a context that is not
    /// there; settings that cannot be read.
    pub fn wanted(&self) -> Result<Wanted, Error> {
        let option = filled(self.context.as_deref());
        if let Some(address) = filled(self.host.as_deref()) {
            return self.at(address);
        }
        if let Some(name) = option.filter(|name| *name != context::DEFAULT) {
            return self.in_context(name);
        }
        if let Some(address) = filled(self.docker_host.as_deref()) {
            return self.at(address);
        }
        match option.or(filled(self.docker_context.as_deref())) {
            Some(name) => self.in_context(name),
            None => match self.settings().map(Settings::current).transpose()?.flatten() {
                Some(name) if !name.is_empty() => self.in_context(&name),
                _ => Ok(Wanted::Local),
            },
        }
    }

    fn at(&self, address: &str) -> Result<Wanted, Error> {
        Ok(Wanted::Named(Endpoint::parse(address, self.tls.as_ref())?))
    }

    fn in_context(&self, name: &str) -> Result<Wanted, Error> {
        if name == context::DEFAULT {
            return Ok(Wanted::Local);
        }
        let none = || Error::NoContext { name: plain(name, 100), known: Vec::new() };
        let endpoint = self.settings().ok_or_else(none)?.endpoint(name)?;
        Ok(Wanted::Named(endpoint))
    }

    fn settings(&self) -> Option<Settings<'_>> {
        self.config_dir.as_deref().map(Settings)
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
}

fn socket(path: impl Into<PathBuf>, product: Product, uid: Option<u32>) -> LocalSocket {
    LocalSocket { path: path.into(), product, uid }
}

fn uid_of(dir: &Path) -> Option<u32> {
    dir.strip_prefix("/run/user").ok()?.to_str()?.parse().ok()
}

/// TLS where either variable asks for it. With verifying, the authority's file must be there, as
/// the docker command has it.
fn tls(on: bool, verify: bool, dir: Option<PathBuf>) -> Option<Tls> {
    if !on && !verify {
        return None;
    }
    let dir = dir.unwrap_or_default();
    let mut tls = Tls::in_dir(&dir, verify);
    if verify {
        tls.ca = Some(dir.join("ca.pem"));
    }
    Some(tls)
}

fn directory(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
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
    use std::fs;

    use super::*;
    use crate::Way;

    /// The one that is named, or the sockets at which Docker's usually listen.
    fn shown(named: &Named) -> Vec<String> {
        match named.wanted().unwrap() {
            Wanted::Named(endpoint) => vec![endpoint.to_string()],
            Wanted::Local => {
                let all = named.local_sockets(&[]).into_iter();
                let docker = all.filter(|one| one.product == Product::Docker);
                docker.map(|one| Endpoint::Unix(one.path).to_string()).collect()
            }
        }
    }

    fn way(named: &Named) -> Way {
        let Wanted::Named(endpoint) = named.wanted().unwrap() else { panic!("none is named") };
        endpoint.way()
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

    /// Settings in which the context `prod` is chosen.
    fn with_settings() -> (tempfile::TempDir, Named) {
        let dir = tempfile::tempdir().unwrap();
        // The SHA-256 of `prod`.
        let id = "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77";
        let meta = dir.path().join("contexts/meta").join(id);
        fs::create_dir_all(&meta).unwrap();
        let json = r#"{"Name":"prod","Endpoints":{"docker":{"Host":"tcp://db-1:2375"}}}"#;
        fs::write(meta.join("meta.json"), json).unwrap();
        fs::write(dir.path().join("config.json"), r#"{"currentContext":"prod"}"#).unwrap();
        let named = Named { config_dir: Some(dir.path().into()), ..Named::default() };
        (dir, named)
    }

    #[test]
    fn the_chosen_context_counts_least_and_the_option_for_one_before_the_variables() {
        let (_dir, mut named) = with_settings();
        assert_eq!(shown(&named), ["tcp://db-1:2375"]);
        named.docker_context = Some("default".into());
        assert_eq!(named.wanted().unwrap(), Wanted::Local);
        named.docker_context = Some("other".into());
        assert!(matches!(named.wanted(), Err(Error::NoContext { known, .. }) if known == ["prod"]));
        named.docker_host = Some("/a.sock".into());
        assert_eq!(shown(&named), ["unix:///a.sock"]);
        named.context = Some("default".into());
        assert_eq!(shown(&named), ["unix:///a.sock"]);
        named.context = Some("prod".into());
        assert_eq!(shown(&named), ["tcp://db-1:2375"]);
    }

    #[test]
    fn a_context_without_any_settings_is_an_error() {
        let named = Named { context: Some("prod".into()), ..Named::default() };
        assert!(matches!(named.wanted(), Err(Error::NoContext { .. })));
    }

    #[test]
    fn tls_is_asked_for_by_either_variable_and_a_context_does_without_them() {
        let (dir, named) = with_settings();
        let path = || Some(dir.path().to_owned());
        assert_eq!(tls(false, false, path()), None);
        let unverified = tls(true, false, path()).unwrap();
        assert_eq!((unverified.ca, unverified.verify), (None, false));
        fs::write(dir.path().join("key.pem"), "").unwrap();
        let verified = tls(false, true, path()).unwrap();
        assert_eq!(verified.ca, Some(dir.path().join("ca.pem")));
        assert_eq!(verified.key, Some(dir.path().join("key.pem")));
        assert_eq!((verified.cert.clone(), verified.verify), (None, true));
        let mut named = Named { tls: Some(verified), ..named };
        assert_eq!(way(&named), Way::Plain);
        named.host = Some("tcp://db-2".into());
        assert_eq!(way(&named), Way::Verified);
        assert_eq!(shown(&named), ["tcp://db-2:2376"]);
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
