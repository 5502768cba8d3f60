//! Buffers that are there only while bytes go through them.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::Wire;

/// Bytes of a buffer, and the most that a head may have.
pub(crate) const SIZE: usize = 64 * 1024;
/// Buffers that are kept for the next who needs one, in all.
const KEPT: usize = 8;

/// Buffers that nobody uses at the moment.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Box<[u8]>>>);

impl Pool {
    fn take(&self) -> Box<[u8]> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| vec![0; SIZE].into_boxed_slice())
    }

    fn give(&self, bytes: Box<[u8]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(bytes);
        }
    }
}

/// What was read from one end and is not used yet. It has a buffer only while there is something.
#[derive(Debug)]
pub(crate) struct Inbox {
    pool: Arc<Pool>,
    bytes: Option<Box<[u8]>>,
    held: Range<usize>,
}

impl Inbox {
    pub(crate) fn new(pool: Arc<Pool>) -> Self {
        Self { pool, bytes: None, held: 0..0 }
    }

    /// What was read and not used.
    pub(crate) fn data(&self) -> &[u8] {
        self.bytes.as_deref().and_then(|bytes| bytes.get(self.held.clone())).unwrap_or_default()
    }

    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        let held = self.held.clone();
        self.bytes.as_deref_mut().and_then(|bytes| bytes.get_mut(held)).unwrap_or_default()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.held.len() == SIZE
    }

    /// Reads once, as much as there is room for: 0 is the end. A full inbox must not be filled.
    pub(crate) fn fill(&mut self, from: &mut Wire) -> io::Result<usize> {
        let pool = &self.pool;
        let bytes = self.bytes.get_or_insert_with(|| pool.take());
        if self.held.start > 0 {
            bytes.copy_within(self.held.clone(), 0);
            self.held = 0..self.held.len();
        }
        let read = from.read(bytes.get_mut(self.held.end..).unwrap_or_default());
        if let Ok(count) = read {
            self.held.end = self.held.end.saturating_add(count).min(SIZE);
        }
        self.settle();
        read
    }

    /// Forgets bytes at the beginning.
    pub(crate) fn used(&mut self, count: usize) {
        self.held.start = self.held.start.saturating_add(count).min(self.held.end);
        self.settle();
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.used(usize::MAX);
    }

    fn settle(&mut self) {
        if self.held.is_empty() {
            self.held = 0..0;
            if let Some(bytes) = self.bytes.take() {
                self.pool.give(bytes);
            }
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.clear();
    }
}
