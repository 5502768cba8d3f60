//! Which of the engine's routes a request takes.

use crate::query::{Parameter, Parameters};
use crate::shape::Kind;
use crate::target::{encode, target};
use crate::{Refusal, Version, routes};

/// A route of the engine's API.
#[derive(Debug)]
pub struct Route {
    /// What it does: a resource and a verb, such as `container-start`.
    pub id: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path below the version, with a name in braces: `/containers/{container}/start`.
    pub path: &'static str,
    pub(crate) query: &'static [Parameter],
    /// How its body is taken.
    pub body: Body,
    /// Whether it changes anything.
    pub effect: Effect,
    /// What it is about.
    pub resource: Resource,
    /// What comes back.
    pub answer: Answer,
    pub(crate) since: u16,
}

/// How a body is taken.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// There is none.
    None,
    /// A document of JSON.
    Json(Document),
    /// A tar, or anything else that is not looked into.
    Stream,
}

/// The kind of a document, and whether it may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Document {
    pub(crate) kind: &'static Kind,
    pub(crate) optional: bool,
}

/// Whether a request changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It changes something, or lets the caller act in a container or a builder.
    Changes,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the engine's own words")]
pub enum Resource {
    Container,
    Exec,
    Image,
    Builder,
    Network,
    Volume,
    Plugin,
    Swarm,
    Node,
    Service,
    Task,
    Secret,
    Config,
    Registry,
    System,
}

impl Resource {
    /// The word in settings and reports, such as `container`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Exec => "exec",
            Self::Image => "image",
            Self::Builder => "builder",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Plugin => "plugin",
            Self::Swarm => "swarm",
            Self::Node => "node",
            Self::Service => "service",
            Self::Task => "task",
            Self::Secret => "secret",
            Self::Config => "config",
            Self::Registry => "registry",
            Self::System => "system",
        }
    }
}

/// What an answer is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A document, or nothing.
    Document,
    /// It comes bit by bit: logs, progress, a tar.
    Stream,
    /// A JSON document a line, without end.
    Lines,
    /// The connection may turn into a stream both ways.
    Upgrade,
}

/// A request whose route is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// The route.
    pub route: &'static Route,
    /// The version that was asked for; none where the path has none.
    pub version: Option<Version>,
    /// The name or id in the path.
    pub name: Option<String>,
    /// The second name in the path: of a checkpoint.
    pub below: Option<String>,
    /// The query.
    pub parameters: Parameters,
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Finds the route of a request.
///
/// # Errors
/// A [`Refusal`] where the target is not clean, or the engine has no such route, or it has one that
/// is not known here.
pub fn route(method: &str, raw: &[u8]) -> Result<Routed, Refusal> {
    let target = target(raw)?;
    let (version, path) = versioned(&target.path)?;
    let found = routes::all().filter(|route| route.method == method).find_map(|route| {
        let names = names(route.path, path)?;
        Some((route, names))
    });
    let Some((route, (name, below))) = found else {
        let what = format!("{} {} is not known here", brief(method), brief(path));
        return Err(Refusal::unknown(what));
    };
    if !version.unwrap_or(Version::NEWEST).has(route.since) {
        let (since, id) = (Version::minor(route.since), route.id);
        return Err(Refusal::malformed(format!("{id} came with version {since} of the API")));
    }
    let parameters = Parameters::read(route.query, target.query)?;
    Ok(Routed { route, version, name, below, parameters })
}

impl Routed {
    /// The target that goes to an engine whose newest version is `newest`; a request without a
    /// version means the engine's newest, as far as that is known here.
    #[must_use]
    pub fn target(&self, newest: Version) -> String {
        let version = self.version(newest);
        let mut to = format!("/v{version}");
        let mut names = [&self.name, &self.below].into_iter().flatten();
        for part in self.route.path.split('/').skip(1) {
            to.push('/');
            match names.next_if(part.starts_with('{')) {
                Some(name) => encode(name, "/", &mut to),
                None => to.push_str(part),
            }
        }
        self.parameters.write(&mut to);
        to
    }

    /// The version that it is understood in.
    #[must_use]
    pub fn version(&self, newest: Version) -> Version {
        self.version.unwrap_or_else(|| newest.min(Version::NEWEST))
    }
}

trait NextIf<T> {
    fn next_if(&mut self, wanted: bool) -> Option<T>;
}

impl<T, I: Iterator<Item = T>> NextIf<T> for I {
    fn next_if(&mut self, wanted: bool) -> Option<T> {
        if wanted { self.next() } else { None }
    }
}

/// `/v1.41/containers/json` into the version and the rest.
fn versioned(path: &str) -> Result<(Option<Version>, &str), Refusal> {
    let Some(behind) = path.strip_prefix("/v") else { return Ok((None, path)) };
    // The engine's router takes digits and dots here, and anything else for a path.
    let end = behind.find('/').unwrap_or(behind.len());
    let (version, rest) = behind.split_at(end);
    if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Ok((None, path));
    }
    Ok((Some(Version::asked(version)?), rest))
}

type Names = (Option<String>, Option<String>);

/// The names in `path`, if it is of this pattern.
fn names(pattern: &str, path: &str) -> Option<Names> {
    let Some((before, behind)) = pattern.split_once('{') else {
        return (pattern == path).then_some((None, None));
    };
    let (hole, behind) = behind.split_once('}')?;
    let rest = path.strip_prefix(before)?;
    if let Some((between, second)) = behind.split_once('{') {
        let (first, second_name) = rest.split_once(between)?;
        let hole_two = second.strip_suffix('}')?;
        let taken = is_name(hole, first) && is_name(hole_two, second_name);
        return taken.then(|| (Some(first.to_owned()), Some(second_name.to_owned())));
    }
    let name = rest.strip_suffix(behind)?;
    is_name(hole, name).then(|| (Some(name.to_owned()), None))
}

/// Whether a name is one that the resource could have. References of images and plugins have
/// slashes in them.
fn is_name(hole: &str, name: &str) -> bool {
    let most = 512;
    let with_slashes = matches!(hole, "image" | "plugin");
    let fits = |c: char| match c {
        '/' | ':' | '@' | '+' => with_slashes,
        '_' | '.' | '-' => true,
        // Networks and volumes were once given any name.
        ' ' => matches!(hole, "network" | "volume"),
        other => other.is_ascii_alphanumeric(),
    };
    !name.is_empty() && name.len() <= most && name.chars().all(fits)
}

fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests;
