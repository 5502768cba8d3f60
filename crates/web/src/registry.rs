//! Artifacts of a registry (OCI distribution specification 1.1, image specification 1.1): a manifest
//! and its layers, each held to its digest.
//!
//! Asked without credentials, with a token that a registry's own server gives to everybody, or with
//! one that the caller has. Names and passwords (`Basic`), and what `docker login` keeps, are not
//! read.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use ring::digest::{Context, SHA256};
use serde::Deserialize;

use crate::address::shown;
use crate::client::{Client, Fetched, Request, Step};
use crate::error::WebError;

/// The largest manifest, in bytes (what registries take at most).
const LARGEST_MANIFEST: u64 = 4 << 20;
const LARGEST_TOKEN: u64 = 64 << 10;
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// An artifact's name: `HOST[:PORT]/NAME[:TAG][@sha256:DIGEST]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    host: String,
    name: String,
    tag: String,
    digest: Option<String>,
}

impl Reference {
    /// Reads one, with or without `oci://` before it; none where it is none. There is no default
    /// host: `alpine` alone is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let (host, rest) = text.split_once('/')?;
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        let (name, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
        let is_host = host.contains(['.', ':']) || host == "localhost";
        let part = |part: &str| {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            !part.is_empty() && part.chars().all(fits) && !part.starts_with('.')
        };
        let tag_fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let host_fits = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        let good = is_host
            && host.chars().all(host_fits)
            && name.split('/').all(part)
            && !tag.is_empty()
            && tag.len() <= 128
            && tag.chars().all(tag_fits)
            && digest.is_none_or(is_digest);
        good.then(|| Self {
            host: host.to_owned(),
            name: name.to_owned(),
            tag: tag.to_owned(),
            digest: digest.map(str::to_owned),
        })
    }

    /// Whether it names one artifact for ever.
    #[must_use]
    pub const fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    /// A registry of this machine is asked over HTTP, as the docker command does; all others over
    /// HTTPS.
    fn url(&self, rest: &str) -> String {
        let host = self.host.rsplit_once(':').map_or(self.host.as_str(), |(host, _)| host);
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        let local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        let scheme = if local { "http" } else { "https" };
        format!("{scheme}://{}/v2/{}/{rest}", self.host, self.name)
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "oci://{}/{}:{}", self.host, self.name, self.tag)?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A manifest, as far as artifacts need it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// The layers.
    pub layers: Vec<Layer>,
}

/// A layer of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// What it is.
    #[serde(default)]
    pub media_type: String,
    /// `sha256:` and hexadecimal digits.
    pub digest: String,
    /// Its length, in bytes.
    pub size: u64,
    /// What is said of it.
    #[serde(default)]
    pub annotations: std::collections::BTreeMap<String, String>,
}

/// A registry that is asked for one artifact.
#[derive(Debug)]
pub struct Registry<'a> {
    client: &'a Client,
    reference: &'a Reference,
    authorization: Option<String>,
}

impl<'a> Registry<'a> {
    /// With a token, where the caller has one.
    #[must_use]
    pub fn new(client: &'a Client, reference: &'a Reference, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Bearer {token}"));
        Self { client, reference, authorization }
    }

    /// The manifest, held to the digest where the reference has one.
    ///
    /// # Errors
    /// When it cannot be had, is none, or another one.
    pub fn manifest(&mut self, step: &mut dyn FnMut(Step<'_>)) -> Result<Manifest, WebError> {
        let named = self.reference.digest.as_ref().unwrap_or(&self.reference.tag);
        let url = self.reference.url(&format!("manifests/{named}"));
        let headers = vec![("Accept", MANIFESTS.to_owned())];
        let mut request = Request { most: LARGEST_MANIFEST, headers, ..Request::default() };
        request.url = url;
        request.authorization.clone_from(&self.authorization);
        let fetched = match self.client.fetch(&request, step) {
            Err(WebError::Status { status: 401, challenge: Some(challenge), url }) => {
                let Some(token) = self.token(&challenge, step)? else {
                    return Err(WebError::Status { status: 401, challenge: Some(challenge), url });
                };
                self.authorization = Some(format!("Bearer {token}"));
                request.authorization.clone_from(&self.authorization);
                self.client.fetch(&request, step)?
            }
            other => other?,
        };
        let Fetched::Body(body) = fetched else {
            return Err(odd(&request, "it is the same as nothing"));
        };
        if let Some(digest) = &self.reference.digest
            && *digest != sum(&*body.bytes).unwrap_or_default()
        {
            return Err(odd(&request, "it is not what its digest names"));
        }
        let manifest: Manifest =
            serde_json::from_slice(&body.bytes).map_err(|_| odd(&request, "it is no manifest"))?;
        if manifest.layers.iter().any(|layer| !is_digest(&layer.digest)) {
            return Err(odd(&request, "a layer has no digest of SHA-256"));
        }
        Ok(manifest)
    }

    /// A layer into a file, held to its length and digest. What comes and is another is removed.
    ///
    /// # Errors
    /// When it cannot be had, is longer than `most`, or another one.
    pub fn blob(
        &self,
        layer: &Layer,
        most: u64,
        to: &Path,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), WebError> {
        let url = self.reference.url(&format!("blobs/{}", layer.digest));
        let authorization = self.authorization.clone();
        let request = Request { url, most: layer.size, authorization, ..Request::default() };
        if layer.size > most {
            return Err(WebError::TooLong { url: shown(&request.url), most });
        }
        self.client.download(&request, to, step)?;
        let read = File::open(to).and_then(sum);
        let is = read.map_err(|source| WebError::Write { path: to.to_owned(), source })?;
        if is != layer.digest {
            // What is not removed is refused again the next time.
            let _ = fs::remove_file(to);
            return Err(odd(&request, "it is not what its digest names"));
        }
        Ok(())
    }

    /// A token that everybody gets (distribution specification, "token authentication"): none where
    /// another kind of credential is asked for.
    fn token(
        &self,
        challenge: &str,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<Option<String>, WebError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(alias = "access_token")]
            token: String,
        }
        let Some(rest) = challenge.strip_prefix("Bearer ").filter(|_| self.authorization.is_none())
        else {
            return Ok(None);
        };
        let Some(realm) = value(rest, "realm") else { return Ok(None) };
        let mut url = realm.to_owned();
        for (name, mark) in [("service", '?'), ("scope", '&')] {
            if let Some(value) = value(rest, name) {
                let mark = if url.contains('?') { '&' } else { mark };
                url += &format!("{mark}{name}={}", query(value));
            }
        }
        let ours = self.reference.url("");
        if ours.starts_with("https:") && !url.starts_with("https:") {
            let request = Request { url: ours, ..Request::default() };
            return Err(odd(&request, "it sends us for a token where nothing is secret"));
        }
        let request = Request { url, most: LARGEST_TOKEN, ..Request::default() };
        let Fetched::Body(body) = self.client.fetch(&request, step)? else { return Ok(None) };
        let answer: Answer =
            serde_json::from_slice(&body.bytes).map_err(|_| odd(&request, "it gives no token"))?;
        let fits = answer.token.chars().all(|c| c.is_ascii_graphic());
        Ok(Some(answer.token).filter(|token| fits && !token.is_empty()))
    }
}

/// A parameter of a challenge, `NAME="VALUE"`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(',').find_map(|part| {
        let (own, value) = part.trim().split_once('=')?;
        (own == name).then(|| value.trim_matches('"'))
    })
}

fn query(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~:/".contains(&b);
    value
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn odd(request: &Request, what: &'static str) -> WebError {
    WebError::Odd { url: shown(&request.url), what }
}

/// `sha256:` and hexadecimal digits.
fn sum(mut from: impl io::Read) -> io::Result<String> {
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; 256 << 10]);
    loop {
        match from.read(&mut piece)? {
            0 => break,
            count => context.update(piece.get(..count).unwrap_or_default()),
        }
    }
    let digest = context.finish();
    Ok(digest
        .as_ref()
        .iter()
        .fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_host() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, shown) in [
            ("ghcr.io/a/db:1", "oci://ghcr.io/a/db:1".to_owned()),
            ("oci://localhost/db", "oci://localhost/db:latest".to_owned()),
            (
                &*format!("r.example:5000/a/b/c@{digest}"),
                format!("oci://r.example:5000/a/b/c:latest@{digest}"),
            ),
        ] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "alpine",
            "a/b",
            "r.example/",
            "r.example/A",
            "r.example/../x",
            "r.example/a:",
            "r.example/a@sha256:12",
            "r .example/a",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
        let local = Reference::parse("127.0.0.1:5000/a").unwrap();
        assert_eq!(local.url("x"), "http://127.0.0.1:5000/v2/a/x");
        let other = Reference::parse("127.evil.example/a").unwrap();
        assert!(other.url("").starts_with("https:"));
    }

    #[test]
    fn a_challenge_is_read() {
        let text = r#"realm="https://a.example/token",service="r", scope="repository:a/b:pull""#;
        assert_eq!(value(text, "realm"), Some("https://a.example/token"));
        assert_eq!(value(text, "scope"), Some("repository:a/b:pull"));
        assert_eq!(value(text, "error"), None);
    }
}
