//! Images.

use dockward_model::facts::{Image, Snapshot, sample};

use super::situation::{container, running};
use super::{Situation, cases};

cases! {
    cis_4_5_what_the_host_runs_counts_and_no_variable_of_the_auditors: "1.6" "4.5" pinned;
    cis_4_6_no_image_is_no_pass: "1.6" "4.6" healthcheck;
}

/// A host with one container, and its image as `change` makes it.
fn in_use(change: impl FnOnce(&mut Image)) -> Snapshot {
    let container = container(|_| ());
    let mut image = Image { id: container.image_id.get().unwrap().clone(), ..Image::default() };
    image.tags = vec!["plain:latest".into()];
    change(&mut image);
    let mut snapshot = running(vec![container]);
    snapshot.engines[0].images = sample::known(vec![image], "Images");
    snapshot
}

fn healthcheck() -> Situation {
    let none = |image: &mut Image| image.config.healthcheck = sample::absent("Config.Healthcheck");
    Situation { misleading: vec![running(Vec::new())], shows: "not set", counterpart: in_use(none) }
}

fn pinned() -> Situation {
    let digest = format!("plain@sha256:{}", "a".repeat(64));
    let named = |name: &str| {
        let mut snapshot = in_use(|image| image.digests = vec![digest.clone()]);
        name.clone_into(&mut snapshot.engines[0].containers[0].image);
        snapshot
    };
    Situation {
        misleading: vec![named("plain:latest")],
        shows: "plain:latest",
        counterpart: named(&digest),
    }
}
