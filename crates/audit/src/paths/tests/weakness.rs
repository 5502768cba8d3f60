//! Known weaknesses as steps of paths.

use dockward_model::ImageId;
use dockward_model::facts::{Fact, Image};
use dockward_model::inventory::{Exploited, LoadedBy, ReachedBy};

use super::*;

/// An image `shop:1` whose libssl is reached in the container `web`, by a weakness of this vector.
fn weak_image(vector: &str) -> Image {
    let mut inspection = crate::weak::tests::inspection();
    let weak = &mut inspection.weak[0];
    Arc::make_mut(&mut weak.matches[0].advisory).rating.written = vector.into();
    let (container, process) = (Some("web".to_owned()), "nginx".to_owned());
    let path = "/usr/lib/libssl.so.1.1".to_owned();
    let by = LoadedBy { container: container.clone(), process, pid: 7, path, deleted: false };
    weak.exposure.loaded = Fact::Known(vec![by]);
    let (process, way) = ("nginx".to_owned(), "*:8080->80/tcp".to_owned());
    weak.exposure.reachable = Fact::Known(vec![ReachedBy { container, process, way }]);
    Image {
        id: ImageId("sha256:1".into()),
        tags: vec!["shop:1".into()],
        inspection: Some(sample::known(inspection, "layers")),
        ..Image::default()
    }
}

fn with_image(names: &[&str], image: Image, held: &Expectations<'_>) -> Vec<AttackPath> {
    let of = |name: &&str| {
        let mut one = container(name, true);
        one.image_id = sample::known(image.id.clone(), "Image");
        one
    };
    let containers: Vec<_> = names.iter().map(of).collect();
    let findings: Vec<_> = containers
        .iter()
        .map(|c| in_container(c, "container-privileged", Gain::HostRoot))
        .collect();
    let engine = engine_with(|e| {
        e.containers = containers;
        e.images = sample::known(vec![image], "/images/json");
    });
    find(&snapshot_with(|s| s.engines = vec![engine]), &findings, held)
}

const NETWORK: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

#[test]
fn a_known_weakness_that_is_reached_stands_after_the_way_in() {
    let paths = with_image(&["web"], weak_image(NETWORK), &Expectations::default());
    let step = &paths[0].steps[1];
    let text = "libssl1.1 1.1.1n-0+deb11u3 · CVE-2023-0286 · fixed in 1.1.1n-0+deb11u4";
    assert_eq!(step.text, text);
    let evidence = step.evidence.as_ref().unwrap();
    assert!(evidence.seen.ends_with("loaded by nginx (pid 7) in web: /usr/lib/libssl.so.1.1"));
    assert!(paths[0].steps[0].text.contains("is published"));
    assert!(paths[0].steps[2].text.contains("uid 0"));
}

#[test]
fn a_way_with_a_known_weakness_comes_before_the_same_way_without() {
    let names = ["app", "bar", "web"];
    let paths = with_image(&names, weak_image(NETWORK), &Expectations::default());
    let through: Vec<_> = paths.iter().map(|path| path.stations[1].as_str()).collect();
    assert_eq!(through, ["web", "app"], "{paths:#?}");
    assert_eq!(paths[1].alike, ["bar"]);
    assert!(paths[1].steps.iter().all(|step| !step.text.contains("CVE")));
}

#[test]
fn what_is_not_attacked_over_the_network_or_is_waived_is_no_step() {
    let named = |image: Image, held: &Expectations<'_>| {
        let paths = with_image(&["web"], image, held);
        paths[0].steps.iter().any(|step| step.text.contains("CVE"))
    };
    let (nothing, local) = (Expectations::default(), NETWORK.replace("AV:N", "AV:L"));
    assert!(named(weak_image(NETWORK), &nothing));
    assert!(!named(weak_image(&local), &nothing) && !named(weak_image("important"), &nothing));
    let mut exploited = weak_image(&local);
    let Some(Fact::Known(inspection)) = exploited.inspection.as_mut().map(|i| &mut i.fact) else {
        panic!("no inspection")
    };
    let added = jiff::civil::date(2024, 1, 1);
    inspection.weak[0].matches[0].exploited =
        Some(Exploited { added, due: None, ransomware: false });
    assert!(named(exploited, &nothing));
    let waives = |subject: &Subject| matches!(subject, Subject::Package { within, .. } if within == "shop:1");
    let held = Expectations { waives: Some(&waives), ..Expectations::default() };
    assert!(!named(weak_image(NETWORK), &held));
}
