//! Messages into chains: which hang on a hook that packets from outside pass, and what these
//! lead to.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Action, BaseChain, Chain, Family, FilterRule, Hook, PacketFilter};

use super::expressions;
use super::links::{Links, NEW_ADDRESS, NEW_LINK};
use super::sets::Sets;
use crate::kernel::netlink::{Attributes, messages};

/// `linux/netfilter/nf_tables.h`.
const NF_TABLES: u16 = 10 << 8;
const NEW_TABLE: u16 = NF_TABLES;
const NEW_CHAIN: u16 = NF_TABLES | 3;
const NEW_RULE: u16 = NF_TABLES | 6;
const NEW_SET: u16 = NF_TABLES | 9;
const NEW_ELEMENTS: u16 = NF_TABLES | 12;
const TABLE_NAME: u16 = 1;
const TABLE_FLAGS: u16 = 2;
const DORMANT: u32 = 1;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const CHAIN_TYPE: u16 = 7;
const HOOK_NUMBER: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
const RULE_HANDLE: u16 = 3;
const RULE_EXPRESSIONS: u16 = 4;

/// More rules than this are not read.
const MAX_RULES: usize = 100_000;

type Name = (Family, String, String);

#[derive(Default)]
struct Reading<'a> {
    dormant: BTreeSet<(Family, String)>,
    chains: BTreeMap<Name, Chain>,
    rules: Vec<(Family, &'a [u8])>,
    sets: Sets,
    links: Links,
}

/// The packet filter that these messages tell of.
pub(super) fn read(dump: &[u8]) -> Result<PacketFilter, String> {
    let mut reading = Reading::default();
    let taken = messages(dump)
        .and_then(|all| all.into_iter().try_for_each(|(kind, body)| reading.take(kind, body)));
    taken.ok_or("an answer about the packet filter can't be read")?;
    if reading.rules.len() > MAX_RULES {
        return Err(format!("the packet filter has more than {MAX_RULES} rules"));
    }
    reading.decode().ok_or("a rule of the packet filter can't be read")?;
    Ok(reading.finish())
}

impl<'a> Reading<'a> {
    fn take(&mut self, kind: u16, body: &'a [u8]) -> Option<()> {
        match kind {
            NEW_LINK => return self.links.link(body),
            NEW_ADDRESS => return self.links.address(body),
            _ => {}
        }
        let family = match body.first()? {
            1 => Family::Inet,
            2 => Family::Ip,
            10 => Family::Ip6,
            _ => return Some(()),
        };
        let body = body.get(4..)?;
        match kind {
            NEW_TABLE => self.table(family, &Attributes::parse(body)?),
            NEW_CHAIN => self.chain(family, &Attributes::parse(body)?),
            NEW_RULE => {
                self.rules.push((family, body));
                Some(())
            }
            NEW_SET => self.sets.set(family, &Attributes::parse(body)?),
            NEW_ELEMENTS => self.sets.elements(family, &Attributes::parse(body)?),
            _ => Some(()),
        }
    }

    fn table(&mut self, family: Family, told: &Attributes<'_>) -> Option<()> {
        if told.be32(TABLE_FLAGS).unwrap_or(0) & DORMANT != 0 {
            self.dormant.insert((family, told.text(TABLE_NAME)?));
        }
        Some(())
    }

    fn chain(&mut self, family: Family, told: &Attributes<'_>) -> Option<()> {
        let (table, name) = (told.text(CHAIN_TABLE)?, told.text(CHAIN_NAME)?);
        let base = match told.nested(CHAIN_HOOK) {
            None => None,
            Some(hook) => match base(told, &hook)? {
                Some(base) => Some(base),
                // Another hook: nothing comes this way from outside.
                None => return Some(()),
            },
        };
        let key = (family, table.clone(), name.clone());
        self.chains.insert(key, Chain { family, table, name, base, rules: Vec::new() });
        Some(())
    }

    fn decode(&mut self) -> Option<()> {
        for (family, body) in &self.rules {
            let told = Attributes::parse(body)?;
            let (table, chain) = (told.text(RULE_TABLE)?, told.text(RULE_CHAIN)?);
            let Some(chain) = self.chains.get_mut(&(*family, table.clone(), chain)) else {
                continue;
            };
            let list = told.nested(RULE_EXPRESSIONS).unwrap_or_default();
            let (when, then) = expressions::read(*family, &table, &list, &self.sets)?;
            let handle = told.be64(RULE_HANDLE)?;
            chain.rules.push(FilterRule { handle, when, then });
        }
        Some(())
    }

    /// Keeps the chains that hang on a hook and what they lead to.
    fn finish(self) -> PacketFilter {
        let mut wanted: Vec<Name> = Vec::new();
        let mut kept: BTreeSet<Name> = BTreeSet::new();
        let is_awake = |chain: &Chain| {
            chain.base.is_some() && !self.dormant.contains(&(chain.family, chain.table.clone()))
        };
        wanted.extend(self.chains.iter().filter(|(_, c)| is_awake(c)).map(|(key, _)| key.clone()));
        while let Some(key) = wanted.pop() {
            let Some(chain) = self.chains.get(&key).filter(|_| kept.insert(key.clone())) else {
                continue;
            };
            let leads = chain.rules.iter().flat_map(|rule| &rule.then).flat_map(targets);
            wanted.extend(leads.map(|name| (key.0, key.1.clone(), name.to_owned())));
        }
        let chains = self.chains.into_iter().filter(|(key, _)| kept.contains(key));
        PacketFilter {
            chains: chains.map(|(_, chain)| chain).collect(),
            interfaces: self.links.into_list(),
            ..PacketFilter::default()
        }
    }
}

/// The chains that an action may lead to.
fn targets(action: &Action) -> Vec<&str> {
    match action {
        Action::Jump(name) | Action::Goto(name) => vec![name],
        Action::Choose { entries, .. } => {
            entries.iter().flat_map(|(_, action)| targets(action)).collect()
        }
        _ => Vec::new(),
    }
}

/// Where a chain hangs; none for a hook that packets from outside don't pass on their way in.
fn base(chain: &Attributes<'_>, hook: &Attributes<'_>) -> Option<Option<BaseChain>> {
    let number = hook.be32(HOOK_NUMBER)?;
    let hooks = [Hook::Prerouting, Hook::Input, Hook::Forward];
    let Some(at) = usize::try_from(number).ok().and_then(|number| hooks.get(number)) else {
        return Some(None);
    };
    Some(Some(BaseChain {
        hook: *at,
        priority: hook.be32(HOOK_PRIORITY)?.cast_signed(),
        nat: chain.text(CHAIN_TYPE)? == "nat",
        drops: chain.be32(CHAIN_POLICY) == Some(0),
    }))
}
