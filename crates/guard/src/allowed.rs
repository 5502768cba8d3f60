//! A call that was allowed, whose end is told to the gate whatever happens.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::gate::{Denial, End, Outcome, Passage};

/// A passage whose [`Passage::judge`] allowed. Dropping it tells the outcome.
pub(crate) struct Allowed {
    passage: Box<dyn Passage>,
    /// What is told; a panic on the way here is told as one.
    pub(crate) outcome: Outcome,
    filter_panicked: bool,
}

impl Allowed {
    pub(crate) fn new(passage: Box<dyn Passage>) -> Self {
        let outcome = Outcome { status: None, end: End::Panicked };
        Self { passage, outcome, filter_panicked: false }
    }

    /// [`Passage::filter`], a panic of which is a denial.
    pub(crate) fn filter(
        &mut self,
        status: u16,
        kind: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Denial> {
        let filtered = caught(|| self.passage.filter(status, kind, body));
        self.filter_panicked |= filtered.is_err();
        filtered?
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        if self.filter_panicked {
            self.outcome.end = End::Panicked;
        }
        // A panic while another is on its way would end the process.
        let _ = caught(|| self.passage.ended(&self.outcome));
    }
}

/// What the gate answers, or a denial where it panicked: the call ends, the process doesn't.
pub(crate) fn caught<T>(asked: impl FnOnce() -> T) -> Result<T, Denial> {
    catch_unwind(AssertUnwindSafe(asked))
        .map_err(|_| Denial::new(500, "dockward guard failed on this request; its log says where"))
}
