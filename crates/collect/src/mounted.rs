//! What lies under an overlay that a process sees mounted (the kernel's
//! Documentation/filesystems/overlayfs.rst).

use dockward_model::facts::Fact;

use crate::kernel::mountinfo::{self, unescape};
use crate::tree::Proc;

/// The lower folders of the overlay that a process sees mounted at a path, the topmost first, as they
/// were given to mount(2): they may be relative to a folder that nothing tells of. Absent where no
/// overlay is mounted there.
#[must_use]
pub fn lower_folders(proc: &Proc, pid: i32, target: &str) -> Fact<Vec<String>> {
    match proc.read_text(&format!("{pid}/mountinfo"), mountinfo::LIMIT) {
        Fact::Known(text) => of(&text, target).map_or(Fact::Absent, Fact::Known),
        Fact::Absent => Fact::Unknown(format!("process {pid} has ended")),
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

/// Of several mounts at one place the last lies over the others.
fn of(text: &str, target: &str) -> Option<Vec<String>> {
    let line = mountinfo::lines(text).filter(|line| unescape(line.target) == target).last()?;
    // A comma in a path is escaped by the kernel; a colon is by whoever mounts, and is no end of one.
    let mut options = line.super_options.split(',');
    let lower = options.find_map(|option| option.strip_prefix("lowerdir="))?;
    let lower = unescape(lower);
    let is_plain = line.fs_type == "overlay" && line.root == "/" && !lower.contains('\\');
    is_plain.then(|| lower.split(':').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(mounts: &[&str]) -> Option<Vec<String>> {
        let line = |mount: &&str| format!("51 85 0:43 {mount}\n");
        of(&mounts.iter().map(line).collect::<String>(), "/data root/c")
    }

    const AT: &str = "/ /data\\040root/c rw,relatime shared:2 - overlay overlay rw";

    #[test]
    fn the_lower_folders_of_an_overlay_are_told_from_the_top_down() {
        let line = format!("{AT},lowerdir=/data\\040root/2/fs:/data\\040root/1/fs,upperdir=/u");
        assert_eq!(lower(&[&line]).unwrap(), ["/data root/2/fs", "/data root/1/fs"]);
        let relative = format!("{AT},lowerdir=2/fs:1/fs:a\\054b,upperdir=/u");
        assert_eq!(lower(&[&line, &relative]).unwrap(), ["2/fs", "1/fs", "a,b"]);
    }

    #[test]
    fn what_is_no_such_overlay_has_no_lower_folders() {
        let other = "/ /data rw - overlay overlay rw,lowerdir=/1";
        let over = format!("{AT},lowerdir=/1");
        let tmpfs = "/ /data\\040root/c rw - tmpfs tmpfs rw,lowerdir=/1";
        let part = "/x /data\\040root/c rw - overlay overlay rw,lowerdir=/1";
        let colon = format!("{AT},lowerdir=/a\\134:b:/1");
        let others: [&[&str]; 7] =
            [&[], &[other], &[&over, tmpfs], &[part], &[&colon], &[AT], &["/ -"]];
        for mounts in others {
            assert_eq!(lower(mounts), None, "{mounts:?}");
        }
    }
}
