use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// From an insecure registry the engine takes images over plain HTTP, or over TLS without
    /// looking at the certificate. Whoever stands on the way hands it an image of their own, and
    /// it is run here; credentials for that registry are theirs as well.
    ///
    /// ## Fix
    /// Give the registry a certificate, put its CA into `/etc/docker/certs.d/HOST:PORT/ca.crt`,
    /// remove it from `insecure-registries` and reload the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.5; what is in force is `RegistryConfig` of `/info`. Loopback, which
    /// engines always trust, is left out.
    id: "daemon-insecure-registries", title: "images come over verified TLS only",
    severity: Medium, area: Daemon, cis16: ["2.5"], cis18: ["2.5"], Engine: insecure_registries
}

fn insecure_registries(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.insecure_registries;
    field.judge(Outcome::Pass, |list| {
        if list.is_empty() {
            return Outcome::Pass;
        }
        let any = list.iter().any(|entry| entry.ends_with("/0"));
        let evidence = Evidence::of(field, list.join(", "), "none").effective();
        let failure = Failure::new(
            format!("takes images without verified TLS from {}", list.join(", ")),
            evidence,
            "give these registries certificates and remove them from \"insecure-registries\"",
        );
        failure.severity(if any { Severity::High } else { Severity::Medium }).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::{Field, sample};

    fn with(field: Field<Vec<String>>) -> Outcome {
        let engine = engine_with(|e| e.daemon.insecure_registries = field);
        insecure_registries(&snapshot(), &engine)
    }

    #[test]
    fn a_registry_in_force_fails() {
        let list = vec!["registry.lan:5000".to_owned()];
        let failure = assert_fails(with(sample::known(list, "RegistryConfig")));
        assert_eq!(failure.severity, Some(Severity::Medium));
    }

    #[test]
    fn the_whole_internet_is_worse() {
        let list = vec!["0.0.0.0/0".to_owned()];
        let failure = assert_fails(with(sample::known(list, "RegistryConfig")));
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn none_passes() {
        assert_passes(with(sample::known(Vec::new(), "RegistryConfig")));
        assert_passes(with(sample::absent("RegistryConfig")));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(sample::unknown("RegistryConfig")));
    }
}
