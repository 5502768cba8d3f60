//! What an `ADD` takes, and where to.

/// An `ADD` as a history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added<'a> {
    /// What was added.
    pub sources: Vec<Source<'a>>,
    /// The place in the image.
    pub target: &'a str,
    /// Whether it was compared with a digest (`--checksum`).
    pub checked: bool,
}

/// One thing that an `ADD` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// Something of the network, by its address.
    Remote(&'a str),
    /// A local archive, which `ADD` unpacks: `COPY` doesn't.
    Archive(&'a str),
    /// A local file that is no archive by its name, or a folder.
    Plain(&'a str),
    /// A digest of a file, by the classic builder: whether it was an archive isn't told.
    Digest(&'a str),
}

/// Names that BuildKit's and the classic builder's `ADD` unpacks. What counts is the content, of
/// which the name is the only trace in a history.
const ARCHIVES: &[&str] = &[
    ".tar",
    ".tar.bz2",
    ".tar.gz",
    ".tar.lzma",
    ".tar.xz",
    ".tar.zst",
    ".tbz",
    ".tbz2",
    ".tgz",
    ".txz",
    ".tzst",
];

impl<'a> Added<'a> {
    /// Reads what follows BuildKit's `ADD`: flags, sources and the target.
    pub(super) fn read(text: &'a str) -> Self {
        if let Some(digest) = Self::digest(text) {
            return digest;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let checked = words.iter().any(|word| word.starts_with("--checksum="));
        let mut plain: Vec<&str> =
            words.into_iter().filter(|word| !word.starts_with("--")).collect();
        let target = plain.pop().unwrap_or_default();
        Self { sources: plain.into_iter().map(source).collect(), target, checked }
    }

    /// Reads what follows the classic builder's. It tells no digest of what it fetched itself.
    pub(super) fn classic(text: &'a str) -> Self {
        match text.trim().strip_prefix("in ") {
            Some(target) => {
                let sources = vec![Source::Remote("an address")];
                Self { sources, target: target.trim(), checked: false }
            }
            None => Self::read(text),
        }
    }

    /// `file:DIGEST in /target`.
    fn digest(text: &'a str) -> Option<Self> {
        let (what, target) = text.trim().split_once(" in ")?;
        let source = if what.starts_with("dir:") {
            Source::Plain("a folder")
        } else if what.starts_with("file:") || what.starts_with("multi:") {
            Source::Digest(what)
        } else {
            return None;
        };
        Some(Self { sources: vec![source], target: target.trim(), checked: false })
    }

    /// Whether it puts things right at the root: as the first step that adds files, it makes the
    /// base image's root file system (`FROM scratch`, `ADD rootfs.tar.xz /`).
    #[must_use]
    pub fn is_at_root(&self) -> bool {
        self.target.trim_end_matches(['/', '.']).is_empty() && !self.sources.is_empty()
    }
}

fn source(word: &str) -> Source<'_> {
    let lower = word.to_ascii_lowercase();
    let is_remote = ["http://", "https://", "git://", "ssh://", "git@", "ftp://"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    if is_remote {
        Source::Remote(word)
    } else if ARCHIVES.iter().any(|ending| lower.ends_with(ending)) {
        Source::Archive(word)
    } else {
        Source::Plain(word)
    }
}
