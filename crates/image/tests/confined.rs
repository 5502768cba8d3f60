//! Reading by processes that can do nothing else: this program is started again as its own child.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use dockward_image::{Launch, Options, Source, Store, open, serve};
use dockward_model::inventory::Inventory;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

const LITTLE: u64 = 192 << 20;

#[test]
#[ignore = "the child's side of the other tests"]
fn served() {
    let _ = serve(None);
}

#[test]
#[ignore = "the child's side of the other tests, with little memory"]
fn served_with_little_memory() {
    let _ = serve(Some(LITTLE));
}

fn launch(test: &str) -> Launch {
    let words = [test, "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    let arguments = words.iter().map(Into::into).collect();
    Launch { program: std::env::current_exe().unwrap(), arguments }
}

/// A child that is a script of the shell; its socket is descriptor 0.
fn script(script: &str) -> Launch {
    Launch { program: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] }
}

fn by(children: Launch) -> Options {
    Options { children: Some(children), ..Options::default() }
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A layer with one package in a record of its own; names of records sort as layers do.
fn layer(package: &str) -> Vec<u8> {
    let record = format!("Package: {package}\nStatus: install ok installed\nVersion: 1\n");
    let release = b"ID=debian\nVERSION_ID=12\n";
    tar(&[
        ("etc/os-release", release),
        (&format!("var/lib/dpkg/status.d/{package}"), record.as_bytes()),
        ("usr/share/doc/x", b"x"),
    ])
}

/// An archive as old engines write it, of these layers. Nothing in it has a digest.
fn saved(layers: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<_> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    let manifest = json!([{"Config": "c.json", "RepoTags": ["sample:1"], "Layers": names}]);
    let config = json!({"rootfs": {"diff_ids": names}}).to_string();
    let mut members: Vec<(&str, &[u8])> = vec![("c.json", config.as_bytes())];
    members.extend(names.iter().map(String::as_str).zip(layers.iter().map(Vec::as_slice)));
    let manifest = manifest.to_string();
    members.push(("manifest.json", manifest.as_bytes()));
    tar(&members)
}

/// A layout of these layers in a folder. The last `lies` of them have other bytes than their digests
/// say.
fn layout(folder: &Path, layers: &[Vec<u8>], lie: Option<&[u8]>) {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let descriptor = |bytes: &[u8]| {
        fs::write(blobs.join(sha256(bytes)), bytes).unwrap();
        json!({"digest": format!("sha256:{}", sha256(bytes))})
    };
    let descriptors: Vec<_> = layers.iter().map(|bytes| descriptor(bytes)).collect();
    if let (Some(bytes), Some(last)) = (lie, layers.last()) {
        fs::write(blobs.join(sha256(last)), bytes).unwrap();
    }
    let ids: Vec<_> = layers.iter().map(|bytes| format!("sha256:{}", sha256(bytes))).collect();
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": ids}});
    let config = descriptor(config.to_string().as_bytes());
    let manifest = json!({"config": config, "layers": descriptors}).to_string();
    let index = json!({"manifests": [descriptor(manifest.as_bytes())]}).to_string();
    fs::write(folder.join("index.json"), index).unwrap();
}

fn names(inventory: &Inventory) -> Vec<&str> {
    inventory.contents.packages.iter().map(|package| package.name.as_str()).collect()
}

fn whys(inventory: &Inventory) -> String {
    let problems = inventory.contents.problems.iter();
    problems.map(|one| format!("{} {:?} {}\n", one.place, one.offset, one.why)).collect()
}

fn read(path: &Path, options: &Options) -> Inventory {
    open(&Source::at(path).unwrap(), options).unwrap().remove(0)
}

fn packages(count: usize) -> String {
    let one = |number| format!("Package: p{number}\nStatus: install ok installed\nVersion: 1\n\n");
    (0..count).map(one).collect()
}

/// A layer whose record costs more memory than a child may have: packages of a few bytes each.
fn greedy() -> Vec<u8> {
    let record = packages(600_000);
    tar(&[("usr/share/doc/y", b"y"), ("var/lib/dpkg/status.d/greedy", record.as_bytes())])
}

#[test]
fn by_children_the_same_is_read_as_here() {
    let dir = tempfile::tempdir().unwrap();
    let layers = [layer("a"), layer("b"), layer("c")];
    let packed = [gzip(&layers[0]), zstd(&layers[1]), layers[2].clone()];
    fs::write(dir.path().join("plain.tar"), saved(&layers)).unwrap();
    fs::write(dir.path().join("packed.tar"), saved(&packed)).unwrap();
    fs::write(dir.path().join("all.tar.gz"), gzip(&saved(&packed))).unwrap();
    fs::write(dir.path().join("cut.tar"), &saved(&layers)[..6000]).unwrap();
    layout(&dir.path().join("layout"), &packed, None);
    let root = dir.path().join("root");
    for (path, text) in [
        ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
        ("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\n"),
        ("var/lib/dpkg/status.d/b", "Package: b\nStatus: install ok installed\nVersion: 2\n"),
        ("var/lib/dpkg/status.d/odd", "no record at all"),
        ("lib/apk/db/installed", "P:c\nV:3\n\n"),
        ("var/lib/rpm/rpmdb.sqlite", "no database"),
        ("var/lib/rpm/rpmdb.sqlite-wal", "no log"),
    ] {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }
    for name in ["plain.tar", "packed.tar", "all.tar.gz", "cut.tar", "layout", "root"] {
        for verify_all in [false, true] {
            let source = Source::at(&dir.path().join(name)).unwrap();
            let here = open(&source, &Options { verify_all, ..Options::default() });
            let children = Options { verify_all, ..by(launch("served")) };
            match (here, open(&source, &children)) {
                (Ok(here), Ok(there)) => {
                    assert!(names(&here[0]).len() >= 3, "{name}: {here:?}");
                    assert_eq!(here, there, "{name}");
                }
                (Err(here), Err(there)) => assert_eq!(here.to_string(), there.to_string()),
                (here, there) => panic!("{name}: {here:?} {there:?}"),
            }
        }
    }
}

#[test]
fn a_record_that_wants_too_much_memory_costs_only_its_layer() {
    let dir = tempfile::tempdir().unwrap();
    for (name, layers) in [
        ("plain", [layer("a"), greedy(), layer("c")]),
        ("packed", [gzip(&layer("a")), gzip(&greedy()), gzip(&layer("c"))]),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, saved(&layers)).unwrap();
        let found = read(&path, &by(launch("served_with_little_memory")));
        assert_eq!(names(&found), ["a", "c"], "{name}");
        let whys = whys(&found);
        let told = "1/layer.tar Some(1536) the process that read it gave up";
        assert!(whys.contains(told), "{name}: {whys}");
        assert!(whys.contains("at /var/lib/dpkg/status.d/greedy"), "{name}: {whys}");
    }
}

#[test]
fn in_a_folder_such_a_record_costs_only_itself() {
    let root = tempfile::tempdir().unwrap();
    let status = root.path().join("var/lib/dpkg/status.d");
    fs::create_dir_all(&status).unwrap();
    let one = |name: &str| format!("Package: {name}\nStatus: install ok installed\nVersion: 1\n\n");
    fs::write(status.join("a"), one("a")).unwrap();
    fs::write(status.join("b"), packages(600_000)).unwrap();
    fs::write(status.join("c"), one("c")).unwrap();
    let found = read(root.path(), &by(launch("served_with_little_memory")));
    assert_eq!(names(&found), ["a", "c"]);
    let whys = whys(&found);
    assert!(whys.contains("/var/lib/dpkg/status.d/b None the process that read it"), "{whys}");
}

#[test]
fn a_child_that_is_killed_in_the_middle_costs_only_its_layer() {
    let dir = tempfile::tempdir().unwrap();
    // Its number is in the file; then it is the program that it should be.
    let file = dir.path().join("number");
    let served = launch("served");
    let words: Vec<_> = served.arguments.iter().map(|word| word.to_str().unwrap()).collect();
    let program = served.program.to_str().unwrap();
    let line = format!("echo $$ >> {}; exec {program} {}", file.display(), words.join(" "));
    let path = dir.path().join("archive");
    fs::write(&path, saved(&[layer("a"), bomb(gzip), layer("c")])).unwrap();
    let killer = std::thread::spawn(move || {
        // The first lists the archive, and one each reads a layer: of these the one that takes longest
        // is still there.
        for _ in 0..6000 {
            std::thread::sleep(Duration::from_millis(10));
            let text = fs::read_to_string(&file).unwrap_or_default();
            let ids: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
            if ids.len() < 4 {
                continue;
            }
            std::thread::sleep(Duration::from_millis(300));
            let alive = |id: &&i32| Path::new(&format!("/proc/{id}")).exists();
            let id = rustix::process::Pid::from_raw(*ids.iter().find(alive).unwrap()).unwrap();
            return rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
        }
    });
    let found = read(&path, &by(script(&line)));
    killer.join().unwrap();
    assert_eq!(names(&found), ["a", "c"]);
    let whys = whys(&found);
    assert!(whys.contains("1/layer.tar Some("), "{whys}");
    assert!(whys.contains("the process that read it was killed"), "{whys}");
}

/// A header for more than there is, and zeros without end: a thousand times as many as it is long.
fn bomb(pack: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut huge = tar::Header::new_gnu();
    huge.set_path("zeros").unwrap();
    huge.set_size(1 << 40);
    huge.set_cksum();
    let zeros = vec![0; 8 << 20];
    let piece = pack(&zeros);
    assert!(piece.len() < zeros.len() / 900, "{}", piece.len());
    [pack(huge.as_bytes()), piece.repeat(512)].concat()
}

#[test]
fn bombs_end_when_the_time_is_over_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bomb) in [("gzip", bomb(gzip)), ("zstd", bomb(zstd))] {
        let path = dir.path().join(name);
        fs::write(&path, saved(&[layer("a"), bomb, layer("c")])).unwrap();
        let deadline = Some(Instant::now() + Duration::from_secs(4));
        let found = read(&path, &Options { deadline, ..by(launch("served")) });
        assert_eq!(names(&found), ["a", "c"], "{name}");
        let whys = whys(&found);
        let is_told = whys.contains("the time for it is over") || whys.contains("unpacks to more");
        assert!(is_told && whys.contains("1/layer.tar Some("), "{name}: {whys}");
    }
}

#[test]
fn a_child_that_never_answers_is_ended_when_the_time_is_over() {
    let dir = tempfile::tempdir().unwrap();
    layout(dir.path(), &[gzip(&layer("a")), layer("b")], None);
    let deadline = Some(Instant::now() + Duration::from_millis(500));
    let numbers = dir.path().join("numbers");
    let never = script(&format!("echo $$ >> {}; exec sleep 1000", numbers.display()));
    let found = read(dir.path(), &Options { deadline, ..by(never) });
    let whys = whys(&found);
    assert_eq!(whys.matches("the time for it is over").count(), 2, "{whys}");
    for id in fs::read_to_string(numbers).unwrap().lines() {
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "{id} is left");
    }
}

/// A child that says that it is confined, and then this, whatever it is asked.
fn liar(dir: &Path, answers: &[serde_json::Value]) -> Launch {
    let mut bytes = Vec::new();
    for answer in [json!({"Ok": {"missing": []}})].iter().chain(answers) {
        let text = answer.to_string();
        bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    let path = dir.join("answers");
    fs::write(&path, bytes).unwrap();
    script(&format!("cat {} >&0; exec sleep 20", path.display()))
}

fn index(path: &str) -> serde_json::Value {
    let entries = json!([{"path": path, "node": "folder"}]);
    json!({"Index": {"entries": entries, "whiteouts": [], "opaque": [], "problems": []}})
}

#[test]
fn a_child_that_lies_fills_no_store_for_layers_that_are_not_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (gzip(&layer("a")), gzip(&layer("bad")));
    let kept = || fs::read_dir(dir.path().join("store")).unwrap().count();
    let store = || Some(Store::at(&dir.path().join("store")).unwrap());
    let images = dir.path().join("layout");
    // The bytes are other than the digest says: whatever the child answers, it is seen here.
    layout(&images, std::slice::from_ref(&good), Some(&bad));
    let lies = [index("var"), json!({"End": null})];
    let options = Options { store: store(), ..by(liar(dir.path(), &lies)) };
    let found = read(&images, &options);
    let text = whys(&found);
    assert!(text.contains(&format!("its digest is sha256:{}", sha256(&bad))), "{text}");
    assert_eq!(kept(), 0);
    // An answer that none would give is none.
    layout(&images, std::slice::from_ref(&good), None);
    for odd in [
        index("../../etc/shadow"),
        index("/var"),
        json!({"End": null}),
        json!({"Kept": ["x", {"Link": "y"}]}),
        json!({"Index": {"entries": 7}}),
        json!({"Digest": format!("sha256:{}", sha256(&good))}),
        json!("junk"),
    ] {
        let options =
            Options { store: store(), ..by(liar(dir.path(), std::slice::from_ref(&odd))) };
        let text = whys(&read(&images, &options));
        let is_told = text.contains("answer that none would") || text.contains("no sound answer");
        assert!(is_told, "{odd}: {text}");
        assert_eq!(kept(), 0, "{odd}");
    }
    // A layer that can't be read leaves nothing either, one that can leaves its index.
    let options = Options { store: store(), ..by(script("exit 1")) };
    assert!(whys(&read(&images, &options)).contains("ended with code 1"));
    assert_eq!(kept(), 0);
    let found = read(&images, &Options { store: store(), ..by(launch("served")) });
    assert_eq!((names(&found), kept()), (vec!["a"], 1));
    // What went past is never kept, for its digest is the child's word.
    let archive = dir.path().join("archive.tar.gz");
    fs::write(&archive, gzip(&saved(&[good]))).unwrap();
    let layer = json!({"index": index("var")["Index"], "is_packed": true,
        "digest": format!("sha256:{}", sha256(&bad))});
    let config = json!({"rootfs": {"diff_ids": [format!("sha256:{}", sha256(&bad))]}});
    let manifest = json!([{"Config": "c", "RepoTags": ["x:1"],
        "Layers": [format!("blobs/sha256/{}", sha256(&bad))]}]);
    let lies = [
        json!({"Kept": ["c", {"Here": {"Document": config.to_string()}}]}),
        json!({"Kept": ["manifest.json", {"Here": {"Document": manifest.to_string()}}]}),
        json!({"Kept": [format!("blobs/sha256/{}", sha256(&bad)), {"Here": {"Layer": layer}}]}),
        json!({"End": null}),
    ];
    let options = Options { store: store(), ..by(liar(dir.path(), &lies)) };
    assert_eq!(read(&archive, &options).target.name, "x:1");
    assert_eq!(kept(), 1);
}

#[test]
fn a_child_that_floods_is_not_listened_to_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("archive.tar.gz");
    fs::write(&archive, gzip(&saved(&[]))).unwrap();
    let far = json!({"At": [7, "x"]});
    let mut flood = liar(dir.path(), &vec![far; 1000]);
    flood.arguments[1] =
        format!("while :; do cat {} >&0; done", dir.path().join("answers").display()).into();
    let deadline = Some(Instant::now() + Duration::from_millis(500));
    let error = open(&Source::at(&archive).unwrap(), &Options { deadline, ..by(flood) });
    let told = error.unwrap_err().to_string();
    assert!(told.contains("damaged") && told.contains("no sound answer"), "{told}");
}

#[test]
fn nothing_is_left_open_or_running_after_two_hundred_images() {
    let dir = tempfile::tempdir().unwrap();
    layout(dir.path(), &[gzip(&layer("a")), layer("b")], None);
    let open_now = || fs::read_dir("/proc/self/fd").unwrap().count();
    let options = by(launch("served"));
    assert_eq!(names(&read(dir.path(), &options)), ["a", "b"]);
    let before = open_now();
    for _ in 0..200 {
        assert_eq!(read(dir.path(), &options).contents.packages.len(), 2);
    }
    // Other tests run in threads of the same process, and have a few open.
    assert!(open_now() < before + 40, "{before} {}", open_now());
}
