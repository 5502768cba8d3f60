//! Which request gets which reply.

use crate::Reply;

/// A script: routes in order, the first that fits answers; without one it is a 404 as the engine's own.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    hang_on_accept: bool,
    routes: Vec<(String, Reply)>,
    otherwise: Option<Reply>,
}

impl Behaviour {
    /// No routes: everything is answered with 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// An engine with that API version which has nothing: `/_ping`, `/version`, `/info` and empty lists.
    pub fn empty_engine(api_version: &str) -> Self {
        let version = format!(
            r#"{{"Version":"99.0","ApiVersion":"{api_version}","MinAPIVersion":"1.24","Os":"linux"}}"#
        );
        Self::new()
            .route("/_ping", Reply::ping(api_version))
            .route("/version", Reply::json(200, version))
            .route(
                "/info",
                Reply::json(200, r#"{"ID":"fake","Name":"fake","ServerVersion":"99.0"}"#),
            )
            .route("/containers/json", Reply::json(200, "[]"))
            .route("/images/json", Reply::json(200, "[]"))
            .route("/networks", Reply::json(200, "[]"))
            .route("/plugins", Reply::json(200, "[]"))
            .route("/volumes", Reply::json(200, r#"{"Volumes":[],"Warnings":null}"#))
    }

    /// Connections are accepted, then neither read nor answered.
    pub fn hang_after_accept() -> Self {
        Self { hang_on_accept: true, ..Self::default() }
    }

    /// Answers a path (without `/v1.xx` and the query) whose parts fit; `*` fits any one part, as in
    /// `/containers/*/json`. A later route for the same path replaces the earlier one.
    #[must_use]
    pub fn route(mut self, path: &str, reply: Reply) -> Self {
        self.routes.retain(|(known, _)| known != path);
        self.routes.push((path.to_owned(), reply));
        self
    }

    /// Answers every request that no route fits.
    #[must_use]
    pub fn otherwise(mut self, reply: Reply) -> Self {
        self.otherwise = Some(reply);
        self
    }

    pub(super) fn hangs_on_accept(&self) -> bool {
        self.hang_on_accept
    }

    /// The reply to a request's target, for instance `/v1.41/containers/json?all=1`.
    pub(super) fn reply(&self, target: &str) -> Reply {
        let path = without_version(target.split('?').next().unwrap_or_default());
        let found = self.routes.iter().find(|(route, _)| fits(route, path)).map(|(_, reply)| reply);
        found
            .or(self.otherwise.as_ref())
            .cloned()
            .unwrap_or_else(|| Reply::json(404, r#"{"message":"page not found"}"#))
    }
}

fn without_version(path: &str) -> &str {
    let Some((version, _)) = path.strip_prefix("/v").and_then(|rest| rest.split_once('/')) else {
        return path;
    };
    let is_version = !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    let versioned = if is_version { path.get(version.len() + 2..) } else { None };
    versioned.unwrap_or(path)
}

fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut seen) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), seen.next()) {
            (None, None) => return true,
            (Some(part), Some(other)) if part == "*" || part == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_fits_whatever_the_version_and_the_query() {
        assert!(fits("/containers/*/json", without_version("/v1.41/containers/abc/json")));
        assert!(fits("/volumes", without_version("/volumes")));
        assert!(!fits("/containers/*/json", "/containers/json"));
        assert_eq!(without_version("/v1.51/_ping"), "/_ping");
    }
}
