//! How much memory the answer that is being read may take.
//!
//! An element of three bytes (`{},`) becomes a struct of hundreds, so that a cap on the body alone
//! would let a false engine ask for a hundred times as much.

use std::cell::Cell;

use serde::de::Error;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Does the work with a budget of this many bytes for the elements of lists and maps. None where
/// it asked for more.
pub(crate) fn within<R>(bytes: usize, work: impl FnOnce() -> R) -> Option<R> {
    let outer = LEFT.replace(bytes);
    let result = work();
    let left = LEFT.replace(outer);
    (left > 0).then_some(result)
}

/// Takes room for one more element from the budget of this thread.
pub(crate) fn spend<T, E: Error>() -> Result<(), E> {
    let left = LEFT.get().saturating_sub(size_of::<T>().max(1));
    LEFT.set(left);
    if left == 0 {
        return Err(E::custom("too much memory"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend_bytes(count: usize) -> Result<(), serde_json::Error> {
        (0..count).try_for_each(|_| spend::<u8, _>())
    }

    #[test]
    fn work_within_its_budget_is_done_and_work_beyond_it_is_stopped() {
        assert!(within(10, || spend_bytes(9)).unwrap().is_ok());
        assert!(within(10, || spend_bytes(10)).is_none());
        assert!(spend_bytes(1000).is_ok());
    }
}
