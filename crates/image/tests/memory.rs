//! Memory is the same for a layer of a million files; alone in its process, to be measured.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::io::Read;

use dockward_image::{Options, stream};

/// How many files, and what they may cost in bytes: three million would be told from a thousand.
const FILES: u64 = 1_000_000;
const MOST: u64 = 64 << 20;

/// An archive of `docker save` with a layer of empty files, made while it is read.
struct Saved {
    left: u64,
    pending: Vec<u8>,
    at: usize,
    has_ended: bool,
}

fn header(name: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

impl Saved {
    fn new() -> Self {
        let pending = header("a/layer.tar", 512 * FILES);
        Self { left: FILES, pending, at: 0, has_ended: false }
    }

    fn more(&mut self) -> Vec<u8> {
        if self.left > 0 {
            self.left -= 1;
            // Some where records lie, too.
            let folder = if self.left.is_multiple_of(2) { "lib/apk/db" } else { "usr/share/doc" };
            return header(&format!("{folder}/{:08}", self.left), 0);
        }
        if std::mem::replace(&mut self.has_ended, true) {
            return Vec::new();
        }
        let text = r#"[{"Config":"","RepoTags":["many:1"],"Layers":["a/layer.tar"]}]"#;
        let mut last = header("manifest.json", text.len() as u64);
        last.extend(text.bytes());
        last.resize(4 * 512, 0);
        last
    }
}

impl Read for Saved {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.pending.len() {
            self.pending = self.more();
            self.at = 0;
        }
        let count = out.len().min(self.pending.len() - self.at);
        out[..count].copy_from_slice(&self.pending[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// The most memory that this process ever had, in bytes.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn memory_does_not_grow_with_the_number_of_files() {
    let found = stream("-", Saved::new(), &Options::default()).unwrap();
    assert_eq!(found[0].target.name, "many:1");
    let problems = &found[0].contents.problems;
    assert!(problems.iter().all(|problem| problem.place != "a/layer.tar"), "{problems:?}");
    assert!(most_memory() < MOST, "{} bytes", most_memory());
}
