use dockward_model::facts::{Engine, Service, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Subject};

use crate::swarm;

crate::check! {
    /// ## Why
    /// A service that names its image by a tag gets whatever that tag means on the day a node pulls
    /// it: two of its tasks can run different programs, and who may push to the registry decides
    /// what runs here. The client puts the digest in by itself, unless the registry can't be asked
    /// or it was told not to.
    ///
    /// ## Fix
    /// `docker service update --image NAME@sha256:… SERVICE`, or name the tag again from a client
    /// that reaches the registry, without `--resolve-image never`.
    ///
    /// ## References
    /// docs.docker.com, "Deploy services to a swarm", specify the image version.
    id: "swarm-service-image", title: "services name their image by digest",
    severity: Low, area: Swarm, cis16: [], cis18: [], Each: images
}

fn images(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    swarm::each_service(engine, judge)
}

fn judge(service: &Service) -> Outcome {
    let Some(container) = &service.container else {
        return Outcome::NotApplicable("its tasks are plugins".into());
    };
    let image = &container.image;
    if image.is_empty() {
        return Outcome::Unknown("its image could not be read".into());
    }
    if image.contains("@sha256:") {
        return Outcome::Pass;
    }
    let evidence = Evidence::of(&container.image_now, image.as_str(), "NAME@sha256:…");
    let message = "what its tasks run is whatever the tag means when a node pulls it";
    let fix = "`docker service update --image NAME@sha256:…`";
    Failure::new(message, evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, manager_with, nodes,
        service, snapshot, worker,
    };
    use dockward_model::facts::{Swarm, sample};

    fn of(change: impl FnOnce(&mut Swarm)) -> Outcome {
        let engine = manager_with(nodes(1, 0), change);
        images(&snapshot(), &engine).remove(0).1
    }

    fn with(image: &str) -> Outcome {
        of(|s| s.services = sample::known(vec![service("web", image)], "services"))
    }

    #[test]
    fn a_digest_passes_and_a_tag_fails() {
        assert_passes(with("nginx:1.29@sha256:0a1b"));
        assert_fails(with("nginx:1.29"));
        assert_fails(with("registry.example:5000/nginx"));
    }

    #[test]
    fn plugins_workers_and_swarms_without_services_are_not_judged() {
        let mut plugin = service("driver", "");
        plugin.container = None;
        assert_not_applicable(of(|s| s.services = sample::known(vec![plugin], "services")));
        assert_not_applicable(of(|_| ()));
        assert_not_applicable(images(&snapshot(), &worker()).remove(0).1);
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(of(|s| s.services = sample::unknown("services")));
        assert_unknown(with(""));
    }
}
