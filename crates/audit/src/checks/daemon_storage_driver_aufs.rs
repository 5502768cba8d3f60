use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// aufs never was part of the kernel and left Docker with engine 24: it gets no security
    /// fixes, and an engine that still uses it can't be updated.
    ///
    /// ## Fix
    /// Save or push what is still needed, set `"storage-driver": "overlay2"` in daemon.json,
    /// restart the engine, load the images again. Containers of the old driver are not carried
    /// over.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.6; docs.docker.com, "Select a storage driver".
    id: "daemon-storage-driver-aufs", title: "the storage driver is not aufs",
    severity: Medium, area: Daemon, cis16: ["2.6"], cis18: ["2.6"], Engine: storage_driver
}

fn storage_driver(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.storage_driver;
    field.judge(Outcome::unread(field), |driver| {
        if driver != "aufs" {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, driver.as_str(), "overlay2").effective();
        let fix = "set \"storage-driver\": \"overlay2\" in daemon.json and load the images again";
        Failure::new("keeps containers in aufs, which nobody maintains", evidence, fix).into()
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
    fn aufs_fails() {
        assert_fails(with(sample::known("aufs".into(), "Driver")));
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
