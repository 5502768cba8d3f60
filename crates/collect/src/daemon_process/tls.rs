//! The files with which a daemon speaks TLS.

use std::collections::BTreeMap;

use dockward_model::facts::{
    Configured, DaemonProcess, Fact, Field, ListenerAuth, Origin, TlsFile, TlsFiles,
};

use super::file::{self, Environment};
use super::listeners;
use crate::certificate;
use crate::tree::{Proc, SMALL, Tree};

/// What they are told from.
pub(super) struct Told<'a> {
    pub(super) proc: &'a Proc,
    pub(super) tree: &'a dyn Tree,
    pub(super) process: &'a DaemonProcess,
    pub(super) config: &'a Fact<BTreeMap<String, Configured>>,
    pub(super) environment: &'a Fact<Environment>,
}

/// The files that are in use: none where TLS is off.
pub(super) fn files(told: &Told<'_>) -> TlsFiles {
    let config = match told.config {
        Fact::Known(config) => config,
        Fact::Absent => return all(|key| Field::absent(Origin::default_of(key))),
        Fact::Unknown(why) => return unknown(why),
    };
    let authentication = listeners::authentication(config, told.environment);
    all(|key| match &authentication {
        ListenerAuth::None | ListenerAuth::FileMode => Field::absent(Origin::default_of(key)),
        // Without `tlsverify` nobody's certificate is checked (docker/go-connections `tlsconfig`).
        ListenerAuth::ServerOnly if key == "tlscacert" => Field::absent(Origin::default_of(key)),
        ListenerAuth::Unknown(why) => Field::unknown(why.as_str(), Origin::default_of(key)),
        ListenerAuth::ServerOnly | ListenerAuth::ClientCertificates => file(told, config, key),
    })
}

/// All of them unknown for the same reason.
pub(crate) fn unknown(why: &str) -> TlsFiles {
    all(|key| Field::unknown(why, Origin::default_of(key)))
}

/// There are none.
pub(super) fn none() -> TlsFiles {
    all(|key| Field::absent(Origin::default_of(key)))
}

fn all(of: impl Fn(&'static str) -> Field<TlsFile>) -> TlsFiles {
    TlsFiles { authority: of("tlscacert"), certificate: of("tlscert"), key: of("tlskey") }
}

fn file(
    told: &Told<'_>,
    config: &BTreeMap<String, Configured>,
    key: &'static str,
) -> Field<TlsFile> {
    let Some(setting) = config.get(key) else {
        let origin = Origin::default_of(key);
        return match default(told, key) {
            // A daemon goes without a file that it was not told of (moby `cmd/dockerd/options.go`).
            Ok(path) if told.tree.stat(&path).is_absent() => Field::absent(origin),
            Ok(path) => Field::known(of_path(told, key, path), origin),
            Err(why) => Field::unknown(why, origin),
        };
    };
    let Some(path) = setting.value.as_str() else {
        return Field::unknown(format!("{key} is no text"), setting.origin.clone());
    };
    match file::from_where_it_runs(told.proc, told.process.pid, path) {
        Ok(path) => Field::known(of_path(told, key, path), setting.origin.clone()),
        Err(why) => Field::unknown(why, setting.origin.clone()),
    }
}

/// `DOCKER_CERT_PATH`, else the folder of the user's own settings. A service of root's has no HOME.
fn default(told: &Told<'_>, key: &str) -> Result<String, String> {
    let name = match key {
        "tlscacert" => "ca.pem",
        "tlscert" => "cert.pem",
        _ => "key.pem",
    };
    let environment = match told.environment {
        Fact::Known(environment) => environment,
        Fact::Absent => return Err("the process has ended".into()),
        Fact::Unknown(why) => return Err(why.clone()),
    };
    let said = environment.get("DOCKER_CERT_PATH").or_else(|| environment.get("DOCKER_CONFIG"));
    let root = (told.process.uid == 0).then_some("/root");
    match (said, environment.get("HOME").or(root)) {
        (Some(folder), _) => {
            file::from_where_it_runs(told.proc, told.process.pid, &format!("{folder}/{name}"))
        }
        (None, Some(home)) => Ok(format!("{home}/.docker/{name}")),
        (None, None) => Err("the engine has no HOME".into()),
    }
}

fn of_path(told: &Told<'_>, key: &str, path: String) -> TlsFile {
    // A key is looked at from outside only.
    if key == "tlskey" {
        return TlsFile { path, certificates: Fact::Absent };
    }
    let certificates = match told.tree.read_text(&path, SMALL) {
        Fact::Known(text) => certificate::all(&text).map_or_else(
            || Fact::Unknown(format!("{path} holds a certificate that can't be read, or none")),
            Fact::Known,
        ),
        Fact::Absent => Fact::Unknown(format!("{path} does not exist")),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    TlsFile { path, certificates }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::tests::WEAK;
    use crate::tree::Recorded;
    use serde_json::json;

    fn read(settings: &serde_json::Value, environ: &str, tree: &Recorded) -> TlsFiles {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let origin = Origin::file("/etc/docker/daemon.json", Some(3));
        let configured = |value: &serde_json::Value| Configured {
            value: value.clone(),
            secret: None,
            origin: origin.clone(),
        };
        let pairs = settings.as_object().unwrap().iter();
        let config = pairs.map(|(key, value)| (key.clone(), configured(value))).collect();
        let process = DaemonProcess { pid: 1, uid: 0, exe: String::new(), started: None };
        files(&Told {
            proc: &proc,
            tree,
            process: &process,
            config: &Fact::Known(config),
            environment: &Fact::Known(Environment::parse(environ)),
        })
    }

    fn path(field: &Field<TlsFile>) -> Option<&str> {
        field.get().map(|file| file.path.as_str())
    }

    #[test]
    fn the_files_that_it_was_told_of_are_read_but_for_the_key() {
        let settings = json!({"tlsverify": true, "tlscacert": "/tls/ca", "tlscert": "/tls/cert",
            "tlskey": "/tls/key"});
        let tree =
            Recorded::new().file("/tls/ca", WEAK).file("/tls/cert", "none").file("/tls/key", WEAK);
        let tls = read(&settings, "", &tree);
        assert_eq!(path(&tls.key), Some("/tls/key"));
        assert!(tls.key.get().unwrap().certificates.is_absent());
        assert_eq!(tls.authority.get().unwrap().certificates.known().map(Vec::len), Some(2));
        assert!(tls.certificate.get().unwrap().certificates.unknown().is_some());
        assert_eq!(tls.authority.origin.to_string(), "/etc/docker/daemon.json:3");
    }

    #[test]
    fn untold_it_looks_where_its_user_keeps_settings_and_goes_without_what_is_not_there() {
        let tree = Recorded::new().file("/root/.docker/cert.pem", WEAK).file("/c/cert.pem", WEAK);
        let on = json!({"tls": true});
        let tls = read(&on, "", &tree);
        assert_eq!(path(&tls.certificate), Some("/root/.docker/cert.pem"));
        assert!(tls.authority.fact.is_absent() && tls.key.fact.is_absent());
        assert_eq!(
            path(&read(&on, "DOCKER_CERT_PATH=/c\0", &tree).certificate),
            Some("/c/cert.pem")
        );
        assert!(read(&on, "HOME=/home/ann\0", &tree).certificate.fact.is_absent());
    }

    #[test]
    fn without_tls_none_is_used_and_without_client_certificates_no_authority() {
        let off = json!({"tlscert": "/tls/cert"});
        assert!(read(&off, "", &Recorded::new()).certificate.fact.is_absent());
        let server = json!({"tlsverify": false, "tlscacert": "/a", "tlscert": "/b"});
        let tls = read(&server, "", &Recorded::new());
        assert!(tls.authority.fact.is_absent());
        assert_eq!(path(&tls.certificate), Some("/b"));
        let odd = read(&json!({"tls": "yes"}), "", &Recorded::new());
        assert!(odd.key.fact.unknown().is_some());
    }
}
