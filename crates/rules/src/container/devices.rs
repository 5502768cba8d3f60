use dockward_model::facts::{Case, Device, DeviceRequest, Field};
use dockward_model::verdict::{Evidence, Failure, Gain, Outcome, Severity};

use crate::device_worth::{Class, class};
use crate::standing::{opens_as_root, said_of_privileged};

crate::rule! {
    /// ## Why
    /// A device is a piece of the machine. Root in a container with a disk reads and writes every
    /// file on it, past all permissions; with `/dev/mem` or a hardware register it changes the
    /// kernel. Others are smaller: a sound card, a serial line. Each still brings its driver within
    /// reach of an attack.
    ///
    /// ## Fix
    /// Give the one device that is needed (`--device`; Compose: `devices:`), with `:r` where it is
    /// only read, and never a disk: mount a folder of it instead.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.18; Linux `Documentation/admin-guide/devices.txt`.
    id: "container-devices", title: "no device of the host gives it the host",
    severity: Medium, cis16: ["5.18"], cis18: ["5.18"], judge: devices
}

/// A device with what it comes to here; no severity where nobody knows.
struct Seen {
    severity: Option<Severity>,
    gain: Option<Gain>,
    what: String,
    evidence: Evidence,
}

fn devices(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let (nodes, requests) = (&case.container.devices, &case.container.device_requests);
    let mut all: Vec<_> = nodes.get().into_iter().flatten().filter_map(|d| node(case, d)).collect();
    all.extend(requests.get().into_iter().flatten().map(|r| request(requests, r)));
    all.sort_by_key(|seen| std::cmp::Reverse(seen.severity));
    let unread = || match (nodes.fact.unknown(), requests.fact.unknown()) {
        (Some(_), _) => Outcome::unread(nodes),
        (None, Some(_)) => Outcome::unread(requests),
        (None, None) => Outcome::Pass,
    };
    match all.split_first() {
        Some((worst, _)) if worst.severity >= Some(Severity::Medium) => fail(case, &all).into(),
        Some(_) if unread() == Outcome::Pass => Outcome::Review(fail(case, &all)),
        _ => unread(),
    }
}

fn node(case: &Case<'_>, device: &Device) -> Option<Seen> {
    let writes = device.permissions.is_empty() || device.permissions.contains('w');
    let (severity, gain, what) = match class(&device.host_path) {
        Class::Harmless => return None,
        Class::Unknown => (None, None, "a device that Dockward doesn't know"),
        Class::All => (Some(Severity::Critical), Some(Gain::HostRoot), "every device"),
        Class::Known(worth) => {
            let has = |cap| case.effective.capabilities.get().is_none_or(|set| set.has(cap));
            let (severity, gain) = match (worth.needs.is_none_or(has), writes, worth.gain()) {
                (false, _, _) => (Severity::Medium, None),
                (true, false, Some(_)) => (Severity::High, Some(Gain::HostFiles)),
                (true, _, gain) => (worth.severity, gain),
            };
            (Some(severity), gain, worth.what)
        }
    };
    let what = format!("{} ({what})", device.host_path);
    let told = format!("{what}, {}", if writes { "read and written" } else { "read" });
    let evidence = Evidence::of(&case.container.devices, told, "no such device").effective();
    Some(Seen { severity, gain, what, evidence })
}

/// A device asked for by driver: a graphics card, or whatever a CDI file says.
fn request(field: &Field<Vec<DeviceRequest>>, request: &DeviceRequest) -> Seen {
    let names = request.capabilities.iter().chain(&request.ids).map(String::as_str);
    let names: Vec<_> = std::iter::once(request.driver.as_str()).chain(names).collect();
    let what = format!("devices of a driver ({})", names.join(" ").trim());
    let evidence = Evidence::of(field, &*what, "only where it is needed").effective();
    Seen { severity: Some(Severity::Low), gain: None, what, evidence }
}

fn fail(case: &Case<'_>, all: &[Seen]) -> Failure {
    let names: Vec<_> = all.iter().take(3).map(|seen| seen.what.as_str()).collect();
    let more = if all.len() > names.len() { " and more" } else { "" };
    let message = format!("has devices of the host: {}{more}", names.join(", "));
    let failure = Failure {
        evidence: all.iter().map(|seen| seen.evidence.clone()).collect(),
        severity: None,
        message,
        fix: "remove the device, or give it with `:r` (`--device`, `devices:`)".into(),
        openings: Vec::new(),
    };
    let worst = all.iter().find_map(|seen| seen.severity).unwrap_or(Severity::Low);
    let gain = all.iter().filter_map(|seen| seen.gain.clone()).min();
    opens_as_root(case, failure, worst, gain)
}

#[cfg(test)]
mod tests;
