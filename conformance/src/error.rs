//! What keeps the suite from saying anything.

/// Why a run ended without a verdict.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of cases is not as it should be: its name, and why.
    #[error("cases/{0}.toml: {1}")]
    Cases(String, String),
    /// The address is neither `unix:///path` nor `tcp://host:port`.
    #[error("`{0}` is neither unix:///path nor tcp://host:port")]
    Address(String),
    /// Nobody listens there.
    #[error("cannot connect to {0}: {1}")]
    Connect(String, std::io::Error),
    /// The engine's own socket does not do what a case or the suite needs.
    #[error("the engine, asked for {asked}: {why}")]
    Engine {
        /// The request.
        asked: String,
        /// Its answer.
        why: String,
    },
    /// The engine has containers that are not the suite's.
    #[error(
        "the engine has {0} containers: the suite creates, starts and removes things; say \
         --yes-this-engine-is-for-tests if nobody needs it"
    )]
    InUse(usize),
    /// The suite's image is a program for another machine.
    #[error("the engine is on {0}: name an image that it has, whose command stays, with --image")]
    Machine(String),
    /// No case has that id.
    #[error("no case is called `{0}`")]
    NoSuchCase(String),
}
