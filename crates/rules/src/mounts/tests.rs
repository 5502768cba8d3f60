use super::*;
use crate::judged::{Facts, bind, case_with};
use dockward_model::facts::{KernelView, sample};

fn with(mounts: Vec<Mount>) -> Facts {
    case_with(|c| c.mounts = sample::known(mounts, "Mounts"))
}

fn weights(facts: &Facts) -> Vec<Option<Weight>> {
    let case = facts.case();
    let mounts = of_host(&case).ok().unwrap_or_default();
    mounts.iter().map(|m| written(&case, m).map(|hit| hit.meaning.weight)).collect()
}

#[test]
fn memory_and_images_show_nothing_of_the_host() {
    let mut mount = bind("/etc", true);
    mount.kind = MountKind::Tmpfs;
    assert!(weights(&with(vec![mount])).is_empty());
}

#[test]
fn a_mount_is_judged_by_where_it_leads() {
    let mut mount = bind("/srv/innocent", true);
    mount.host_path = Fact::Known("/etc".into());
    let facts = with(vec![mount]);
    assert_eq!(weights(&facts), [Some(Weight::Root)]);
    let case = facts.case();
    let mounts = of_host(&case).ok().unwrap_or_default();
    let hit = written(&case, &mounts[0]).expect("a hit");
    assert!(hit.told.starts_with("/etc (written /srv/innocent) at /mnt"), "{}", hit.told);
}

#[test]
fn a_volume_with_a_bind_device_is_judged_by_the_device() {
    let mut mount = bind("/var/lib/docker/volumes/all/_data", true);
    mount.kind = MountKind::Volume;
    assert_eq!(weights(&with(vec![mount.clone()])), [None]);
    mount.host_path = Fact::Known("/".into());
    mount.volume = Some("all".into());
    assert_eq!(named(&mount), "the volume `all`");
    assert_eq!(weights(&with(vec![mount])), [Some(Weight::Root)]);
}

#[test]
fn an_unresolved_path_is_judged_as_written_and_else_unknown() {
    let mut bad = bind("/etc", true);
    bad.host_path = Fact::Unknown("permission denied".into());
    assert_eq!(weights(&with(vec![bad])), [Some(Weight::Root)]);
    let mut harmless = bind("/srv/app", true);
    harmless.host_path = Fact::Unknown("permission denied".into());
    let facts = with(vec![harmless]);
    let case = facts.case();
    let mounts = of_host(&case).ok().unwrap_or_default();
    assert!(matches!(nothing_found(&mounts), Outcome::Unknown(why) if why.contains("/srv/app")));
}

fn below(target: &str, read_only: bool) -> impl FnOnce(&mut KernelView) {
    let fs = MountedFs {
        root: "/".into(),
        target: target.into(),
        fs_type: "proc".into(),
        source: "proc".into(),
        read_only,
        shared: false,
    };
    move |kernel| kernel.mounts = sample::known(vec![fs], "mountinfo")
}

fn read_only_root_with(change: impl FnOnce(&mut KernelView)) -> Facts {
    let mut facts = with(vec![bind("/", false)]);
    let mut kernel = sample::kernel();
    change(&mut kernel);
    facts.container.kernel = Fact::Known(kernel);
    facts
}

#[test]
fn a_read_only_mount_with_a_writable_one_below_is_written_through() {
    assert_eq!(weights(&read_only_root_with(below("/mnt/proc", false))), [Some(Weight::Root)]);
    assert_eq!(weights(&read_only_root_with(below("/mnt/proc", true))), [None]);
    assert_eq!(weights(&read_only_root_with(below("/proc", false))), [None]);
}

#[test]
fn a_mount_of_the_containers_own_below_is_not_the_hosts() {
    let mut facts = read_only_root_with(below("/mnt/etc", false));
    let mut nested = bind("/srv/app", true);
    nested.target = "/mnt/etc".into();
    facts.container.mounts = sample::known(vec![bind("/", false), nested], "Mounts");
    assert_eq!(weights(&facts), [None, None]);
}

#[test]
fn a_disk_is_no_safer_read_only_and_open_where_devices_are_allowed() {
    let mut mount = bind("/dev/sda", false);
    mount.node = Fact::Known("block".into());
    let mut facts = with(vec![mount]);
    assert_eq!(weights(&facts), [Some(Weight::Much)]);
    facts.container.device_cgroup_rules = sample::known(vec!["b 8:* rw".into()], "");
    assert_eq!(weights(&facts), [Some(Weight::Root)]);
}

#[test]
fn a_list_that_could_not_be_read_is_unknown() {
    let facts = case_with(|c| c.mounts = sample::unknown("Mounts"));
    assert!(matches!(of_host(&facts.case()), Err(Outcome::Unknown(_))));
}
