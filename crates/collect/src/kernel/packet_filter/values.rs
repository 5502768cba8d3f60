//! The bytes of a register or a set's key as what they mean.

use std::net::{Ipv4Addr, Ipv6Addr};

use dockward_model::facts::{Condition, InterfaceName, Selector, Values};

/// How a property is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, with a NUL at its end where it is whole.
    Name,
    /// An IPv4 address, or its first bytes.
    V4,
    /// An IPv6 address, or its first bytes.
    V6,
    /// A number in network byte order.
    Network,
    /// A number in this machine's byte order.
    Native,
}

/// A property in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) on: Selector,
    pub(super) form: Form,
    /// How many bytes of it were loaded.
    pub(super) length: usize,
    pub(super) mask: Option<Vec<u8>>,
}

/// `enum nft_cmp_ops`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    pub(super) fn from_number(number: u32) -> Option<Self> {
        let all = [
            Self::Equal,
            Self::Unequal,
            Self::Less,
            Self::LessOrEqual,
            Self::Greater,
            Self::GreaterOrEqual,
        ];
        all.get(usize::try_from(number).ok()?).copied()
    }
}

impl Property {
    pub(super) fn new(on: Selector, form: Form, length: usize) -> Self {
        Self { on, form, length, mask: None }
    }

    /// What comparing it with these bytes comes to.
    pub(super) fn compared(&self, how: Compare, with: &[u8]) -> Option<Condition> {
        let negated = how == Compare::Unequal;
        let is = match (how, &self.mask) {
            (Compare::Equal | Compare::Unequal, Some(mask)) => self.masked(mask, with)?,
            (_, Some(_)) => return None,
            (Compare::Equal | Compare::Unequal, None) => self.range(with, with)?,
            (Compare::Less | Compare::LessOrEqual, None) => {
                let last = if how == Compare::Less { before(with) } else { Some(with.to_vec()) };
                self.ordered(last.map(|last| (vec![0; last.len()], last)))?
            }
            (Compare::Greater | Compare::GreaterOrEqual, None) => {
                let first = if how == Compare::Greater { after(with) } else { Some(with.to_vec()) };
                self.ordered(first.map(|first| (first.clone(), vec![0xff; first.len()])))?
            }
        };
        Some(Condition::Test { on: self.on, is, negated })
    }

    /// Only what is in network byte order can be compared by size.
    fn ordered(&self, range: Option<(Vec<u8>, Vec<u8>)>) -> Option<Values> {
        match (self.form, range) {
            (Form::Name | Form::Native, _) => None,
            (_, Some((first, last))) => self.range(&first, &last),
            (Form::V4 | Form::V6, None) => Some(Values::Addresses(Vec::new())),
            (Form::Network, None) => Some(Values::Numbers(Vec::new())),
        }
    }

    /// All values between two, both included.
    pub(super) fn range(&self, first: &[u8], last: &[u8]) -> Option<Values> {
        match self.form {
            Form::Name => Some(Values::Names(vec![name(first, last)?])),
            Form::V4 => {
                let whole = |bytes: &[u8], fill| filled::<4>(bytes, fill).map(Ipv4Addr::from);
                let range = (whole(first, 0)?.into(), whole(last, 0xff)?.into());
                Some(Values::Addresses(vec![range]))
            }
            Form::V6 => {
                let whole = |bytes: &[u8], fill| filled::<16>(bytes, fill).map(Ipv6Addr::from);
                let range = (whole(first, 0)?.into(), whole(last, 0xff)?.into());
                Some(Values::Addresses(vec![range]))
            }
            Form::Network => Some(Values::Numbers(vec![(network(first)?, network(last)?)])),
            Form::Native => {
                let (first, last) = (native(first)?, native(last)?);
                (first == last).then(|| Values::Numbers(vec![(first, last)]))
            }
        }
    }

    fn masked(&self, mask: &[u8], value: &[u8]) -> Option<Values> {
        let value = value.get(..mask.len())?;
        match self.form {
            Form::Name => None,
            Form::Network => Some(Values::Masked { mask: network(mask)?, value: network(value)? }),
            Form::Native => Some(Values::Masked { mask: native(mask)?, value: native(value)? }),
            Form::V4 | Form::V6 => {
                let first: Vec<u8> = value.iter().zip(mask).map(|(v, m)| v & m).collect();
                let last: Vec<u8> = value.iter().zip(mask).map(|(v, m)| v | !m).collect();
                (is_prefix(mask) && first == value).then(|| self.range(&first, &last))?
            }
        }
    }
}

/// Whether all set bits come first.
pub(super) fn is_prefix(mask: &[u8]) -> bool {
    let zeros: u32 = mask.iter().map(|byte| byte.count_zeros()).sum();
    let mut at_end = 0;
    for byte in mask.iter().rev() {
        at_end += byte.trailing_zeros().min(8);
        if *byte != 0 {
            break;
        }
    }
    zeros == at_end
}

/// An address of which only the first bytes were given.
fn filled<const N: usize>(bytes: &[u8], fill: u8) -> Option<[u8; N]> {
    let mut whole = [fill; N];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(whole)
}

fn network(bytes: &[u8]) -> Option<u32> {
    let number = |all: u32, byte: &u8| all << 8 | u32::from(*byte);
    (!bytes.is_empty() && bytes.len() <= 4).then(|| bytes.iter().fold(0, number))
}

fn native(bytes: &[u8]) -> Option<u32> {
    match bytes.len() {
        1 => bytes.first().map(|byte| u32::from(*byte)),
        2 => bytes.try_into().ok().map(u16::from_ne_bytes).map(u32::from),
        4 => bytes.try_into().ok().map(u32::from_ne_bytes),
        _ => None,
    }
}

/// The name between two keys: a whole one, or all that begin with the first.
fn name(first: &[u8], last: &[u8]) -> Option<InterfaceName> {
    let end = first.iter().position(|byte| *byte == 0).unwrap_or(first.len());
    let text = String::from_utf8(first.get(..end)?.to_vec()).ok()?;
    if first == last {
        return Some(InterfaceName { text, whole: end < first.len() || first.len() == 16 });
    }
    let rest = last.get(end..)?;
    let is_beginning = last.get(..end)? == first.get(..end)?
        && rest.iter().all(|byte| *byte == 0xff)
        && first.get(end..)?.iter().all(|byte| *byte == 0);
    is_beginning.then_some(InterfaceName { text, whole: false })
}

/// The next lower number in network byte order.
pub(super) fn before(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut lower = bytes.to_vec();
    for byte in lower.iter_mut().rev() {
        let (next, borrowed) = byte.overflowing_sub(1);
        *byte = next;
        if !borrowed {
            return Some(lower);
        }
    }
    None
}

/// The next higher number in network byte order.
fn after(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut higher = bytes.to_vec();
    for byte in higher.iter_mut().rev() {
        let (next, carried) = byte.overflowing_add(1);
        *byte = next;
        if !carried {
            return Some(higher);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn test(form: Form, length: usize, how: Compare, with: &[u8]) -> Option<Condition> {
        Property::new(Selector::Source, form, length).compared(how, with)
    }

    fn addresses(first: &str, last: &str, negated: bool) -> Option<Condition> {
        let range: (IpAddr, IpAddr) = (first.parse().unwrap(), last.parse().unwrap());
        let is = Values::Addresses(vec![range]);
        Some(Condition::Test { on: Selector::Source, is, negated })
    }

    #[test]
    fn the_first_bytes_of_an_address_are_its_network() {
        let ten = addresses("10.0.0.0", "10.255.255.255", true);
        assert_eq!(test(Form::V4, 1, Compare::Unequal, &[10]), ten);
        let host = addresses("10.1.2.3", "10.1.2.3", false);
        assert_eq!(test(Form::V4, 4, Compare::Equal, &[10, 1, 2, 3]), host);
        assert_eq!(test(Form::V4, 4, Compare::Equal, &[1, 2, 3, 4, 5]), None);
    }

    #[test]
    fn a_mask_is_a_network_only_where_its_bits_come_first() {
        let mut property = Property::new(Selector::Source, Form::V4, 4);
        property.mask = Some(vec![255, 255, 240, 0]);
        let seen = property.compared(Compare::Equal, &[10, 1, 16, 0]);
        assert_eq!(seen, addresses("10.1.16.0", "10.1.31.255", false));
        property.mask = Some(vec![255, 0, 255, 0]);
        assert_eq!(property.compared(Compare::Equal, &[10, 0, 16, 0]), None);
        assert_eq!(property.compared(Compare::Less, &[10, 0, 16, 0]), None);
    }

    #[test]
    fn numbers_are_compared_by_size_only_in_network_order() {
        let numbers = |range: &[(u32, u32)]| {
            let is = Values::Numbers(range.to_vec());
            Some(Condition::Test { on: Selector::Source, is, negated: false })
        };
        assert_eq!(test(Form::Network, 2, Compare::Less, &[1, 0]), numbers(&[(0, 255)]));
        assert_eq!(test(Form::Network, 2, Compare::Less, &[0, 0]), numbers(&[]));
        assert_eq!(
            test(Form::Network, 2, Compare::Greater, &[255, 254]),
            numbers(&[(0xffff, 0xffff)])
        );
        assert_eq!(test(Form::Native, 4, Compare::Less, &[1, 0, 0, 0]), None);
        let one = test(Form::Native, 4, Compare::Equal, &1_u32.to_ne_bytes());
        assert_eq!(one, numbers(&[(1, 1)]));
    }

    #[test]
    fn a_name_without_its_nul_is_a_beginning() {
        let name = |bytes: &[u8]| match test(Form::Name, 16, Compare::Equal, bytes) {
            Some(Condition::Test { is: Values::Names(names), .. }) => names.first().cloned(),
            _ => None,
        };
        assert_eq!(name(b"eth0\0").map(|n| (n.text, n.whole)), Some(("eth0".into(), true)));
        assert_eq!(name(b"eth").map(|n| (n.text, n.whole)), Some(("eth".into(), false)));
    }

    #[test]
    fn prefixes_are_told_from_holes() {
        assert!(is_prefix(&[255, 255, 0, 0]) && is_prefix(&[0, 0]) && is_prefix(&[255, 240]));
        assert!(!is_prefix(&[0, 255]) && !is_prefix(&[255, 0, 1]));
    }
}
