//! What a case is: the data in `cases/`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::Error;
use crate::connection::Expected;

/// One file of `cases/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Theme {
    /// Its name, which begins the ids of its cases.
    pub theme: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Whether its cases need an engine that manages a swarm.
    #[serde(default)]
    pub swarm: bool,
    /// What its cases hold that don't say it themselves.
    #[serde(default)]
    pub held: BTreeMap<String, Value>,
    /// Its cases.
    pub case: Vec<Case>,
}

/// One thing that is tried.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Its id: kebab-case, begins with the theme, never used again for something else.
    pub id: String,
    /// What is asked of the engine, in words.
    pub what: String,
    /// What must become of it.
    #[serde(default)]
    pub expect: Expect,
    /// Under which level that is expected.
    #[serde(default)]
    pub level: Level,
    /// Engines that were seen to do what is asked (how their versions begin); the others refuse or ignore it.
    #[serde(default = "measured")]
    pub engines: Vec<String>,
    /// Whether an engine does it depends on more than its version: on its kernel's modules, its file systems, or
    /// settings of the daemon.
    #[serde(default)]
    pub depends_on_host: bool,
    /// What is there before.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Short for one [`Step`]: the body of `POST /containers/create?name=${name}`.
    #[serde(default)]
    pub create: Option<Body>,
    /// What is sent, in this order.
    #[serde(default)]
    pub step: Vec<Step>,
    /// Short for [`Probe`]s at the container `${name}`: JSON pointers into its inspection, and what they must lead to.
    #[serde(default)]
    pub held: BTreeMap<String, Value>,
    /// What shows that the engine did it: all of them.
    #[serde(default)]
    pub probe: Vec<Probe>,
}

/// What must become of a case.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// It must not reach the engine in a form in which the engine does it.
    #[default]
    Block,
    /// It is harmless and must get through.
    Allow,
}

/// How strict what is tested is set: the two levels of Kubernetes' Pod Security Standards that restrict, and one more
/// for hosts that several people share.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A case to block leads to the host; a case to allow is what ordinary containers do.
    #[default]
    Baseline,
    /// A case to block is bad practice; a case to allow is what a hardened container does.
    Restricted,
    /// A case to block reaches what is others', or leaves the host: names, networks, prunes, secrets, registries. It
    /// takes rules for each caller.
    Isolated,
}

impl Case {
    /// Whether it is a case for something that is set to that level: what is blocked under a level is blocked under a
    /// stricter one too, and what is allowed under a level is allowed under a laxer one too.
    pub fn applies(&self, level: Level) -> bool {
        match self.expect {
            Expect::Block => self.level <= level,
            Expect::Allow => self.level >= level,
        }
    }

    /// Its steps, the short form resolved.
    pub fn steps(&self) -> Vec<Step> {
        let create =
            self.create.as_ref().map(|body| Step { body: Some(body.clone()), ..Step::to_create() });
        create.into_iter().chain(self.step.iter().cloned()).collect()
    }

    /// Its probes, the short form resolved.
    pub fn probes(&self) -> Vec<Probe> {
        let held = self.held.iter().map(|(at, value)| Probe {
            get: Some("/containers/${name}/json".to_owned()),
            at: at.clone(),
            equals: Some(value.clone()),
            ..Probe::default()
        });
        held.chain(self.probe.iter().cloned()).collect()
    }
}

/// What a case finds on the engine.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// `${other}`: a plain container that was created and not started.
    Created,
    /// `${other}`: a plain container that runs.
    Running,
}

/// One connection: what is written to it, and how many answers are waited for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// It goes to the engine's own socket, as preparation; otherwise to what is tested.
    #[serde(default)]
    pub engine: bool,
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// The target, as it stands in the request line; the creation of a container unless it is told.
    #[serde(default = "creation")]
    pub target: String,
    /// The lines of headers; without them, `Host` and, with a body, `Content-Type: application/json`.
    #[serde(default)]
    pub headers: Option<Vec<String>>,
    /// The body.
    #[serde(default)]
    pub body: Option<Body>,
    /// How the body is framed.
    #[serde(default)]
    pub framing: Framing,
    /// All bytes of the connection, instead of all of the above.
    #[serde(default)]
    pub raw: Option<Body>,
    /// How many answers are waited for.
    #[serde(default = "one")]
    pub answers: usize,
    /// Nothing more will be written: that half of the connection is closed.
    #[serde(default)]
    pub half_close: bool,
    /// Values of the answer that later steps use: name to JSON pointer; the pointer `body` is the whole body.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
}

impl Step {
    fn to_create() -> Self {
        Self {
            engine: false,
            method: post(),
            target: creation(),
            headers: None,
            body: None,
            framing: Framing::default(),
            raw: None,
            answers: 1,
            half_close: false,
            save: BTreeMap::new(),
        }
    }
}

impl Step {
    /// How its answers are read.
    pub(crate) fn reading(&self) -> Expected {
        let bodiless = self.raw.is_none() && self.method == "HEAD";
        Expected { answers: self.answers, half_close: self.half_close, bodiless }
    }
}

/// Bytes: a text, or parts one after another.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// A text.
    Text(String),
    /// Parts.
    Parts(Vec<Part>),
}

/// A part of a body.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Part {
    /// A text.
    Text(String),
    /// Bytes in hexadecimal.
    Hex {
        /// Two digits a byte.
        hex: String,
    },
    /// A text many times.
    Repeat {
        /// The text.
        repeat: String,
        /// How often.
        times: usize,
    },
    /// A text and spaces, that many bytes together.
    Padded {
        /// The text.
        pad: String,
        /// How many bytes, at least those of the text.
        to: usize,
    },
    /// A tar of these entries.
    Tar {
        /// Its entries.
        tar: Vec<Entry>,
    },
    /// What an earlier step saved, as it is.
    Saved {
        /// Its name.
        saved: String,
    },
}

/// An entry of a tar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its path; with a slash at the end it is a folder.
    pub path: String,
    /// What is in the file.
    #[serde(default)]
    pub text: String,
    /// It is a symbolic link to that.
    #[serde(default)]
    pub link: Option<String>,
}

/// How a body is framed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Framing {
    /// With its length.
    #[default]
    Length,
    /// With nothing: the body just follows the headers.
    Bare,
    /// In chunks.
    Chunked {
        /// How many bytes a chunk has at most.
        size: usize,
        /// What stands after each chunk's size, the semicolon included.
        #[serde(default)]
        extension: String,
        /// Lines after the last chunk.
        #[serde(default)]
        trailer: Vec<String>,
    },
}

/// What is asked of the engine's own socket afterwards, or looked up in an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Probe {
    /// The path that is asked for, with GET, below the engine's newest version.
    #[serde(default)]
    pub get: Option<String>,
    /// Without `get`: which answer of what was tested is looked at, from 0; the last one unless it is told.
    #[serde(default)]
    pub answer: Option<usize>,
    /// The status that must come; any from 200 to 299 (and 101, 304) unless it is told.
    #[serde(default)]
    pub status: Option<u16>,
    /// Any status will do: what is looked for can only come from the engine.
    #[serde(default)]
    pub any_status: bool,
    /// A JSON pointer into the answer; empty is the whole of it.
    #[serde(default)]
    pub at: String,
    /// It leads to exactly that.
    #[serde(default)]
    pub equals: Option<Value>,
    /// It leads to a list that has that, or to an object in whose values that is.
    #[serde(default)]
    pub contains: Option<Value>,
    /// That text stands in the answer's body.
    #[serde(default)]
    pub text: Option<String>,
}

fn measured() -> Vec<String> {
    ["20.10", "26.1", "28.5"].map(str::to_owned).to_vec()
}

fn post() -> String {
    "POST".to_owned()
}

fn creation() -> String {
    "/${api}/containers/create?name=${name}".to_owned()
}

const fn one() -> usize {
    1
}

/// The files of `cases/`, by name.
const FILES: &[(&str, &str)] = &[
    ("allowed", include_str!("../cases/allowed.toml")),
    ("body", include_str!("../cases/body.toml")),
    ("target", include_str!("../cases/target.toml")),
    ("framing", include_str!("../cases/framing.toml")),
    ("host-config", include_str!("../cases/host-config.toml")),
    ("container", include_str!("../cases/container.toml")),
    ("object", include_str!("../cases/object.toml")),
    ("build", include_str!("../cases/build.toml")),
    ("plugin", include_str!("../cases/plugin.toml")),
    ("daemon", include_str!("../cases/daemon.toml")),
    ("race", include_str!("../cases/race.toml")),
    ("swarm-mode", include_str!("../cases/swarm-mode.toml")),
    ("swarm", include_str!("../cases/swarm.toml")),
];

/// Reads all cases, theme by theme.
///
/// # Errors
/// The file that is not as it should be.
pub fn themes() -> Result<Vec<Theme>, Error> {
    let read = |&(name, text): &(&str, &str)| {
        toml::from_str(text).map_err(|why| Error::Cases(name.to_owned(), why.to_string()))
    };
    let mut themes: Vec<Theme> = FILES.iter().map(read).collect::<Result<_, _>>()?;
    for theme in &mut themes {
        for case in &mut theme.case {
            if case.held.is_empty() && case.probe.is_empty() {
                case.held = theme.held.clone();
            }
        }
    }
    Ok(themes)
}
