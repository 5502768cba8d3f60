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
