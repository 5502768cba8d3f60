//! Which parts of a packet's headers a rule looks at.

use dockward_model::facts::Selector;

use super::values::{Form, Property};

/// A part of a header: its offset and its size in bytes, what it is, and how it is written.
pub(super) type Part = (u32, u32, Selector, Form);

/// RFC 791, section 3.1.
pub(super) const V4: &[Part] = &[
    (9, 1, Selector::Protocol, Form::Network),
    (12, 4, Selector::Source, Form::V4),
    (16, 4, Selector::Destination, Form::V4),
];
/// RFC 8200, section 3.
pub(super) const V6: &[Part] = &[
    (6, 1, Selector::Protocol, Form::Network),
    (8, 16, Selector::Source, Form::V6),
    (24, 16, Selector::Destination, Form::V6),
];
/// RFC 9293, section 3.1; the ports stand at the same place in UDP.
pub(super) const TRANSPORT: &[Part] = &[
    (0, 2, Selector::SourcePort, Form::Network),
    (2, 2, Selector::DestinationPort, Form::Network),
    (13, 1, Selector::TcpFlags, Form::Network),
];

/// The parts of a header that a load covers without a gap. Of an address, the first bytes do.
pub(super) fn parts(header: &[Part], offset: u32, length: u32) -> Option<Vec<Property>> {
    let end = offset.checked_add(length)?;
    let mut at = offset;
    let mut all = Vec::new();
    while at < end {
        let (_, size, on, form) = header.iter().find(|(start, ..)| *start == at)?;
        let taken = (*size).min(end - at);
        if taken < *size && !matches!(form, Form::V4 | Form::V6) {
            return None;
        }
        all.push(Property::new(*on, *form, usize::try_from(taken).ok()?));
        at += taken;
    }
    Some(all)
}
