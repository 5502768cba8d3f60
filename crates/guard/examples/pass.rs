//! A guard that lets everything through, between a socket and an engine's: for tests and figures of
//! the transport alone.
//!
//! ```text
//! pass ENGINE [SOCKET [REFUSED ...]]
//! ```
//!
//! It serves SOCKET, or what was handed over to it, until SIGTERM. Requests whose path has one of the
//! last words in it are refused.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

use dockward_guard::{
    Answering, Caller, Denial, Forward, Gate, Guard, Head, Limits, Listener, Outcome, Passage,
    Ruling, Signals, Taking, handed_over,
};

struct Open {
    refused: Vec<String>,
}

struct Through(Forward);

impl Gate for Open {
    fn meet(&self, _: &Arc<Caller>, head: &Head) -> Result<Box<dyn Passage>, Denial> {
        if let Some(word) = self.refused.iter().find(|word| head.target.contains(&***word)) {
            return Err(Denial::new(403, format!("refused here: {word}")));
        }
        let dropped = ["host", "connection", "upgrade", "expect", "content-length", "te"];
        let kept = head.headers.iter().filter(|header| {
            !dropped.contains(&header.name.as_str()) && header.name != "transfer-encoding"
        });
        let headers = kept.map(|header| {
            (header.name.clone(), String::from_utf8_lossy(&header.value).into_owned())
        });
        Ok(Box::new(Through(Forward {
            method: head.method.clone(),
            target: head.target.clone(),
            headers: headers.collect(),
            body: None,
            answer: answering(head),
        })))
    }
}

fn answering(head: &Head) -> Answering {
    let path = head.target.split('?').next().unwrap_or_default();
    if head.upgrade.is_some() || path.ends_with("/attach") || is_exec_start(path) {
        Answering::Upgrade { to: head.upgrade.clone() }
    } else if path.ends_with("/events") {
        Answering::Lines
    } else {
        Answering::Pass
    }
}

fn is_exec_start(path: &str) -> bool {
    path.contains("/exec/") && path.ends_with("/start")
}

impl Passage for Through {
    fn taking(&self) -> Taking {
        match self.0.answer {
            Answering::Upgrade { .. } => Taking::Whole { most: 1 << 20 },
            _ => Taking::Stream,
        }
    }

    fn judge(&mut self, body: &[u8]) -> Result<Ruling, Denial> {
        if !body.is_empty() {
            self.0.body = Some(body.to_vec());
        }
        Ok(self.0.clone().into())
    }

    fn filter(&mut self, _: u16, _: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Denial> {
        Ok(body)
    }

    fn ended(&mut self, _: &Outcome) {}
}

fn main() -> Result<(), dockward_guard::Error> {
    let signals = Signals::that_end()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let engine = words.first().map_or("/var/run/docker.sock", String::as_str);
    let listeners = match words.get(1) {
        Some(path) => vec![Listener::bind(Path::new(path), None)?],
        None => handed_over()?,
    };
    let refused = words.get(2..).unwrap_or_default().to_vec();
    Guard::new(Arc::new(Open { refused }), Path::new(engine), Limits::default())
        .serve(&listeners, signals.as_fd())
        .map(|_| ())
}
