use super::*;
use crate::judged::{
    Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
    running_with, under_options,
};
use dockward_model::facts::sample;
use dockward_model::verdict::{Foothold, Level, Opening};

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn with(add: &[&str], drop: &[&str]) -> Facts {
    case_with(|c| {
        c.cap_add = sample::known(words(add), "HostConfig.CapAdd");
        c.cap_drop = sample::known(words(drop), "HostConfig.CapDrop");
    })
}

#[test]
fn capabilities_as_good_as_root_are_root() {
    for name in ["SYS_ADMIN", "cap_sys_module"] {
        let failure = assert_fails(capabilities, &with(&[name], &["ALL"]));
        let opening = Opening { gain: Gain::HostRoot, needs: Foothold::RootInContainer };
        assert_eq!(failure.openings, [opening], "{name}");
        assert_eq!(failure.severity, Some(Severity::Critical), "{name}");
    }
}

#[test]
fn reading_past_permissions_is_every_file_of_the_host() {
    let failure = assert_fails(capabilities, &with(&["DAC_READ_SEARCH"], &[]));
    assert_eq!(failure.severity, Some(Severity::High));
    assert_eq!(failure.openings[0].gain, Gain::HostFiles);
}

#[test]
fn lesser_ones_open_nothing_and_each_is_a_piece_of_evidence() {
    let failure = assert_fails(capabilities, &with(&["SYS_NICE", "NET_ADMIN"], &["ALL"]));
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    assert_eq!(failure.evidence.len(), 2);
    assert!(failure.message.starts_with("NET_ADMIN: root in it"));
    assert!(failure.message.ends_with("; also SYS_NICE"));
}

#[test]
fn all_of_them_are_told_in_one_word() {
    let failure = assert_fails(capabilities, &with(&["ALL"], &[]));
    assert_eq!((failure.severity, failure.evidence.len()), (Some(Severity::Critical), 1));
}

#[test]
fn nothing_said_keeps_net_raw_which_is_a_layer_less() {
    let failure = assert_fails(capabilities, &case_with(|_| ()));
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Low), 0));
}

#[test]
fn the_default_set_without_net_raw_or_less_passes() {
    assert_passes(capabilities, &with(&[], &["NET_RAW"]));
    assert_passes(capabilities, &with(&["NET_BIND_SERVICE"], &["ALL"]));
    let mut alone = case_with(|_| ());
    alone.container.network_mode = sample::known("none".into(), "HostConfig.NetworkMode");
    assert_passes(capabilities, &alone);
}

#[test]
fn who_is_never_root_has_no_use_for_the_default_set() {
    let mut case = case_with(|c| c.user = sample::known("1000".into(), "Config.User"));
    assert_fails(capabilities, &case);
    case.container.security_opt = sample::known(words(&["no-new-privileges"]), "SecurityOpt");
    assert_passes(capabilities, &case);
    case.container.cap_add = sample::known(words(&["SYS_ADMIN"]), "HostConfig.CapAdd");
    assert_eq!(assert_fails(capabilities, &case).severity, Some(Severity::Medium));
}

#[test]
fn the_kernels_word_is_in_force() {
    let more = DEFAULT_CAPABILITIES.with(Capability::SysAdmin);
    let mut case = running_with(|k| k.cap_bounding.fact = dockward_model::facts::Fact::Known(more));
    case.container.cap_add = sample::absent("HostConfig.CapAdd");
    let failure = assert_fails(capabilities, &case);
    assert_eq!(failure.evidence[0].level, Level::Effective);
}

#[test]
fn what_could_not_be_read_is_never_a_pass() {
    assert_unknown(capabilities, &case_with(|c| c.cap_add = sample::unknown("CapAdd")));
    assert_unknown(capabilities, &with(&["SYS_GOD"], &[]));
}

#[test]
fn root_of_another_user_namespace_has_them_only_there() {
    let added = words(&["SYS_ADMIN"]);
    let case = under_options(&["name=userns"], |c| c.cap_add = sample::known(added, "CapAdd"));
    let failure = assert_fails(capabilities, &case);
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
}

#[test]
fn a_privileged_container_is_told_once() {
    let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
    assert_not_applicable(capabilities, &case);
}
