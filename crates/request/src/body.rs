//! The body of a routed request.

use crate::decode::document;
use crate::route::{Body, Routed};
use crate::{Refusal, Value, Version};

/// Decodes the body of a request whose route takes a document, or none; the engine's newest version
/// of the API is `newest`. Nothing comes of a body that is left out, or of one that is streamed.
///
/// # Errors
/// A [`Refusal`] that names the field where the engine would refuse it too, would merge or drop
/// something of it, or would know more than is known here.
pub fn decode(routed: &Routed, newest: Version, body: &[u8]) -> Result<Option<Value>, Refusal> {
    match routed.route.body {
        Body::Stream => Ok(None),
        Body::None if says_nothing(body) => Ok(None),
        Body::None => Err(too_much(routed)),
        // The docker command of 20.10 sends `null` with a commit that changes nothing.
        Body::Json(wanted) if wanted.optional && matches!(body.trim_ascii(), b"" | b"null") => {
            Ok(None)
        }
        Body::Json(wanted) => {
            let value = document(wanted.kind, routed.version(newest), body)?;
            match value {
                Value::Null => Err(Refusal::malformed("the body is null")),
                value => Ok(Some(value)),
            }
        }
    }
}

/// Clients send `null` or `{}` where they mean nothing; it is not passed on.
fn says_nothing(body: &[u8]) -> bool {
    matches!(body.trim_ascii(), b"" | b"null" | b"{}")
}

fn too_much(routed: &Routed) -> Refusal {
    let what = format!("{} takes no body", routed.route.id);
    if routed.route.id == "container-start" {
        return Refusal::unknown(what)
            .hint("what a container may do is said when it is created, since API 1.24");
    }
    Refusal::unknown(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route;

    fn decoded(method: &str, target: &str, body: &str) -> Result<Option<Value>, Refusal> {
        decode(&route(method, target.as_bytes())?, Version::NEWEST, body.as_bytes())
    }

    #[test]
    fn start_takes_no_host_config() {
        let target = "/containers/web/start";
        assert_eq!(decoded("POST", target, ""), Ok(None));
        assert_eq!(decoded("POST", target, " {} "), Ok(None));
        let refused = decoded("POST", target, r#"{"Privileged":true}"#).unwrap_err();
        assert!(refused.to_string().contains("since API 1.24"));
    }

    #[test]
    fn a_document_is_wanted_where_the_engine_wants_one() {
        assert!(decoded("POST", "/containers/create", "").is_err());
        assert!(decoded("POST", "/containers/create", "null").is_err());
        assert_eq!(decoded("POST", "/commit?container=a", ""), Ok(None));
        assert_eq!(decoded("POST", "/commit?container=a", "null\n"), Ok(None));
        let exec = decoded("POST", "/containers/a/exec", r#"{"cmd":["sh"],"privileged":true}"#)
            .unwrap()
            .unwrap();
        assert_eq!(exec.get("Privileged"), Some(&Value::Flag(true)));
    }

    #[test]
    fn what_no_engine_has_a_field_for_stays_here() {
        let body = r#"{"Container":"b","Cmd":["sh"],"container":{"Privileged":true}}"#;
        let exec = decoded("POST", "/containers/a/exec", body).unwrap().unwrap();
        assert_eq!(exec.encode(), br#"{"Cmd":["sh"]}"#);
    }

    #[test]
    fn what_is_streamed_is_not_looked_at() {
        assert_eq!(decoded("POST", "/images/load", "\u{1}"), Ok(None));
    }
}
