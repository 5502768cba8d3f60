//! The names of images, whole (github.com/distribution/reference, `normalize.go`).

/// A name taken apart, what may be left out put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// The registry, such as `docker.io`, with its port.
    pub(crate) registry: &'a str,
    /// The repository in it, such as `library/nginx`.
    pub(crate) repository: String,
    /// The tag, where one is written.
    pub(crate) tag: Option<&'a str>,
    /// The digest, where one is written.
    pub(crate) digest: Option<&'a str>,
}

const HUB: &str = "docker.io";

impl<'a> Reference<'a> {
    /// Takes a name apart; none for an image's id, which names no registry.
    pub(crate) fn parse(name: &'a str) -> Option<Self> {
        let (rest, digest) = match name.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (name, None),
        };
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if rest.is_empty() || rest.starts_with("sha256:") || (rest.len() == 64 && is_hex(rest)) {
            return None;
        }
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        let (registry, path) = match path.split_once('/') {
            Some((first, path)) if is_host(first) => (first, path),
            _ => (HUB, path),
        };
        let registry = if registry == "index.docker.io" { HUB } else { registry };
        let is_short = registry == HUB && !path.contains('/');
        let repository = if is_short { format!("library/{path}") } else { path.to_owned() };
        Some(Self { registry, repository, tag, digest })
    }

    /// `docker.io/library/nginx`.
    pub(crate) fn whole(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Whether it lies in Docker Hub's `library`, whose images Docker publishes.
    pub(crate) fn is_official(&self) -> bool {
        self.registry == HUB && self.repository.starts_with("library/")
    }

    /// `docker.io/library/nginx:1.29`: what lists of trusted images are compared with.
    pub(crate) fn with_tag(&self) -> String {
        match (self.tag, self.digest) {
            (Some(tag), _) => format!("{}:{tag}", self.whole()),
            (None, Some(_)) => self.whole(),
            (None, None) => format!("{}:latest", self.whole()),
        }
    }
}

/// A dot, a port, or `localhost` makes the first part a host.
fn is_host(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_out_is_put_in() {
        for (name, whole) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.29", "docker.io/library/nginx:1.29"),
            ("index.docker.io/library/nginx", "docker.io/library/nginx:latest"),
            ("docker.io/nginx", "docker.io/library/nginx:latest"),
            ("grafana/grafana:12", "docker.io/grafana/grafana:12"),
            ("localhost/a", "localhost/a:latest"),
            ("r.example:5000/a/b", "r.example:5000/a/b:latest"),
            ("r.example:5000/a/b:2@sha256:00", "r.example:5000/a/b:2"),
            ("nginx@sha256:00", "docker.io/library/nginx"),
        ] {
            assert_eq!(Reference::parse(name).unwrap().with_tag(), whole, "{name}");
        }
    }

    #[test]
    fn an_id_is_no_name() {
        for id in [format!("sha256:{}", "ab".repeat(32)), "ab".repeat(32), String::new()] {
            assert_eq!(Reference::parse(&id), None);
        }
    }

    #[test]
    fn only_the_hubs_library_is_official() {
        let is = |name| Reference::parse(name).unwrap().is_official();
        assert!(is("nginx") && is("docker.io/library/nginx:1"));
        assert!(!is("me/nginx") && !is("r.example/library/nginx"));
    }
}
