//! Devices of the host that a container was given.

use dockward_engine::api::{DeviceMapping, DeviceRequest as Asked};
use dockward_model::facts::{Container, Device, DeviceRequest};

use super::Record;
use crate::field::{Odd, part, text_part};

pub(super) fn fill(c: &mut Container, r: &Record<'_>) {
    let a = &r.answered;
    c.devices = a.list("HostConfig.Devices", r.host(|h| &h.devices), |_, one| device(one));
    c.device_cgroup_rules =
        a.texts("HostConfig.DeviceCgroupRules", r.host(|h| &h.device_cgroup_rules));
    c.device_requests =
        a.list("HostConfig.DeviceRequests", r.host(|h| &h.device_requests), |_, one| request(one));
}

fn device(one: &DeviceMapping) -> Result<Device, Odd> {
    Ok(Device {
        host_path: text_part("PathOnHost", &one.path_on_host)?,
        container_path: text_part("PathInContainer", &one.path_in_container)?,
        permissions: text_part("CgroupPermissions", &one.cgroup_permissions)?,
    })
}

fn request(one: &Asked) -> Result<DeviceRequest, Odd> {
    let alternatives = part("Capabilities", &one.capabilities)?.into_iter().flatten();
    Ok(DeviceRequest {
        driver: text_part("Driver", &one.driver)?,
        count: part("Count", &one.count)?.copied().unwrap_or_default(),
        ids: part("DeviceIDs", &one.device_ids)?.cloned().unwrap_or_default(),
        capabilities: alternatives.flatten().cloned().collect(),
    })
}
