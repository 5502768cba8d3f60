//! Which bytes a text has: most texts lack a byte that each secret of some form has, and a whole
//! search is saved.

/// The bytes that a text has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held([u64; 4]);

impl Held {
    pub(crate) const fn of(text: &str) -> Self {
        let (bytes, mut held, mut at) = (text.as_bytes(), [0_u64; 4], 0);
        while at < bytes.len() {
            let byte = bytes[at];
            held[(byte >> 6) as usize] |= 1 << (byte & 63);
            at += 1;
        }
        Self(held)
    }

    /// Whether it has all of these.
    pub(crate) const fn all(self, Self(needed): Self) -> bool {
        let Self(held) = self;
        held[0] & needed[0] == needed[0]
            && held[1] & needed[1] == needed[1]
            && held[2] & needed[2] == needed[2]
            && held[3] & needed[3] == needed[3]
    }

    /// Whether it has any of these.
    pub(crate) const fn any(self, Self(wanted): Self) -> bool {
        let Self(held) = self;
        held[0] & wanted[0] | held[1] & wanted[1] | held[2] & wanted[2] | held[3] & wanted[3] != 0
    }
}

/// A text to look for, and the bytes that it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) text: &'static str,
    pub(crate) bytes: Held,
}

impl Part {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, bytes: Held::of(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_and_any_are_told_apart() {
        let held = Held::of("a=\u{e4}~");
        let all = |bytes| held.all(Held::of(bytes));
        let any = |bytes| held.any(Held::of(bytes));
        assert!(all("a=\u{e4}") && !all("ab") && any("ab") && !any("bc"));
        assert!(all("") && !any(""));
    }
}
