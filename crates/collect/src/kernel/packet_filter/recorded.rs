//! What the kernel answers, message after message, as it came: what the decoder starts from.

use rustix::io::Errno;
use rustix::net::netlink;

use super::{LIMIT, PATIENCE};
use crate::kernel::netlink::{Attributes, Broken, Netlink, attribute, message, messages};

/// `linux/netfilter/nfnetlink.h`, `nf_tables.h`.
const NF_TABLES: u16 = 10 << 8;
const GET_TABLE: u16 = NF_TABLES | 1;
const GET_CHAIN: u16 = NF_TABLES | 4;
const GET_RULE: u16 = NF_TABLES | 7;
const GET_SET: u16 = NF_TABLES | 10;
const GET_ELEMENTS: u16 = NF_TABLES | 13;
const SET_TABLE: u16 = 1;
const SET_NAME: u16 = 2;
/// `linux/rtnetlink.h`, `if_link.h`.
const GET_LINK: u16 = 18;
const GET_ADDRESS: u16 = 22;
const EXT_MASK: u16 = 29;
const WITHOUT_STATISTICS: u32 = 1 << 3;

/// Sets beyond this many are not read; a rule that asks one of those is not understood.
const MAX_SETS: usize = 1000;
/// Neither is a set that is longer than this, in bytes: some 10,000 addresses.
const MAX_SET: usize = 1 << 20;

/// Asks in the network namespace of this thread.
pub(super) fn ask(with_rules: bool) -> Result<Vec<u8>, Broken> {
    let mut all = links()?;
    if with_rules {
        all.extend(rules()?);
    }
    Ok(all)
}

fn links() -> Result<Vec<u8>, Broken> {
    let mut routing = Netlink::open(None, LIMIT, PATIENCE)?;
    let mut body = vec![0; 16];
    body.extend(attribute(EXT_MASK, &WITHOUT_STATISTICS.to_ne_bytes()));
    let mut all = routing.dump(GET_LINK, &body)?;
    all.extend(routing.dump(GET_ADDRESS, &[0; 8])?);
    Ok(all)
}

fn rules() -> Result<Vec<u8>, Broken> {
    let netfilter = Some(netlink::NETFILTER);
    let mut kernel = match Netlink::open(netfilter, LIMIT, PATIENCE) {
        // A kernel that was built without it holds no rule of it.
        Err(Broken::Refused(Errno::PROTONOSUPPORT)) => return Ok(Vec::new()),
        other => other?,
    };
    let mut all = match kernel.dump(GET_TABLE, &any()) {
        Err(Broken::Refused(Errno::INVAL | Errno::OPNOTSUPP)) => return Ok(Vec::new()),
        other => other?,
    };
    all.extend(kernel.dump(GET_CHAIN, &any())?);
    all.extend(kernel.dump(GET_RULE, &any())?);
    let sets = kernel.dump(GET_SET, &any())?;
    for (kind, set) in messages(&sets).ok_or(Broken::Garbled)?.into_iter().take(MAX_SETS) {
        let elements = elements(set).ok_or(Broken::Garbled)?;
        match Netlink::open(netfilter, MAX_SET, PATIENCE)?.dump(GET_ELEMENTS, &elements) {
            Ok(elements) => {
                all.extend(message(kind, 0, set));
                all.resize(all.len().next_multiple_of(4), 0);
                all.extend(elements);
            }
            // Too long, or gone meanwhile: to the decoder it is a set that was not seen.
            Err(Broken::TooLong | Broken::Refused(Errno::NOENT)) => {}
            Err(other) => return Err(other),
        }
        if all.len() > LIMIT {
            return Err(Broken::TooLong);
        }
    }
    Ok(all)
}

/// `struct nfgenmsg` for all families.
fn any() -> [u8; 4] {
    [0; 4]
}

/// Asks for the elements of a set, of which the kernel told.
fn elements(set: &[u8]) -> Option<Vec<u8>> {
    let told = Attributes::parse(set.get(4..)?)?;
    let mut body = vec![*set.first()?, 0, 0, 0];
    body.extend(attribute(SET_TABLE, told.get(SET_TABLE)?));
    body.extend(attribute(SET_NAME, told.get(SET_NAME)?));
    Some(body)
}
