//! From a step to the bytes on the wire.

use std::collections::BTreeMap;

use crate::case::{Body, Entry, Framing, Part, Step};

/// The values of `${name}`s. A name without a value stays as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<String, Vec<u8>>);

impl Values {
    /// Sets one.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Puts them into a text.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.0 {
            let place = format!("${{{name}}}");
            if filled.contains(&place) {
                filled = filled.replace(&place, &String::from_utf8_lossy(value));
            }
        }
        filled
    }

    fn body(&self, body: &Body) -> Vec<u8> {
        match body {
            Body::Text(text) => self.fill(text).into_bytes(),
            Body::Parts(parts) => parts.iter().flat_map(|part| self.part(part)).collect(),
        }
    }

    fn part(&self, part: &Part) -> Vec<u8> {
        match part {
            Part::Text(text) => self.fill(text).into_bytes(),
            Part::Hex { hex } => bytes_of(hex),
            Part::Repeat { repeat, times } => repeat.repeat(*times).into_bytes(),
            Part::Padded { pad, to } => {
                let mut bytes = self.fill(pad).into_bytes();
                bytes.resize((*to).max(bytes.len()), b' ');
                bytes
            }
            Part::Tar { tar } => self.tar(tar),
            Part::Saved { saved } => self.0.get(saved).cloned().unwrap_or_default(),
        }
    }

    fn tar(&self, entries: &[Entry]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for entry in entries {
            let mut header = tar::Header::new_gnu();
            let (path, text) = (self.fill(&entry.path), self.fill(&entry.text));
            header.set_mode(0o755);
            header.set_size(text.len() as u64);
            // Writing to memory does not fail, and the paths of cases are short.
            let _ = if let Some(to) = &entry.link {
                header.set_entry_type(tar::EntryType::Symlink);
                tar.append_link(&mut header, &path, self.fill(to))
            } else {
                if path.ends_with('/') {
                    header.set_entry_type(tar::EntryType::Directory);
                }
                tar.append_data(&mut header, &path, text.as_bytes())
            };
        }
        tar.into_inner().unwrap_or_default()
    }

    /// All bytes of a step's connection.
    pub(crate) fn request(&self, step: &Step) -> Vec<u8> {
        if let Some(raw) = &step.raw {
            return self.body(raw);
        }
        let mut bytes =
            format!("{} {} HTTP/1.1\r\n", step.method, self.fill(&step.target)).into_bytes();
        let mut line = |text: &str| {
            bytes.extend_from_slice(self.fill(text).as_bytes());
            bytes.extend_from_slice(b"\r\n");
        };
        match &step.headers {
            Some(headers) => headers.iter().for_each(|header| line(header)),
            None => {
                line("Host: docker");
                if step.body.is_some() {
                    line("Content-Type: application/json");
                }
            }
        }
        let Some(body) = step.body.as_ref().map(|body| self.body(body)) else {
            line("");
            return bytes;
        };
        match &step.framing {
            Framing::Bare => line(""),
            Framing::Length => line(&format!("Content-Length: {}\r\n", body.len())),
            Framing::Chunked { .. } => line("Transfer-Encoding: chunked\r\n"),
        }
        bytes.extend(framed(&body, &step.framing));
        bytes
    }
}

fn framed(body: &[u8], framing: &Framing) -> Vec<u8> {
    let Framing::Chunked { size, extension, trailer } = framing else { return body.to_vec() };
    let mut bytes = Vec::new();
    for chunk in body.chunks((*size).max(1)) {
        bytes.extend(format!("{:x}{extension}\r\n", chunk.len()).into_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n");
    for line in trailer {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// The bytes of pairs of hexadecimal digits; whatever is none is passed over.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Step {
        toml::from_str(text).unwrap()
    }

    fn sent(text: &str) -> String {
        let mut values = Values::default();
        values.set("name", "x");
        String::from_utf8_lossy(&values.request(&step(text))).into_owned()
    }

    #[test]
    fn a_body_is_framed_with_its_length_unless_told_otherwise() {
        let want = "POST /${api}/x HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\
            Content-Length: 8\r\n\r\n{\"a\":1}x";
        assert_eq!(sent("target = '/${api}/${name}'\nbody = '{\"a\":1}${name}'"), want);
        assert_eq!(sent("method = 'GET'\ntarget = '/'"), "GET / HTTP/1.1\r\nHost: docker\r\n\r\n");
    }

    #[test]
    fn headers_are_written_as_they_stand_and_a_bare_body_gets_none() {
        let text = "target = '/'\nheaders = ['hOST:x', 'Content-Length: 1']\nbody = 'abc'\nframing = 'bare'";
        assert_eq!(sent(text), "POST / HTTP/1.1\r\nhOST:x\r\nContent-Length: 1\r\n\r\nabc");
    }

    #[test]
    fn chunks_have_extensions_and_trailers() {
        let text = "target = '/'\nheaders = []\nbody = ['ab', { hex = 'ff 00' }, { repeat = 'z', times = 3 }]\n\
            framing = { chunked = { size = 4, extension = ';a=b', trailer = ['X: y'] } }";
        let bytes = Values::default().request(&step(text));
        let want = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
            4;a=b\r\nab\xff\0\r\n3;a=b\r\nzzz\r\n0\r\nX: y\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(want));
    }

    #[test]
    fn a_tar_has_files_folders_and_links() {
        let part = "body = [{ tar = [{ path = 'd/' }, { path = 'd/l', link = '/etc' }, { path = 'f', text = 'hi' }] }]";
        let bytes = Values::default().body(&step(part).body.unwrap());
        let mut tar = tar::Archive::new(&bytes[..]);
        let seen: Vec<_> = tar
            .entries()
            .unwrap()
            .map(|one| {
                let one = one.unwrap();
                (one.path().unwrap().display().to_string(), one.header().entry_type())
            })
            .collect();
        let kinds = [tar::EntryType::Directory, tar::EntryType::Symlink, tar::EntryType::Regular];
        assert_eq!(
            seen,
            ["d/", "d/l", "f"].map(str::to_owned).into_iter().zip(kinds).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_raw_connection_is_exactly_its_bytes() {
        assert_eq!(
            sent("raw = ['GET /${name} HTTP/1.0', { hex = '0d0a0D0A' }]"),
            "GET /x HTTP/1.0\r\n\r\n"
        );
    }
}
