//! A request as it is written to the engine.

use crate::Body;
use crate::gate::{Answering, Forward};
use crate::http::Bad;
use crate::http::answer::is_of_the_connection;
use crate::http::request::is_token;

/// The head. `streamed` is how the caller's body follows it, where it is handed on.
///
/// # Errors
/// What the gate wrote is no request, or says something of the connection, which is the transport's.
pub(crate) fn head(forward: &Forward, streamed: Option<Body>) -> Result<Vec<u8>, Bad> {
    let Forward { method, target, headers, body, answer } = forward;
    let capital = |byte: u8| byte.is_ascii_uppercase();
    if method.is_empty() || !method.bytes().all(capital) || method == "CONNECT" {
        return Err(Bad("a method that is none"));
    }
    if !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Bad("a target that is none"));
    }
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: docker\r\n");
    for (name, value) in headers {
        if !is_token(name.as_bytes()) || is_of_the_connection(name) {
            return Err(Bad("a header that is not the gate's to write"));
        }
        if value.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(Bad("a header's value with a control character"));
        }
        head.extend([name, ": ", value, "\r\n"]);
    }
    if let Answering::Upgrade { to: Some(to) } = answer {
        if !is_token(to.as_bytes()) {
            return Err(Bad("a protocol that is none"));
        }
        head.extend(["Connection: Upgrade\r\nUpgrade: ", to, "\r\n"]);
    }
    head.push_str(&length(body.as_deref(), streamed));
    head.push_str("\r\n");
    Ok(head.into_bytes())
}

fn length(body: Option<&[u8]>, streamed: Option<Body>) -> String {
    match (body, streamed) {
        (Some(body), _) => format!("Content-Length: {}\r\n", body.len()),
        (None, Some(Body::Sized(length))) => format!("Content-Length: {length}\r\n"),
        (None, Some(Body::Chunked)) => "Transfer-Encoding: chunked\r\n".to_owned(),
        (None, Some(Body::Nothing) | None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(method: &str, target: &str, header: (&str, &str)) -> Forward {
        Forward {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![(header.0.to_owned(), header.1.to_owned())],
            body: None,
            answer: Answering::Pass,
        }
    }

    #[test]
    fn a_request_is_written_with_one_length() {
        let mut request = forward("POST", "/v1.45/x?a=b", ("Content-Type", "application/json"));
        request.body = Some(b"{}".to_vec());
        assert_eq!(
            String::from_utf8(head(&request, None).unwrap()).unwrap(),
            "POST /v1.45/x?a=b HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n"
        );
        request.body = None;
        request.answer = Answering::Upgrade { to: Some("h2c".into()) };
        let text = String::from_utf8(head(&request, Some(Body::Chunked)).unwrap()).unwrap();
        assert!(text.ends_with(
            "Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
    }

    #[test]
    fn a_gate_cannot_write_what_would_be_two_requests() {
        for request in [
            forward("GET /x", "/", ("A", "b")),
            forward("get", "/", ("A", "b")),
            forward("", "/", ("A", "b")),
            forward("CONNECT", "/", ("A", "b")),
            forward("GET", "x", ("A", "b")),
            forward("GET", "/ HTTP/1.1\r\n", ("A", "b")),
            forward("GET", "/a b", ("A", "b")),
            forward("GET", "/", ("A", "b\r\nC: d")),
            forward("GET", "/", ("A", "b\0")),
            forward("GET", "/", ("A: b\r\nC", "d")),
            forward("GET", "/", ("Content-Length", "5")),
            forward("GET", "/", ("transfer-ENCODING", "chunked")),
            forward("GET", "/", ("Connection", "close")),
            forward("GET", "/", ("Host", "x")),
        ] {
            assert!(head(&request, None).is_err(), "{request:?}");
        }
    }
}
