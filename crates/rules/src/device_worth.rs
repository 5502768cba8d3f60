//! What a device of the host is worth to who may open it.
//!
//! A pure table (null(4), mem(4), sd(4), Linux `Documentation/admin-guide/devices.txt`).

use dockward_model::facts::Capability;
use dockward_model::verdict::{Gain, Severity};

use crate::host_path::{Relation, normal, relation};

/// A kind of device.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Worth {
    /// Where its nodes are; a name that ends with `*` stands for all that begin so.
    paths: &'static [&'static str],
    /// What it is and gives, in a few words.
    pub(crate) what: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// The capability without which it can't be opened.
    pub(crate) needs: Option<Capability>,
}

impl Worth {
    /// What is gained by it.
    pub(crate) const fn gain(&self) -> Option<Gain> {
        match self.severity {
            Severity::Critical => Some(Gain::HostRoot),
            _ => None,
        }
    }
}

/// Devices that every container has anyway, or that give nothing.
const HARMLESS: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/fd",
];

macro_rules! table {
    ($($severity:ident $what:literal $(needs $cap:ident)?: $($path:literal)*;)*) => {
        &[$(Worth {
            paths: &[$($path),*], what: $what, severity: Severity::$severity,
            needs: table!(@ $($cap)?),
        }),*]
    };
    (@) => { None };
    (@ $cap:ident) => { Some(Capability::$cap) };
}

/// The first that matches is told.
#[rustfmt::skip]
const TABLE: &[Worth] = table! {
    Critical "the machine's memory" needs SysRawio: "/dev/mem" "/dev/kmem" "/dev/port";
    Critical "the processor's registers" needs SysRawio: "/dev/cpu/*/msr" "/dev/cpu";
    Critical "a disk": "/dev/sd*" "/dev/hd*" "/dev/vd*" "/dev/xvd*" "/dev/nvme*" "/dev/mmcblk*"
        "/dev/dm-*" "/dev/mapper" "/dev/disk" "/dev/md*" "/dev/nbd*" "/dev/rbd*" "/dev/zd*"
        "/dev/zvol" "/dev/bcache*" "/dev/drbd*" "/dev/pmem*" "/dev/block" "/dev/root";
    Critical "a disk, by its raw commands": "/dev/sg*" "/dev/bsg";
    High "a file laid open as a disk": "/dev/loop*" "/dev/loop-control";
    High "the machine's management board": "/dev/ipmi*";
    High "direct access to hardware": "/dev/vfio" "/dev/uio*";
    High "keystrokes for the host": "/dev/uinput";
    Medium "every keystroke of the host": "/dev/input" "/dev/hidraw*" "/dev/uhid";
    Medium "the host's terminals": "/dev/tty0" "/dev/tty1*" "/dev/tty2*" "/dev/tty3*" "/dev/tty4*"
        "/dev/tty5*" "/dev/tty6*" "/dev/tty7*" "/dev/tty8*" "/dev/tty9*" "/dev/console" "/dev/pts"
        "/dev/vcs*" "/dev/fb*";
    Medium "the kernel's log": "/dev/kmsg";
    Medium "virtual machines in the kernel": "/dev/kvm" "/dev/vhost*";
    Medium "every device on the USB": "/dev/bus/usb" "/dev/bus";
    Medium "the machine's keys": "/dev/tpm*";
    Medium "restarts the machine": "/dev/watchdog*";
    Medium "shared memory of the host's programs": "/dev/shm" "/dev/mqueue";
    Low "file systems made by programs": "/dev/fuse" "/dev/cuse";
    Low "network tunnels": "/dev/net" "/dev/ppp";
    Low "a graphics card": "/dev/dri" "/dev/nvidia*" "/dev/kfd" "/dev/dxg" "/dev/mali*";
    Low "sound": "/dev/snd";
    Low "a camera": "/dev/video*" "/dev/media*" "/dev/v4l";
    Low "a serial line": "/dev/ttyUSB*" "/dev/ttyACM*" "/dev/ttyS*" "/dev/ttyAMA*" "/dev/serial";
    Low "pins and buses of the board": "/dev/gpio*" "/dev/i2c-*" "/dev/spidev*";
    Low "a disc drive": "/dev/sr*" "/dev/cdrom";
    Low "a clock": "/dev/rtc*";
};

/// What a device path comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It gives nothing.
    Harmless,
    /// Every device there is: `/dev` itself.
    All,
    /// It is of this kind.
    Known(&'static Worth),
    /// Nobody knows from here.
    Unknown,
}

/// What the device at `path` on the host, or the folder of devices, comes to.
pub(crate) fn class(path: &str) -> Class {
    let Some(path) = normal(path) else { return Class::Unknown };
    let covers =
        |place: &str| matches!(relation(place, &path), Some(Relation::Is | Relation::Inside));
    if path == "/dev" || path == "/" {
        Class::All
    } else if HARMLESS.iter().any(|place| covers(place)) {
        Class::Harmless
    } else {
        let known = TABLE.iter().find(|worth| worth.paths.iter().any(|place| covers(place)));
        known.map_or(Class::Unknown, Class::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(path: &str) -> Option<Severity> {
        match class(path) {
            Class::Known(worth) => Some(worth.severity),
            _ => None,
        }
    }

    #[test]
    fn disks_are_known_by_every_name() {
        for path in [
            "/dev/sda",
            "/dev/sda1",
            "/dev/nvme0n1p2",
            "/dev/vdb",
            "/dev/mapper/vg-root",
            "/dev/dm-0",
            "/dev/disk/by-uuid/1234",
            "/dev/../dev//sda",
            "/dev/sg0",
        ] {
            assert_eq!(severity(path), Some(Severity::Critical), "{path}");
        }
    }

    #[test]
    fn memory_takes_a_capability() {
        let Class::Known(worth) = class("/dev/mem") else { panic!("/dev/mem is not known") };
        assert_eq!((worth.needs, worth.gain()), (Some(Capability::SysRawio), Some(Gain::HostRoot)));
    }

    #[test]
    fn small_devices_are_small_and_harmless_ones_harmless() {
        for path in ["/dev/snd", "/dev/dri/card0", "/dev/ttyUSB0", "/dev/fuse", "/dev/net/tun"] {
            assert_eq!(severity(path), Some(Severity::Low), "{path}");
        }
        for path in ["/dev/null", "/dev/urandom", "/dev/tty"] {
            assert_eq!(class(path), Class::Harmless, "{path}");
        }
    }

    #[test]
    fn the_whole_folder_is_everything_and_a_strange_one_unknown() {
        assert_eq!(class("/dev/"), Class::All);
        for path in ["/dev/widget0", "", "sda", "/srv/sda"] {
            assert_eq!(class(path), Class::Unknown, "{path}");
        }
    }
}
