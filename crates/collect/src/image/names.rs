//! Which image a name means on this host today.

use std::collections::BTreeMap;

use dockward_engine::Lenient;
use dockward_engine::api::ImageSummary;
use dockward_model::ImageId;
use dockward_model::facts::{Fact, Field};

use super::NO_NAME;
use crate::field::Answered;

/// The images of an engine by name with tag.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_name: Fact<BTreeMap<String, ImageId>>,
}

impl Names {
    /// Of the answer to `/images/json`.
    pub(crate) fn of(images: &[ImageSummary]) -> Self {
        let mut by_name = BTreeMap::new();
        for image in images {
            let Some(id) = image.id.known() else { continue };
            if let Lenient::Odd(odd) = &image.repo_tags {
                let why = format!("the names of image {id} could not be read: {odd}");
                return Self { by_name: Fact::Unknown(why) };
            }
            let names = image.repo_tags.known().into_iter().flatten();
            let names = names.filter(|name| !name.contains(NO_NAME));
            by_name.extend(names.map(|name| (familiar(name), ImageId(id.clone()))));
        }
        Self { by_name: Fact::Known(by_name) }
    }

    /// Where the engine could not be asked for them.
    pub(crate) const fn unknown(why: String) -> Self {
        Self { by_name: Fact::Unknown(why) }
    }

    /// The image that a name means. Absent for a digest, an id, and a name that is gone.
    pub(crate) fn now(&self, name: &str) -> Field<ImageId> {
        let origin = Answered::new("/images/json").origin("RepoTags");
        let fact = match &self.by_name {
            Fact::Known(_) if name.contains('@') => Fact::Absent,
            Fact::Known(map) => map.get(&familiar(name)).cloned().map_or(Fact::Absent, Fact::Known),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why.clone()),
        };
        Field { fact, origin }
    }
}

/// A name as the engine shortens it: without Docker Hub's own words, and with a tag.
fn familiar(name: &str) -> String {
    let name = name.strip_prefix("index.docker.io/").unwrap_or(name);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Names {
        let images: Lenient<Vec<ImageSummary>> = serde_json::from_str(json).unwrap();
        Names::of(&images.into_known().unwrap())
    }

    #[test]
    fn a_name_is_found_in_every_spelling() {
        let names =
            names(r#"[{"Id":"sha256:1","RepoTags":["nginx:latest","r.example:5000/a/b:2"]}]"#);
        for spelling in ["nginx", "nginx:latest", "docker.io/library/nginx", "library/nginx"] {
            assert_eq!(names.now(spelling).get(), Some(&ImageId("sha256:1".into())), "{spelling}");
        }
        assert!(names.now("r.example:5000/a/b:2").get().is_some());
        assert!(names.now("r.example:5000/a/b").fact.is_absent());
    }

    #[test]
    fn a_digest_an_id_and_a_lost_name_mean_no_image_by_name() {
        let names = names(r#"[{"Id":"sha256:1","RepoTags":["<none>:<none>"]},{"Id":"sha256:2"}]"#);
        for name in ["nginx@sha256:00", "sha256:1", "nginx", "<none>:<none>"] {
            assert!(names.now(name).fact.is_absent(), "{name}");
        }
    }

    #[test]
    fn where_the_list_could_not_be_read_the_name_is_unknown() {
        assert!(Names::unknown("timed out".into()).now("nginx").fact.unknown().is_some());
        let odd = names(r#"[{"Id":"sha256:1","RepoTags":7}]"#);
        assert!(odd.now("nginx").fact.unknown().is_some());
    }
}
