//! How many connections each caller may have, so that nobody starves others.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::caller::{Caller, Within};

/// Connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    open: Mutex<Open>,
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_whom: BTreeMap<String, usize>,
}

/// A place among all connections. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    shares: Arc<Shares>,
    whose: Option<String>,
}

impl Shares {
    /// A place for a connection whose caller is not known yet, if there is one among `most`.
    pub(crate) fn enter(self: &Arc<Self>, most: usize) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= most {
            return None;
        }
        open.all = open.all.saturating_add(1);
        Some(Place { shares: Arc::clone(self), whose: None })
    }

    /// Waits until no connection is open, at most that long. Says how many still are.
    pub(crate) fn wait_for_none(&self, within: Duration) -> usize {
        let deadline = Instant::now().checked_add(within);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while open.all > 0 {
            let left = deadline.map_or(within, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let waited = self.emptied.wait_timeout(open, left);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        open.all
    }
}

impl Place {
    /// Counts it as that caller's. False where that caller has its share: as many as are free for
    /// all others. So one alone gets half of all, the next half of the rest, and there is always
    /// something left for one more (dynamic thresholds: Choudhury and Hahne, 1998).
    pub(crate) fn belongs_to(&mut self, caller: &Caller, most: usize) -> bool {
        let whose = key(caller);
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        let free = most.saturating_sub(open.all);
        let its = open.by_whom.entry(whose.clone()).or_default();
        if *its > free {
            if *its == 0 {
                open.by_whom.remove(&whose);
            }
            return false;
        }
        *its = its.saturating_add(1);
        self.whose = Some(whose);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        if let Some(whose) = self.whose.take()
            && let Some(its) = open.by_whom.get_mut(&whose)
        {
            *its = its.saturating_sub(1);
            if *its == 0 {
                open.by_whom.remove(&whose);
            }
        }
        if open.all == 0 {
            self.shares.emptied.notify_all();
        }
    }
}

/// Who shares a share: a user of the host, a container whatever its users, a certificate.
fn key(caller: &Caller) -> String {
    match caller {
        Caller::Process(process) => match &process.within {
            Within::Host => format!("user {}", process.uid),
            Within::Container(id) => format!("container {id}"),
            Within::Elsewhere(_) => format!("elsewhere {}", process.uid),
        },
        Caller::Certificate(certificate) => format!("certificate {:?}", certificate.common_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Process;

    fn user(uid: u32) -> Caller {
        let within = Within::Host;
        Caller::Process(Process { uid, gid: uid, groups: Vec::new(), pid: 1, within })
    }

    fn take_all(shares: &Arc<Shares>, caller: &Caller, most: usize) -> Vec<Place> {
        let mut places = Vec::new();
        while let Some(mut place) = shares.enter(most) {
            if !place.belongs_to(caller, most) {
                break;
            }
            places.push(place);
        }
        places
    }

    #[test]
    fn one_caller_gets_half_and_the_next_half_of_the_rest() {
        let shares = Arc::new(Shares::default());
        let first = take_all(&shares, &user(1), 100);
        let second = take_all(&shares, &user(2), 100);
        let third = take_all(&shares, &user(3), 100);
        assert_eq!((first.len(), second.len(), third.len()), (50, 25, 13));
        drop(first);
        assert_eq!(take_all(&shares, &user(2), 100).len(), 19);
    }

    #[test]
    fn a_container_shares_one_share_whatever_its_users() {
        let id = dockward_model::ContainerId("a".repeat(64));
        let of = |uid| {
            let within = Within::Container(id.clone());
            Caller::Process(Process { uid, gid: 0, groups: Vec::new(), pid: 1, within })
        };
        let shares = Arc::new(Shares::default());
        let places = take_all(&shares, &of(0), 8);
        assert_eq!(places.len(), 4);
        assert!(take_all(&shares, &of(1), 8).is_empty());
        assert_eq!(take_all(&shares, &user(0), 8).len(), 2);
    }

    #[test]
    fn places_are_given_back() {
        let shares = Arc::new(Shares::default());
        drop(take_all(&shares, &user(1), 10));
        assert_eq!(shares.wait_for_none(Duration::ZERO), 0);
        assert!(shares.open.lock().unwrap().by_whom.is_empty());
        let place = shares.enter(1);
        assert!(place.is_some() && shares.enter(1).is_none());
        assert_eq!(shares.wait_for_none(Duration::from_millis(1)), 1);
    }
}
