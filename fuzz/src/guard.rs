//! What guard reads of callers and engines.

use dockward_guard::parsers::{answer_head, chunked_body, request_head};
use dockward_guard::{Body, Header};

/// Bodies in chunks, as guard reads them: the same content and the same end however they are cut, and
/// as long as a plain reading of the same bytes can be.
pub fn guard_chunks(data: &[u8]) {
    let whole = chunked_body(&mut std::iter::once(data));
    for size in [1, 3, 4096] {
        assert_eq!(chunked_body(&mut data.chunks(size)), whole);
    }
    let Some((content, behind, ended)) = whole else { return };
    assert!(content.len().saturating_add(behind) <= data.len());
    if ended {
        let mut own = Vec::new();
        for piece in content.chunks(7) {
            own.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            own.extend_from_slice(piece);
            own.extend_from_slice(b"\r\n");
        }
        own.extend_from_slice(b"0\r\n\r\n");
        assert_eq!(chunked_body(&mut std::iter::once(&*own)), Some((content, 0, true)));
    }
}

/// Heads of requests and answers, as guard reads them: what is taken has one length at most, no
/// character that ends a line elsewhere, and is read the same again.
pub fn guard_heads(data: &[u8]) {
    if let Some((head, length)) = request_head(data) {
        let (head_only, rest) = data.split_at(length);
        assert!(head_only.ends_with(b"\r\n\r\n"));
        assert_eq!(request_head(head_only).map(|(again, _)| again).as_ref(), Some(&head));
        assert!(rest.is_empty() || request_head(&[head_only, b"x"].concat()).is_some());
        let lengths = ["content-length", "transfer-encoding"].map(|name| head.values(name).count());
        assert!(lengths.iter().sum::<usize>() <= 1);
        assert_eq!(head.body == Body::Nothing, lengths == [0, 0]);
        assert!(head.target.starts_with('/') && head.target.bytes().all(|b| b.is_ascii_graphic()));
        assert!(head.http_1_0 || head.values("host").count() == 1);
        let control = |header: &Header| header.value.iter().any(u8::is_ascii_control);
        assert!(!head.headers.iter().any(control));
    }
    if let Some((status, written)) = answer_head(data) {
        let again = answer_head(&written);
        assert_eq!(again, Some((status, written)));
    }
}
