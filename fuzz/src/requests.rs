//! What reads requests to the engine.

use crate::text;

/// A request to the engine: a line with method and target, then a body. What is understood is
/// understood the same once it was written anew, and what is not is refused in one line.
pub fn guard_requests(data: &[u8]) {
    use dockward_request::{Version, decode, route};
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, body) = data.split_at(end);
    let line = text(line);
    let (method, target) = line.split_once(' ').unwrap_or((&line, ""));
    let routed = match route(method, target.as_bytes()) {
        Ok(routed) => routed,
        Err(refusal) => return assert!(!refusal.to_string().contains('\n'), "{refusal}"),
    };
    let written = routed.target(Version::NEWEST);
    let again = route(method, written.as_bytes()).unwrap_or_else(|why| panic!("{written}: {why}"));
    assert_eq!(
        (again.route, &again.name, &again.parameters),
        (routed.route, &routed.name, &routed.parameters)
    );
    match decode(&routed, Version::NEWEST, body.get(1..).unwrap_or_default()) {
        Ok(Some(value)) => {
            let written = value.encode();
            let read = decode(&again, Version::NEWEST, &written);
            assert_eq!(read, Ok(Some(value)), "{}", text(&written));
        }
        Ok(None) => {}
        Err(refusal) => assert!(!refusal.to_string().contains('\n'), "{refusal}"),
    }
}
