//! How many connections each caller may have, so that nobody starves others.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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
    /// Those whose caller is not known yet, too; those that are refused, not.
    all: usize,
    by_whom: BTreeMap<String, usize>,
    strangers: usize,
    refused: usize,
}

/// Connections that are told why they are refused, at a time. More are closed without a word.
const REFUSED: usize = 64;
/// What part of all connections those over TCP may have that haven't shown yet who they are: anybody
/// on the network can open those.
const STRANGERS: usize = 8;

/// A place among all connections. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    shares: Arc<Shares>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Whose process is about to be looked at.
    Unknown,
    /// Who has to show a certificate first.
    Stranger,
    Known(String),
    Refused,
}

impl Shares {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection whose caller is not known yet, if there is one among `most`.
    pub(crate) fn enter(self: &Arc<Self>, most: usize, stranger: bool) -> Option<Place> {
        let mut open = self.open();
        if open.all >= most || (stranger && open.strangers >= most / STRANGERS) {
            return None;
        }
        open.all = open.all.saturating_add(1);
        if stranger {
            open.strangers = open.strangers.saturating_add(1);
        }
        let kind = if stranger { Kind::Stranger } else { Kind::Unknown };
        Some(Place { shares: Arc::clone(self), kind })
    }

    /// A place beside all others, for telling that there is none, if not too many are being told.
    pub(crate) fn refuse(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.open();
        if open.refused >= REFUSED {
            return None;
        }
        open.refused = open.refused.saturating_add(1);
        Some(Place { shares: Arc::clone(self), kind: Kind::Refused })
    }

    /// Waits until no connection is open, at most that long. Says how many still are.
    pub(crate) fn wait_for_none(&self, within: Duration) -> usize {
        let deadline = Instant::now().checked_add(within);
        let mut open = self.open();
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
        let shares = Arc::clone(&self.shares);
        let mut open = shares.open();
        let its = open.by_whom.get(&whose).copied().unwrap_or_default();
        if its > most.saturating_sub(open.all) {
            return false;
        }
        if matches!(self.kind, Kind::Stranger) {
            open.strangers = open.strangers.saturating_sub(1);
        }
        open.by_whom.insert(whose.clone(), its.saturating_add(1));
        self.kind = Kind::Known(whose);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shares.open();
        match &self.kind {
            Kind::Refused => {
                open.refused = open.refused.saturating_sub(1);
                return;
            }
            Kind::Unknown => {}
            Kind::Stranger => open.strangers = open.strangers.saturating_sub(1),
            Kind::Known(whose) => {
                let its = open.by_whom.get(whose).copied().unwrap_or_default();
                match its.saturating_sub(1) {
                    0 => drop(open.by_whom.remove(whose)),
                    less => drop(open.by_whom.insert(whose.clone(), less)),
                }
            }
        }
        open.all = open.all.saturating_sub(1);
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
        while let Some(mut place) = shares.enter(most, false) {
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
    fn who_has_not_shown_a_certificate_gets_a_small_part_of_all() {
        let shares = Arc::new(Shares::default());
        let mut strangers: Vec<_> = (0..100).map_while(|_| shares.enter(80, true)).collect();
        assert_eq!(strangers.len(), 10);
        assert!(strangers[0].belongs_to(&user(1), 80));
        assert!(shares.enter(80, true).is_some());
        assert!(shares.enter(80, false).is_some());
        strangers.clear();
        assert_eq!((0..100).map_while(|_| shares.enter(80, true)).count(), 100);
    }

    #[test]
    fn who_is_refused_holds_no_place_and_not_many_are_told() {
        let shares = Arc::new(Shares::default());
        let told: Vec<_> = (0..1000).map_while(|_| shares.refuse()).collect();
        assert_eq!(told.len(), REFUSED);
        assert_eq!(shares.wait_for_none(Duration::ZERO), 0);
        assert!(shares.enter(1, false).is_some());
        drop(told);
        assert!(shares.refuse().is_some());
    }

    #[test]
    fn places_are_given_back() {
        let shares = Arc::new(Shares::default());
        drop(take_all(&shares, &user(1), 10));
        assert_eq!(shares.wait_for_none(Duration::ZERO), 0);
        assert!(shares.open.lock().unwrap().by_whom.is_empty());
        let place = shares.enter(1, false);
        assert!(place.is_some() && shares.enter(1, false).is_none());
        assert_eq!(shares.wait_for_none(Duration::from_millis(1)), 1);
    }
}
