//! What guard reads of callers and engines.

use crate::text;
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

/// What a ledger's files hold: a checkpoint, keys, a bundle of entries, tiles, a journal, an entry, a
/// tile's path. What is read is written again as it was.
pub fn ledger(data: &[u8]) {
    use dockward_ledger::{Checkpoint, Hash, PublicKey, SecretKey, entry, journal, layout};
    let text = text(data);
    if let Ok(checkpoint) = Checkpoint::unverified(&text) {
        let lines = format!("{}\n{}\n{}", checkpoint.origin, checkpoint.size, checkpoint.root);
        assert!(text.starts_with(&lines));
    }
    if let Ok(key) = PublicKey::parse(&text) {
        assert_eq!(key.to_string(), text.trim_end_matches('\n'));
        assert!(key.verify(&text).is_err());
    }
    let _ = SecretKey::parse(&text);
    if let Some(file) = layout::TileFile::parse(&text) {
        assert_eq!(file.path(), text);
    }
    if let Some(entries) = layout::unbundled(data) {
        assert_eq!(layout::bundle(entries.iter().copied()).as_deref(), Some(data));
        for line in entries.into_iter().filter_map(|line| entry::Entry::parse(line).ok()) {
            let again = format!("{line:?}");
            assert!(!again.contains('\u{1b}') && !again.contains('\u{202e}'));
        }
    }
    let hashes = Hash::all(data).unwrap_or_default();
    assert!(hashes.len() * 32 == data.len() || hashes.is_empty());
    let (records, end) = journal::read(data);
    let length: usize = records.iter().map(|record| record.bytes.len() + 25).sum();
    match end {
        journal::End::Whole => assert_eq!(length + 19, data.len()),
        journal::End::Cut(at) | journal::End::Damaged(at) => {
            assert!(at <= data.len() && (length == 0 || length + 19 == at));
        }
    }
}
