use dockward_model::facts::{CgroupView, Fact};

use super::{Hierarchies, Membership, view};
use crate::tree::Recorded;

const ID: &str = "4f1c9d2e8b7a6f5e4d3c2b1a0f9e8d7c6b5a49382716051423324150617283f0";

const V1: &str = "\
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
";
const V2: &str = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

fn see(mounts: &str, membership: &str, tree: &Recorded) -> CgroupView {
    view(&Hierarchies::open(tree, mounts), &Membership::parse(membership), ID)
}

fn scope(rest: &str) -> String {
    format!("0::/system.slice/docker-{ID}.scope{rest}\n")
}

#[test]
fn limits_of_version_2_are_read_from_the_containers_own_group() {
    let dir = format!("/sys/fs/cgroup/system.slice/docker-{ID}.scope");
    let tree = Recorded::new()
        .file(&format!("{dir}/memory.max"), "67108864\n")
        .file(&format!("{dir}/pids.max"), "100\n")
        .file(&format!("{dir}/cpu.max"), "50000 100000\n");
    for rest in ["", "/init.scope"] {
        let seen = see(V2, &scope(rest), &tree);
        assert_eq!(seen.memory.get(), Some(&67_108_864));
        assert_eq!(seen.pids.get(), Some(&100));
        assert_eq!(seen.cpu_millis.get(), Some(&500));
        assert_eq!(seen.memory.origin.to_string(), format!("{dir}/memory.max"));
    }
}

#[test]
fn max_means_that_there_is_no_limit() {
    let dir = format!("/sys/fs/cgroup/system.slice/docker-{ID}.scope");
    let tree = Recorded::new()
        .file(&format!("{dir}/memory.max"), "max\n")
        .file(&format!("{dir}/cpu.max"), "max 100000\n");
    let seen = see(V2, &scope(""), &tree);
    assert!(seen.memory.fact.is_absent() && seen.cpu_millis.fact.is_absent());
    assert!(seen.pids.fact.is_absent(), "no pids controller limits nothing");
}

#[test]
fn limits_of_version_1_are_read_with_the_huge_number_as_none() {
    let text =
        format!("7:cpu,cpuacct:/docker/{ID}\n5:memory:/docker/{ID}\n3:pids:/docker/{ID}\n0::/\n");
    let cpu = format!("/sys/fs/cgroup/cpu,cpuacct/docker/{ID}");
    let memory = format!("/sys/fs/cgroup/memory/docker/{ID}/memory.limit_in_bytes");
    let tree = Recorded::new()
        .file(&memory, "9223372036854771712\n")
        .file(&format!("{cpu}/cpu.cfs_quota_us"), "150000\n")
        .file(&format!("{cpu}/cpu.cfs_period_us"), "100000\n")
        .file(&format!("/sys/fs/cgroup/pids/docker/{ID}/pids.max"), "max\n");
    let seen = see(V1, &text, &tree);
    assert!(seen.memory.fact.is_absent() && seen.pids.fact.is_absent());
    assert_eq!(seen.cpu_millis.get(), Some(&1500));
    let seen = see(V1, &text, &tree.file(&memory, "4194304\n"));
    assert_eq!(seen.memory.get(), Some(&4_194_304));
}

#[test]
fn a_group_that_is_gone_or_not_ours_to_see_is_unknown_not_unlimited() {
    let empty = Recorded::new().file("/sys/fs/cgroup/x", "");
    let cases = [
        (V2, scope("")),
        (V2, format!("0::/../docker/{ID}\n")),
        (V2, "0::/user.slice\n".to_owned()),
        (V2, String::new()),
        ("", scope("")),
        ("31 23 0:28 /elsewhere /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", scope("")),
    ];
    for (mounts, membership) in cases {
        let seen = see(mounts, &membership, &empty);
        assert!(seen.memory.fact.unknown().is_some(), "{membership:?}");
        assert!(seen.cpu_millis.fact.unknown().is_some(), "{membership:?}");
    }
}

#[test]
fn a_limit_that_makes_no_sense_is_unknown() {
    let dir = format!("/sys/fs/cgroup/system.slice/docker-{ID}.scope");
    for text in ["", "-5", "1e9", "50000 0"] {
        let tree = Recorded::new()
            .file(&format!("{dir}/memory.max"), text)
            .file(&format!("{dir}/cpu.max"), text);
        let seen = see(V2, &scope(""), &tree);
        assert!(seen.memory.fact.unknown().is_some(), "{text:?}");
        assert!(matches!(seen.cpu_millis.fact, Fact::Unknown(_)), "{text:?}");
    }
}

#[test]
fn a_process_names_its_container_in_every_drivers_way() {
    for path in
        [format!("/docker/{ID}"), format!("/s/docker-{ID}.scope/init"), format!("/libpod-{ID}/c")]
    {
        assert!(Membership::parse(&format!("0::{path}\n")).names(ID), "{path}");
    }
    assert!(!Membership::parse("0::/user.slice\n").names(ID));
}
