//! A packet's way along the hooks, and through the chains of each.

use std::net::IpAddr;

use dockward_model::facts::{Action, Chain, FilterRule, Hook, PacketFilter};

use super::packet::Packet;
use super::{Reach, Ruling, sees};

/// `NFT_JUMP_STACK_SIZE`.
const DEEPEST: usize = 16;
/// How many rules a packet is held against before we give up.
const MAX_STEPS: usize = 200_000;

/// Where a way through a chain may end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End<'a> {
    Accepted,
    Dropped(&'a Chain, Option<&'a FilterRule>),
    SentOn(Option<IpAddr>, Option<u16>, (&'a Chain, &'a FilterRule)),
    Kept(Option<u16>),
    /// The chain had nothing to say.
    Through,
}

/// A packet on its way.
pub(super) struct Walk<'a> {
    filter: &'a PacketFilter,
    packet: Packet<'a>,
    hook: Hook,
    /// The first thing that could not be told.
    doubt: Option<String>,
    steps: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(filter: &'a PacketFilter, packet: Packet<'a>) -> Self {
        Self { filter, packet, hook: Hook::Prerouting, doubt: None, steps: 0 }
    }

    /// From hook to hook. Where the packet is `translated`, its destination may be changed.
    pub(super) fn follow(mut self, translated: bool) -> Reach {
        let mut unknown = None;
        let (mut done, mut aside) = (false, None);
        for chain in self.asked() {
            let is_nat = chain.base.is_some_and(|base| base.nat);
            if is_nat && (done || !translated) {
                continue;
            }
            let ends = self.base(chain);
            match ends.as_slice() {
                [End::Dropped(chain, rule)] => return Reach::Blocked(ruling(chain, *rule)),
                [End::SentOn(to, port, (chain, rule))] => {
                    aside = Some(ruling(chain, Some(rule)));
                    self.packet.is_sent_on(self.filter, *to, *port);
                }
                [End::Kept(port)] => self.packet.is_kept(*port),
                [End::Accepted | End::Through] => continue,
                // Where to is not known: neither is what then happens.
                _ if is_nat => return Reach::Unknown(self.why()),
                _ => unknown = unknown.or_else(|| Some(self.why())),
            }
            done |= is_nat;
        }
        self.hook = if self.packet.is_local { Hook::Input } else { Hook::Forward };
        for chain in self.asked() {
            // On the way in, only sources are changed.
            if chain.base.is_some_and(|base| base.nat) {
                continue;
            }
            let ends = self.base(chain);
            match ends.as_slice() {
                [End::Dropped(chain, rule)] => return Reach::Blocked(ruling(chain, *rule)),
                [_] => {}
                _ => unknown = unknown.or_else(|| Some(self.why())),
            }
        }
        unknown.map_or(Reach::Open { only: None, aside }, Reach::Unknown)
    }

    fn asked(&self) -> Vec<&'a Chain> {
        let mut chains = self.filter.at(self.hook);
        chains.retain(|chain| sees(chain.family, self.packet.v6));
        chains
    }

    fn why(&self) -> String {
        self.doubt.clone().unwrap_or_else(|| "two rules disagree".into())
    }

    /// A chain of the hook, its policy included. What lets the packet on is told as one.
    fn base(&mut self, chain: &'a Chain) -> Vec<End<'a>> {
        let ends = self.chain(chain, 0);
        let drops = chain.base.is_some_and(|base| base.drops);
        let mut all = Vec::new();
        for end in ends {
            let end = match end {
                End::Through if drops => End::Dropped(chain, None),
                End::Through => End::Accepted,
                other => other,
            };
            add(&mut all, end);
        }
        // Which of two rules drops it does not matter.
        if all.iter().all(|end| matches!(end, End::Dropped(..))) {
            all.truncate(1);
        }
        all
    }

    fn chain(&mut self, chain: &'a Chain, depth: usize) -> Vec<End<'a>> {
        let mut ends = Vec::new();
        for rule in chain.rules.iter().filter(|rule| !rule.then.is_empty()) {
            self.steps += 1;
            if depth > DEEPEST || self.steps > MAX_STEPS {
                self.doubt.get_or_insert_with(|| format!("{} goes too deep", chain.path()));
                return vec![End::Accepted, End::Dropped(chain, None)];
            }
            let applies = self.applies(rule);
            if applies == Some(false) {
                continue;
            }
            if applies.is_none() {
                self.doubts(chain, rule);
            }
            let goes_on = self.rule(chain, rule, &mut ends, depth);
            if applies == Some(true) && !goes_on {
                return ends;
            }
        }
        add(&mut ends, End::Through);
        ends
    }

    /// Whether all conditions hold; none where that can't be told.
    fn applies(&self, rule: &FilterRule) -> Option<bool> {
        let mut all = Some(true);
        for condition in &rule.when {
            match self.packet.meets(condition, self.hook) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
        all
    }

    fn doubts(&mut self, chain: &Chain, rule: &FilterRule) {
        let say = || format!("{}: `{rule}` is not understood in full", chain.path());
        self.doubt.get_or_insert_with(say);
    }

    /// What a rule does. True where the packet may go on to the next one.
    fn rule(
        &mut self,
        chain: &'a Chain,
        rule: &'a FilterRule,
        ends: &mut Vec<End<'a>>,
        depth: usize,
    ) -> bool {
        rule.then.iter().all(|action| self.act((chain, rule), action, ends, depth))
    }

    fn act(
        &mut self,
        (chain, rule): (&'a Chain, &'a FilterRule),
        action: &'a Action,
        ends: &mut Vec<End<'a>>,
        depth: usize,
    ) -> bool {
        match action {
            Action::Accept => add(ends, End::Accepted),
            Action::Drop | Action::Reject => add(ends, End::Dropped(chain, Some(rule))),
            Action::Return => add(ends, End::Through),
            Action::Dnat { to, port } => add(ends, End::SentOn(*to, *port, (chain, rule))),
            Action::Redirect(port) => add(ends, End::Kept(*port)),
            Action::SetMark => {
                self.packet.marked = true;
                return true;
            }
            Action::SetCtMark => {
                self.packet.connection_marked = true;
                return true;
            }
            Action::Jump(name) | Action::Goto(name) => {
                let Some(next) = self.filter.beside(chain, name) else {
                    return self.anything(chain, rule, ends);
                };
                let its = self.chain(next, depth + 1);
                let is_jump = matches!(action, Action::Jump(_));
                let goes_on = is_jump && its.contains(&End::Through);
                for end in its.into_iter().filter(|end| !is_jump || *end != End::Through) {
                    add(ends, end);
                }
                return goes_on;
            }
            Action::Choose { on, entries } => {
                for (values, action) in entries {
                    match self.packet.is(*on, values, self.hook) {
                        Some(false) => {}
                        Some(true) => return self.act((chain, rule), action, ends, depth),
                        None => {
                            self.doubts(chain, rule);
                            self.act((chain, rule), action, ends, depth);
                        }
                    }
                }
                return true;
            }
            Action::NotUnderstood(_) => return self.anything(chain, rule, ends),
        }
        false
    }

    /// A rule that may do anything.
    fn anything(
        &mut self,
        chain: &'a Chain,
        rule: &'a FilterRule,
        ends: &mut Vec<End<'a>>,
    ) -> bool {
        self.doubts(chain, rule);
        add(ends, End::Accepted);
        add(ends, End::Dropped(chain, Some(rule)));
        true
    }
}

fn add<'a>(ends: &mut Vec<End<'a>>, end: End<'a>) {
    let is_known = |known: &End<'_>| match (known, &end) {
        (End::Dropped(..), End::Dropped(..)) => true,
        (End::SentOn(to, port, _), End::SentOn(its, also, _)) => (to, port) == (its, also),
        (known, end) => known == end,
    };
    if !ends.iter().any(is_known) {
        ends.push(end);
    }
}

fn ruling(chain: &Chain, rule: Option<&FilterRule>) -> Ruling {
    let text = rule.map_or_else(|| "policy drop".into(), ToString::to_string);
    Ruling { origin: chain.origin(rule), text }
}
