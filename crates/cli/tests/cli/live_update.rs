//! What an update of advisories says of what runs here, with a real engine.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::{Value, json};

use crate::every_day::{one_message, webhook};
use crate::run::{Run, command};
use crate::scan::{advisory, shared};

const ALPINE: &str = r#"FROM plain
RUN printf 'ID=alpine\nVERSION_ID=3.11.2\n' >/etc/os-release && mkdir -p /lib/apk/db && printf 'P:libssl1.1\nV:1.1.1d-r2\nA:x86_64\no:openssl\n\n' >/lib/apk/db/installed
"#;
const DEBIAN: &str = r#"FROM plain
RUN printf 'ID=debian\nVERSION_ID="11"\n' >/etc/os-release && mkdir -p /var/lib/dpkg/info && echo /bin/busybox >/var/lib/dpkg/info/libssl1.1:amd64.list && printf 'Package: libssl1.1\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 1.1.1n-0+deb11u3\n\n' >/var/lib/dpkg/status
"#;

/// A folder with settings, keys and databases, and the engine that runs `shop` and `idle`.
struct Site {
    folder: tempfile::TempDir,
    engine: Engine,
    public: String,
}

impl Site {
    fn start(test: &str) -> Option<Self> {
        let engine = Engine::start_or_skip(test, Suite::Bookworm, &DaemonConfig::default())?;
        engine.import_busybox("plain");
        for (image, dockerfile) in [("alpine", ALPINE), ("debian", DEBIAN)] {
            engine.build_image(image, dockerfile);
        }
        engine.docker_ok(&["run", "-d", "--name=shop", "debian"]);
        engine.docker_ok(&["run", "-d", "--name=other", "plain"]);
        engine.docker_ok(&["create", "--name=idle", "debian"]);
        let folder = tempfile::tempdir().unwrap();
        let mut site = Self { folder, engine, public: String::new() };
        site.public = site.run(&["db", "key", "secret.key"], &[]).out.trim().to_owned();
        Some(site)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, words: &[&str], more: &[&str]) -> Run {
        Run::new(&command(self.path()).args(words).args(more).output().unwrap())
    }

    /// Publishes a database of these records and installs it here.
    fn take(&self, records: &[Value], more: &[&str]) -> Run {
        let list = json!(records).to_string();
        fs::write(self.path().join("records.json"), list).unwrap();
        let built = self.run(&["db", "build", "records.json", "-o", "published.db"], &[]);
        assert_eq!(built.code, 0, "{}{}", built.out, built.err);
        // Versions of signatures are of seconds, and only grow.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        let signed = self.run(&["db", "sign", "published.db", "--key", "secret.key"], &[]);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
        let host = format!("unix://{}", self.engine.socket().display());
        let words = ["db", "install", "published.db", "--db", "here.db", "--key", &self.public];
        self.run(&[&words[..], &["-H", &host]].concat(), more)
    }
}

/// A second weakness, in a record of its own.
fn another() -> Value {
    let mut record = advisory();
    record["id"] = json!("DSA-9999-1");
    record["upstream"] = json!(["CVE-2026-4711"]);
    record
}

#[test]
fn new_advisories_name_the_running_containers_that_they_hit_and_the_webhook_gets_it() {
    let test = "new_advisories_name_the_running_containers_that_they_hit_and_the_webhook_gets_it";
    let Some(site) = Site::start(test) else { return };
    let first = site.take(&[advisory()], &[]);
    assert_eq!(first.code, 0, "{}{}", first.out, first.err);
    assert!(first.out.contains("THE FIRST ADVISORIES HIT 1 OF 2 RUNNING"), "{}", first.out);
    assert!(first.out.contains("shop (debian)") && !first.out.contains("idle"), "{}", first.out);
    let same = site.take(&[advisory()], &[]);
    assert!(same.out.contains("Nothing new hits what runs here (2 running"), "{}", same.out);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    webhook(site.path(), &format!("http://{}/hook", listener.local_addr().unwrap()));
    let receiving = std::thread::spawn(move || one_message(listener.accept().unwrap().0));
    let new = site.take(&[advisory(), another()], &["--notify"]);
    assert_eq!(new.code, 0, "{}{}", new.out, new.err);
    assert!(new.out.contains("NEW ADVISORIES HIT 1 OF 2 RUNNING CONTAINERS"), "{}", new.out);
    let line = "CVE-2026-4711 openssl 1.1.1n-0+deb11u3 → 1.1.1n-0+deb11u4 · new";
    assert!(new.out.contains(line) && !new.out.contains("CVE-2023-0286"), "{}", new.out);
    let (head, message) = receiving.join().unwrap();
    assert!(head.contains("dockward-signature: t="), "{head}");
    assert_eq!(message["schema"], "dockward.advisory-news/1");
    let hits = message["hits"].as_array().unwrap();
    let shop: Vec<_> = hits.iter().filter(|hit| hit["kind"] == "container").collect();
    let [shop] = &shop[..] else { panic!("{message:#}") };
    assert_eq!((&shop["name"], &shop["image"]), (&json!("shop"), &json!("debian")));
    assert_eq!(shop["news"][0]["vulnerability"]["id"], "CVE-2026-4711");
    assert_eq!(shop["news"][0]["vulnerability"]["loaded"], true, "{shop:#}");
    news_that_nobody_took_is_sent_the_next_time(&site);
}

fn news_that_nobody_took_is_sent_the_next_time(site: &Site) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    webhook(site.path(), &format!("http://{}/hook", listener.local_addr().unwrap()));
    let refusing = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        listener
    });
    let mut third = another();
    (third["id"], third["upstream"]) = (json!("DSA-9999-2"), json!(["CVE-2026-4712"]));
    let records = [advisory(), another(), third];
    let refused = site.take(&records, &["--notify"]);
    assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
    assert!(refused.out.contains("CVE-2026-4712"), "{}", refused.out);
    assert!(refused.err.contains("the next update sends the news again"), "{}", refused.err);
    let kept = site.path().join("here.db.unsent");
    assert!(kept.exists());
    let listener = refusing.join().unwrap();
    let receiving = std::thread::spawn(move || one_message(listener.accept().unwrap().0));
    let again = site.take(&records, &["--notify"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    let (_, message) = receiving.join().unwrap();
    let id = &message["hits"][0]["news"][0]["vulnerability"]["id"];
    assert_eq!(id, "CVE-2026-4712", "{message:#}");
    assert!(!kept.exists());
}

#[test]
fn an_update_fetches_what_the_images_here_need() {
    let test = "an_update_fetches_what_the_images_here_need";
    let Some(shared) = shared(test) else { return };
    let Some(site) = Site::start(test) else { return };
    let osv = shared.join("osv").display().to_string();
    let host = format!("unix://{}", site.engine.socket().display());
    let words = ["db", "update", "--db", "u.db", "--osv", &osv, "--kev", "none", "--epss", "none"];
    let run = site.run(&words, &["-H", &host]);
    assert!(run.out.contains("Alpine               fetched whole"), "{}{}", run.out, run.err);
    assert!(run.out.contains("Debian               fetched whole"), "{}", run.out);
    assert!(run.out.contains("shop (debian)"), "{}{}", run.out, run.err);
}
