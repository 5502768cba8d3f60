//! Answers, read out of the bytes of a connection.

use serde_json::Value;

/// One answer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body, without its framing.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Its body as JSON, if it is.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The status and the first 200 characters of the body, in a line.
    pub(crate) fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let message = self.json().and_then(|json| json.get("message")?.as_str().map(str::to_owned));
        let text = message.unwrap_or_else(|| text.into_owned());
        let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200);
        format!("{} {}", self.status, clean.collect::<String>().trim()).trim_end().to_owned()
    }
}

/// Bytes that come in, and how far they were understood.
#[derive(Debug)]
pub(crate) struct Reading {
    bytes: Vec<u8>,
    /// No answer has a body, as after HEAD.
    bodiless: bool,
}

/// How the end of a body is known.
enum Ending {
    Length(usize),
    Chunks,
    Connection,
}

impl Reading {
    pub(crate) fn new(bodiless: bool) -> Self {
        Self { bytes: Vec::new(), bodiless }
    }

    /// How many bytes are not yet an answer.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn push(&mut self, more: &[u8]) {
        self.bytes.extend_from_slice(more);
    }

    /// The next answer that is there as a whole; 100 and 102 to 199 are passed over.
    pub(crate) fn next(&mut self) -> Option<Answer> {
        loop {
            let (status, ending, head) = self.head()?;
            let rest = self.bytes.get(head..)?;
            let (body, used) = match ending {
                Ending::Length(length) => (rest.get(..length)?.to_vec(), length),
                Ending::Chunks => chunks(rest)?,
                Ending::Connection => return None,
            };
            self.bytes.drain(..head + used);
            if !(100..200).contains(&status) || status == 101 {
                return Some(Answer { status, body });
            }
        }
    }

    /// What the end of the connection makes an answer of: one without a length, or one that was cut off.
    pub(crate) fn end(&mut self) -> Option<Answer> {
        let (status, _, head) = self.head()?;
        Some(Answer { status, body: self.bytes.split_off(head) })
    }

    fn head(&self) -> Option<(u16, Ending, usize)> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = response.parse(&self.bytes) else { return None };
        let status = response.code?;
        let value = |name: &str| {
            let one = response.headers.iter().find(|one| one.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(one.value).ok()
        };
        let ending = if self.bodiless || (100..200).contains(&status) || matches!(status, 204 | 304)
        {
            Ending::Length(0)
        } else if value("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            Ending::Chunks
        } else if let Some(length) = value("content-length") {
            Ending::Length(length.trim().parse().ok()?)
        } else {
            Ending::Connection
        };
        Some((status, ending, head))
    }
}

/// The body of all chunks, and how many bytes they took; none while the last one is not there.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = bytes.get(at..)?;
        let Ok(httparse::Status::Complete((head, size))) = httparse::parse_chunk_size(rest) else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        let start = at + head;
        let end = start.checked_add(size)?;
        body.extend_from_slice(bytes.get(start..end)?);
        at = end.checked_add(2)?;
        if size == 0 {
            return (bytes.len() >= at).then_some((body, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Vec<Answer>, Option<Answer>) {
        let mut reading = Reading::new(false);
        let mut answers = Vec::new();
        // Byte by byte: an answer may be cut anywhere.
        for byte in bytes {
            reading.push(&[*byte]);
            answers.extend(reading.next());
        }
        (answers, reading.end())
    }

    #[test]
    fn answers_with_a_length_in_chunks_and_without_a_body_follow_each_other() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK\
            HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n\
            HTTP/1.1 101 UPGRADED\r\nUpgrade: h2c\r\n\r\n";
        let (answers, rest) = read(bytes);
        let seen: Vec<_> = answers.iter().map(|one| (one.status, &one.body[..])).collect();
        assert_eq!(seen, [(200, &b"OK"[..]), (201, b"abcd"), (101, b"")]);
        assert_eq!(rest, None);
    }

    #[test]
    fn an_answer_without_a_length_ends_with_the_connection() {
        let (answers, rest) = read(b"HTTP/1.0 200 OK\r\n\r\nall of it");
        assert_eq!(answers, []);
        assert_eq!(rest, Some(Answer { status: 200, body: b"all of it".to_vec() }));
    }

    #[test]
    fn what_is_no_http_is_no_answer() {
        assert_eq!(read(b"\x16\x03\x01 what\r\n\r\n"), (Vec::new(), None));
        let odd = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx";
        assert_eq!(read(odd).0, []);
    }

    #[test]
    fn a_line_has_the_engine_s_message_and_no_control_characters() {
        let body = br#"{"message":"no\u001b[31m such\nthing"}"#.to_vec();
        assert_eq!(Answer { status: 404, body }.line(), "404 no [31m such thing");
    }
}
