//! Layers and archives made to harm who reads them.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::layers::index;
use super::samples::Item::{File, Link};
use super::samples::{APK, Sample, apk, archive, descriptor, packed, part, tar, write};
use crate::blob::{Budget, Hash, Packing};
use crate::layer::within;
use crate::wanted::Wanted;
use crate::{Error, Options, Source, open, stream};

fn problems(layer: &[u8]) -> Vec<(Option<u64>, String)> {
    let read = index(layer, &Wanted::default());
    read.index.problems.into_iter().map(|problem| (problem.offset, problem.why)).collect()
}

fn record() -> Vec<u8> {
    tar(&[File("first", "x"), File(APK, &apk(&[("a", "1")])), File("last", "x")])
}

#[test]
fn a_layer_cut_anywhere_keeps_what_came_before_and_says_where_it_ends() {
    for packing in [Packing::None, Packing::Gzip, Packing::Zstd] {
        let whole = packed(&record(), packing);
        let step = if packing == Packing::None { 97 } else { 1 };
        for length in (20..whole.len() - 1200.min(whole.len() / 4)).step_by(step) {
            let read = index(&whole[..length], &Wanted::default());
            let is_told = !read.index.problems.is_empty();
            let is_between = packing == Packing::None && length.is_multiple_of(512);
            assert!(is_told || is_between, "{packing:?} {length}");
            assert!(read.index.problems.iter().all(|problem| problem.offset.is_some()));
        }
    }
    let cut = problems(&record()[..512 * 4]);
    assert_eq!(cut, [], "the end of an entry may be the end");
    let cut = problems(&record()[..512 * 4 + 100]);
    assert_eq!(cut, [(Some(2048), "the tar ends in the middle of an entry".to_owned())]);
}

#[test]
fn a_bomb_is_stopped_and_the_record_before_it_is_kept() {
    // Zeros without end, a member of gzip after the other.
    let mut start = record();
    start.truncate(512 * 4);
    let mut huge = tar::Header::new_gnu();
    huge.set_path("zeros").unwrap();
    huge.set_size(1 << 40);
    huge.set_cksum();
    start.extend(huge.as_bytes());
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(&vec![0; 1 << 20]).unwrap();
    let member = member.finish().unwrap();
    let bomb = [packed(&start, Packing::Gzip), member.repeat(20)].concat();
    let budget = Budget::bytes(5 << 20);
    let read = within(&*bomb, &Wanted::default(), Hash::Sha256, budget, &mut |_, _| {}).unwrap();
    let problem = &read.index.problems[0];
    assert!(problem.why.contains("it unpacks to more than"), "{}", problem.why);
    assert!(problem.offset.is_some_and(|offset| (2048..6 << 20).contains(&offset)));
    assert_eq!(read.index.entries.len(), 1, "the record is kept");
    assert_eq!(read.digest, Some(Hash::Sha256.of(&bomb)), "and the digest is of the whole blob");
}

#[test]
fn when_the_time_is_over_the_rest_is_not_read() {
    let deadline = Some(Instant::now() - Duration::from_secs(1));
    let bytes = archive(&Sample::of(&[record()]).layout());
    let options = Options { deadline, ..Options::default() };
    let found = stream("-", &*bytes, &options);
    let told = match found {
        Ok(found) => format!("{:?}", found[0].contents.problems),
        Err(error) => error.to_string(),
    };
    assert!(told.contains("the time for it is over"), "{told}");
}

#[test]
fn whiteouts_of_the_same_name_are_kept_once() {
    let many: Vec<_> = (0..5000).map(|_| File("lib/.wh.apk", "")).collect();
    let read = index(&tar(&many), &Wanted::default());
    assert_eq!(read.index.whiteouts, ["lib/apk"]);
}

#[test]
fn a_record_that_is_too_large_is_told_and_not_read() {
    let mut header = tar::Header::new_gnu();
    header.set_path(APK).unwrap();
    header.set_size(5 << 30);
    header.set_cksum();
    let layer = header.as_bytes().iter().copied().chain([0; 4096]).collect::<Vec<_>>();
    let read = index(&layer, &Wanted::default());
    let text = format!("{:?}", read.index.entries);
    assert!(text.contains("it has 5368709120 bytes; at most"), "{text}");
}

#[test]
fn names_that_are_no_text_are_told_where_they_matter() {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..8].copy_from_slice(b"lib/apk\xff");
    header.set_size(0);
    header.set_cksum();
    assert_eq!(problems(header.as_bytes()), [], "nothing is looked for there");
    let mut link = tar::Header::new_ustar();
    link.set_path("lib").unwrap();
    link.as_old_mut().linkflag = [b'2'];
    link.as_old_mut().linkname[..2].copy_from_slice(b"\xff\xfe");
    link.set_size(0);
    link.set_cksum();
    let layer = [&link.as_bytes()[..], &header.as_bytes()[..]].concat();
    assert_eq!(index(&layer, &Wanted::default()).index.entries.len(), 1);
}

#[test]
fn traversal_stays_in_the_root() {
    let mut header = tar::Header::new_ustar();
    let name = format!("../../../{APK}");
    let body = apk(&[("a", "1")]);
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(body.len() as u64);
    header.set_cksum();
    let mut layer = [header.as_bytes(), body.as_bytes()].concat();
    layer.resize(1024, 0);
    assert_eq!(index(&layer, &Wanted::default()).index.entries[0].path, APK);
}

fn in_folder(members: &[(String, Vec<u8>)]) -> Result<String, Error> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), members);
    let found = open(&Source::Layout(dir.path().to_owned()), &Options::default())?;
    Ok(format!("{:?}", found[0].contents.problems))
}

#[test]
fn indexes_that_never_end_are_refused() {
    let mut index = json!({"manifests": []}).to_string().into_bytes();
    let mut members = Vec::new();
    for _ in 0..40 {
        let next = json!({"manifests": [descriptor(&index), descriptor(&index)]});
        members.push(part(std::mem::take(&mut index)));
        index = next.to_string().into_bytes();
    }
    members.push(("index.json".to_owned(), index));
    let error = in_folder(&members).unwrap_err().to_string();
    assert!(error.contains("indexes lie deeper than 4"), "{error}");
    // One that names itself would need its own digest; by a digest that lies it can.
    let own = format!("sha256:{}", "a".repeat(64));
    let cyclic = json!({"manifests": [{"digest": own, "size": 1}]}).to_string().into_bytes();
    let blob = (format!("blobs/sha256/{}", "a".repeat(64)), cyclic.clone());
    let error = in_folder(&[blob, ("index.json".to_owned(), cyclic)]).unwrap_err().to_string();
    assert!(error.contains("its digest is"), "{error}");
}

#[test]
fn documents_that_are_none_are_errors_with_a_name() {
    for (text, said) in [
        (&b""[..], "index.json: it is not well formed"),
        (b"[]", "index.json"),
        (b"{}", "it names no image"),
        (b"{\"manifests\":[]}", "it names no image"),
        (b"{\"manifests\":[{\"digest\":\"sha256:../../../etc/passwd\"}]}", "it is no digest"),
        (b"{\"manifests\":[{\"digest\":null}]}", "it is no digest"),
        (b"{\"manifests\":[{}, {}]}", "it is no digest"),
    ] {
        let error = in_folder(&[("index.json".to_owned(), text.to_vec())]).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let large = vec![b' '; 5 << 20];
    let error = in_folder(&[("index.json".to_owned(), large)]).unwrap_err().to_string();
    assert!(error.contains("larger than 4194304 bytes"), "{error}");
    let deep = "[".repeat(100_000).into_bytes();
    assert!(in_folder(&[("manifest.json".to_owned(), deep)]).is_err());
}

#[test]
fn links_and_fifos_in_a_layout_are_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let members = Sample::of(&[record()]).layout();
    write(dir.path(), &members);
    let layer = dir.path().join(&members[0].0);
    std::fs::remove_file(&layer).unwrap();
    let source = Source::Layout(dir.path().to_owned());
    let told = || format!("{:?}", open(&source, &Options::default()).unwrap()[0].contents.problems);
    std::os::unix::fs::symlink("/dev/zero", &layer).unwrap();
    assert!(told().contains("symbolic links"), "{}", told());
    std::fs::remove_file(&layer).unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &layer, fifo, 0o600.into(), 0).unwrap();
    assert!(told().contains("nvalid argument"), "{}", told());
}

#[test]
fn links_that_go_round_in_an_archive_are_no_layer() {
    let manifest = r#"[{"Config":"c.json","RepoTags":["x:1"],"Layers":["a/layer.tar"]}]"#;
    let items = [
        File("c.json", "{}"),
        Link("a/layer.tar", "../b/layer.tar"),
        Link("b/layer.tar", "../a/layer.tar"),
        File("manifest.json", manifest),
    ];
    let found = stream("-", &*tar(&items), &Options::default()).unwrap();
    assert!(format!("{:?}", found[0].contents.problems).contains("it is missing"));
}

#[test]
fn an_archive_that_is_none_is_an_error_with_a_hint() {
    let error = stream("-", &b"not a tar at all"[..], &Options::default()).unwrap_err();
    assert!(matches!(error, Error::Damaged { offset: 0, .. }), "{error}");
    let error = stream("-", &*record(), &Options::default()).unwrap_err();
    assert!(matches!(error, Error::NoImage { .. }), "{error}");
    assert!(error.hint().unwrap().contains("docker export"));
}

#[test]
fn an_archive_cut_anywhere_is_told() {
    let whole = archive(&Sample::of(&[record()]).layout());
    for length in (0..whole.len() - 2048).step_by(301) {
        match stream("-", &whole[..length], &Options::default()) {
            Ok(found) => assert!(!found[0].contents.problems.is_empty(), "{length}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
