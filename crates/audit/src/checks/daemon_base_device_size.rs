use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Under devicemapper each container's root is a thin volume of a fixed largest size. A larger
    /// one lets any single container fill the pool that all of them share.
    ///
    /// ## Fix
    /// Remove `dm.basesize` from `storage-opts` unless an image really needs it; better, move to
    /// overlay2.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.11 (1.6, 1.7), 2.12 (1.8).
    id: "daemon-base-device-size", title: "the size of devicemapper's volumes is the default",
    severity: Low, area: Daemon, cis16: ["2.11"], cis18: ["2.12"], Engine: base_device_size
}

fn base_device_size(_: &Snapshot, engine: &Engine) -> Outcome {
    let driver = &engine.daemon.storage_driver;
    match driver.get() {
        None => return Outcome::unread(driver),
        Some(name) if name != "devicemapper" => {
            return Outcome::NotApplicable(format!("the storage driver is {name}"));
        }
        Some(_) => {}
    }
    let options = engine.daemon.configured("storage-opts");
    if options.fact.unknown().is_some() {
        return Outcome::unread(&options);
    }
    options.judge(Outcome::Pass, |value| {
        let mut words = value.as_array().into_iter().flatten().filter_map(|word| word.as_str());
        let Some(size) = words.find(|word| word.starts_with("dm.basesize=")) else {
            return Outcome::Pass;
        };
        let evidence = Evidence::of(&options, size, "no dm.basesize");
        let fix =
            "remove dm.basesize from \"storage-opts\", or say in a waiver which image needs it";
        Outcome::Review(Failure::new("each container may fill more of the pool", evidence, fix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown, config_unread,
        configured, engine_with, snapshot,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    fn on_devicemapper(mut engine: Engine) -> Outcome {
        engine.daemon.storage_driver = sample::known("devicemapper".into(), "Driver");
        base_device_size(&snapshot(), &engine)
    }

    #[test]
    fn another_driver_has_no_such_size() {
        assert_not_applicable(base_device_size(&snapshot(), &engine_with(|_| {})));
    }

    #[test]
    fn a_size_of_ones_own_needs_a_look_and_none_passes() {
        let sized = json!({"storage-opts": ["dm.fs=xfs", "dm.basesize=50G"]});
        assert_needs_a_look(on_devicemapper(configured(&sized)));
        assert_passes(on_devicemapper(configured(&json!({"storage-opts": ["dm.fs=xfs"]}))));
        assert_passes(on_devicemapper(configured(&json!({}))));
    }

    #[test]
    fn an_unread_driver_or_setting_is_unknown() {
        assert_unknown(on_devicemapper(config_unread()));
        let engine = engine_with(|e| e.daemon.storage_driver = sample::unknown("Driver"));
        assert_unknown(base_device_size(&snapshot(), &engine));
    }
}
