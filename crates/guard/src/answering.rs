//! The engine's answer on its way to the caller.

use std::time::Duration;

use crate::Body;
use crate::allowed::Allowed;
use crate::connection::Shared;
use crate::flow::{Comes, Flow, Goes};
use crate::gate::{Answering, Denial, Forward};
use crate::http::Bad;
use crate::http::answer::{Answer, Follows, parse};
use crate::http::request::Request;
use crate::http::scan::Scan;
use crate::relay::{Fault, Ran, Relay, as_it_is};

/// Interim answers (`100 Continue`) before the real one.
const MOST_INTERIM: usize = 8;

/// A request that was forwarded.
pub(crate) struct Call<'c, 'a> {
    pub(crate) shared: &'c Shared,
    pub(crate) request: &'c Request,
    pub(crate) forward: &'c Forward,
    pub(crate) allowed: &'c mut Allowed,
    pub(crate) relay: &'c mut Relay<'a>,
    /// Set once the caller is sent something.
    pub(crate) begun: &'c mut bool,
    /// After how long a silence the rest of an answer can be waited for elsewhere.
    pub(crate) silence: Option<Duration>,
}

/// How far an answer was handed on.
pub(crate) enum Handed {
    /// To its end. Says whether both connections may serve another request.
    All(bool),
    /// It is silent: this is what comes of it, and whether another request may follow.
    Silent(Flow, bool),
}

impl Call<'_, '_> {
    /// Hands the answer on.
    pub(crate) fn run(mut self) -> Result<Handed, Fault> {
        let mut answer = self.head()?;
        self.allowed.outcome.status = Some(answer.status);
        let follows = answer.follows(&self.forward.method, &self.forward.answer)?;
        self.allowed.tell(&mut answer.headers).map_err(Fault::Refused)?;
        let keep = self.request.keep_alive
            && !answer.closes
            && !matches!(follows, Follows::UntilClosed | Follows::Raw)
            && self.relay.up.done()
            && !self.relay.abandoned
            && !self.shared.stops.ending();
        match (follows, &self.forward.answer) {
            (Follows::Raw, _) => self.raw(&answer)?,
            (Follows::Nothing, Answering::Whole { .. }) => self.empty(&answer, follows, keep)?,
            (Follows::Nothing, _) => self.pass(&answer, follows, keep)?,
            (_, Answering::Whole { most }) => self.whole(&answer, follows, *most, keep)?,
            (_, Answering::Lines) => self.lines(&answer, follows, keep)?,
            (_, Answering::Pass | Answering::Upgrade { .. }) => {
                if let Some(down) = self.pass_while_heard(&answer, follows, keep)? {
                    return Ok(Handed::Silent(down, keep));
                }
            }
        }
        Ok(Handed::All(keep))
    }

    fn head(&mut self) -> Result<Answer, Fault> {
        for _ in 0..=MOST_INTERIM {
            let mut scan = Scan::default();
            let length = loop {
                if let Some(length) = scan.end(self.relay.engine.inbox.data())? {
                    break length;
                }
                if self.relay.engine.inbox.is_full() {
                    return Err(Bad("a head that is too long").into());
                }
                self.relay.more_of_a_head()?;
            };
            let bytes = self.relay.engine.inbox.data().get(..length).unwrap_or_default();
            let answer = parse(bytes)?;
            self.relay.engine.inbox.used(length);
            if !answer.is_interim() {
                return Ok(answer);
            }
        }
        Err(Bad("too many interim answers").into())
    }

    fn pass(&mut self, answer: &Answer, follows: Follows, keep: bool) -> Result<(), Fault> {
        let mut down = self.passed(answer, follows, keep);
        self.relay.run(&mut down, &mut as_it_is)
    }

    /// Gives back what is still to come of it where it is silent.
    fn pass_while_heard(
        &mut self,
        answer: &Answer,
        follows: Follows,
        keep: bool,
    ) -> Result<Option<Flow>, Fault> {
        let mut down = self.passed(answer, follows, keep);
        let ran = self.relay.run_while_heard(&mut down, &mut as_it_is, self.silence)?;
        Ok((ran == Ran::Silent).then_some(down))
    }

    fn passed(&mut self, answer: &Answer, follows: Follows, keep: bool) -> Flow {
        let told = match follows {
            Follows::Nothing => answer.told,
            Follows::Sized(length) => Body::Sized(length),
            _ => Body::Chunked,
        };
        let (lines, goes) = self.framing(told, keep);
        *self.begun = true;
        match follows {
            Follows::Nothing => Flow::new(Comes::Sized(0), Goes::Plain, answer.write(&lines)),
            _ => Flow::new(follows.into(), goes, answer.write(&lines)),
        }
    }

    /// An answer without a body is a whole one too, and may be refused.
    fn empty(&mut self, answer: &Answer, follows: Follows, keep: bool) -> Result<(), Fault> {
        let made = self.allowed.filter(answer.status, kind(answer), Vec::new());
        made.map_err(Fault::Refused)?;
        self.pass(answer, follows, keep)
    }

    /// The headers of the caller's connection, and how the body is written on it.
    fn framing(&self, told: Body, keep: bool) -> (String, Goes) {
        let old = self.request.head.http_1_0;
        let (mut lines, goes) = match told {
            Body::Nothing => (String::new(), Goes::Plain),
            Body::Sized(length) => (format!("Content-Length: {length}\r\n"), Goes::Plain),
            Body::Chunked if old => (String::new(), Goes::Plain),
            Body::Chunked => ("Transfer-Encoding: chunked\r\n".to_owned(), Goes::Chunked),
        };
        if !keep {
            lines.push_str("Connection: close\r\n");
        }
        (lines, goes)
    }

    fn raw(&mut self, answer: &Answer) -> Result<(), Fault> {
        let switched = match &self.forward.answer {
            Answering::Upgrade { to: Some(to) } if answer.status == 101 => {
                format!("Connection: Upgrade\r\nUpgrade: {to}\r\n")
            }
            _ => String::new(),
        };
        self.relay.raw = true;
        self.relay.up = Flow::new(Comes::UntilClosed, Goes::Plain, Vec::new());
        let mut down = Flow::new(Comes::UntilClosed, Goes::Plain, answer.write(&switched));
        *self.begun = true;
        self.relay.run(&mut down, &mut as_it_is)
    }

    fn whole(
        &mut self,
        answer: &Answer,
        follows: Follows,
        most: usize,
        keep: bool,
    ) -> Result<(), Fault> {
        plain(answer)?;
        let mut content = Vec::new();
        let mut body = Flow::new(follows.into(), Goes::Plain, Vec::new());
        self.relay.run(&mut body, &mut |flow, inbox| {
            flow.feed_through(inbox, &mut |piece, _| {
                content.extend_from_slice(piece);
                if content.len() > most { Err(too_long(most)) } else { Ok(Vec::new()) }
            })
        })?;
        let made = self.allowed.filter(answer.status, kind(answer), content);
        let made = made.map_err(Fault::Refused)?;
        let (lines, _) = self.framing(Body::Sized(made.len() as u64), keep);
        let mut bytes = answer.write(&lines);
        bytes.extend_from_slice(&made);
        *self.begun = true;
        self.relay.run(&mut Flow::new(Comes::Sized(0), Goes::Plain, bytes), &mut as_it_is)
    }

    fn lines(&mut self, answer: &Answer, follows: Follows, keep: bool) -> Result<(), Fault> {
        plain(answer)?;
        let (headers, goes) = self.framing(Body::Chunked, keep);
        let mut down = Flow::new(follows.into(), goes, answer.write(&headers));
        *self.begun = true;
        let (allowed, most) = (&mut *self.allowed, self.shared.limits.line);
        let mut lines = Lines { rest: Vec::new(), most };
        let mut filter = |line: &[u8]| {
            let made = allowed.filter(answer.status, kind(answer), line.to_vec());
            made.map_err(Fault::Refused)
        };
        let ran = self.relay.run(&mut down, &mut |flow, inbox| {
            flow.feed_through(inbox, &mut |piece, last| lines.take(piece, last, &mut filter))
        });
        if matches!(ran, Err(Fault::Stopped)) && !down.has_output() {
            // Whole lines went: the stream may end well, and its caller begin another.
            down.end_here();
            let _ = down.write(&mut self.relay.engine.inbox, &mut self.relay.caller.wire);
        }
        ran
    }
}

/// What becomes of a line.
type Filter<'a> = &'a mut dyn FnMut(&[u8]) -> Result<Vec<u8>, Fault>;

/// Lines out of pieces.
struct Lines {
    rest: Vec<u8>,
    most: usize,
}

impl Lines {
    fn take(&mut self, piece: &[u8], last: bool, filter: Filter<'_>) -> Result<Vec<u8>, Fault> {
        let mut made = Vec::new();
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(part);
            if self.rest.len() > self.most {
                return Err(too_long(self.most));
            }
            if let Some(line) = self.rest.strip_suffix(b"\n") {
                let line = filter(line)?;
                if !line.is_empty() {
                    made.extend_from_slice(&line);
                    made.push(b'\n');
                }
                self.rest.clear();
            }
        }
        if last && !self.rest.is_empty() {
            made.extend_from_slice(&filter(&std::mem::take(&mut self.rest))?);
        }
        self.rest.shrink_to(0);
        Ok(made)
    }
}

fn kind(answer: &Answer) -> Option<&str> {
    answer.header("content-type").and_then(|kind| str::from_utf8(kind).ok())
}

/// A filter reads what it gets: it must not be compressed.
fn plain(answer: &Answer) -> Result<(), Fault> {
    match answer.header("content-encoding") {
        Some(coding) if !coding.eq_ignore_ascii_case(b"identity") => {
            Err(Bad("a compressed body").into())
        }
        _ => Ok(()),
    }
}

fn too_long(most: usize) -> Fault {
    let message =
        format!("the engine's answer is longer than {most} bytes, which is all that is filtered");
    Fault::Refused(Denial::new(502, message))
}
