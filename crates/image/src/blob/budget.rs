//! How much a blob may unpack to, and how long that may take.

use std::io::{self, Read};
use std::time::Instant;

/// What of any blob may be unpacked, in bytes, whatever its size; beyond it, so many times its size.
const ANY: u64 = 2 << 30;
const TIMES: u64 = 200;

/// Limits for one blob.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    bytes: u64,
    deadline: Option<Instant>,
}

impl Budget {
    /// For a blob of `size` bytes.
    pub(crate) fn of(size: u64, deadline: Option<Instant>) -> Self {
        Self { bytes: ANY.saturating_add(size.saturating_mul(TIMES)), deadline }
    }

    /// This many bytes and no more.
    #[cfg(test)]
    pub(crate) const fn bytes(bytes: u64) -> Self {
        Self { bytes, deadline: None }
    }

    /// Whether there is no time left.
    pub(crate) fn check_time(&self) -> io::Result<()> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(io::Error::other("the time for it is over"))
            }
            _ => Ok(()),
        }
    }
}

/// Unpacked bytes, as many as the budget allows.
pub(crate) struct Budgeted<R> {
    from: R,
    budget: Budget,
    taken: u64,
}

impl<R> Budgeted<R> {
    pub(crate) const fn new(from: R, budget: Budget) -> Self {
        Self { from, budget, taken: 0 }
    }
}

impl<R: Read> Read for Budgeted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.budget.check_time()?;
        let count = self.from.read(out)?;
        self.taken += count as u64;
        if self.taken > self.budget.bytes {
            let most = self.budget.bytes;
            let why = format!("it unpacks to more than {most} bytes, {TIMES} times its size");
            return Err(io::Error::other(why));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_stopped_and_so_is_what_takes_too_long() {
        let budget = Budget { bytes: 1000, deadline: None };
        let error = io::copy(&mut Budgeted::new(io::repeat(0), budget), &mut io::sink());
        assert!(error.unwrap_err().to_string().contains("more than 1000 bytes"));
        let late = Budget { bytes: 1000, deadline: Some(Instant::now()) };
        let error = io::copy(&mut Budgeted::new(io::empty(), late), &mut io::sink());
        assert!(error.unwrap_err().to_string().contains("time"));
    }
}
