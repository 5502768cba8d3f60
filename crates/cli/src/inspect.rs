//! What is inside of this host and of the images in use, compared with advisories: facts of a look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use dockward_advisory::Settings;
use dockward_image::{Options, Source, Store};
use dockward_model::ImageId;
use dockward_model::facts::{
    Engine, Fact, Field, Image, Inspection, Origin, Sight, Snapshot, WeakPackage,
};
use dockward_model::inventory::Inventory;
use dockward_model::verdict::{AdvisorySource, Scanned};

use crate::advisories::Advisories;
use crate::command::children;
use crate::engines::source;
use crate::near::{Look, Runs};
use crate::target::{Refused, opened};
use crate::{judged, settings};

/// How long images that are not indexed yet may take, all together.
const BUDGET: Duration = Duration::from_secs(5);

/// Fills in what is known of the host's packages and of those of images in use. Without advisories
/// on this host nothing is asked.
///
/// # Errors
/// Where there is a database that can't be used.
pub(crate) fn fill(
    snapshot: &mut Snapshot,
    database: Option<&Path>,
    config: Option<&Path>,
) -> Result<()> {
    let advisories = Advisories::open(database)?;
    if !advisories.is_there() {
        return Ok(());
    }
    let settings = judged::matching(&settings::config(config)?, snapshot.now);
    let compare = Compare { advisories: &advisories, settings: &settings };
    let until = Instant::now().checked_add(BUDGET);
    let (store, children) = (Store::of_user(), children());
    let options = Options { deadline: until, store, children, ..Options::default() };
    if snapshot.host.sight == Sight::Whole {
        let found = compare.host(snapshot, &options)?;
        snapshot.host.inspection = Some(found);
    }
    for engine in &mut snapshot.engines {
        for (id, found) in compare.images(engine, &options)? {
            let Fact::Known(images) = &mut engine.images.fact else { continue };
            let image = images.iter_mut().find(|image| image.id == id);
            if let Some(image) = image {
                image.inspection = Some(found);
            }
        }
    }
    Ok(())
}

struct Compare<'a> {
    advisories: &'a Advisories,
    settings: &'a Settings,
}

impl Compare<'_> {
    fn host(&self, snapshot: &Snapshot, options: &Options) -> Result<Field<Inspection>> {
        let read = opened(&Source::Root(PathBuf::from("/")), options);
        self.field(read, || Runs::Host(Some(snapshot)), Origin::file("/", None))
    }

    /// The images that some container was made from.
    fn images(
        &self,
        engine: &Engine,
        options: &Options,
    ) -> Result<BTreeMap<ImageId, Field<Inspection>>> {
        let used = |image: &&Image| {
            engine.containers.iter().any(|one| one.image_id.get() == Some(&image.id))
        };
        let images = engine.images.get().into_iter().flatten().filter(used);
        images.map(|image| Ok((image.id.clone(), self.image(engine, image, options)?))).collect()
    }

    fn image(
        &self,
        engine: &Engine,
        image: &Image,
        options: &Options,
    ) -> Result<Field<Inspection>> {
        let name = image.tags.first().map_or(image.id.0.as_str(), String::as_str);
        let origin = Origin::file(name, None);
        if options.deadline.is_some_and(|until| Instant::now() > until) {
            let why = format!("not indexed yet: `dockward scan {name}` does it");
            return Ok(Field::unknown(why, origin));
        }
        // No engine makes a tar for a check: what its disk does not tell stays unknown.
        let found = source(engine, image, name).map_err(|why| (why, String::new()));
        let read = found.and_then(|source| opened(&source, options));
        self.field(read, || Runs::of_image(engine, &image.id), origin)
    }

    fn field<'a>(
        &self,
        read: Result<Vec<Inventory>, Refused>,
        runs: impl Fn() -> Runs<'a>,
        origin: Origin,
    ) -> Result<Field<Inspection>> {
        let inventories = match read {
            Ok(inventories) => inventories,
            Err((why, _)) => return Ok(Field::unknown(why, origin)),
        };
        let looks = inventories.into_iter().map(|inventory| Look { inventory, runs: runs() });
        let mut scanned = judged::scanned(looks, self.advisories, self.settings)?;
        let sources = self.advisories.about(&scanned, self.settings)?;
        Ok(match scanned.pop() {
            Some(one) => Field::known(inspection(one, sources), origin),
            None => Field::absent(origin),
        })
    }
}

/// What advisories name of it; the rest is only counted.
fn inspection(one: Scanned, sources: Vec<AdvisorySource>) -> Inspection {
    let contents = one.inventory.contents;
    let packages = contents.packages.len();
    let mut weak: Vec<(usize, WeakPackage)> = Vec::new();
    for found in one.vulnerabilities {
        let at = found.matched.package;
        match weak.iter_mut().find(|(package, _)| *package == at) {
            Some((_, weak)) => weak.matches.push(found.matched),
            None => {
                let Some(package) = contents.packages.get(at).cloned() else { continue };
                let (matches, exposure) = (vec![found.matched], found.exposure);
                weak.push((at, WeakPackage { package, matches, exposure }));
            }
        }
    }
    Inspection {
        distribution: contents.distribution,
        packages,
        weak: weak.into_iter().map(|(_, weak)| weak).collect(),
        unmatched: one.unmatched,
        problems: contents.problems,
        sources,
    }
}
