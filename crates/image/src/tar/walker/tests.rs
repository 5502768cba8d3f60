use std::fmt::Write as _;
use std::io::BufReader;
use std::process::{Command, Stdio};

use super::*;
use crate::tar::bytes::Streamed;

/// Each entry as a line, and the error at the end.
fn told(tar: &[u8]) -> String {
    let mut walker: Walker<Streamed<&[u8]>> = Walker::new(BufReader::with_capacity(700, tar));
    let mut lines = String::new();
    loop {
        let (path, kind) = match walker.next() {
            Ok(Some(entry)) => {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                let kind = match entry.kind {
                    Kind::File => "file".to_owned(),
                    Kind::Sparse => "sparse".to_owned(),
                    Kind::Folder => "folder".to_owned(),
                    Kind::Link(to) => format!("link {}", text(to)),
                    Kind::Hard(to) => format!("hard {}", text(to)),
                    Kind::Device(major, minor) => format!("device {major:?} {minor:?}"),
                    Kind::Other => "other".to_owned(),
                };
                (text(entry.path), kind)
            }
            Ok(None) => break,
            Err(error) => {
                let _ = writeln!(lines, "at {}: {error}", error.offset);
                assert!(walker.next().unwrap().is_none(), "an error is the end");
                break;
            }
        };
        let mut body = String::new();
        if kind == "file" {
            let mut bytes = Vec::new();
            walker.body().take(8).read_to_end(&mut bytes).unwrap();
            body = format!(" {}", String::from_utf8_lossy(&bytes));
        }
        let _ = writeln!(lines, "{path}: {kind}{body}");
    }
    lines
}

fn header(name: &str, flag: u8, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkflag = [flag];
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn raw(parts: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, flag, body) in parts {
        bytes.extend(header(name, *flag, body.len() as u64).as_bytes());
        bytes.extend(*body);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

/// What GNU tar writes of a folder with everything in it, in this format.
fn by_gnu_tar(format: &str, more: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let long = format!("{}/{}", "folder-".repeat(20), "name-".repeat(30));
    let path = |name: &str| dir.path().join(name);
    std::fs::create_dir_all(path(&long).parent().unwrap()).unwrap();
    std::fs::write(path(&long), "long").unwrap();
    std::fs::write(path("a"), "body of a").unwrap();
    std::fs::hard_link(path("a"), path("b")).unwrap();
    std::os::unix::fs::symlink(&long, path("c")).unwrap();
    let sparse = std::fs::File::create(path("d")).unwrap();
    for hole in 0..40 {
        use std::os::unix::fs::FileExt;
        sparse.write_all_at(b"data", hole << 16).unwrap();
    }
    sparse.set_len(41 << 16).unwrap();
    std::fs::write(path("e"), "last").unwrap();
    let tar = Command::new("tar")
        .args(["--sort=name", &format!("--format={format}")])
        .args(more)
        .arg("-C")
        .arg(dir.path())
        .args(["-cf", "-", "."])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(tar.status.success());
    tar.stdout
}

#[test]
fn gnu_tar_s_archives_are_read_in_each_format() {
    let long = format!("{}/{}", "folder-".repeat(20), "name-".repeat(30));
    let folder = "folder-".repeat(20);
    let plain = |sparse: &str| {
        format!(
            ": folder\na: file body of \nb: hard a\nc: link {long}\nd: {sparse}\ne: file last\n\
             {folder}: folder\n{long}: file long\n"
        )
    };
    let whole = "file data\0\0\0\0";
    for format in ["gnu", "posix"] {
        assert_eq!(told(&by_gnu_tar(format, &[])), plain(whole), "{format}");
        assert_eq!(told(&by_gnu_tar(format, &["-S"])), plain("sparse"), "{format}");
    }
    for version in ["0.0", "0.1", "1.0"] {
        let tar = by_gnu_tar("posix", &["-S", &format!("--sparse-version={version}")]);
        assert_eq!(told(&tar), plain("sparse"), "{version}");
    }
}

#[test]
fn what_has_no_body_has_none_whatever_its_size_says() {
    let mut bytes = header("l", b'2', 4096).as_bytes().to_vec();
    bytes.extend(raw(&[("next", b'0', b"x")]));
    assert_eq!(told(&bytes), "l: link \nnext: file x\n");
}

#[test]
fn a_file_whose_name_ends_with_a_slash_is_a_folder_as_old_tars_wrote_it() {
    assert_eq!(told(&raw(&[("etc/", b'0', b""), ("x", 0, b"")])), "etc: folder\nx: file \n");
}

#[test]
fn names_that_climb_stay_in_the_root() {
    let tar = raw(&[("../../etc/x", b'0', b"1"), ("/abs", b'0', b"2"), ("a/../b", b'1', b"")]);
    assert_eq!(told(&tar), "etc/x: file 1\nabs: file 2\nb: hard \n");
}

#[test]
fn a_pax_size_and_path_count_and_global_headers_do_not() {
    let mut bytes = raw(&[("g", b'g', b"12 path=a/b\n"), ("x", b'x', b"9 size=3\n9 path=q\n")]);
    bytes.truncate(bytes.len() - 2 * BLOCK);
    bytes.extend(header("name", b'0', 0).as_bytes());
    bytes.extend(b"abc");
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes.extend(raw(&[("next", b'0', b"")]));
    assert_eq!(told(&bytes), "q: file abc\nnext: file \n");
}

#[test]
fn one_block_of_zeros_between_entries_is_told_and_not_jumped_over() {
    let mut bytes = raw(&[("a", b'0', b"")]);
    bytes.truncate(2 * BLOCK);
    bytes.extend(raw(&[("b", b'0', b"")]));
    assert_eq!(told(&bytes), "a: file \nat 512: a block of zeros stands between entries\n");
}

#[test]
fn a_tar_may_end_without_zeros_and_what_follows_its_end_is_not_read() {
    let mut bytes = raw(&[("a", b'0', b"xyz")]);
    bytes.extend(b"trailing garbage");
    assert_eq!(told(&bytes), "a: file xyz\n");
    bytes.truncate(2 * BLOCK);
    assert_eq!(told(&bytes), "a: file xyz\n");
    assert_eq!(told(b""), "");
}

#[test]
fn a_tar_cut_anywhere_is_told_with_the_offset_unless_an_entry_ends_there() {
    let whole = raw(&[("L", b'L', b"long\0"), ("a", b'0', b"body"), ("b", b'2', b"")]);
    for length in 1..5 * BLOCK {
        let told = told(&whole[..length]);
        // Before a header nothing tells a cut from an end.
        let is_whole = length == 2 * BLOCK || length == 4 * BLOCK;
        assert_eq!(
            told.contains("at ") && told.contains("ends in the middle"),
            !is_whole,
            "{length} {told}"
        );
    }
}

#[test]
fn sizes_that_are_none_and_headers_that_are_damaged_are_told() {
    let mut bad = header("a", b'0', 0);
    bad.as_old_mut().size.copy_from_slice(b"-0000000001\0");
    bad.set_cksum();
    assert_eq!(told(bad.as_bytes()), "at 0: the size of an entry is no number\n");
    let mut bytes = raw(&[("a", b'0', b""), ("b", b'0', b"")]);
    bytes[BLOCK] ^= 1;
    let said = "a: file \nat 512: no tar header is here: the checksum is wrong\n";
    assert_eq!(told(&bytes), said);
}

#[test]
fn an_extended_header_of_gigabytes_is_refused_before_it_is_read() {
    for flag in [b'x', b'L', b'K'] {
        let told = told(header("a", flag, 4 << 30).as_bytes());
        assert!(told.contains("longer than 1048576 bytes"), "{told}");
    }
    let told = told(&raw(&[("a", b'x', b"99 path=a\n")]));
    assert_eq!(told, "at 0: an extended header is not well formed\n");
}

#[test]
fn the_largest_size_is_no_overflow() {
    let mut huge = header("a", b'0', 0);
    huge.as_old_mut().size.copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    huge.set_cksum();
    let said = "a: file \nat 512: the tar ends in the middle of an entry\n";
    assert_eq!(told(huge.as_bytes()), said);
}
