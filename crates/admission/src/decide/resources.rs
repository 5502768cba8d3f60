//! Volumes and networks.

use dockward_model::facts::Place;
use dockward_policy::Profile;
use dockward_request::{Value as Body, Version};
use serde_json::{Value, json};

use super::{Asked, Decided, Stop, containers};
use crate::violation::Violation;

/// A volume can be any folder of the host (`-o o=bind -o device=/`): it is judged as if it were
/// mounted.
#[inline(never)]
pub(super) fn volume(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let Some(body) = asked.body.as_deref() else { return Ok(()) };
    decided.subjects.extend(body.get("Name").and_then(Body::text).map(str::to_owned));
    let Some(options) = body.get("DriverOpts").filter(|options| !options.says_nothing()) else {
        return Ok(());
    };
    decided.violations.extend(elsewhere(asked, options));
    let options = serde_json::to_value(options).unwrap_or(Value::Null);
    let driver = body.get("Driver").and_then(Body::text).unwrap_or_default();
    let mount = json!({
        "Type": "volume", "Source": "", "Target": "/volume",
        "VolumeOptions": { "DriverConfig": { "Name": driver, "Options": options } },
    });
    let asked_for = json!({ "HostConfig": { "Mounts": [mount] } }).to_string();
    let mut record = plain();
    let told: Value = serde_json::from_str(&asked_for).unwrap_or(Value::Null);
    record["HostConfig"]["Mounts"] = told["HostConfig"]["Mounts"].clone();
    let facts = asked.facts(&record, true)?;
    let broken = containers::over_facts(asked, &facts, Place::Request)?;
    let of_mounts = broken.into_iter().filter(|one| {
        matches!(
            one.rule,
            "container-host-root-mount"
                | "container-sensitive-mount"
                | "container-engine-socket"
                | "guard-bind-root"
        )
    });
    decided.violations.extend(of_mounts);
    Ok(())
}

/// Under the restricted profile a volume is the engine's own folder, or memory.
fn elsewhere(asked: &Asked<'_>, options: &Body) -> Option<Violation> {
    let of = |name: &str| options.get(name).and_then(Body::text).unwrap_or_default();
    let own = of("device").is_empty() || of("type") == "tmpfs";
    if own || asked.held.profile() != Profile::Restricted {
        return None;
    }
    let message = format!("DriverOpts.device is set, and mounts `{}`", brief(of("device")));
    asked.held.violation(Violation::new("guard-field", message, "leave out the volume's options"))
}

fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// A container of which nothing is said.
fn plain() -> Value {
    crate::document::of_create("", &Body::Object(Vec::new()), Version::NEWEST)
}

/// Drivers beside bridge and overlay put a container on the host's own interfaces, or run a plugin.
pub(super) fn network(asked: &Asked<'_>, decided: &mut Decided) {
    let Some(body) = asked.body.as_deref() else { return };
    decided.subjects.extend(body.get("Name").and_then(Body::text).map(str::to_owned));
    let driver = body.get("Driver").and_then(Body::text).unwrap_or_default();
    let mut add = |message: String, fix: &str| {
        let violation = Violation::new("guard-network-driver", message, fix);
        decided.violations.extend(asked.held.violation(violation));
    };
    if !matches!(driver, "" | "default" | "bridge" | "overlay") {
        add(format!("makes a network of the driver `{driver}`"), "use `--driver bridge`");
    }
    if body
        .at(&["Options", "com.docker.network.bridge.name"])
        .is_some_and(|name| !name.says_nothing())
    {
        add(
            "takes over a bridge of the host by its name".to_owned(),
            "leave out the bridge's name",
        );
    }
    if body.get("ConfigFrom").is_some_and(|from| !from.says_nothing()) {
        add("takes its options from another network".to_owned(), "leave out `--config-from`");
    }
}
