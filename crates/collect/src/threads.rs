//! A few threads at a time, and none where the system has none left for us.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

/// The result of a thread; where the system had none for us, the work is done here.
pub(crate) fn joined<T>(
    thread: io::Result<ScopedJoinHandle<'_, T>>,
    work: impl FnOnce() -> T,
) -> T {
    match thread {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    }
}

/// Does a piece of work for each item, `most` at a time. The first items come first, and the
/// results in the order of the items.
pub(crate) fn each<I: Sync, R: Send>(
    items: &[I],
    most: usize,
    work: impl Fn(&I) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let turns = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let more = most.min(items.len()).saturating_sub(1);
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, turns).ok();
        let others: Vec<_> = (0..more).filter_map(spawn).collect();
        let mut done = turns();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn the_results_come_in_the_order_of_the_items_and_few_work_at_a_time() {
        let (at_work, most) = (AtomicUsize::new(0), Mutex::new(0));
        let items: Vec<usize> = (0..50).collect();
        let doubled = each(&items, 3, |item| {
            let now = at_work.fetch_add(1, Ordering::SeqCst) + 1;
            let mut most = most.lock().unwrap();
            *most = now.max(*most);
            drop(most);
            thread::yield_now();
            at_work.fetch_sub(1, Ordering::SeqCst);
            item * 2
        });
        assert_eq!(doubled, (0..50).map(|item| item * 2).collect::<Vec<_>>());
        assert!(*most.lock().unwrap() <= 3);
        assert!(each(&[], 3, |item: &usize| *item).is_empty());
    }
}
