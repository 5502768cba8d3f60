use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dockward_testbed::{Answer, FileServer, Skip};
use dockward_web::Limits;

use super::*;
use crate::repack::repack;
use crate::signature::SecretKey;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn client() -> Client {
    let limits = Limits {
        idle: Duration::from_secs(10),
        whole: Duration::from_secs(60),
        pauses: vec![Duration::from_millis(1)],
    };
    Client::with("0.1.0", limits, &[], &|_| None).unwrap()
}

/// A site that publishes, and a host that installs.
struct Site {
    folder: tempfile::TempDir,
    key: SecretKey,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["web", "here"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, key: SecretKey::generate().unwrap() }
    }

    /// A zip of one record, of that day.
    fn zip(&self, day: u8) -> PathBuf {
        let [nothing, zip] = ["nothing.zip", "feeds.zip"].map(|name| self.folder.path().join(name));
        fs::write(&nothing, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
        let record = format!(
            r#"{{"id":"D-1","modified":"2026-01-{day:02}T00:00:00Z","affected":[{{"package":{{"ecosystem":"Debian:12","name":"p"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}}]}}]}}]}}"#
        );
        repack(&nothing, &BTreeMap::from([("D-1".to_owned(), record.into_bytes())]), &[], &zip)
            .unwrap();
        zip
    }

    /// A database of that day, signed as that version.
    fn publish(&self, day: u8, version: u64) -> PathBuf {
        let path = self.folder.path().join("web/advisories.db");
        let options = Options { allow_older: true, ..Options::new(time("2026-02-01T00:00:00Z")) };
        build(&[self.zip(day)], &path, options).unwrap();
        let file = File::open(&path).unwrap();
        let text = self.key.sign(file, version, time("2026-02-01T00:00:00Z"), None).unwrap();
        fs::write(self.folder.path().join("web/advisories.db.sig"), text).unwrap();
        path
    }

    fn serve(&self) -> FileServer {
        let folder = self.folder.path().join("web");
        FileServer::start(move |asked| Answer::file(asked, &folder)).unwrap()
    }

    fn plan(&self, from: &str) -> Install {
        Install {
            origin: Origin::of(from, None).unwrap(),
            database: self.folder.path().join("here/advisories.db"),
            trusted: vec![self.key.public()],
            allow_older: false,
            now: time("2026-02-02T00:00:00Z"),
        }
    }

    /// The day of the newest record that is here; none where there is no database.
    fn day(&self) -> Option<String> {
        let mapped = Mapped::open(&self.folder.path().join("here/advisories.db")).ok()?;
        let built = mapped.database().unwrap().built().unwrap();
        built.sources[0].newest.map(|newest| newest.strftime("%d").to_string())
    }
}

fn try_install(plan: &Install) -> Result<Installed, UpdateError> {
    install(plan, &client(), &mut |_| ())
}

#[test]
fn a_signed_database_is_installed_and_an_old_one_is_not_put_back() {
    let site = Site::new();
    let server = site.serve();
    let plan = site.plan(&server.url("/advisories.db"));
    site.publish(5, 1);
    let old = ["advisories.db", "advisories.db.sig"]
        .map(|name| (name, fs::read(site.folder.path().join("web").join(name)).unwrap()));
    assert_eq!(try_install(&plan).unwrap().version, Some(1));
    assert_eq!(site.day().as_deref(), Some("05"));
    site.publish(6, 2);
    assert_eq!(try_install(&plan).unwrap().version, Some(2));
    for (name, bytes) in old {
        fs::write(site.folder.path().join("web").join(name), bytes).unwrap();
    }
    let refused = try_install(&plan).unwrap_err();
    assert!(matches!(refused, UpdateError::Signature(SignatureError::Replayed { had: 2, has: 1 })));
    site.publish(4, 3);
    assert!(matches!(try_install(&plan), Err(UpdateError::Build(_))), "its records are older");
    assert_eq!(site.day().as_deref(), Some("06"));
}

#[test]
fn what_is_not_signed_by_a_trusted_key_is_not_installed() {
    let site = Site::new();
    let server = site.serve();
    let path = site.publish(5, 1);
    let mut plan = site.plan(&server.url("/advisories.db"));
    plan.trusted = vec![SecretKey::generate().unwrap().public()];
    let refused = try_install(&plan).unwrap_err();
    assert!(matches!(refused, UpdateError::Signature(SignatureError::Untrusted(_))), "{refused}");
    plan.trusted = vec![site.key.public()];
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let refused = try_install(&plan).unwrap_err();
    assert!(matches!(refused, UpdateError::Signature(SignatureError::OtherFile)), "{refused}");
    fs::remove_file(site.folder.path().join("web/advisories.db.sig")).unwrap();
    let refused = try_install(&plan).unwrap_err();
    assert!(matches!(refused, UpdateError::Signature(SignatureError::Missing)), "{refused}");
    assert!(refused.hint().is_some() && site.day().is_none());
}

#[test]
fn a_signed_file_that_is_no_database_is_not_installed() {
    let site = Site::new();
    site.publish(5, 1);
    let path = site.folder.path().join("web/advisories.db");
    fs::write(&path, b"not a database").unwrap();
    let text =
        site.key.sign(File::open(&path).unwrap(), 2, time("2026-02-01T00:00:00Z"), None).unwrap();
    fs::write(site.folder.path().join("web/advisories.db.sig"), text).unwrap();
    let refused = try_install(&site.plan(&path.display().to_string())).unwrap_err();
    assert!(matches!(refused, UpdateError::Content { .. }), "{refused}");
    site.publish(5, 1);
    try_install(&site.plan(&path.display().to_string())).unwrap();
    assert_eq!(site.day().as_deref(), Some("05"), "the refused version was not remembered");
}

/// A registry, run until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `docker-registry` over a folder, on a port of its own; none where it is not installed.
fn registry(storage: &Path) -> Option<(Running, String)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let config = storage.join("config.yml");
    let text = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\nhttp: {{addr: {address}}}\n",
        storage.display()
    );
    fs::write(&config, text).unwrap();
    let started = Command::new("docker-registry")
        .arg("serve")
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let running = Running(started.ok()?);
    for _ in 0..600 {
        if TcpStream::connect(&address).is_ok() {
            return Some((running, address));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("docker-registry does not listen");
}

/// Puts a blob into a registry's storage, as it keeps them.
fn store(storage: &Path, bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let hex = data_encoding::HEXLOWER.encode(digest.as_ref());
    let folder =
        storage.join("docker/registry/v2/blobs/sha256").join(hex.get(..2).unwrap()).join(&hex);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("data"), bytes).unwrap();
    hex
}

fn link(storage: &Path, place: &str, hex: &str) {
    let folder = storage.join("docker/registry/v2/repositories/db").join(place);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("link"), format!("sha256:{hex}")).unwrap();
}

/// An artifact `db:1` of one layer; the manifest's digest.
fn push(storage: &Path, layer: &[u8], signature: Option<&str>) -> String {
    let (layer_hex, config) = (store(storage, layer), store(storage, b"{}"));
    let annotations =
        signature.map_or_else(BTreeMap::new, |text| BTreeMap::from([(SIGNATURE_ANNOTATION, text)]));
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": format!("sha256:{config}"), "size": 2},
        "layers": [{
            "mediaType": "application/vnd.dockward.advisories",
            "digest": format!("sha256:{layer_hex}"),
            "size": layer.len(),
            "annotations": annotations,
        }],
    });
    let manifest = store(storage, manifest.to_string().as_bytes());
    for hex in [&layer_hex, &config] {
        link(storage, &format!("_layers/sha256/{hex}"), hex);
    }
    link(storage, &format!("_manifests/revisions/sha256/{manifest}"), &manifest);
    link(storage, "_manifests/tags/1/current", &manifest);
    link(storage, &format!("_manifests/tags/1/index/sha256/{manifest}"), &manifest);
    manifest
}

#[test]
fn an_artifact_of_a_real_registry_is_installed() {
    let (site, storage) = (Site::new(), tempfile::tempdir().unwrap());
    let Some((_running, address)) = registry(storage.path()) else {
        return Skip::because("docker-registry is not here")
            .announce("an_artifact_of_a_real_registry_is_installed");
    };
    let database = fs::read(site.publish(5, 7)).unwrap();
    let signature = fs::read_to_string(site.folder.path().join("web/advisories.db.sig")).unwrap();
    let mut plan = site.plan(&format!("oci://{address}/db:1"));
    push(storage.path(), &database, None);
    let refused = try_install(&plan).unwrap_err();
    assert!(matches!(refused, UpdateError::Signature(SignatureError::Missing)), "{refused}");
    push(storage.path(), &database, Some(&signature));
    assert_eq!(try_install(&plan).unwrap().version, Some(7));
    assert_eq!(site.day().as_deref(), Some("05"));
    // Feeds, by digest: they need no signature.
    let digest = push(storage.path(), &fs::read(site.zip(9)).unwrap(), None);
    plan.origin = Origin::of(&format!("oci://{address}/db@sha256:{digest}"), None).unwrap();
    let installed = try_install(&plan).unwrap();
    assert_eq!((installed.built.unwrap().advisories, installed.version), (1, None));
    assert_eq!(site.day().as_deref(), Some("09"));
}
