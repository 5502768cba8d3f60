//! Images: what the engine tells of them, and which names mean which.

mod names;

use dockward_engine::Lenient;
use dockward_engine::api::{ContainerConfig, ImageHistory, ImageInspect, ImageSummary};
use dockward_model::ImageId;
use dockward_model::facts::{Healthcheck, Image, ImageConfig, Layer};
use jiff::Timestamp;

use crate::container::{healthcheck_kind, time};
use crate::field::{Answered, Odd, part, text_part};
use crate::{container, redacted};

pub(crate) use names::Names;

/// Tag and digest of an image that has lost its name, on older engines.
const NO_NAME: &str = "<none>";

/// The facts of an image.
pub(crate) fn image(
    id: &str,
    listed: &ImageSummary,
    inspect: &ImageInspect,
    history: &Lenient<Vec<ImageHistory>>,
) -> Image {
    let a = Answered::new(&format!("/images/{id}/json"));
    let past = Answered::new(&format!("/images/{id}/history"));
    Image {
        id: ImageId(id.to_owned()),
        tags: names_of(&inspect.repo_tags, &listed.repo_tags),
        digests: names_of(&inspect.repo_digests, &listed.repo_digests),
        created: a.read("Created", inspect.created.as_ref(), "a time", |text| time(text)),
        size: a.number("Size", inspect.size.as_ref()),
        config: config(&a, &inspect.config),
        history: past.whole(history.as_ref(), |_, step| layer(step)).map(|steps| {
            // The engine tells the newest step first.
            steps.iter().rev().cloned().collect()
        }),
        layers: a.texts("RootFS.Layers", inspect.root_fs.within(|fs| &fs.layers)),
        folders: layer_folders(inspect),
        elevating: None,
        inspection: None,
    }
}

/// `GraphDriver.Data` of overlay2 and its kin: the uppermost layer, then those below it.
fn layer_folders(inspect: &ImageInspect) -> Vec<String> {
    let data = inspect.graph_driver.known().and_then(|driver| driver.data.known());
    let of = |name: &str| data.and_then(|data| data.get(name)).map_or("", String::as_str);
    let folders = std::iter::once(of("UpperDir")).chain(of("LowerDir").split(':'));
    folders.filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
}

fn names_of(inspected: &Lenient<Vec<String>>, listed: &Lenient<Vec<String>>) -> Vec<String> {
    let all = inspected.known().or_else(|| listed.known()).into_iter().flatten();
    all.filter(|name| !name.contains(NO_NAME)).cloned().collect()
}

fn config(a: &Answered, config: &Lenient<ContainerConfig>) -> ImageConfig {
    let (labels, _) = container::labels_of(a, "Config.Labels", config.get(|c| &c.labels));
    let check = config.get(|c| &c.healthcheck);
    ImageConfig {
        user: a.text("Config.User", config.get(|c| &c.user)),
        env: container::env(a, "Config.Env", config.get(|c| &c.env)),
        labels,
        healthcheck: a.read("Config.Healthcheck", check, "an object", |check| {
            Ok(Some(Healthcheck { kind: healthcheck_kind(check)?, status: None }))
        }),
    }
}

fn layer(step: &ImageHistory) -> Result<Layer, Odd> {
    let (created_by, secret) = redacted::text(&text_part("CreatedBy", &step.created_by)?);
    let size = part("Size", &step.size)?.copied().unwrap_or_default();
    let created = part("Created", &step.created)?.and_then(|at| Timestamp::from_second(*at).ok());
    let comment = redacted::text(&text_part("Comment", &step.comment)?).0;
    let created = created.filter(|at| at.as_second() > 0);
    let image = text_part("Id", &step.id)?;
    let image = image.starts_with("sha256:").then_some(ImageId(image));
    Ok(Layer { created_by, secret, size, image, created, comment })
}
