//! Headers that the engine reads; the others go nowhere.

use dockward_guard::Head;
use dockward_request::{Body, Refusal, Route, Routed};

/// What of a request's headers the engine reads (moby `api/server`, BuildKit `session`).
const READ: &[&str] =
    &["accept", "user-agent", "x-registry-auth", "x-registry-config", "traceparent", "tracestate"];
/// Credentials for a registry, and none of them (`{}`).
const CREDENTIALS: (&str, &str) = ("x-registry-auth", "e30=");
/// BuildKit's own.
const SESSION: &str = "x-docker-expose-session-";

type Headers = Vec<(String, String)>;

/// The headers that matter, each once.
///
/// # Errors
/// Where one comes twice, or its value is no printable ASCII; where the body is said to be a form,
/// which Go reads into the query.
pub(crate) fn checked(head: &Head, routed: &Routed) -> Result<Headers, Refusal> {
    let mut headers = Headers::new();
    for header in &head.headers {
        let name = header.name.as_str();
        let session = name.starts_with(SESSION) && routed.route.id == "builder-session";
        if name != "content-type" && !READ.contains(&name) && !session {
            continue;
        }
        let value = String::from_utf8(header.value.clone()).ok();
        let value = value.filter(|value| value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
        let Some(value) = value else {
            return Err(Refusal::malformed(format!("the header {name} is not of printable ASCII")));
        };
        // BuildKit names each method of a session in a header of its own.
        if !session && headers.iter().any(|(known, _)| known == name) {
            return Err(Refusal::malformed(format!("the header {name} comes twice")));
        }
        headers.push((name.to_owned(), value));
    }
    if media_type(&headers).is_some_and(|kind| kind.contains("form")) {
        return Err(Refusal::malformed(
            "a form is not taken: its fields would count as parameters",
        ));
    }
    Ok(headers)
}

fn media_type(headers: &Headers) -> Option<String> {
    let value = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value)?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Whether a document is said to be one, as the engine wants it (moby `httputils.CheckForJSON`).
///
/// # Errors
/// Where it is not.
pub(crate) fn is_json(headers: &Headers) -> Result<(), Refusal> {
    match media_type(headers).as_deref() {
        Some("application/json") => Ok(()),
        other => Err(Refusal::malformed(format!(
            "the body's Content-Type is `{}`, not application/json",
            other.unwrap_or_default()
        ))),
    }
}

/// What goes on: the ones that are read, and the type of the body that is sent.
pub(crate) fn forwarded(headers: &Headers, document: bool, route: &Route) -> Headers {
    let mut forwarded: Headers =
        headers.iter().filter(|(name, _)| name != "content-type").cloned().collect();
    // Clients without credentials send `null` for a body instead, which older engines want to see.
    if route.id == "image-push" && !headers.iter().any(|(name, _)| name == CREDENTIALS.0) {
        forwarded.push((CREDENTIALS.0.to_owned(), CREDENTIALS.1.to_owned()));
    }
    let kind = match route.body {
        _ if document => Some("application/json"),
        Body::Stream => Some("application/x-tar"),
        Body::None | Body::Json(_) => None,
    };
    forwarded.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
    forwarded
}
