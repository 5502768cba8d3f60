//! Linux capabilities as a bit set (capabilities(7), `include/uapi/linux/capability.h`).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($bit:literal $variant:ident $name:literal),* $(,)?) => {
        /// One Linux capability; the discriminant is its number in the kernel.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the variants are the kernel's own names")]
        pub enum Capability { $($variant = $bit),* }

        impl Capability {
            /// Every capability that the kernel has, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The kernel's name without `CAP_`, such as `SYS_ADMIN`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

capabilities! {
    0 Chown "CHOWN", 1 DacOverride "DAC_OVERRIDE", 2 DacReadSearch "DAC_READ_SEARCH",
    3 Fowner "FOWNER", 4 Fsetid "FSETID", 5 Kill "KILL", 6 Setgid "SETGID", 7 Setuid "SETUID",
    8 Setpcap "SETPCAP", 9 LinuxImmutable "LINUX_IMMUTABLE", 10 NetBindService "NET_BIND_SERVICE",
    11 NetBroadcast "NET_BROADCAST", 12 NetAdmin "NET_ADMIN", 13 NetRaw "NET_RAW",
    14 IpcLock "IPC_LOCK", 15 IpcOwner "IPC_OWNER", 16 SysModule "SYS_MODULE",
    17 SysRawio "SYS_RAWIO", 18 SysChroot "SYS_CHROOT", 19 SysPtrace "SYS_PTRACE",
    20 SysPacct "SYS_PACCT", 21 SysAdmin "SYS_ADMIN", 22 SysBoot "SYS_BOOT", 23 SysNice "SYS_NICE",
    24 SysResource "SYS_RESOURCE", 25 SysTime "SYS_TIME", 26 SysTtyConfig "SYS_TTY_CONFIG",
    27 Mknod "MKNOD", 28 Lease "LEASE", 29 AuditWrite "AUDIT_WRITE",
    30 AuditControl "AUDIT_CONTROL", 31 Setfcap "SETFCAP", 32 MacOverride "MAC_OVERRIDE",
    33 MacAdmin "MAC_ADMIN", 34 Syslog "SYSLOG", 35 WakeAlarm "WAKE_ALARM",
    36 BlockSuspend "BLOCK_SUSPEND", 37 AuditRead "AUDIT_READ", 38 Perfmon "PERFMON", 39 Bpf "BPF",
    40 CheckpointRestore "CHECKPOINT_RESTORE",
}

impl Capability {
    /// Reads a name as the engine does: any case, with or without `CAP_`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let upper = name.trim().to_ascii_uppercase();
        let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
        Self::ALL.iter().copied().find(|c| c.name() == bare)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of capabilities, as the kernel prints it in `/proc/PID/status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CapSet(pub u64);

/// What the engine gives a container that asks for nothing (moby `oci/caps/defaults.go`).
pub const DEFAULT_CAPABILITIES: CapSet = CapSet::of(&[
    Capability::Chown,
    Capability::DacOverride,
    Capability::Fsetid,
    Capability::Fowner,
    Capability::Mknod,
    Capability::NetRaw,
    Capability::Setgid,
    Capability::Setuid,
    Capability::Setfcap,
    Capability::Setpcap,
    Capability::NetBindService,
    Capability::SysChroot,
    Capability::Kill,
    Capability::AuditWrite,
]);

impl CapSet {
    /// Every capability that we know of.
    pub const FULL: Self = Self::of(Capability::ALL);

    /// The set of the given capabilities.
    #[must_use]
    pub const fn of(list: &[Capability]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < list.len() {
            bits |= 1 << list[i] as u64;
            i += 1;
        }
        Self(bits)
    }

    /// Whether it holds `c`.
    #[must_use]
    pub const fn has(self, c: Capability) -> bool {
        self.0 & (1 << c as u64) != 0
    }

    /// With `c` added.
    #[must_use]
    pub const fn with(self, c: Capability) -> Self {
        Self(self.0 | (1 << c as u64))
    }

    /// With `c` taken away.
    #[must_use]
    pub const fn without(self, c: Capability) -> Self {
        Self(self.0 & !(1 << c as u64))
    }

    /// What is in here and not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its members, by number. Bits that this version has no name for are left out.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |c| self.has(*c))
    }

    /// Whether it holds all capabilities that we know of.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.0 & Self::FULL.0 == Self::FULL.0
    }

    /// What `--cap-add` and `--cap-drop` make of the default set, in the engine's own order
    /// (moby `oci/caps/utils.go`: `ALL` on either side first, then drops, then adds).
    /// `Err` names the first word that is no capability.
    pub fn configured(add: &[String], drop: &[String]) -> Result<Self, String> {
        let all = |list: &[String]| list.iter().any(|c| c.eq_ignore_ascii_case("ALL"));
        let named = |list: &[String]| -> Result<Vec<Capability>, String> {
            list.iter()
                .filter(|c| !c.eq_ignore_ascii_case("ALL"))
                .map(|c| Capability::parse(c).ok_or_else(|| c.clone()))
                .collect()
        };
        let (adds, drops) = (named(add)?, named(drop)?);
        let without = |set: Self| drops.iter().fold(set, |s, c| s.without(*c));
        if all(add) {
            return Ok(without(Self::FULL));
        }
        let base = if all(drop) { Self(0) } else { without(DEFAULT_CAPABILITIES) };
        Ok(adds.iter().fold(base, |s, c| s.with(*c)))
    }
}

impl fmt::Display for CapSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("ALL");
        }
        let names: Vec<_> = self.iter().map(Capability::name).collect();
        f.write_str(if names.is_empty() { "none".into() } else { names.join(" ") }.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_default_set_is_the_one_the_kernel_shows_for_a_plain_container() {
        assert_eq!(DEFAULT_CAPABILITIES.0, 0xa804_25fb);
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        for name in ["SYS_ADMIN", "cap_sys_admin", "CAP_Sys_Admin"] {
            assert_eq!(Capability::parse(name), Some(Capability::SysAdmin), "{name}");
        }
        assert_eq!(Capability::parse("SYS_ADMIN2"), None);
    }

    #[test]
    fn dropping_all_and_adding_one_leaves_one() {
        let set = CapSet::configured(&words(&["net_bind_service"]), &words(&["ALL"]));
        assert_eq!(set, Ok(CapSet::of(&[Capability::NetBindService])));
    }

    #[test]
    fn adding_all_and_dropping_one_lacks_one() {
        let set = CapSet::configured(&words(&["all"]), &words(&["SYS_MODULE"]));
        assert_eq!(set, Ok(CapSet::FULL.without(Capability::SysModule)));
    }

    #[test]
    fn a_word_that_is_no_capability_is_named() {
        assert_eq!(CapSet::configured(&words(&["SYS_GOD"]), &[]), Err("SYS_GOD".into()));
    }
}
