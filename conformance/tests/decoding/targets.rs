//! Targets like those of clients, and not quite like them.

use dockward_conformance::themes;

use crate::bend::Dice;

/// Parameters that many routes have, and some that none has.
const PARAMETERS: &[&str] = &[
    "all",
    "name",
    "t",
    "q",
    "limit",
    "filters",
    "platform",
    "fromImage",
    "repo",
    "tag",
    "force",
    "v",
    "signal",
    "path",
    "stream",
    "stdout",
    "follow",
    "tail",
    "since",
    "until",
    "size",
    "digests",
    "version",
    "rm",
    "All",
    "x",
    "",
];

const VALUES: &[&str] = &[
    "",
    "1",
    "0",
    "true",
    "False",
    "no",
    "x",
    "a%20b",
    "a+b",
    "a%2Bb",
    "%7B%22a%22%3A%5B%22b%22%5D%7D",
    "a/b:c@d",
    "%26x%3D1",
    "%00",
    "%c3%a9",
    "%ff",
    "a%0Ab",
    "-5",
    "a,b",
    "%25",
    "%2525",
    "a=b",
    "é",
    "a%3Bb",
    "a;b",
    "%zz",
];

/// What stands before a path.
const VERSIONS: &[&str] = &[
    "", "/v1.24", "/v1.41", "/v1.51", "/v1.041", "/v1.41.0", "/v1%2e41", "/V1.41", "/v", "/v1.2",
    "/v99.9",
];

/// Methods and targets: those of all cases and routes, their names filled in.
pub(crate) fn seeds() -> Vec<(String, String)> {
    let steps =
        themes().unwrap().into_iter().flat_map(|theme| theme.case).flat_map(|case| case.steps());
    let of_cases = steps.filter(|step| step.raw.is_none()).map(|step| (step.method, step.target));
    let of_routes =
        dockward_request::routes().map(|route| (route.method.to_owned(), route.path.to_owned()));
    let fill = |text: &str| {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once('{') {
            filled.push_str(before.trim_end_matches('$'));
            let (name, after) = inside.split_once('}').unwrap();
            filled.push_str(if name == "api" { "v1.41" } else { "web" });
            rest = after;
        }
        filled + rest
    };
    of_cases.chain(of_routes).map(|(method, target)| (method, fill(&target))).collect()
}

/// A target near `good`.
pub(crate) fn bent(dice: &mut Dice, good: &str) -> Vec<u8> {
    let mut target = good.to_owned();
    if dice.one_in(3) {
        let path = target.strip_prefix("/v1.41").unwrap_or(&target);
        target = format!("{}{path}", VERSIONS[dice.below(VERSIONS.len())]);
    }
    for _ in 0..dice.below(3) {
        let mark = if target.contains('?') { '&' } else { '?' };
        let parameter = PARAMETERS[dice.below(PARAMETERS.len())];
        target.push_str(&format!("{mark}{parameter}={}", VALUES[dice.below(VALUES.len())]));
    }
    let mut bytes = Vec::new();
    for byte in target.bytes() {
        match dice.below(90) {
            0 => bytes.extend(format!("%{byte:02x}").into_bytes()),
            1 => bytes.extend(format!("%{byte:02X}").into_bytes()),
            2 if dice.one_in(4) => bytes.extend([byte, byte]),
            3 if dice.one_in(4) => {}
            4 if dice.one_in(4) => bytes.extend(
                [
                    &b"//"[..],
                    b"/./",
                    b"/../",
                    b"%2f",
                    b"?",
                    b"&",
                    b"#",
                    b";",
                    b"+",
                    b"%",
                    b"\x80",
                    b"%e2%84%aa",
                ][dice.below(12)],
            ),
            _ => bytes.push(byte),
        }
    }
    bytes
}
