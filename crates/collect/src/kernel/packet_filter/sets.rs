//! Sets and maps that rules look things up in.

use std::collections::BTreeMap;

use dockward_model::facts::{Action, Family, Values};

use super::expressions::verdict;
use super::values::{Property, before};
use crate::kernel::netlink::Attributes;

/// `linux/netfilter/nf_tables.h`.
const SET_TABLE: u16 = 1;
const SET_NAME: u16 = 2;
const SET_FLAGS: u16 = 3;
const SET_KEY_LENGTH: u16 = 5;
const INTERVALS: u32 = 0x4;
const CONCATENATED: u32 = 0x80;
const LIST_TABLE: u16 = 1;
const LIST_SET: u16 = 2;
const LIST_ELEMENTS: u16 = 3;
const KEY: u16 = 1;
const DATA: u16 = 2;
const FLAGS: u16 = 3;
const KEY_END: u16 = 10;
const INTERVAL_END: u32 = 1;
const CATCH_ALL: u32 = 2;
const VALUE: u16 = 1;
const VERDICT: u16 = 2;

#[derive(Debug, Default)]
struct Set {
    flags: u32,
    key_length: usize,
    elements: Vec<Element>,
}

#[derive(Debug)]
struct Element {
    key: Vec<u8>,
    end: bool,
    key_end: Option<Vec<u8>>,
    catch_all: bool,
    then: Option<Action>,
}

/// Keys from one to another, both included, and what is done for them.
type Range<'a> = (Vec<u8>, Vec<u8>, Option<&'a Action>);

/// All sets, by family, table and name.
#[derive(Debug, Default)]
pub(super) struct Sets(BTreeMap<(Family, String, String), Set>);

impl Sets {
    pub(super) fn set(&mut self, family: Family, told: &Attributes<'_>) -> Option<()> {
        let set = Set {
            flags: told.be32(SET_FLAGS).unwrap_or(0),
            key_length: usize::try_from(told.be32(SET_KEY_LENGTH)?).ok()?,
            elements: Vec::new(),
        };
        self.0.insert((family, told.text(SET_TABLE)?, told.text(SET_NAME)?), set);
        Some(())
    }

    pub(super) fn elements(&mut self, family: Family, told: &Attributes<'_>) -> Option<()> {
        let key = (family, told.text(LIST_TABLE)?, told.text(LIST_SET)?);
        let (Some(set), Some(list)) = (self.0.get_mut(&key), told.get(LIST_ELEMENTS)) else {
            return Some(());
        };
        for (_, element) in Attributes::parse(list)?.all() {
            set.elements.push(Element::read(&Attributes::parse(element)?)?);
        }
        Some(())
    }

    /// What a property must be to be in a set. None where that is not understood.
    pub(super) fn values(
        &self,
        (family, table, name): (Family, &str, &str),
        property: &Property,
    ) -> Option<Values> {
        let (mut names, mut addresses, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (first, last, _) in self.ranges((family, table, name), property)? {
            match property.range(&first, &last)? {
                Values::Names(more) => names.extend(more),
                Values::Addresses(more) => addresses.extend(more),
                Values::Numbers(more) => numbers.extend(more),
                Values::Masked { .. } => return None,
            }
        }
        Some(match (names.is_empty(), addresses.is_empty()) {
            (false, _) => Values::Names(names),
            (_, false) => Values::Addresses(addresses),
            _ => Values::Numbers(numbers),
        })
    }

    /// What is done for which values. None where that is not understood.
    pub(super) fn entries(
        &self,
        (family, table, name): (Family, &str, &str),
        property: &Property,
    ) -> Option<Vec<(Values, Action)>> {
        let ranges = self.ranges((family, table, name), property)?;
        let entry =
            |(first, last, then): Range<'_>| Some((property.range(&first, &last)?, then?.clone()));
        ranges.into_iter().map(entry).collect()
    }

    fn ranges(
        &self,
        (family, table, name): (Family, &str, &str),
        property: &Property,
    ) -> Option<Vec<Range<'_>>> {
        let set = self.0.get(&(family, table.to_owned(), name.to_owned()))?;
        let is_simple = set.flags & CONCATENATED == 0
            && set.key_length == property.length
            && property.mask.is_none();
        is_simple.then(|| set.ranges())?
    }
}

impl Set {
    fn ranges(&self) -> Option<Vec<Range<'_>>> {
        let all = || (vec![0; self.key_length], vec![0xff; self.key_length]);
        // What catches all that no other entry does would have to be asked last.
        if self.elements.iter().any(|e| e.catch_all) && self.elements.len() > 1 {
            return None;
        }
        let mut sorted: Vec<&Element> = self.elements.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key).then(b.end.cmp(&a.end)));
        let (mut ranges, mut open): (Vec<Range<'_>>, Option<&Element>) = (Vec::new(), None);
        for element in sorted {
            if element.catch_all {
                ranges.push((all().0, all().1, element.then.as_ref()));
                continue;
            }
            if let Some(start) = open.take() {
                let last = before(&element.key)?;
                ranges.push((start.key.clone(), last, start.then.as_ref()));
            }
            let then = element.then.as_ref();
            match (&element.key_end, element.end) {
                (_, true) => {}
                (Some(last), false) => ranges.push((element.key.clone(), last.clone(), then)),
                (None, false) if self.flags & INTERVALS != 0 => open = Some(element),
                (None, false) => ranges.push((element.key.clone(), element.key.clone(), then)),
            }
        }
        if let Some(start) = open {
            ranges.push((start.key.clone(), all().1, start.then.as_ref()));
        }
        Some(ranges)
    }
}

impl Element {
    fn read(told: &Attributes<'_>) -> Option<Self> {
        let flags = told.be32(FLAGS).unwrap_or(0);
        let value = |kind| -> Option<Vec<u8>> {
            told.nested(kind).and_then(|data| data.get(VALUE).map(<[u8]>::to_vec))
        };
        let then = match told.nested(DATA).and_then(|data| data.nested(VERDICT)) {
            Some(data) => verdict(&data)?,
            None => None,
        };
        let catch_all = flags & CATCH_ALL != 0;
        let key = if catch_all { Vec::new() } else { value(KEY)? };
        Some(Self { key, end: flags & INTERVAL_END != 0, key_end: value(KEY_END), catch_all, then })
    }
}
