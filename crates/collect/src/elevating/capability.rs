//! `security.capability`, the capabilities of a file (capabilities(7), "File capability extended
//! attribute versioning"; `include/uapi/linux/capability.h`, `struct vfs_ns_cap_data`).

use dockward_model::facts::CapSet;

const REVISION_MASK: u32 = 0xFF00_0000;
const REVISIONS: [(u32, usize); 3] = [(0x0100_0000, 12), (0x0200_0000, 20), (0x0300_0000, 24)];

/// What an attribute permits and what it lets through from who starts the file; none where it is
/// not of a form that the kernel takes.
pub(super) fn of_attribute(bytes: &[u8]) -> Option<CapSet> {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let revision = word(0)? & REVISION_MASK;
    let (_, length) = REVISIONS.into_iter().find(|(known, _)| *known == revision)?;
    if bytes.len() != length {
        return None;
    }
    // Permitted and inheritable of the lower 32, then of the upper.
    let lower = word(4)? | word(8)?;
    let upper = if length > 12 { word(12)? | word(16)? } else { 0 };
    Some(CapSet(u64::from(upper) << 32 | u64::from(lower)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::Capability;

    #[test]
    fn an_attribute_is_read_in_each_of_its_versions() {
        // As `setcap cap_net_raw+ep` writes it: 1 << 13, and the bit for "effective".
        let second = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let net_raw = CapSet::of(&[Capability::NetRaw]);
        assert_eq!(of_attribute(&second), Some(net_raw));
        let mut third = [second.as_slice(), &[0, 0, 0, 0]].concat();
        third[3] = 3;
        assert_eq!(of_attribute(&third), Some(net_raw));
        let mut upper = second;
        upper[12] = 0x80;
        assert_eq!(of_attribute(&upper), Some(net_raw.with(Capability::Bpf)));
    }

    #[test]
    fn what_the_kernel_would_refuse_is_none() {
        for bytes in [&[][..], &[1, 0, 0], &[0; 20], &[1, 0, 0, 2], &[1, 0, 0, 9, 0, 0, 0, 0]] {
            assert_eq!(of_attribute(bytes), None);
        }
    }
}
