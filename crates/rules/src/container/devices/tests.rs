use super::*;
use crate::judged::{
    Facts, assert_fails, assert_not_applicable, assert_passes, assert_reviews, assert_unknown,
    case_with,
};
use dockward_model::facts::sample;

fn with(path: &str, permissions: &str) -> Facts {
    let device = Device {
        host_path: path.into(),
        container_path: "/dev/x".into(),
        permissions: permissions.into(),
    };
    case_with(|c| c.devices = sample::known(vec![device], "HostConfig.Devices"))
}

#[test]
fn a_disk_is_root_on_the_host_and_a_read_only_one_all_its_files() {
    for path in ["/dev/sda", "/dev/mapper/vg-root", "/dev"] {
        let failure = assert_fails(devices, &with(path, "rwm"));
        assert_eq!(failure.severity, Some(Severity::Critical), "{path}");
        assert_eq!(failure.openings[0].gain, Gain::HostRoot, "{path}");
    }
    let failure = assert_fails(devices, &with("/dev/sda", "r"));
    assert_eq!(failure.severity, Some(Severity::High));
    assert_eq!(failure.openings[0].gain, Gain::HostFiles);
}

#[test]
fn memory_is_shut_without_its_capability() {
    let mut case = with("/dev/mem", "rwm");
    let failure = assert_fails(devices, &case);
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    case.container.cap_add = sample::known(vec!["SYS_RAWIO".into()], "HostConfig.CapAdd");
    assert_eq!(assert_fails(devices, &case).severity, Some(Severity::Critical));
}

#[test]
fn small_and_strange_devices_are_for_a_person() {
    for path in ["/dev/snd", "/dev/widget0"] {
        assert_eq!(assert_reviews(devices, &with(path, "rwm")).severity, Some(Severity::Low));
    }
    assert_eq!(assert_fails(devices, &with("/dev/kmsg", "rwm")).severity, Some(Severity::Medium));
}

#[test]
fn a_graphics_card_by_driver_is_for_a_person() {
    let gpu = DeviceRequest {
        driver: "nvidia".into(),
        count: -1,
        ids: Vec::new(),
        capabilities: vec!["gpu".into()],
    };
    let case = case_with(|c| c.device_requests = sample::known(vec![gpu], "DeviceRequests"));
    assert!(assert_reviews(devices, &case).message.contains("nvidia gpu"));
}

#[test]
fn no_devices_and_harmless_ones_pass() {
    assert_passes(devices, &case_with(|_| ()));
    assert_passes(devices, &with("/dev/null", "rwm"));
    assert_passes(devices, &case_with(|c| c.devices = sample::known(Vec::new(), "Devices")));
}

#[test]
fn a_list_that_could_not_be_read_is_never_a_pass() {
    assert_unknown(devices, &case_with(|c| c.devices = sample::unknown("HostConfig.Devices")));
    let mut small = with("/dev/snd", "rwm");
    small.container.device_requests = sample::unknown("HostConfig.DeviceRequests");
    assert_unknown(devices, &small);
    let mut disk = with("/dev/sda", "rwm");
    disk.container.device_requests = sample::unknown("HostConfig.DeviceRequests");
    assert_fails(devices, &disk);
}

#[test]
fn another_user_namespaces_root_cannot_open_a_disk() {
    let mut case = with("/dev/sda", "rwm");
    case.daemon.security_options = sample::known(vec!["name=userns".into()], "");
    let failure = assert_fails(devices, &case);
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
}

#[test]
fn a_privileged_container_is_told_once() {
    let mut case = with("/dev/sda", "rwm");
    case.container.privileged = sample::known(true, "HostConfig.Privileged");
    assert_not_applicable(devices, &case);
}
