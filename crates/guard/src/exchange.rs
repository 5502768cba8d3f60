//! One request: met, taken, judged, forwarded, answered.

use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::PollFlags;

use crate::allowed::{Allowed, caught};
use crate::answering::Handed;
use crate::connection::Shared;
use crate::flow::{Flow, Goes};
use crate::gate::{Answering, Denial, End, Forward, Passage, Reply, Ruling, Taking};
use crate::http::Bad;
use crate::http::request::Request;
use crate::quiet::Silent;
use crate::relay::{Fault, Relay, Side, gone};
use crate::wait::{hung_up, wait};
use crate::wire::Wire;
use crate::{Body, Caller, answering, engine, outgoing, reply};

/// One request on its way.
pub(crate) struct Exchange<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) identity: &'a std::sync::Arc<Caller>,
    pub(crate) caller: &'a mut Side,
    pub(crate) engine: &'a mut Option<Side>,
    pub(crate) request: &'a Request,
    /// Whether the caller may still send of this request's body.
    pub(crate) body_left: bool,
    /// Whether the caller was sent the beginning of an answer.
    pub(crate) answered: bool,
}

/// What comes after a request.
pub(crate) enum Then {
    /// Another one may.
    Next,
    /// The connection ends.
    Close,
    /// It ends once the caller, who may be sending, has read why.
    Linger,
    /// Its answer is silent, and goes on when one of its ends is heard of.
    Rest(Box<Silent>),
}

impl Exchange<'_> {
    /// Serves the request.
    pub(crate) fn run(&mut self) -> Then {
        let fault = match self.decide() {
            Ok((allowed, forward, taking)) => match self.forward(allowed, &forward, taking) {
                Ok(then) => return then,
                Err(fault) => fault,
            },
            Err(fault) => fault,
        };
        self.tell(&fault)
    }

    fn decide(&mut self) -> Result<(Allowed, Forward, Taking), Fault> {
        let (gate, request) = (&self.shared.gate, self.request);
        let met = caught(|| gate.meet(self.identity, &request.head)).and_then(|met| met);
        let mut passage: Box<dyn Passage> = met.map_err(Fault::Refused)?;
        let taking = caught(|| passage.taking()).map_err(Fault::Refused)?;
        let body = match taking {
            Taking::Stream => Vec::new(),
            Taking::Nothing => self.take_whole(0)?,
            Taking::Whole { most } => self.take_whole(most)?,
        };
        let judged = caught(|| passage.judge(&body)).and_then(|judged| judged);
        match judged.map_err(Fault::Refused)? {
            Ruling::Forward(forward) => Ok((Allowed::new(passage), forward, taking)),
            Ruling::Answer(reply) => Err(Fault::Told(reply)),
        }
    }

    /// The whole body, at most that many bytes.
    fn take_whole(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        let too_long = || match most {
            0 => refused(400, "this request takes no body"),
            _ => refused(413, &format!("the body is longer than {most} bytes")),
        };
        if matches!(self.request.head.body, Body::Sized(length) if length > most as u64) {
            return Err(too_long());
        }
        self.go_on()?;
        let deadline = Instant::now().checked_add(self.shared.limits.whole);
        let mut content = Vec::new();
        let mut body = Flow::new(self.request.head.body.into(), Goes::Plain, Vec::new());
        while !body.done() {
            if self.caller.inbox.data().is_empty() {
                self.more_of_the_body(deadline)?;
            }
            body.feed_through(&mut self.caller.inbox, &mut |piece, _| {
                content.extend_from_slice(piece);
                if content.len() > most { Err(too_long()) } else { Ok(Vec::new()) }
            })
            .map_err(of_the_caller)?;
        }
        self.body_left = false;
        self.nothing_behind(self.request.head.upgrade.is_some())?;
        Ok(content)
    }

    fn more_of_the_body(&mut self, deadline: Option<Instant>) -> Result<(), Fault> {
        let stop = self.shared.stops.now.as_fd();
        loop {
            // It may drip: time is up though bytes come.
            if deadline.is_some_and(|at| Instant::now() >= at) {
                return Err(Fault::CallerSlow);
            }
            match self.caller.inbox.fill(&mut self.caller.wire) {
                Ok(0) => return Err(Fault::CallerGone),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(Fault::CallerGone),
            }
            let caller = (self.caller.wire.as_fd(), PollFlags::IN);
            let [_, stopped] = wait([Some(caller), Some((stop, PollFlags::empty()))], deadline);
            if !stopped.is_empty() {
                return Err(Fault::Stopped);
            }
        }
    }

    /// Tells a caller that waits for it that its body is wanted.
    fn go_on(&mut self) -> Result<(), Fault> {
        let has_body = !matches!(self.request.head.body, Body::Nothing | Body::Sized(0));
        let waits =
            self.request.expects_continue && has_body && self.caller.inbox.data().is_empty();
        if waits && !reply::send(self.caller, b"HTTP/1.1 100 Continue\r\n\r\n", &self.shared.stops)
        {
            return Err(Fault::CallerGone);
        }
        Ok(())
    }

    /// Bytes behind a request that may turn the connection into a stream could be either's: the
    /// stream's, or another request.
    fn nothing_behind(&self, upgrade: bool) -> Result<(), Fault> {
        if upgrade && !self.caller.inbox.data().is_empty() {
            return Err(Fault::CallerBroken(Bad("bytes behind a request that may upgrade")));
        }
        Ok(())
    }

    fn forward(
        &mut self,
        mut allowed: Allowed,
        forward: &Forward,
        taking: Taking,
    ) -> Result<Then, Fault> {
        let called = self.call(&mut allowed, forward, taking);
        allowed.outcome.end = called.as_ref().map_or_else(Fault::end, |_| End::Answered);
        Ok(match (called?, self.body_left) {
            (Handed::Silent(down, keep), _) => Then::Rest(Box::new(Silent { allowed, down, keep })),
            (Handed::All(true), false) => Then::Next,
            (Handed::All(false), false) => Then::Close,
            (Handed::All(_), true) => Then::Linger,
        })
    }

    fn call(
        &mut self,
        allowed: &mut Allowed,
        forward: &Forward,
        taking: Taking,
    ) -> Result<Handed, Fault> {
        let upgrade = matches!(forward.answer, Answering::Upgrade { .. });
        self.nothing_behind(upgrade)?;
        if upgrade && self.body_left {
            // Its bytes would go on as the stream's.
            return Err(refused(400, "the body of a request that may upgrade must be read first"));
        }
        let streamed = (taking == Taking::Stream && forward.body.is_none() && !upgrade)
            .then_some(self.request.head.body);
        let head = outgoing::head(forward, streamed).map_err(by_the_gate)?;
        self.reach()?;
        let up = match streamed {
            Some(body) => {
                self.go_on()?;
                Flow::new(body.into(), goes(body), Vec::new())
            }
            None => Flow::nothing(),
        };
        let (shared, request) = (self.shared, self.request);
        let engine = self.engine.as_mut().ok_or_else(|| gone("there is no connection to it"))?;
        send(engine, self.caller, &[&head, forward.body.as_deref().unwrap_or_default()], shared)?;
        let lines = matches!(forward.answer, Answering::Lines);
        let stop = if lines { &shared.stops.soon } else { &shared.stops.now };
        let mut relay = Relay::new(self.caller, engine, stop.as_fd(), up, shared.limits.stuck);
        relay.begin()?;
        let silence = (!self.body_left && relay.can_be_left()).then_some(shared.limits.silence);
        let handed = answering::Call {
            shared,
            request,
            forward,
            allowed,
            relay: &mut relay,
            begun: &mut self.answered,
            silence,
        }
        .run()?;
        let Handed::All(keep) = handed else { return Ok(handed) };
        let whole = relay.up.done() && !relay.abandoned;
        // What the engine was not asked for would be taken for the next answer.
        let keep = keep && relay.engine.inbox.data().is_empty();
        self.body_left &= !(whole && streamed.is_some());
        Ok(Handed::All(keep))
    }

    /// Opens the connection to the engine, if there is none yet or the engine closed it.
    fn reach(&mut self) -> Result<(), Fault> {
        if let Some(engine) = self.engine {
            let end = Some((engine.wire.as_fd(), PollFlags::IN));
            let [happened] = wait([end], Some(Instant::now()));
            if happened.is_empty() && !hung_up(happened) {
                return Ok(());
            }
        }
        let path = &self.shared.engine;
        let dialled = engine::dial(path, self.shared.limits.connect).and_then(Wire::unix);
        let wire = dialled.map_err(|error| gone(&error.to_string()))?;
        *self.engine = Some(self.shared.side(wire));
        Ok(())
    }

    /// Tells the caller why, where it can still be told.
    fn tell(&mut self, fault: &Fault) -> Then {
        *self.engine = None;
        let denial = match fault {
            Fault::Told(reply) => return self.answer(reply),
            _ if self.answered => return Then::Close,
            Fault::CallerGone => return Then::Close,
            Fault::Refused(denial) => denial.clone(),
            Fault::CallerSlow => Denial::new(408, "the body of the request did not come"),
            Fault::CallerBroken(bad) => Denial::new(400, format!("not taken: {bad}")),
            Fault::EngineGone(why) => Denial::new(502, self.shared.unreachable(why)),
            Fault::EngineBroken(bad) => {
                Denial::new(502, self.shared.unreachable(&format!("it answered {bad}")))
            }
            Fault::Stopped => Denial::new(503, "dockward guard is ending; try again"),
        };
        let broken = matches!(fault, Fault::CallerBroken(_) | Fault::CallerSlow);
        self.body_left |= broken;
        let keep = self.request.keep_alive && !self.body_left && !self.shared.stops.ending();
        let head_only = self.request.head.method == "HEAD";
        let bytes = reply::denial(&denial, head_only, keep);
        if !reply::send(self.caller, &bytes, &self.shared.stops) {
            return Then::Close;
        }
        if keep { Then::Next } else { Then::Linger }
    }
}

impl Exchange<'_> {
    /// Answers in the engine's place.
    fn answer(&mut self, reply: &Reply) -> Then {
        let stays = reply.switched_to.is_none() && !self.body_left;
        let keep = self.request.keep_alive && stays && !self.shared.stops.ending();
        let head_only = self.request.head.method == "HEAD";
        if !reply::send(self.caller, &reply::own(reply, head_only, keep), &self.shared.stops) {
            return Then::Close;
        }
        if keep { Then::Next } else { Then::Linger }
    }
}

fn goes(body: Body) -> Goes {
    if body == Body::Chunked { Goes::Chunked } else { Goes::Plain }
}

fn refused(status: u16, message: &str) -> Fault {
    Fault::Refused(Denial::new(status, message))
}

/// What is wrong with the bytes of a body is its sender's fault.
fn of_the_caller(fault: Fault) -> Fault {
    match fault {
        Fault::EngineBroken(bad) => Fault::CallerBroken(bad),
        other => other,
    }
}

fn by_the_gate(bad: Bad) -> Fault {
    refused(500, &format!("dockward guard would have forwarded {bad}"))
}

/// Writes a request to the engine. One that takes no more may have answered: that is read.
fn send(
    engine: &mut Side,
    caller: &mut Side,
    parts: &[&[u8]],
    shared: &Shared,
) -> Result<(), Fault> {
    let mut slices: Vec<std::io::IoSlice<'_>> =
        parts.iter().map(|part| std::io::IoSlice::new(part)).collect();
    let mut rest = &mut slices[..];
    std::io::IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match engine.wire.write(rest) {
            Ok(count) => std::io::IoSlice::advance_slices(&mut rest, count),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                room(engine, caller, shared)?;
            }
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

fn room(engine: &Side, caller: &Side, shared: &Shared) -> Result<(), Fault> {
    let deadline = Instant::now().checked_add(shared.limits.stuck);
    let [at_engine, at_caller, stopped] = wait(
        [
            Some((engine.wire.as_fd(), PollFlags::OUT)),
            Some((caller.wire.as_fd(), caller.wire.gone())),
            Some((shared.stops.now.as_fd(), PollFlags::empty())),
        ],
        deadline,
    );
    if !stopped.is_empty() {
        Err(Fault::Stopped)
    } else if !at_caller.is_empty() {
        Err(Fault::CallerGone)
    } else if at_engine.is_empty() {
        Err(gone("it takes nothing of the request"))
    } else {
        Ok(())
    }
}
