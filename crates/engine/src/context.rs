//! Contexts: the engines that the docker command knows by name.
//!
//! They lie below the directory of its settings as the docker command puts them: what a context
//! says in `contexts/meta/ID/meta.json`, its TLS files in `contexts/tls/ID/docker/`, where the ID
//! is the SHA-256 of its name (docker/cli, `cli/context/store`).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::file;
use crate::tls::Tls;

/// The name of what is there without any context.
pub(crate) const DEFAULT: &str = "default";
/// Bytes of `config.json`, which may hold credentials for many registries.
const CONFIG_LIMIT: usize = 4 * 1024 * 1024;
/// Bytes of what one context says.
const META_LIMIT: usize = 256 * 1024;
/// How many contexts are named where the one that was meant is not there.
const MOST_NAMES: usize = 32;

/// The directory of the docker command's settings: `DOCKER_CONFIG`, or `~/.docker`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings<'a>(pub(crate) &'a Path);

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext", default)]
    current_context: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "Name", default)]
    name: String,
    #[serde(rename = "Endpoints", default)]
    endpoints: Endpoints,
}

#[derive(Deserialize, Default)]
struct Endpoints {
    docker: Option<Docker>,
}

#[derive(Deserialize)]
struct Docker {
    #[serde(rename = "Host", default)]
    host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    skip_tls_verify: bool,
}

impl Settings<'_> {
    /// The context that `docker context use` chose. Settings that are not there, or are another
    /// user's, choose none.
    pub(crate) fn current(self) -> Result<Option<String>, Error> {
        let path = self.0.join("config.json");
        match file::read(&path, CONFIG_LIMIT) {
            Err(error) if is_none_of_ours(&error) => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
            Ok(bytes) => Ok(parse::<Config>(&path, &bytes)?.current_context),
        }
    }

    /// The engine of a context.
    pub(crate) fn endpoint(self, name: &str) -> Result<Endpoint, Error> {
        if !is_name(name) {
            return Err(Error::BadContext { name: crate::error::plain(name, 100) });
        }
        let path = self.meta_dir().join(id(name)).join("meta.json");
        let bytes = match file::read(&path, META_LIMIT) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::NoContext { name: name.to_owned(), known: self.names() });
            }
            read => read.map_err(|error| unreadable(&path, &error))?,
        };
        let docker = parse::<Meta>(&path, &bytes)?.endpoints.docker.ok_or_else(|| {
            let why = "it names no engine".to_owned();
            Error::Unreadable { path: path.clone(), why }
        })?;
        let host = if docker.host.is_empty() { "unix://" } else { &docker.host };
        Endpoint::parse(host, self.tls(name, docker.skip_tls_verify).as_ref())
    }

    /// The files of a context: those that are there, and TLS at all only with any of them or
    /// where verifying is turned off.
    fn tls(self, name: &str, skip_verify: bool) -> Option<Tls> {
        let dir = self.0.join("contexts/tls").join(id(name)).join("docker");
        let tls = Tls::in_dir(&dir, !skip_verify);
        (skip_verify || !is_missing(&dir)).then_some(tls)
    }

    /// The names of the contexts that are there, sorted.
    fn names(self) -> Vec<String> {
        let dirs = fs::read_dir(self.meta_dir()).into_iter().flatten().flatten();
        let metas = dirs.take(4 * MOST_NAMES).map(|dir| dir.path().join("meta.json"));
        let read = |path: PathBuf| -> Option<String> {
            let bytes = file::read(&path, META_LIMIT).ok()?;
            Some(parse::<Meta>(&path, &bytes).ok()?.name)
        };
        let mut names: Vec<_> = metas.filter_map(read).filter(|name| is_name(name)).collect();
        names.sort();
        names.truncate(MOST_NAMES);
        names
    }

    fn meta_dir(self) -> PathBuf {
        self.0.join("contexts/meta")
    }
}

/// `^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$`, as `docker context create` takes it.
fn is_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    first && (2..=255).contains(&name.len()) && name.bytes().all(word)
}

/// SHA-256 of the name, in hexadecimal digits.
fn id(name: &str) -> String {
    let digest = digest(&SHA256, name.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse<T: DeserializeOwned>(path: &Path, json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| {
        // Only the place: the rest may repeat a credential.
        let why = format!("line {} is not the JSON that Docker writes", error.line());
        Error::Unreadable { path: path.to_owned(), why }
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), why: error.to_string() }
}

fn is_none_of_ours(error: &io::Error) -> bool {
    use ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
}

/// Whether nothing is there. What may not be looked at may be there.
pub(crate) fn is_missing(path: &Path) -> bool {
    path.symlink_metadata()
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::Way;

    /// A directory with a context of this name.
    fn with_context(name: &str, docker: &str) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let meta = dir.path().join("contexts/meta").join(id(name));
        fs::create_dir_all(&meta).unwrap();
        let json = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{{docker}}}}}"#);
        fs::write(meta.join("meta.json"), json).unwrap();
        dir
    }

    fn with_host(host: &str, skip: bool) -> TempDir {
        with_context("prod", &format!(r#""docker":{{"Host":"{host}","SkipTLSVerify":{skip}}}"#))
    }

    #[test]
    fn a_contexts_directory_is_the_hash_of_its_name() {
        assert_eq!(id("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_context_names_an_engine_with_its_tls_files() {
        let dir = with_host("tcp://db-1:2376", false);
        let tls = dir.path().join("contexts/tls").join(id("prod")).join("docker");
        fs::create_dir_all(&tls).unwrap();
        fs::write(tls.join("ca.pem"), "").unwrap();
        let endpoint = Settings(dir.path()).endpoint("prod").unwrap();
        assert_eq!(endpoint.to_string(), "tcp://db-1:2376");
        let Endpoint::Tcp { tls: Some(found), .. } = endpoint else { panic!("no TLS") };
        assert_eq!(found.ca, Some(tls.join("ca.pem")));
        assert_eq!((found.cert, found.key, found.verify), (None, None, true));
    }

    #[test]
    fn a_context_without_files_is_plain_unless_it_turns_verifying_off() {
        let way = |skip| {
            let dir = with_host("tcp://db-1:2376", skip);
            Settings(dir.path()).endpoint("prod").unwrap().way()
        };
        assert_eq!(way(false), Way::Plain);
        assert_eq!(way(true), Way::Unverified);
    }

    #[test]
    fn a_context_may_name_a_socket_or_a_host_over_ssh() {
        for host in ["unix:///run/user/1000/docker.sock", "ssh://ops@web-7"] {
            let dir = with_host(host, false);
            assert_eq!(Settings(dir.path()).endpoint("prod").unwrap().to_string(), host);
        }
    }

    #[test]
    fn an_unknown_context_is_told_with_the_known_ones() {
        let dir = with_host("unix://", false);
        let error = Settings(dir.path()).endpoint("pord").unwrap_err();
        assert!(matches!(error, Error::NoContext { .. }));
        assert_eq!(error.to_string(), "there is no Docker context `pord`, only `prod`");
        let nowhere = Settings(Path::new("/nowhere")).endpoint("pord").unwrap_err();
        assert_eq!(nowhere.to_string(), "there is no Docker context `pord`, nor any other");
    }

    #[test]
    fn a_name_that_no_context_can_have_is_refused() {
        let dir = with_host("unix://", false);
        for name in ["", "a", "../../x", "-a", "a b", "a\nb", &"x".repeat(300)] {
            let error = Settings(dir.path()).endpoint(name).unwrap_err();
            assert!(matches!(error, Error::BadContext { .. }), "{name}");
        }
    }

    #[test]
    fn what_a_context_says_is_read_with_care() {
        let none = with_context("prod", "");
        let odd = with_context("prod", r#""docker":{"Host":7}"#);
        let error = |dir: &TempDir| Settings(dir.path()).endpoint("prod").unwrap_err().to_string();
        assert!(error(&none).contains("names no engine"));
        assert!(error(&odd).contains("line 1 is not the JSON"));
        let meta = odd.path().join("contexts/meta").join(id("prod")).join("meta.json");
        fs::write(&meta, " ".repeat(META_LIMIT + 1)).unwrap();
        assert!(error(&odd).contains("larger than"));
    }

    #[test]
    fn the_current_context_is_the_settings_and_none_without_settings() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings(dir.path());
        assert_eq!(settings.current().unwrap(), None);
        let write = |text: &str| fs::write(dir.path().join("config.json"), text).unwrap();
        write(r#"{"auths":{"r":{"auth":"aHVudGVyMg=="}},"currentContext":"prod"}"#);
        assert_eq!(settings.current().unwrap().as_deref(), Some("prod"));
        write("{}");
        assert_eq!(settings.current().unwrap(), None);
        write("{\"auths\":\nhunter2}");
        let error = settings.current().unwrap_err().to_string();
        assert!(error.contains("config.json") && !error.contains("hunter2"), "{error}");
    }
}
