//! The routes of real engines, as `routes.toml` lists them.

use serde::Deserialize;

/// One route of an engine's router.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The HTTP method; `*` stands for every one.
    pub method: String,
    /// The path as the router has it, without a version.
    pub path: String,
    /// How the versions of the engines that have it begin, for instance `20.10`.
    pub engines: Vec<String>,
    /// It is answered with an error unless the daemon was started with `--experimental`.
    #[serde(default)]
    pub experimental: bool,
    /// Above that version of the API the engine answers 404.
    #[serde(default, rename = "api-until")]
    pub api_until: Option<String>,
}

/// Reads `routes.toml`, a part of this crate, in its order: by path, then by method.
///
/// # Errors
/// When the file is not as it should be.
pub fn routes() -> Result<Vec<Route>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        route: Vec<Route>,
    }
    toml::from_str(include_str!("../routes.toml")).map(|file: File| file.route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_stands_once_and_in_order() {
        let routes = routes().unwrap();
        let keys: Vec<_> = routes.iter().map(|one| (&one.path, &one.method)).collect();
        assert!(keys.len() > 100);
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }
}
