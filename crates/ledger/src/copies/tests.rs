use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;

use super::*;
use crate::{Checkpoint, SecretKey};

fn note() -> (SecretKey, String) {
    let key = SecretKey::generate("web-07").unwrap();
    let origin = "web-07".to_owned();
    let note = Checkpoint { origin, size: 7, root: crate::Hash::leaf(b"x") }.signed(&key);
    (key, note)
}

/// Takes one request and answers with that status; gives the request.
fn server(status: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/log?token=secret", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut text, mut piece) = (Vec::new(), [0; 4096]);
        while !text.ends_with(b"=\n") {
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "{}", String::from_utf8_lossy(&text));
            text.extend_from_slice(&piece[..count]);
        }
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8(text).unwrap()
    });
    (url, thread)
}

#[test]
fn a_checkpoint_is_posted_as_it_is() {
    let (key, note) = note();
    let (url, thread) = server("204 No Content");
    let mut post = Post::new(&url, "0.1.0");
    post.checkpoint(&note).unwrap();
    let request = thread.join().unwrap();
    assert!(request.starts_with("POST /log?token=secret HTTP/1.1\r\n"), "{request}");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: text/plain"), "{head}");
    assert_eq!(Checkpoint::verified(body, key.public()).unwrap().size, 7);
    assert!(!post.name().contains("secret"), "{}", post.name());
}

#[test]
fn a_server_that_refuses_or_is_not_there_is_told() {
    let (url, thread) = server("302 Found\r\nLocation: http://127.0.0.1:1/");
    assert_eq!(Post::new(&url, "0").checkpoint(&note().1), Err("HTTP 302".to_owned()));
    thread.join().unwrap();
    assert!(Post::new(&url, "0").checkpoint(&note().1).is_err());
}

#[test]
fn messages_to_the_system_log_have_the_form_of_rfc_5424() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut syslog = Syslog::at(&path);
    assert!(syslog.entry("{}").is_err(), "nobody listens yet");
    let listener = UnixDatagram::bind(&path).unwrap();
    let received = || {
        let mut bytes = [0; 4096];
        let count = listener.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    };
    syslog.entry(r#"{"v":1}"#).unwrap();
    let message = received();
    let words: Vec<_> = message.splitn(8, ' ').collect();
    let [version, time, host, name, pid, kind, data, text] = words[..] else { panic!("{message}") };
    assert_eq!(
        (version, name, kind, data, text),
        ("<109>1", "dockward", "entry", "-", r#"{"v":1}"#)
    );
    assert!(time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert!(!host.is_empty() && pid == std::process::id().to_string());
    let (key, note) = note();
    syslog.checkpoint(&note).unwrap();
    let message = received();
    let json: serde_json::Value =
        serde_json::from_str(message.splitn(8, ' ').last().unwrap()).unwrap();
    assert!(Checkpoint::verified(json["checkpoint"].as_str().unwrap(), key.public()).is_ok());
}

/// A place that tells what it takes, and fails for a while.
#[derive(Debug)]
struct Odd {
    fails: u32,
    took: Arc<Mutex<Vec<String>>>,
    blocked: Arc<Mutex<()>>,
}

impl Publish for Odd {
    fn name(&self) -> String {
        "odd".to_owned()
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), String> {
        self.entry(note)
    }

    fn entry(&mut self, line: &str) -> Result<(), String> {
        let _blocked = self.blocked.lock().unwrap();
        if self.fails > 0 {
            self.fails -= 1;
            return Err("not now".to_owned());
        }
        self.took.lock().unwrap().push(line.to_owned());
        Ok(())
    }
}

#[test]
fn a_place_that_hangs_keeps_nobody_waiting_and_what_it_misses_is_counted() {
    let (took, blocked) = (Arc::default(), Arc::<Mutex<()>>::default());
    let hold = blocked.lock().unwrap();
    let odd = Odd { fails: 2, took: Arc::clone(&took), blocked: Arc::clone(&blocked) };
    let mut copies = Copies::start(vec![Box::new(odd)]).unwrap();
    let all = WAITING as u64 + 100;
    (0..all).for_each(|n| copies.entry(&n.to_string().into_bytes().into()));
    drop(hold);
    while copies.state()[0].entries + copies.state()[0].left_out < all {
        std::thread::sleep(Duration::from_millis(5));
    }
    copies.end();
    let state = &copies.state()[0];
    assert_eq!(state.entries, took.lock().unwrap().len() as u64);
    assert_eq!(state.entries + state.left_out, all);
    assert!(state.left_out >= 101 && state.failure.is_none(), "{state:?}");
}

#[test]
fn the_end_waits_for_no_place_that_hangs() {
    let blocked = Arc::<Mutex<()>>::default();
    let hold = blocked.lock().unwrap();
    let odd = Odd { fails: 0, took: Arc::default(), blocked: Arc::clone(&blocked) };
    let mut copies = Copies::start(vec![Box::new(odd)]).unwrap();
    copies.checkpoint("x");
    copies.end();
    assert_eq!(copies.state()[0].checkpoints, 0);
    drop(hold);
}

#[test]
fn lines_are_entries_and_checkpoints_among_them() {
    let mut bytes = Vec::new();
    let mut lines = Lines::new("standard output", &mut bytes);
    lines.entry(r#"{"v":1}"#).unwrap();
    lines.checkpoint("a\nb\n").unwrap();
    assert_eq!(bytes, b"{\"v\":1}\n{\"checkpoint\":\"a\\nb\\n\"}\n");
}
