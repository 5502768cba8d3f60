//! What is looked for in a layer: records of packages, os-release(5), and whatever leads there.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use dockward_package::{changelog, dpkg};

use crate::blob::Hash;
use crate::{CATALOGERS, Cataloger, Options, Place};

/// What a file is read for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Use {
    /// A record of packages.
    Catalog(&'static Cataloger),
    /// What belongs to a record of packages and is read along with it ([`Cataloger::beside`]).
    Beside(&'static Cataloger),
    /// The distribution.
    Release,
}

/// The largest os-release(5) that is read, in bytes.
const LARGEST_RELEASE: u64 = 64 << 10;

/// Where os-release(5) stands, the first before the second.
pub(crate) const RELEASES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

impl Use {
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Catalog(cataloger) => cataloger.id,
            Self::Beside(_) => "beside",
            Self::Release => "os-release",
        }
    }

    /// A name by which [`Use::named`] finds it.
    fn name(self) -> String {
        match self {
            Self::Catalog(cataloger) => format!("catalog {}", cataloger.id),
            Self::Beside(cataloger) => format!("beside {}", cataloger.id),
            Self::Release => "os-release".to_owned(),
        }
    }

    fn named(name: &str) -> Option<Self> {
        if name == "os-release" {
            return Some(Self::Release);
        }
        let (kind, id) = name.split_once(' ')?;
        let cataloger = CATALOGERS.iter().copied().find(|cataloger| cataloger.id == id)?;
        match kind {
            "catalog" => Some(Self::Catalog(cataloger)),
            "beside" => Some(Self::Beside(cataloger)),
            _ => None,
        }
    }

    pub(crate) const fn largest(self) -> u64 {
        match self {
            Self::Catalog(cataloger) | Self::Beside(cataloger) => cataloger.largest,
            Self::Release => LARGEST_RELEASE,
        }
    }
}

impl PartialEq for Use {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

/// The use of a cataloger by its id: of those that are read only where that is asked for.
pub(crate) fn use_of(id: &str) -> Option<Use> {
    CATALOGERS.iter().copied().find(|cataloger| cataloger.id == id).map(Use::Catalog)
}

/// Something more to look for: where a link in another layer led to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Extra {
    /// Only what stands at this path, as a step on a way.
    Way(String),
    /// This file.
    File(String, Use),
    /// The files of this folder.
    FilesIn(String, Use),
}

impl Extra {
    pub(crate) fn path(&self) -> &str {
        self.key().1
    }

    fn key(&self) -> (u8, &str, &str) {
        match self {
            Self::Way(path) => (0, path, ""),
            Self::File(path, used) => (1, path, used.id()),
            Self::FilesIn(path, used) => (2, path, used.id()),
        }
    }
}

/// What is looked for at one path.
#[derive(Debug, Clone, Default)]
struct Role {
    file: Vec<Use>,
    folder: Vec<Use>,
}

/// Everything that is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    roles: HashMap<Box<[u8]>, Role>,
    /// What was added to the catalogers' own places, in order.
    extras: BTreeSet<(u8, String, &'static str)>,
    /// The same, to be handed on.
    added: Vec<(u8, String, String)>,
    /// The packages whose changelogs are asked for.
    changelogs: Vec<String>,
    /// The packages whose licences are asked for.
    copyrights: Vec<String>,
    catalogers: &'static [&'static Cataloger],
}

/// What a file at a path is read for; nothing where the path only leads somewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a>(&'a [Use], &'a [Use]);

impl Seen<'_> {
    pub(crate) fn uses(&self) -> impl Iterator<Item = Use> + Clone + '_ {
        self.0.iter().chain(self.1).copied()
    }
}

impl Default for Wanted {
    fn default() -> Self {
        Self::of(CATALOGERS)
    }
}

impl Wanted {
    /// What these catalogers look for, and the distribution.
    pub(crate) fn of(catalogers: &'static [&'static Cataloger]) -> Self {
        let (roles, extras, added) = (HashMap::new(), BTreeSet::new(), Vec::new());
        let (changelogs, copyrights) = (Vec::new(), Vec::new());
        let mut wanted = Self { roles, extras, added, changelogs, copyrights, catalogers };
        wanted.way("");
        for cataloger in catalogers {
            for place in cataloger.places {
                match *place {
                    Place::File(path) => wanted.file(path, Use::Catalog(cataloger)),
                    Place::FilesIn(path) => wanted.files_in(path, Use::Catalog(cataloger)),
                }
            }
        }
        for path in RELEASES {
            wanted.file(path, Use::Release);
        }
        wanted
    }

    /// What all catalogers look for, and what was added to another ([`Wanted::extras`]); none where
    /// that is nothing that can be added.
    pub(crate) fn with(extras: &[(u8, String, String)]) -> Option<Self> {
        let mut wanted = Self::default();
        for (kind, path, used) in extras {
            let path = path.clone();
            wanted.add(&match kind {
                0 => Extra::Way(path),
                1 => Extra::File(path, Use::named(used)?),
                2 => Extra::FilesIn(path, Use::named(used)?),
                _ => return None,
            });
        }
        Some(wanted)
    }

    /// What all catalogers look for, and the changelogs and copyrights that are asked for.
    pub(crate) fn asked(options: &Options) -> Self {
        let mut wanted = Self::default();
        // A name becomes a part of a path.
        let sound = |names: &[String]| -> Vec<String> {
            names.iter().filter(|name| !name.contains('/')).cloned().collect()
        };
        wanted.changelogs = sound(&options.changelogs);
        wanted.copyrights = sound(&options.copyrights);
        let changelogs = wanted.changelogs.iter().flat_map(|name| changelog::places(name));
        let changelogs = changelogs.map(|path| (path, "changelog"));
        let copyrights = wanted.copyrights.iter().map(|name| (dpkg::copyright(name), "copyright"));
        for (path, id) in changelogs.chain(copyrights).collect::<Vec<_>>() {
            if let Some(used) = use_of(id) {
                wanted.add(&Extra::File(path, used));
            }
        }
        wanted
    }

    /// The packages whose licences are asked for.
    pub(crate) fn copyrights(&self) -> &[String] {
        &self.copyrights
    }

    /// The packages whose changelogs are asked for.
    pub(crate) fn changelogs(&self) -> &[String] {
        &self.changelogs
    }

    /// What was added, for [`Wanted::with`].
    pub(crate) fn extras(&self) -> Vec<(u8, String, String)> {
        self.added.clone()
    }

    /// The catalogers that it is made of.
    pub(crate) const fn catalogers(&self) -> &'static [&'static Cataloger] {
        self.catalogers
    }

    /// Adds to what is looked for; false where it is looked for already.
    pub(crate) fn add(&mut self, extra: &Extra) -> bool {
        let used = match extra {
            Extra::Way(_) => None,
            Extra::File(_, used) | Extra::FilesIn(_, used) => Some(used),
        };
        let (kind, path, _) = extra.key();
        if !self.extras.insert((kind, path.to_owned(), used.map_or("", |used| used.id()))) {
            return false;
        }
        let name = used.map(|used| used.name()).unwrap_or_default();
        self.added.push((kind, path.to_owned(), name));
        match extra {
            Extra::Way(path) => self.way(path),
            Extra::File(path, used) => self.file(path, *used),
            Extra::FilesIn(path, used) => self.files_in(path, *used),
        }
        true
    }

    fn way(&mut self, path: &str) {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in [0].into_iter().chain(ends) {
            let part = path.as_bytes().get(..end).unwrap_or_default();
            self.roles.entry(part.into()).or_default();
        }
    }

    fn role(&mut self, path: &str) -> &mut Role {
        self.way(path);
        self.roles.entry(path.as_bytes().into()).or_default()
    }

    fn file(&mut self, path: &str, used: Use) {
        self.role(path).file.push(used);
        if let Use::Catalog(cataloger) = used
            && let Some(suffix) = cataloger.beside
        {
            self.role(&format!("{path}{suffix}")).file.push(Use::Beside(cataloger));
        }
    }

    fn files_in(&mut self, path: &str, used: Use) {
        self.role(path).folder.push(used);
    }

    /// What of it an entry at this path concerns; none where it concerns nothing.
    pub(crate) fn seen(&self, path: &[u8]) -> Option<Seen<'_>> {
        let here = self.roles.get(path);
        let parent = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let folder = self.roles.get(path.get(..parent).unwrap_or_default());
        let folder = folder.map(|role| &*role.folder).unwrap_or_default();
        match here {
            None if folder.is_empty() => None,
            None => Some(Seen(&[], folder)),
            Some(role) => Some(Seen(&role.file, folder)),
        }
    }

    /// Whether the files of this folder are read for this use.
    pub(crate) fn reads_in(&self, path: &str, used: Use) -> bool {
        self.roles.get(path.as_bytes()).is_some_and(|role| role.folder.contains(&used))
    }

    /// Every path that something is looked for at, in order, with whether all files of a folder are.
    pub(crate) fn paths(&self) -> Vec<(String, bool)> {
        let mut all: Vec<_> = self
            .roles
            .keys()
            .filter_map(|path| {
                let path = String::from_utf8(path.to_vec()).ok()?;
                let folder = self.roles.get(path.as_bytes())?.folder.is_empty();
                Some((path, !folder))
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// A name for what is looked for and how it is read: indexes that were made with another are of
    /// no use.
    pub(crate) fn version(&self) -> String {
        let mut text = format!("layer {}\n", crate::layer::VERSION);
        for cataloger in self.catalogers {
            let _ = writeln!(text, "{} {} {:?}", cataloger.id, cataloger.version, cataloger.places);
        }
        for extra in &self.extras {
            let _ = writeln!(text, "{extra:?}");
        }
        let digest = Hash::Sha256.of(text.as_bytes());
        digest.as_str().chars().skip("sha256:".len()).take(16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cataloged, Record};

    fn read(_: &Record<'_>) -> Cataloged {
        Cataloged::default()
    }

    static FILE: Cataloger = Cataloger {
        id: "one",
        version: 1,
        places: &[Place::File("var/lib/one")],
        largest: 9,
        beside: None,
        read,
    };
    static FOLDER: Cataloger = Cataloger {
        id: "many",
        version: 1,
        places: &[Place::FilesIn("var/lib/one.d")],
        largest: 9,
        beside: None,
        read,
    };

    static BOTH: [&Cataloger; 2] = [&FILE, &FOLDER];
    static ONE: [&Cataloger; 1] = [&FILE];

    fn uses(wanted: &Wanted, path: &str) -> Option<Vec<&'static str>> {
        wanted.seen(path.as_bytes()).map(|seen| seen.uses().map(Use::id).collect())
    }

    #[test]
    fn files_are_read_and_what_leads_to_them_is_watched() {
        let wanted = Wanted::of(&BOTH);
        assert_eq!(uses(&wanted, "var/lib/one"), Some(vec!["one"]));
        assert_eq!(uses(&wanted, "var/lib/one.d/x"), Some(vec!["many"]));
        assert_eq!(uses(&wanted, "etc/os-release"), Some(vec!["os-release"]));
        for way in ["", "var", "var/lib", "var/lib/one.d", "etc"] {
            assert_eq!(uses(&wanted, way), Some(vec![]), "{way}");
        }
        for other in ["va", "var/lib/one/x", "var/lib/one.d/x/y", "one.d", "usr/bin", "x"] {
            assert_eq!(uses(&wanted, other), None, "{other}");
        }
    }

    #[test]
    fn what_was_added_can_be_handed_on() {
        let mut wanted = Wanted::default();
        for cataloger in CATALOGERS {
            for used in [Use::Catalog(cataloger), Use::Beside(cataloger), Use::Release] {
                let path = format!("opt/{}", used.name());
                wanted.add(&Extra::File(path.clone(), used));
                wanted.add(&Extra::FilesIn(path, used));
            }
        }
        wanted.add(&Extra::Way("opt/way".into()));
        let again = Wanted::with(&wanted.extras()).unwrap();
        assert_eq!((again.version(), again.paths()), (wanted.version(), wanted.paths()));
        let odd = |kind, used: &str| Wanted::with(&[(kind, "a".into(), used.into())]).is_none();
        assert!(odd(3, "") && odd(1, "") && odd(1, "catalog none") && odd(2, "other dpkg"));
    }

    #[test]
    fn what_is_added_is_read_too_and_changes_the_version() {
        let mut wanted = Wanted::of(&ONE);
        let before = wanted.version();
        let extra = Extra::File("opt/x/one".into(), Use::Catalog(&FILE));
        assert!(wanted.add(&extra));
        assert!(!wanted.add(&extra));
        assert_eq!(uses(&wanted, "opt/x/one"), Some(vec!["one"]));
        assert_eq!(uses(&wanted, "opt/x"), Some(vec![]));
        assert_ne!(wanted.version(), before);
    }
}
