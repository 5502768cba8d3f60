//! The containers of the live acceptance test, with the findings that each must give.

use serde::Deserialize;

use crate::{Engine, Suite};

const TEXT: &str = include_str!("../badly-built.toml");

/// `badly-built.toml`: containers built badly on purpose, one well, and what they need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadlyBuilt {
    /// The `daemon.json` of the engine that they are made on.
    pub daemon: String,
    /// Commands to run in the engine's root, once, before the containers are made.
    pub before: Vec<Vec<String>>,
    /// The containers, in the order in which they must be made.
    pub container: Vec<Container>,
}

/// One container.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// Its name, unique; it says what is wrong with it.
    pub name: String,
    /// The arguments of `docker create` before the image.
    #[serde(default)]
    pub create: Vec<String>,
    /// The image: one of those that [`BadlyBuilt::make_images`] makes.
    #[serde(default = "plain_image")]
    pub image: String,
    /// The command after the image; empty means the image's own.
    #[serde(default)]
    pub command: Vec<String>,
    /// The suites on which it can be started, also without `CAP_SYS_RESOURCE`; on others it is only created.
    #[serde(default = "all_suites", rename = "start-on")]
    pub start_on: Vec<Suite>,
    /// A command to be left running in the started container through `docker exec --detach`.
    #[serde(default)]
    pub exec: Option<Exec>,
    /// The suites whose engine takes the arguments.
    #[serde(default = "all_suites")]
    pub only: Vec<Suite>,
    /// The rules (ids) that must be reported for it. Other findings of lesser matters are to be expected too, except
    /// for the container `hardened`: nothing above low.
    pub expect: Vec<String>,
}

/// A `docker exec`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// The arguments before the container's name.
    pub args: Vec<String>,
    /// What is run.
    pub command: Vec<String>,
}

/// Reads the containers of the live acceptance test.
///
/// # Panics
/// When the file, a part of this crate, is not as it should be.
pub fn badly_built() -> BadlyBuilt {
    toml::from_str(TEXT).unwrap_or_else(|why| panic!("badly-built.toml: {why}"))
}

impl BadlyBuilt {
    /// Makes the images, runs the commands before, and creates and starts the containers that the engine's suite
    /// can have. Gives them back, in the file's order.
    ///
    /// # Panics
    /// When the engine refuses one of them, with its complaint.
    pub fn build(&self, engine: &Engine) -> Vec<&Container> {
        Self::make_images(engine);
        for words in &self.before {
            let output = engine.exec_in_root(&borrowed(words));
            assert!(
                output.status.success(),
                "{words:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let built: Vec<&Container> =
            self.container.iter().filter(|one| one.suits(engine.suite())).collect();
        for one in &built {
            one.create(engine);
        }
        start(engine, &built);
        for one in &built {
            one.exec(engine);
        }
        built
    }

    /// The images: `plain` (root), `app` (`USER app`, with a health check), `old` (root, made in 2019).
    ///
    /// # Panics
    /// When the engine refuses one of them, with its complaint.
    pub fn make_images(engine: &Engine) {
        let healthy = r#"HEALTHCHECK --interval=30s CMD ["true"]"#;
        engine.import_busybox("plain");
        engine.import_busybox_with("app", &["USER app", healthy]);
        engine.load_busybox(
            "old",
            "2019-01-01T00:00:00Z",
            r#"{"Env":["PATH=/bin"],"Cmd":["sleep","3600"]}"#,
        );
    }
}

impl Container {
    /// Whether that suite's engine takes the container's arguments.
    pub fn suits(&self, suite: Suite) -> bool {
        self.only.contains(&suite)
    }

    /// Whether it runs on that suite's engine after [`BadlyBuilt::build`].
    pub fn runs_on(&self, suite: Suite) -> bool {
        self.suits(suite) && self.start_on.contains(&suite)
    }

    fn create(&self, engine: &Engine) {
        let mut words = vec!["create", "--name", &self.name];
        words.extend(borrowed(&self.create));
        words.push(&self.image);
        words.extend(borrowed(&self.command));
        engine.docker_ok(&words);
    }

    fn exec(&self, engine: &Engine) {
        let Some(exec) = &self.exec else { return };
        let mut words = vec!["exec", "--detach"];
        words.extend(borrowed(&exec.args));
        words.push(&self.name);
        words.extend(borrowed(&exec.command));
        engine.docker_ok(&words);
    }
}

/// Starts them with one command line, in their order: much faster than one each.
fn start(engine: &Engine, built: &[&Container]) {
    let started = built.iter().filter(|one| one.runs_on(engine.suite()));
    let names = started.map(|one| one.name.as_str());
    engine.docker_ok(&["start"].into_iter().chain(names).collect::<Vec<_>>());
}

fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn plain_image() -> String {
    "plain".to_owned()
}

fn all_suites() -> Vec<Suite> {
    Suite::ALL.to_vec()
}
