//! Both directions of one call at once: the rest of a request's body to the engine, the answer to
//! the caller.

use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::buffer::Inbox;
use crate::flow::Flow;
use crate::gate::{Denial, End, Reply};
use crate::http::Bad;
use crate::wait::{self, hung_up, readable, writable};
use crate::wire::Wire;

/// One end of a connection, with what was read from it and not used yet.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) wire: Wire,
    pub(crate) inbox: Inbox,
    /// Whether it is closed both ways; what it sent before may still be there.
    pub(crate) hung_up: bool,
}

/// Why a call did not come to its end.
#[derive(Debug)]
pub(crate) enum Fault {
    CallerGone,
    CallerSlow,
    CallerBroken(Bad),
    EngineGone(String),
    EngineBroken(Bad),
    Refused(Denial),
    /// No fault: the gate answers in the engine's place.
    Told(Reply),
    Stopped,
}

impl From<Bad> for Fault {
    fn from(bad: Bad) -> Self {
        Self::EngineBroken(bad)
    }
}

impl Fault {
    pub(crate) fn end(&self) -> End {
        match self {
            Self::CallerGone | Self::CallerSlow | Self::CallerBroken(_) => End::CallerGone,
            Self::EngineGone(_) | Self::EngineBroken(_) => End::EngineGone,
            Self::Refused(_) => End::Refused,
            Self::Told(_) => End::Answered,
            Self::Stopped => End::Stopped,
        }
    }
}

/// What becomes of the bytes of an answer.
pub(crate) type Feed<'a> = &'a mut dyn FnMut(&mut Flow, &mut Inbox) -> Result<(), Fault>;

/// One call's two directions.
pub(crate) struct Relay<'a> {
    pub(crate) caller: &'a mut Side,
    pub(crate) engine: &'a mut Side,
    pub(crate) stop: BorrowedFd<'a>,
    /// The request's body.
    pub(crate) up: Flow,
    /// How long either may stand still where bytes are due.
    pub(crate) stuck: Duration,
    /// Whether this is a raw stream, whose ends close one direction at a time, when they like.
    pub(crate) raw: bool,
    /// Whether the engine took no more of the request's body before its end.
    pub(crate) abandoned: bool,
    moved: Instant,
}

/// How far an answer was handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    /// To its end.
    Done,
    /// Neither end was heard of for a while, and nothing is due.
    Silent,
}

/// Rounds of reading and writing before both ends are looked at again.
const ROUNDS: usize = 16;

impl<'a> Relay<'a> {
    pub(crate) fn new(
        caller: &'a mut Side,
        engine: &'a mut Side,
        stop: BorrowedFd<'a>,
        up: Flow,
        stuck: Duration,
    ) -> Self {
        Self {
            caller,
            engine,
            stop,
            up,
            stuck,
            raw: false,
            abandoned: false,
            moved: Instant::now(),
        }
    }

    /// Whether the rest of an answer could be waited for elsewhere: nothing is kept from either end
    /// that only this end knows of.
    pub(crate) fn can_be_left(&self) -> bool {
        matches!((&self.caller.wire, &self.engine.wire), (Wire::Unix(_), Wire::Unix(_)))
            && self.up.done()
            && self.caller.inbox.data().is_empty()
    }

    /// Hands on what of the request's body came with its head.
    pub(crate) fn begin(&mut self) -> Result<(), Fault> {
        if self.up.wants_input() && !self.caller.inbox.data().is_empty() {
            self.up.feed(&mut self.caller.inbox).map_err(Fault::CallerBroken)?;
        }
        if self.up.has_output() {
            self.give_to_engine()?;
        }
        Ok(())
    }

    /// Reads more of what the engine answers while its head is not complete.
    pub(crate) fn more_of_a_head(&mut self) -> Result<(), Fault> {
        loop {
            if let Some((true, _)) = self.turn(true, false, None)? {
                match self.engine.inbox.fill(&mut self.engine.wire) {
                    Ok(0) => return Err(gone("it closed the connection without an answer")),
                    Ok(_) => return Ok(()),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(gone(&error.to_string())),
                }
            }
        }
    }

    /// Hands the answer's body on until it is done; of a raw stream, both ways.
    pub(crate) fn run(&mut self, down: &mut Flow, feed: Feed<'_>) -> Result<(), Fault> {
        self.run_while_heard(down, feed, None).map(|_| ())
    }

    /// The same, or until there was silence for so long where nothing is due.
    pub(crate) fn run_while_heard(
        &mut self,
        down: &mut Flow,
        feed: Feed<'_>,
        silence: Option<Duration>,
    ) -> Result<Ran, Fault> {
        if !down.done() && !self.engine.inbox.data().is_empty() {
            feed(down, &mut self.engine.inbox)?;
        }
        self.push(down)?;
        while !self.finished(down) {
            let (wants, has) = (down.wants_input(), down.has_output());
            match self.turn(wants, has, silence)? {
                Some((false, false)) => {}
                Some(_) => self.pull(down, feed)?,
                None => return Ok(Ran::Silent),
            }
        }
        Ok(Ran::Done)
    }

    fn finished(&self, down: &Flow) -> bool {
        if self.caller.wire.owes() {
            return false;
        }
        if !self.raw {
            return down.done();
        }
        // Who is gone takes nothing more; who only stopped sending does.
        let (up, down) = (self.up.done(), down.done());
        let nobody_reads = (down && self.engine.hung_up) || (up && self.caller.hung_up);
        nobody_reads || (up && down)
    }

    /// Waits until something can be done, and does what the request's body allows. Says whether the
    /// engine may be read and the caller written to; nothing where it was silent for that long.
    fn turn(
        &mut self,
        from_engine: bool,
        to_caller: bool,
        silence: Option<Duration>,
    ) -> Result<Option<(bool, bool)>, Fault> {
        let to_caller = to_caller || self.caller.wire.owes();
        let caller = flags(self.up.wants_input(), to_caller) | self.caller.wire.gone();
        let engine = flags(from_engine, self.up.has_output());
        // An end that has hung up says so at once, always: it is looked at only for what it's for.
        let wanted = self.up.wants_input() || to_caller;
        let look_at_caller = !self.caller.hung_up || wanted;
        let look_at_engine = !engine.is_empty() || (self.raw && !self.engine.hung_up);
        let held = self.up.wants_input() && self.caller.wire.holds();
        let due = self.deadline(to_caller);
        let silent = silence.and_then(|long| Instant::now().checked_add(long));
        let deadline = if held { Some(Instant::now()) } else { due.or(silent) };
        let happened = wait::wait(
            [
                look_at_caller.then(|| (self.caller.wire.as_fd(), caller)),
                look_at_engine.then(|| (self.engine.wire.as_fd(), engine)),
                Some((self.stop, PollFlags::empty())),
            ],
            deadline,
        );
        let [by_caller, by_engine, stopped] = happened;
        if !stopped.is_empty() {
            return Err(Fault::Stopped);
        }
        if by_caller.is_empty() && by_engine.is_empty() && !held {
            return if due.is_none() { Ok(None) } else { Err(self.stood_still()) };
        }
        self.caller.hung_up |= hung_up(by_caller);
        self.engine.hung_up |= hung_up(by_engine);
        if self.caller.hung_up && !self.raw {
            return Err(Fault::CallerGone);
        }
        let body_ready = held || (readable(by_caller) && self.up.wants_input());
        if body_ready || (writable(by_engine) && self.up.has_output()) {
            self.pump_up()?;
        }
        Ok(Some((from_engine && readable(by_engine), to_caller && writable(by_caller))))
    }

    /// Only where bytes are due: a raw stream may be silent, and so may an answer.
    fn deadline(&self, to_caller: bool) -> Option<Instant> {
        let due = to_caller || self.up.wants_input() || self.up.has_output();
        if self.raw || !due { None } else { self.moved.checked_add(self.stuck) }
    }

    fn stood_still(&self) -> Fault {
        if self.up.has_output() { gone("it takes nothing of the body") } else { Fault::CallerSlow }
    }

    fn pump_up(&mut self) -> Result<(), Fault> {
        for _ in 0..ROUNDS {
            let mut full = false;
            if self.up.wants_input() {
                full = self.take_from_caller()?;
            }
            if self.up.has_output() && !self.give_to_engine()? {
                return Ok(());
            }
            if !full {
                break;
            }
        }
        if self.raw && self.up.done() {
            self.engine.wire.end_writing();
        }
        Ok(())
    }

    /// Says whether there may be more at once.
    fn take_from_caller(&mut self) -> Result<bool, Fault> {
        match self.caller.inbox.fill(&mut self.caller.wire) {
            Ok(0) if self.up.source_closed() => Ok(false),
            Ok(0) => Err(Fault::CallerGone),
            Ok(_) => {
                self.moved = Instant::now();
                let full = self.caller.inbox.is_full();
                self.up.feed(&mut self.caller.inbox).map_err(Fault::CallerBroken)?;
                Ok(full)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(_) if self.raw => Ok(!self.up.source_closed()),
            Err(_) => Err(Fault::CallerGone),
        }
    }

    /// Says whether all went. An engine that takes no more may have answered: that is read.
    fn give_to_engine(&mut self) -> Result<bool, Fault> {
        match self.up.write(&mut self.caller.inbox, &mut self.engine.wire) {
            Ok(count) => {
                self.note(count);
                Ok(!self.up.has_output())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(_) => {
                self.caller.inbox.clear();
                self.up = Flow::nothing();
                self.abandoned = true;
                Ok(true)
            }
        }
    }

    fn pull(&mut self, down: &mut Flow, feed: Feed<'_>) -> Result<(), Fault> {
        for _ in 0..ROUNDS {
            if !self.push(down)? || !down.wants_input() || !self.take_from_engine(down, feed)? {
                break;
            }
        }
        self.push(down).map(|_| ())
    }

    /// Says whether there may be more at once.
    fn take_from_engine(&mut self, down: &mut Flow, feed: Feed<'_>) -> Result<bool, Fault> {
        match self.engine.inbox.fill(&mut self.engine.wire) {
            Ok(0) if down.source_closed() => Ok(false),
            Ok(0) => Err(gone("it closed the connection in the middle of its answer")),
            Ok(_) => {
                let full = self.engine.inbox.is_full();
                feed(down, &mut self.engine.inbox)?;
                Ok(full)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(_) if self.raw && down.source_closed() => Ok(false),
            Err(error) => Err(gone(&error.to_string())),
        }
    }

    /// Writes what waits for the caller. Says whether all went.
    fn push(&mut self, down: &mut Flow) -> Result<bool, Fault> {
        while down.has_output() {
            match down.write(&mut self.engine.inbox, &mut self.caller.wire) {
                Ok(count) => self.note(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(_) => return Err(Fault::CallerGone),
            }
        }
        match self.caller.wire.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            other => other.map_err(|_| Fault::CallerGone)?,
        }
        if self.raw && down.done() {
            self.caller.wire.end_writing();
        }
        Ok(true)
    }

    fn note(&mut self, written: usize) {
        if written > 0 {
            self.moved = Instant::now();
        }
    }
}

/// Hands bytes on as they are.
pub(crate) fn as_it_is(down: &mut Flow, inbox: &mut Inbox) -> Result<(), Fault> {
    down.feed(inbox).map_err(Fault::EngineBroken)
}

fn flags(read: bool, write: bool) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, read);
    flags.set(PollFlags::OUT, write);
    flags
}

pub(crate) fn gone(why: &str) -> Fault {
    Fault::EngineGone(why.to_owned())
}
