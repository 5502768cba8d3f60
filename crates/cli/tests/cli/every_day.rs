//! What a timer runs: only what is new is printed, sent to a webhook, and counted for node-exporter.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockward_testbed::Authority;
use serde_json::{Value, json};

use crate::run::{Run, command, dockward};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example() -> String {
    checkout().join("examples/web-07.json").to_string_lossy().into_owned()
}

/// The example host before one of its containers was started.
fn before(folder: &Path) -> String {
    let mut host: Value =
        serde_json::from_str(&std::fs::read_to_string(example()).unwrap()).unwrap();
    let containers = host["engines"][0]["containers"].as_array_mut().unwrap();
    containers.retain(|c| c["name"] != "traefik");
    let path = folder.join("before.json");
    std::fs::write(&path, host.to_string()).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn where_nothing_is_new_nothing_is_printed() {
    let (example, folder) = (example(), tempfile::tempdir().unwrap());
    let quiet =
        |since: &str| dockward(&["check", "--quiet", "--snapshot", &example, "--since", since]).out;
    assert_eq!(quiet(&example), "");
    let told = quiet(&before(folder.path()));
    assert!(told.contains("traefik") && !told.contains("WAYS TO ROOT"), "{told}");
    assert_eq!(dockward(&["check", "--quiet"]).code, 2);
}

/// Takes one message and answers it; hands back its headers and its body.
pub(crate) fn one_message(mut stream: impl Read + Write) -> (String, Value) {
    let mut reader = BufReader::new(&mut stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    stream.flush().unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

/// Settings in `folder` that name this webhook, and a secret for it.
pub(crate) fn webhook(folder: &Path, url: &str) {
    let secret = folder.join("secret");
    std::fs::write(&secret, "0123456789abcdef\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!("[webhook]\nurl = \"{url}\"\nsecret-file = \"{}\"\n", secret.display());
    std::fs::write(folder.join("dockward.toml"), text).unwrap();
}

/// Sends what is new on the example host to a webhook at `url`, by settings in `folder`.
fn send_news(folder: &Path, url: &str, authorities: Option<&Path>) -> Run {
    webhook(folder, url);
    let words = ["check", "--notify", "--snapshot", &example(), "--since", &before(folder)];
    let mut command = command(folder);
    Run::new(&command.args(words).envs(authorities.map(|f| ("SSL_CERT_FILE", f))).output().unwrap())
}

#[test]
fn what_is_new_is_sent_signed() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let receiving = std::thread::spawn(move || one_message(listener.accept().unwrap().0));
    let run = send_news(folder.path(), &url, None);
    assert_eq!(run.code, 1, "{}", run.err);
    let (head, message) = receiving.join().unwrap();
    assert!(head.contains("dockward-signature: t="), "{head}");
    assert_eq!(message["schema"], "dockward.news/1");
    assert_eq!(message["news"]["resources"][0]["name"], "traefik");
    assert_eq!(message["host"]["name"], "web-07");
}

#[test]
fn over_tls_news_goes_to_whom_the_list_of_authorities_vouches_for() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let list = folder.path().join("authorities.pem");
    std::fs::write(&list, authority.pem()).unwrap();
    let pair = authority.server();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    let receiving = std::thread::spawn(move || {
        let believed = one_message(pair.accept(listener.accept().unwrap().0).unwrap());
        (believed, pair.accept(listener.accept().unwrap().0).is_ok())
    });
    let run = send_news(folder.path(), &url, Some(&list));
    assert_eq!(run.code, 1, "{}", run.err);
    // The system's own list doesn't know an authority that was made for this test.
    let run = send_news(folder.path(), &url, None);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains(&format!("{url} is not believed, and got no news: ")), "{}", run.err);
    assert!(run.err.contains("SSL_CERT_FILE"), "{}", run.err);
    let ((_, message), second) = receiving.join().unwrap();
    assert_eq!(message["host"]["name"], "web-07");
    assert!(!second, "a server that is not believed gets no session");
}

#[test]
fn a_webhook_without_address_or_secret_is_wrong_use_before_anything_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let run = |settings: &str| {
        std::fs::write(folder.path().join("dockward.toml"), settings).unwrap();
        let words = ["check", "--notify", "--since", "last"];
        Run::new(&command(folder.path()).args(words).output().unwrap())
    };
    let without = run("");
    assert_eq!((without.code, without.out.as_str()), (2, ""));
    assert!(without.err.contains("name no webhook"), "{}", without.err);
    let unsigned = run("[webhook]\nurl = \"https://ops.example/\"\n");
    assert_eq!(unsigned.code, 2);
    assert!(unsigned.err.contains("secret-file"), "{}", unsigned.err);
}

#[test]
fn metrics_are_written_for_another_user_to_read_and_leave_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dockward.prom");
    let output = format!("prometheus={}", file.display());
    dockward(&["check", "--snapshot", &example(), "--output", &output]);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("dockward_complete 1\n"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn every_form_is_written_of_one_look() {
    let folder = tempfile::tempdir().unwrap();
    let forms =
        ["json", "sarif", "junit", "markdown", "html", "docker-bench", "prometheus", "text"];
    let (example, mut words) = (example(), vec!["check".to_owned()]);
    words.extend(["--snapshot".to_owned(), example]);
    for form in forms {
        words.push(format!("--output={form}={}", folder.path().join(form).display()));
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    assert_eq!(dockward(&words).code, 1);
    let read = |form: &str| std::fs::read_to_string(folder.path().join(form)).unwrap();
    assert!(forms.iter().all(|form| !read(form).is_empty()));
    let bench: Value = serde_json::from_str(&read("docker-bench")).unwrap();
    assert_eq!(bench["checks"], json!(117));
}

/// systemd's own judgement of the units that are shipped; it wants the program to be there.
#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_dockward");
    let units = [
        "check.service",
        "check.timer",
        "advisories.service",
        "advisories.timer",
        "guard.service",
        "guard.socket",
    ]
    .map(|unit| format!("dockward-{unit}"));
    for unit in &units {
        let path = checkout().join("packaging/systemd").join(unit);
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.replace("/usr/local/bin/dockward", program);
        std::fs::write(folder.path().join(unit), text).unwrap();
    }
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).args(units.map(|unit| folder.path().join(unit)));
    let Ok(output) = verify.output() else {
        println!("skipped: systemd_takes_the_units: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let about_ours: Vec<_> = said.lines().filter(|line| line.contains("dockward-")).collect();
    assert!(about_ours.is_empty(), "{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn no_unit_holds_a_secret() {
    for entry in std::fs::read_dir(checkout().join("packaging/systemd")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let setting = |line: &&str| !line.starts_with('#');
        for line in text.lines().filter(setting) {
            assert!(!line.starts_with("Environment=") && !line.contains("token"), "{line}");
        }
    }
}
