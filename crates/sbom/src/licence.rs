//! Licences as package managers write them, and as SPDX does.

use crate::serial;

/// The longest text that is looked at as an expression, in bytes.
const LONGEST: usize = 4096;

/// What a licence's text is to SPDX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Licence<'a> {
    /// An id of the SPDX licence list.
    Id(&'a str),
    /// An expression of several (SPDX 2.3, annex D).
    Expression(&'a str),
    /// Words of its own (`GPL-2+` of Debian, `public-domain`).
    Other(&'a str),
}

/// What `text` is.
pub(crate) fn classify(text: &str) -> Licence<'_> {
    if is_listed(text) {
        Licence::Id(text)
    } else if text.len() <= LONGEST && is_expression(text) {
        Licence::Expression(text)
    } else {
        Licence::Other(text)
    }
}

/// Whether it is an id of the SPDX licence list, letter by letter. The library has a few more: what
/// is no licence, and the beginnings of the GFDL's.
fn is_listed(text: &str) -> bool {
    let is_more = text == "NOASSERTION" || text.ends_with("-invariants");
    !is_more && spdx::license_id(text).is_some_and(|id| id.name == text)
}

/// Whether it is an expression of listed licences: a `LicenseRef-` would point at nothing.
fn is_expression(text: &str) -> bool {
    let known = |expression: spdx::Expression| {
        let id = |one: &spdx::expression::ExpressionReq| one.req.license.id();
        expression.requirements().all(|one| id(one).is_some_and(|id| is_listed(id.name)))
    };
    spdx::Expression::parse(text).is_ok_and(known)
}

/// The expression that says that all of these hold, and the words in it that SPDX does not list, by
/// the `LicenseRef-` that stands for them. None where there are no licences.
pub(crate) fn all_of(licences: &[String]) -> (Option<String>, Vec<(String, &str)>) {
    let mut others = Vec::new();
    let mut terms = Vec::new();
    for text in licences.iter().filter(|text| !text.trim().is_empty()) {
        match classify(text) {
            Licence::Id(id) => terms.push(id.to_owned()),
            Licence::Expression(one) if licences.len() == 1 => terms.push(one.to_owned()),
            Licence::Expression(part) => terms.push(format!("({part})")),
            Licence::Other(words) => {
                let name = reference(words);
                terms.push(name.clone());
                others.push((name, words));
            }
        }
    }
    ((!terms.is_empty()).then(|| terms.join(" AND ")), others)
}

/// A `LicenseRef-` for words that SPDX does not list: letters, digits, `.` and `-` only (annex D),
/// readable, and different for different words.
fn reference(words: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let readable: String = words.chars().take(40).map(plain).collect();
    format!("LicenseRef-{}-{}", readable.trim_matches('-'), serial::short(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_expressions_and_words_are_told_apart() {
        for id in ["MIT", "GPL-2.0-only", "GPL-2.0"] {
            assert_eq!(classify(id), Licence::Id(id));
        }
        for both in ["MIT AND GPL-2.0-only", "Apache-2.0 WITH LLVM-exception", "(MIT OR ISC)"] {
            assert_eq!(classify(both), Licence::Expression(both));
        }
        for words in
            ["GPL-2+", "mit", "NOASSERTION", "MIT AND NOASSERTION", "LicenseRef-a", "", "("]
        {
            assert_eq!(classify(words), Licence::Other(words));
        }
    }

    #[test]
    fn several_licences_are_one_expression_in_which_words_are_references() {
        let licences = ["MIT", "GPL-2+ with exception/a", "ISC OR 0BSD", " "].map(str::to_owned);
        let (expression, others) = all_of(&licences);
        let [(name, "GPL-2+ with exception/a")] = &*others else { panic!("{others:?}") };
        assert_eq!(expression.unwrap(), format!("MIT AND {name} AND (ISC OR 0BSD)"));
        assert!(name.starts_with("LicenseRef-GPL-2--with-exception-a-"), "{name}");
        assert_ne!(reference("GPL-2+"), reference("GPL-2/"), "different words, different names");
        assert_eq!(all_of(&[]), (None, Vec::new()));
    }

    #[test]
    fn every_id_is_one_of_cyclonedx_too() {
        let schema = include_str!("../tests/schemas/cyclonedx-spdx.schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let listed = schema["enum"].as_array().unwrap();
        let ids = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
        let ids: Vec<_> = ids.filter(|id| matches!(classify(id), Licence::Id(_))).collect();
        assert!(ids.len() > 600, "{}", ids.len());
        let unknown: Vec<_> = ids.iter().filter(|id| !listed.iter().any(|it| it == **id)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn deeply_nested_and_endless_text_is_words() {
        let deep = "(".repeat(LONGEST + 1);
        assert_eq!(classify(&deep), Licence::Other(&deep));
        let nested = format!("{}MIT{}", "(".repeat(2000), ")".repeat(2000));
        assert!(matches!(classify(&nested), Licence::Expression(_) | Licence::Other(_)));
    }
}
