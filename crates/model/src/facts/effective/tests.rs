use super::*;
use crate::facts::{Capability, DEFAULT_CAPABILITIES, sample};

fn with_opts(options: &[&str]) -> Container {
    let list = options.iter().map(ToString::to_string).collect();
    let mut c = sample::container();
    c.security_opt = sample::known(list, "HostConfig.SecurityOpt");
    c
}

fn of(c: &Container) -> Effective {
    Effective::of(c, &sample::daemon())
}

#[test]
fn nothing_said_is_the_engines_default() {
    let e = sample::effective();
    assert_eq!(e.capabilities.get(), Some(&DEFAULT_CAPABILITIES));
    assert_eq!(e.seccomp.get(), Some(&Seccomp::Default));
    assert_eq!(e.runs_as.get(), Some(&RunsAs::Root));
    assert_eq!(e.userns.get(), Some(&UserNamespace::Host));
    assert_eq!(e.no_new_privs.get(), Some(&false));
    assert_eq!(e.system_paths_masked.get(), Some(&true));
}

#[test]
fn seccomp_is_read_in_both_spellings() {
    for spelling in ["seccomp=unconfined", "seccomp:unconfined"] {
        assert_eq!(of(&with_opts(&[spelling])).seccomp.get(), Some(&Seccomp::Unconfined));
    }
}

#[test]
fn a_daemon_wide_unconfined_profile_counts() {
    let mut daemon = sample::daemon();
    daemon.security_options =
        sample::known(vec!["name=seccomp,profile=unconfined".into()], "SecurityOptions");
    let e = Effective::of(&sample::container(), &daemon);
    assert_eq!(e.seccomp.get(), Some(&Seccomp::Unconfined));
}

#[test]
fn privileged_has_every_capability_and_no_filter() {
    let mut c = sample::container();
    c.privileged = sample::known(true, "HostConfig.Privileged");
    let e = of(&c);
    assert!(e.capabilities.get().is_some_and(|set| set.is_full()));
    assert_eq!(e.seccomp.get(), Some(&Seccomp::Unconfined));
    assert_eq!(e.system_paths_masked.get(), Some(&false));
}

#[test]
fn no_new_privileges_false_is_not_on() {
    assert_eq!(of(&with_opts(&["no-new-privileges:false"])).no_new_privs.get(), Some(&false));
    assert_eq!(of(&with_opts(&["no-new-privileges=true"])).no_new_privs.get(), Some(&true));
    assert_eq!(of(&with_opts(&["no-new-privileges"])).no_new_privs.get(), Some(&true));
}

#[test]
fn the_daemons_no_new_privileges_holds_for_who_says_nothing() {
    let mut daemon = sample::daemon();
    daemon.security_options =
        sample::known(vec!["name=no-new-privileges".into()], "SecurityOptions");
    let e = Effective::of(&sample::container(), &daemon);
    assert_eq!(e.no_new_privs.get(), Some(&true));
}

#[test]
fn root_is_root_in_every_spelling() {
    for user in ["", "0", "root", "0:0", "root:root", "0:1000", "00", ":0"] {
        let mut c = sample::container();
        c.user = sample::known(user.into(), "Config.User");
        assert_eq!(of(&c).runs_as.get(), Some(&RunsAs::Root), "{user:?}");
    }
}

#[test]
fn a_name_is_what_the_containers_passwd_says() {
    let mut c = sample::container();
    c.user = sample::known("toor".into(), "Config.User");
    assert_eq!(of(&c).runs_as.get(), Some(&RunsAs::Root));
    c.user_uid = sample::unknown("Config.User");
    assert!(of(&c).runs_as.fact.unknown().is_some());
}

#[test]
fn the_kernel_decides_over_the_configuration() {
    let mut c = sample::container();
    let mut kernel = sample::kernel();
    let more = DEFAULT_CAPABILITIES.with(Capability::SysAdmin);
    kernel.cap_bounding = sample::known(more, "CapBnd");
    kernel.seccomp = sample::known(0, "Seccomp");
    c.kernel = Fact::Known(kernel);
    let e = of(&c);
    assert!(e.capabilities.get().is_some_and(|set| set.has(Capability::SysAdmin)));
    assert_eq!(e.seccomp.get(), Some(&Seccomp::Unconfined));
}

#[test]
fn the_default_cgroup_namespace_follows_the_cgroup_version() {
    let mut c = sample::container();
    c.cgroupns_mode = sample::absent("HostConfig.CgroupnsMode");
    assert_eq!(of(&c).cgroup.get(), Some(&NamespaceMode::Own));
    let mut daemon = sample::daemon();
    daemon.cgroup_version = sample::known("1".into(), "CgroupVersion");
    assert_eq!(Effective::of(&c, &daemon).cgroup.get(), Some(&NamespaceMode::Host));
}

#[test]
fn an_unreadable_flag_makes_what_hangs_on_it_unknown() {
    let mut c = sample::container();
    c.privileged = sample::unknown("HostConfig.Privileged");
    let e = of(&c);
    assert!(e.capabilities.fact.unknown().is_some());
    assert!(e.seccomp.fact.unknown().is_some());
    assert!(e.system_paths_masked.fact.unknown().is_some());
}

#[test]
fn no_new_privileges_is_read_as_the_engine_reads_it() {
    for off in ["False", "f", "FALSE", "0"] {
        let e = of(&with_opts(&[&format!("no-new-privileges={off}")]));
        assert_eq!(e.no_new_privs.get(), Some(&false), "{off}");
    }
    let e = of(&with_opts(&["no-new-privileges=yes"]));
    assert!(e.no_new_privs.fact.unknown().is_some());
}

#[test]
fn a_filter_that_the_program_made_itself_is_not_the_engines() {
    let mut c = with_opts(&["seccomp=unconfined"]);
    c.kernel = Fact::Known(sample::kernel());
    assert_eq!(of(&c).seccomp.get(), Some(&Seccomp::Unconfined));
}

#[test]
fn a_profile_is_as_good_as_its_default_action() {
    let of_json = |json: &str| of(&with_opts(&[&format!("seccomp={json}")])).seccomp.fact;
    let deny = r#"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}"#;
    assert_eq!(of_json(deny), Fact::Known(Seccomp::Custom));
    let allow = r#"{"defaultAction":"SCMP_ACT_ALLOW"}"#;
    assert_eq!(of_json(allow), Fact::Known(Seccomp::Unconfined));
    let some = r#"{"defaultAction":"SCMP_ACT_LOG",
        "syscalls":[{"names":["bpf"],"action":"SCMP_ACT_ERRNO"}]}"#;
    assert_eq!(of_json(some), Fact::Known(Seccomp::AllowsUnnamed));
    assert_eq!(of_json("/etc/seccomp.json"), Fact::Known(Seccomp::Custom));
}

#[test]
fn the_kernel_says_root_whatever_was_configured() {
    let mut c = sample::container();
    c.user = sample::known("1000".into(), "Config.User");
    c.kernel = Fact::Known(sample::kernel());
    assert_eq!(of(&c).runs_as.get(), Some(&RunsAs::Root));
}

#[test]
fn stepping_down_later_is_not_starting_as_another_user() {
    let mut c = sample::container();
    let mut kernel = sample::kernel();
    kernel.uid = sample::known(999, "Uid");
    c.kernel = Fact::Known(kernel);
    assert_eq!(of(&c).runs_as.get(), Some(&RunsAs::Root));
}

#[test]
fn the_kernels_uid_answers_for_a_name_that_could_not_be_looked_up() {
    let mut c = sample::container();
    c.user = sample::known("app".into(), "Config.User");
    c.user_uid = sample::unknown("Config.User");
    let mut kernel = sample::kernel();
    kernel.uid = sample::known(100_999, "Uid");
    let map = crate::facts::IdMapping { inside: 0, outside: 100_000, count: 65_536 };
    kernel.uid_map = sample::known(vec![map], "uid_map");
    c.kernel = Fact::Known(kernel);
    assert_eq!(of(&c).runs_as.get(), Some(&RunsAs::Uid(999)));
}

#[test]
fn a_remapping_daemon_does_not_answer_for_a_mode_that_could_not_be_read() {
    let mut daemon = sample::daemon();
    daemon.security_options = sample::known(vec!["name=userns".into()], "SecurityOptions");
    let mut c = sample::container();
    assert_eq!(Effective::of(&c, &daemon).userns.get(), Some(&UserNamespace::Remapped));
    c.userns_mode = sample::unknown("HostConfig.UsernsMode");
    assert!(Effective::of(&c, &daemon).userns.fact.unknown().is_some());
}

#[test]
fn a_compose_services_namespace_is_joined_too() {
    let mut c = sample::container();
    c.network_mode = sample::known("service:vpn".into(), "network_mode");
    assert_eq!(of(&c).net.get(), Some(&NamespaceMode::Container("vpn".into())));
}

#[test]
fn bare_system_paths_are_seen_in_every_spelling() {
    let bare = |e: Effective| e.system_paths_masked.get() == Some(&false);
    assert!(bare(of(&with_opts(&["systempaths=unconfined"]))));
    let mut c = sample::container();
    c.masked_paths = sample::known(vec!["/proc/kcore".into()], "HostConfig.MaskedPaths");
    assert!(!bare(of(&c)));
    c.readonly_paths = sample::known(Vec::new(), "HostConfig.ReadonlyPaths");
    assert!(bare(of(&c)));
    c.readonly_paths = sample::unknown("HostConfig.ReadonlyPaths");
    assert!(of(&c).system_paths_masked.fact.unknown().is_some());
}

#[test]
fn apparmor_confines_unless_somebody_says_otherwise() {
    let e = sample::effective();
    assert_eq!(e.apparmor.get(), Some(&Confinement::Confined("docker-default".into())));
    assert!(e.is_held_by_lsm());
    for spelling in ["apparmor=unconfined", "apparmor:unconfined"] {
        let e = of(&with_opts(&[spelling]));
        assert_eq!(e.apparmor.get(), Some(&Confinement::Unconfined));
        assert!(!e.is_held_by_lsm());
    }
}

#[test]
fn a_profile_in_complain_mode_stops_nothing() {
    let mut c = sample::container();
    let mut kernel = sample::kernel();
    kernel.lsm_label = sample::known("web (complain)".into(), "attr/current");
    c.kernel = Fact::Known(kernel);
    let e = of(&c);
    assert_eq!(e.apparmor.get(), Some(&Confinement::OnlyLogs("web".into())));
    assert!(!e.is_held_by_lsm());
}

#[test]
fn an_engine_without_a_security_module_confines_by_none() {
    let mut daemon = sample::daemon();
    daemon.security_options = sample::known(vec!["name=seccomp".into()], "SecurityOptions");
    let e = Effective::of(&sample::container(), &daemon);
    assert!(e.apparmor.fact.is_absent() && e.selinux.fact.is_absent());
    assert!(!e.is_held_by_lsm());
    daemon.security_options = sample::unknown("SecurityOptions");
    let e = Effective::of(&sample::container(), &daemon);
    assert!(e.apparmor.fact.unknown().is_some() && e.selinux.fact.unknown().is_some());
}

#[test]
fn selinux_labels_are_told_apart_by_their_type() {
    let mut daemon = sample::daemon();
    daemon.security_options = sample::known(vec!["name=selinux".into()], "SecurityOptions");
    let under = |c: &Container| Effective::of(c, &daemon).selinux.fact;
    let confined = |kind: &str| Fact::Known(Confinement::Confined(kind.into()));
    assert_eq!(under(&sample::container()), confined("container_t"));
    assert_eq!(under(&with_opts(&["label=disable"])), Fact::Known(Confinement::Unconfined));
    assert_eq!(under(&with_opts(&["label:type:spc_t"])), Fact::Known(Confinement::Unconfined));
    assert_eq!(under(&with_opts(&["label=level:s0:c1"])), confined("container_t"));
    assert_eq!(under(&with_opts(&["label=type:web.process"])), confined("web.process"));
    let mut c = sample::container();
    c.pid_mode = sample::known("host".into(), "HostConfig.PidMode");
    assert_eq!(under(&c), Fact::Known(Confinement::Unconfined));
    c.selinux_label = sample::known("system_u:system_r:container_t:s0".into(), "ProcessLabel");
    assert_eq!(under(&c), confined("container_t"));
    let mut kernel = sample::kernel();
    kernel.lsm_label = sample::known("system_u:system_r:spc_t:s0".into(), "attr/current");
    c.kernel = Fact::Known(kernel);
    assert_eq!(under(&c), Fact::Known(Confinement::Unconfined));
}

#[test]
fn who_is_never_root_must_be_known_in_both_halves() {
    let mut c = with_opts(&["no-new-privileges"]);
    assert!(!of(&c).never_root());
    c.user = sample::known("1000".into(), "Config.User");
    assert!(of(&c).never_root());
    c.security_opt = sample::unknown("HostConfig.SecurityOpt");
    assert!(!of(&c).never_root());
}

#[test]
fn the_cgroup_tree_is_read_only_unless_somebody_says_otherwise() {
    assert_eq!(sample::effective().cgroups_writable.get(), Some(&false));
    let asked = of(&with_opts(&["writable-cgroups=true"]));
    assert_eq!(asked.cgroups_writable.get(), Some(&true));
    let mut c = sample::container();
    c.security_opt = sample::unknown("HostConfig.SecurityOpt");
    assert!(of(&c).cgroups_writable.fact.unknown().is_some());
    c.privileged = sample::known(true, "HostConfig.Privileged");
    assert_eq!(of(&c).cgroups_writable.get(), Some(&true));
}

#[test]
fn the_kernels_mounts_say_whether_the_cgroup_tree_is_writable() {
    let mut c = with_opts(&["writable-cgroups=true"]);
    for read_only in [true, false] {
        let tree = crate::facts::MountedFs {
            root: "/".into(),
            target: "/sys/fs/cgroup".into(),
            fs_type: "cgroup2".into(),
            source: "cgroup".into(),
            read_only,
            shared: false,
        };
        let mut kernel = sample::kernel();
        kernel.mounts = sample::known(vec![tree], "mountinfo");
        c.kernel = Fact::Known(kernel);
        assert_eq!(of(&c).cgroups_writable.get(), Some(&!read_only));
    }
}
