//! From an image's documents to its inventory: its layers read once, several at a time.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dockward_model::facts::{Field, Origin};
use dockward_model::inventory::{Contents, Inventory, InventoryLayer, Problem, Target, TargetKind};

use crate::blob::{Digest, Hash};
use crate::confined::{self, Fault, Records};
use crate::layer::{self, FolderKind, LayerIndex, of_folder};
use crate::merge::{Named, answer};
use crate::open::ROUNDS;
use crate::source::{Image, ImageLayer, Part, Parts};
use crate::wanted::Wanted;
use crate::{Error, Options};

/// How many layers are read at the same time at most: each may hold a record in memory.
const MOST_THREADS: usize = 4;

/// The layers of one source, each read once for all images that have it.
pub(crate) struct Reading<'a> {
    parts: &'a dyn Parts,
    options: &'a Options,
    wanted: Wanted,
    known: BTreeMap<String, Known>,
    damage: Option<Problem>,
}

/// What is known of a layer.
#[derive(Debug, Clone)]
struct Known {
    index: Arc<LayerIndex>,
    /// What is wrong with the layer as a whole.
    problem: Option<Fault>,
    /// Whether it can be read again, for more.
    is_here: bool,
    /// Whether all its bytes were seen to have the digest that it is kept by.
    is_proved: bool,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(parts: &'a dyn Parts, options: &'a Options) -> Self {
        let known = BTreeMap::new();
        Self { parts, options, wanted: Wanted::asked(options), known, damage: None }
    }

    /// The source itself is damaged, which every image of it is told with.
    pub(crate) fn damaged(mut self, damage: Option<&Problem>) -> Self {
        self.damage = damage.cloned();
        self
    }

    /// The inventories of these images.
    ///
    /// # Errors
    ///
    /// None of them can be read: why the first can't.
    pub(crate) fn inventories(
        mut self,
        images: Vec<Result<Image, Error>>,
    ) -> Result<Vec<Inventory>, Error> {
        let is_any = images.iter().any(Result::is_ok);
        let mut all = Vec::with_capacity(images.len());
        for image in images {
            all.push(match image {
                Ok(image) => self.inventory(image),
                Err(error) if !is_any => return Err(error),
                Err(error) => unread(&error),
            });
        }
        Ok(all)
    }

    fn inventory(&mut self, image: Image) -> Inventory {
        let mut contents = Contents::default();
        for _ in 0..ROUNDS {
            self.read(&image.layers);
            let named: Vec<_> = image.layers.iter().map(|layer| self.named(layer)).collect();
            let found = answer(&named, &self.wanted);
            contents = found.contents;
            let can_read = image.layers.iter().any(|layer| self.is_here(layer));
            let mut is_more = false;
            for extra in found.extras.iter().filter(|_| can_read) {
                is_more |= self.wanted.add(extra);
            }
            if !is_more {
                break;
            }
            self.known.retain(|_, known| !known.is_here);
        }
        contents.problems.extend(image.layers.iter().filter_map(|layer| self.problem(layer)));
        contents.problems.extend(image.problems);
        contents.problems.extend(self.damage.clone());
        contents.problems.sort();
        contents.problems.dedup();
        let layers = image.layers.into_iter().map(|layer| InventoryLayer {
            diff_id: layer.diff_id.map(|id| id.to_string()).unwrap_or_default(),
            digest: layer.digest.map(|digest| digest.to_string()),
            created_by: layer.created_by,
        });
        let target = Target {
            kind: TargetKind::Image,
            name: image.name,
            id: image.id,
            platform: image.platform,
        };
        Inventory { target, layers: layers.collect(), contents }
    }

    fn named(&self, layer: &ImageLayer) -> Named {
        let known = self.known.get(&layer.part);
        let index = known.map(|known| Arc::clone(&known.index)).unwrap_or_default();
        Named { index, name: layer.name().to_owned() }
    }

    fn is_here(&self, layer: &ImageLayer) -> bool {
        self.known.get(&layer.part).is_some_and(|known| known.is_here)
    }

    fn problem(&self, layer: &ImageLayer) -> Option<Problem> {
        let fault = self.known.get(&layer.part)?.problem.clone()?;
        Some(Problem { place: layer.name().to_owned(), ..fault.into() })
    }

    /// Reads those layers that are not known yet, a few at a time.
    fn read(&mut self, layers: &[ImageLayer]) {
        let mut new: Vec<&ImageLayer> =
            layers.iter().filter(|layer| !self.known.contains_key(&layer.part)).collect();
        new.sort_by(|a, b| a.part.cmp(&b.part));
        new.dedup_by(|a, b| a.part == b.part);
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(new.len())));
        let work = || {
            while let Some(layer) = new.get(next.fetch_add(1, Ordering::Relaxed)) {
                let known = self.one(layer);
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((layer.part.clone(), known));
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        std::thread::scope(|scope| {
            for _ in 1..cores.min(MOST_THREADS).min(new.len()) {
                // Where no thread can be had, this one does all the work.
                let _ = std::thread::Builder::new().name("layer".into()).spawn_scoped(scope, work);
            }
            work();
        });
        self.known.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    }

    fn one(&self, layer: &ImageLayer) -> Known {
        let part = match self.parts.layer(&layer.part) {
            Ok(Some(part)) => part,
            Ok(None) if layer.is_foreign => {
                return lost("it may not be handed on, and is not there".to_owned());
            }
            Ok(None) => return lost("it is missing".to_owned()),
            Err(why) => return lost(why),
        };
        match part {
            Part::Blob(blob) => self.blob(layer, &blob),
            Part::Read(read) => Known {
                problem: lie(layer, &read),
                index: Arc::new(read.index),
                is_here: false,
                is_proved: false,
            },
            Part::Folder(folder) => self.folder(&folder),
            Part::Unpacked(folder, blob) => self.unpacked(layer, &folder, blob.as_ref()),
        }
    }

    /// Its digest is one of a tar that is not there any more, so nothing proves the folder.
    fn folder(&self, folder: &OwnedFd) -> Known {
        let records = Records::of(self.options);
        let index = of_folder(folder.as_fd(), &self.wanted, FolderKind::Overlay, records);
        Known { index: Arc::new(index), problem: None, is_here: true, is_proved: false }
    }

    /// What is kept of the blob is proved and costs least, the folder comes next, and inflating last.
    fn unpacked(&self, layer: &ImageLayer, folder: &OwnedFd, blob: Option<&layer::Blob>) -> Known {
        if let Some(known) = self.kept(layer) {
            return known;
        }
        if let Some(blob) = blob.filter(|_| self.options.verify_all) {
            return self.blob(layer, blob);
        }
        let known = self.folder(folder);
        match blob {
            Some(blob) if !known.index.is_whole() => self.blob(layer, blob),
            _ => known,
        }
    }

    fn kept(&self, layer: &ImageLayer) -> Option<Known> {
        let digest = layer.digest.as_ref().or(layer.diff_id.as_ref())?;
        let index = self.options.store.as_ref()?.get(digest, &self.wanted.version())?;
        Some(Known { index: Arc::new(index), problem: None, is_here: true, is_proved: true })
    }

    fn blob(&self, layer: &ImageLayer, blob: &layer::Blob) -> Known {
        if let Some(known) = self.kept(layer) {
            return known;
        }
        if let Some(size) = layer.size.filter(|size| *size != blob.length) {
            let why = format!("it has {} bytes and should have {size}", blob.length);
            let read = self.scan(layer, blob);
            let (offset, more) = match read.problem {
                Some(fault) => (fault.offset, format!("{why}; {}", fault.why)),
                None => (None, why),
            };
            let problem = Some(Fault { offset, why: more });
            return Known { problem, is_proved: false, ..read };
        }
        let known = self.scan(layer, blob);
        if known.is_proved && known.index.problems.is_empty() {
            let digest = layer.digest.as_ref().or(layer.diff_id.as_ref());
            let store = self.options.store.as_ref().zip(digest);
            let version = self.wanted.version();
            // A store that can't be written to costs time later and nothing else.
            let _ = store.map(|(store, digest)| store.put(digest, &version, &known.index));
        }
        known
    }

    fn scan(&self, layer: &ImageLayer, blob: &layer::Blob) -> Known {
        let digest = layer.digest.as_ref().or(layer.diff_id.as_ref());
        let hash = digest.map_or(Hash::Sha256, Digest::hash);
        let (all, deadline) = (self.options.verify_all, self.options.deadline);
        let read = match &self.options.children {
            Some(launch) => confined::layer(launch, blob, &self.wanted, (hash, all), deadline),
            None => {
                let read = layer::of_window(blob, &self.wanted, hash, all, deadline);
                read.map_err(Fault::from)
            }
        };
        match read {
            Ok(read) => {
                let problem = lie(layer, &read);
                let is_proved = problem.is_none() && read.digest.as_ref() == digest;
                Known { problem, index: Arc::new(read.index), is_here: true, is_proved }
            }
            Err(fault) => lost(fault),
        }
    }
}

fn lost(fault: impl Into<Fault>) -> Known {
    let problem = Some(fault.into());
    Known { index: Arc::default(), problem, is_here: false, is_proved: false }
}

/// What is wrong with the digest of a layer that was read; none where it is right or not known.
fn lie(layer: &ImageLayer, read: &layer::Layer) -> Option<Fault> {
    let digest = read.digest.as_ref()?;
    // Of a compressed blob the blob's own digest proves the layer, if the manifest names it.
    let expected = match &layer.digest {
        Some(expected) => expected,
        None if read.is_packed => return None,
        None => layer.diff_id.as_ref()?,
    };
    (expected != digest).then(|| format!("its digest is {digest}").into())
}

/// An image of which nothing could be read, beside others.
fn unread(error: &Error) -> Inventory {
    let why = error.to_string();
    let distribution = Field::unknown(why.clone(), Origin::Nowhere);
    let problems = vec![Problem { place: String::new(), offset: None, why }];
    let contents = Contents { distribution, problems, ..Contents::default() };
    Inventory { contents, ..Inventory::default() }
}
