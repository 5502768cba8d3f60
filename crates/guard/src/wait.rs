//! Waiting for the ends of a connection.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What happened to each of the ends that were waited for, in their order.
pub(crate) type Happened<const N: usize> = [PollFlags; N];

/// Waits until one of the ends is ready for what is asked of it, or has hung up, or the deadline
/// passed (then nothing happened to any). An end that is none is not looked at.
pub(crate) fn wait<const N: usize>(
    ends: [Option<(BorrowedFd<'_>, PollFlags)>; N],
    deadline: Option<Instant>,
) -> Happened<N> {
    let mut polled: Vec<PollFd<'_>> =
        ends.iter().flatten().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
    poll_until(&mut polled, deadline);
    let mut found = polled.iter().map(PollFd::revents);
    ends.map(|end| end.and_then(|_| found.next()).unwrap_or(PollFlags::empty()))
}

fn poll_until(polled: &mut [PollFd<'_>], deadline: Option<Instant>) {
    loop {
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let timeout = left.map(timespec);
        match poll(polled, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return,
            // Out of memory in the kernel: looked at again soon, not at once.
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Rounded up, so that a deadline has passed when the wait for it ends. One that has passed already
/// is no time at all: the shortest sleep takes 50 µs (`prctl(2)`, timer slack).
fn timespec(left: Duration) -> Timespec {
    let more = if left.is_zero() { Duration::ZERO } else { Duration::from_micros(1) };
    let left = left.saturating_add(more);
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    }
}

/// Whether there is something to read: bytes, or the end.
pub(crate) fn readable(happened: PollFlags) -> bool {
    happened.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR)
}

/// Whether writing doesn't wait: there is room, or nobody reads any more.
pub(crate) fn writable(happened: PollFlags) -> bool {
    happened.intersects(PollFlags::OUT | PollFlags::HUP | PollFlags::ERR)
}

/// Whether the other end is closed both ways, or may be, where that is what is looked for.
pub(crate) fn hung_up(happened: PollFlags) -> bool {
    happened.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::RDHUP)
}
