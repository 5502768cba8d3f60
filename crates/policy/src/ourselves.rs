//! Dockward's own container, in its own report.

use std::collections::BTreeSet;

use dockward_model::ContainerId;
use dockward_model::facts::{Container, Origin, Snapshot};
use dockward_model::verdict::{Finding, Subject, Waived};

/// Marks the findings about Dockward's own container, and about others of the very same image (runs
/// that have ended), as waived by Dockward itself: they are in the report, with the reason, and
/// lead nowhere. What the operator waived stays theirs.
///
/// It is known by the container that this process runs in and by the id of that container's image,
/// not by any name, which everybody can choose.
pub fn waive_ourselves(snapshot: &Snapshot, findings: &mut [Finding]) {
    let Some((image, ours)) = ourselves(snapshot) else { return };
    let waived = Waived {
        owner: "dockward".to_owned(),
        reason: format!("this is Dockward itself, run from image {image} to look at this host"),
        until: None,
        origin: Origin::Nowhere,
    };
    for finding in findings.iter_mut().filter(|finding| finding.waived.is_none()) {
        if let Subject::Container { id, .. } = &*finding.subject
            && ours.contains(id)
        {
            finding.waived = Some(waived.clone());
        }
    }
}

/// The id of the image that this process runs from, and the containers that were made from it.
fn ourselves(snapshot: &Snapshot) -> Option<(&str, BTreeSet<&ContainerId>)> {
    let id = snapshot.host.viewer.container.as_ref()?;
    // Beside others, an engine of a user's tells what that user likes, ids of theirs included.
    let alone = snapshot.engines.len() == 1;
    let engines = || snapshot.engines.iter().filter(|e| alone || !e.daemon.is_rootless());
    let containers = || engines().flat_map(|engine| &engine.containers);
    let own = containers().find(|container| container.id == *id)?;
    let image = own.image_id.get()?;
    let same = |container: &&Container| container.image_id.get() == Some(image);
    Some((&image.0, containers().filter(same).map(|container| &container.id).collect()))
}

#[cfg(test)]
mod tests {
    use dockward_model::ImageId;
    use dockward_model::facts::{Engine, sample};

    use super::*;
    use crate::sample::failure;

    fn container(id: &str, image: &str) -> Container {
        Container {
            id: ContainerId(id.into()),
            name: id.into(),
            image: "dockward:0.1.0".into(),
            image_id: sample::known(ImageId(image.into()), "Image"),
            ..Container::default()
        }
    }

    fn waived(in_container: Option<&str>) -> Vec<String> {
        let containers = vec![
            container("own", "sha256:1"),
            container("ended", "sha256:1"),
            container("x", "sha256:2"),
        ];
        let mut snapshot = Snapshot {
            version: Snapshot::VERSION,
            now: jiff::Timestamp::UNIX_EPOCH,
            host: sample::host(),
            engines: vec![Engine { containers, ..Engine::default() }],
            unseen: Vec::new(),
        };
        snapshot.host.viewer.container = in_container.map(|id| ContainerId(id.into()));
        let subject = |c: &Container| Subject::Container {
            id: c.id.clone(),
            name: c.name.clone(),
            image: c.image.clone(),
            labels: c.labels.clone(),
            engine: String::new(),
        };
        let all = &snapshot.engines[0].containers;
        let mut findings: Vec<_> =
            all.iter().map(|c| failure("container-root-user", subject(c))).collect();
        waive_ourselves(&snapshot, &mut findings);
        let waived = findings.iter().filter(|finding| finding.waived.is_some());
        waived.map(|finding| finding.subject.name().to_owned()).collect()
    }

    #[test]
    fn an_engine_of_a_users_does_not_say_which_container_is_ours() {
        let mut fake =
            Engine { containers: vec![container("own", "sha256:2")], ..Engine::default() };
        fake.daemon.user = sample::known(1000, "uid");
        let real = Engine { containers: vec![container("x", "sha256:2")], ..Engine::default() };
        let mut snapshot = Snapshot {
            version: Snapshot::VERSION,
            now: jiff::Timestamp::UNIX_EPOCH,
            host: sample::host(),
            engines: vec![fake, real],
            unseen: Vec::new(),
        };
        snapshot.host.viewer.container = Some(ContainerId("own".into()));
        assert!(ourselves(&snapshot).is_none());
    }

    #[test]
    fn its_own_container_and_those_of_its_image_are_waived_and_no_other() {
        assert_eq!(waived(Some("own")), ["own", "ended"]);
    }

    #[test]
    fn the_name_of_an_image_waives_nothing() {
        assert!(waived(None).is_empty());
        assert!(waived(Some("of another engine")).is_empty());
    }
}
