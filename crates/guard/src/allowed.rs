//! A call that was allowed, whose end is told to the gate whatever happens.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Header;
use crate::gate::{Denial, End, Outcome, Passage};

/// A passage whose [`Passage::judge`] allowed. Dropping it tells the outcome.
pub(crate) struct Allowed {
    passage: Box<dyn Passage>,
    /// What is told; a panic on the way here is told as one.
    pub(crate) outcome: Outcome,
    panicked: bool,
}

impl Allowed {
    pub(crate) fn new(passage: Box<dyn Passage>) -> Self {
        let outcome = Outcome { status: None, end: End::Panicked };
        Self { passage, outcome, panicked: false }
    }

    /// [`Passage::filter`], a panic of which is a denial.
    pub(crate) fn filter(
        &mut self,
        status: u16,
        kind: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Denial> {
        let filtered = caught(|| self.passage.filter(status, kind, body));
        self.panicked |= filtered.is_err();
        filtered?
    }

    /// [`Passage::told`] of each header. What would end a line is a denial, as a panic is.
    pub(crate) fn tell(&mut self, headers: &mut [Header]) -> Result<(), Denial> {
        let told = caught(|| {
            headers.iter_mut().try_for_each(|header| {
                let Some(value) = self.passage.told(&header.name, &header.value) else {
                    return Ok(());
                };
                if value.bytes().any(|byte| byte.is_ascii_control()) {
                    return Err(Denial::new(
                        500,
                        "dockward guard would have told what is no header",
                    ));
                }
                header.value = value.into_bytes();
                Ok(())
            })
        });
        self.panicked |= told.is_err();
        told?
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        if self.panicked {
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
