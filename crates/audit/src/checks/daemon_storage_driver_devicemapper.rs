use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// devicemapper left Docker with engine 25: it gets no fixes, and an engine that still uses it
    /// can't be updated. On loop devices it never was meant for more than a first try.
    ///
    /// ## Fix
    /// Save or push what is still needed, set `"storage-driver": "overlay2"` in daemon.json,
    /// restart the engine, load the images again. Containers of the old driver are not carried
    /// over.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.7 (1.8 only); docs.docker.com, "Select a storage driver".
    id: "daemon-storage-driver-devicemapper", title: "the storage driver is not devicemapper",
    severity: Medium, area: Daemon, cis16: [], cis18: ["2.7"], Engine: storage_driver
}

fn storage_driver(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.storage_driver;
    field.judge(Outcome::unread(field), |driver| {
        if driver != "devicemapper" {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, driver.as_str(), "overlay2").effective();
        let fix = "set \"storage-driver\": \"overlay2\" in daemon.json and load the images again";
        Failure::new("keeps containers in devicemapper, which nobody maintains", evidence, fix)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::{Field, sample};

    fn with(field: Field<String>) -> Outcome {
        storage_driver(&snapshot(), &engine_with(|e| e.daemon.storage_driver = field))
    }

    #[test]
    fn devicemapper_fails() {
        assert_fails(with(sample::known("devicemapper".into(), "Driver")));
    }

    #[test]
    fn others_pass() {
        assert_passes(with(sample::known("overlay2".into(), "Driver")));
        assert_passes(with(sample::known("overlayfs".into(), "Driver")));
    }

    #[test]
    fn unread_or_missing_is_unknown() {
        assert_unknown(with(sample::unknown("Driver")));
        assert_unknown(with(sample::absent("Driver")));
    }
}
