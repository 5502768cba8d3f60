//! `/etc/containers/policy.json` (containers-policy.json(5)).

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, Origin, SignaturePolicy};
use serde_json::{Map, Value};

use crate::tree::{SMALL, Tree};

const PATH: &str = "/etc/containers/policy.json";
/// Its readers ask for this much at most; what is longer is no policy that a person wrote.
const MAX_SCOPES: usize = 10_000;

pub(super) fn read(tree: &dyn Tree) -> Field<SignaturePolicy> {
    let fact = match tree.read_text(PATH, SMALL) {
        Fact::Known(text) => match parse(&text) {
            Ok(policy) => Fact::Known(policy),
            Err(why) => Fact::Unknown(format!("{PATH} {why}")),
        },
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::file(PATH, None) }
}

fn parse(text: &str) -> Result<SignaturePolicy, String> {
    let file: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("is no JSON object: {error}"))?;
    let default = requirements(file.get("default").ok_or("has no default")?)?;
    let mut scopes = BTreeMap::new();
    let none = Map::new();
    let transports = file
        .get("transports")
        .map_or(Ok(&none), |all| all.as_object().ok_or("has transports that are no object"))?;
    for (transport, by_scope) in transports {
        let by_scope = by_scope.as_object().ok_or("has a transport that is no object")?;
        for (scope, list) in by_scope {
            if scopes.len() == MAX_SCOPES {
                return Err(format!("has more than {MAX_SCOPES} scopes"));
            }
            let name = format!("{transport} {scope}");
            scopes.insert(name.trim_end().to_owned(), requirements(list)?);
        }
    }
    Ok(SignaturePolicy { default, scopes })
}

/// The types of a list of requirements; an empty one is a mistake to its readers too.
fn requirements(list: &Value) -> Result<Vec<String>, String> {
    let kind = |one: &Value| one.get("type")?.as_str().map(str::to_owned);
    let all: Option<Vec<String>> = list.as_array().and_then(|l| l.iter().map(kind).collect());
    all.filter(|all| !all.is_empty()).ok_or_else(|| "has requirements without a type".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn of(text: &str) -> Fact<SignaturePolicy> {
        read(&Recorded::new().file(PATH, text)).fact
    }

    #[test]
    fn default_and_scopes_are_read() {
        let policy = of(
            r#"{"default":[{"type":"reject"}],"transports":{"docker-daemon":{"":[{"type":
            "insecureAcceptAnything"}]},"docker":{"r.example":[{"type":"signedBy","keyPath":"/k"}]}}}"#,
        );
        let Fact::Known(policy) = policy else { panic!("not read: {policy:?}") };
        assert_eq!(policy.default, ["reject"]);
        assert_eq!(policy.scopes["docker r.example"], ["signedBy"]);
        assert_eq!(policy.scopes["docker-daemon"], ["insecureAcceptAnything"]);
    }

    #[test]
    fn what_its_readers_refuse_is_unknown() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"default":[]}"#,
            r#"{"default":[{}]}"#,
            r#"{"default":[{"type":"reject"}],"transports":7}"#,
            r#"{"default":[{"type":"reject"}],"transports":{"docker":{"a":[{"type":7}]}}}"#,
        ] {
            assert!(of(text).unknown().is_some(), "{text}");
        }
    }

    #[test]
    fn none_is_absent_and_a_forbidden_one_unknown() {
        assert!(read(&Recorded::new()).fact.is_absent());
        assert!(read(&Recorded::new().refused(PATH, "permission denied")).fact.unknown().is_some());
    }
}
