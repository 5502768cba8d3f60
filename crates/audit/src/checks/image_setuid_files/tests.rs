use super::*;
use crate::judged::*;
use dockward_model::facts::{CapSet, Capability, Field, sample};

fn file(path: &str, mode: u32) -> ElevatingFile {
    ElevatingFile { path: path.into(), mode, ..ElevatingFile::default() }
}

fn engine(elevating: Option<Field<Vec<ElevatingFile>>>) -> Engine {
    with_image(|image| image.elevating = elevating)
}

fn of(files: Vec<ElevatingFile>) -> Outcome {
    let engine = engine(Some(sample::known(files, "diff")));
    setuid_files(&snapshot(), &engine).remove(0).1
}

#[test]
fn programs_are_named_with_their_bits_owners_and_capabilities() {
    let net_raw = CapSet::of(&[Capability::NetRaw]);
    let ping = ElevatingFile { capabilities: net_raw, ..file("/bin/ping", 0o755) };
    let failure = assert_fails(of(vec![ping, file("/bin/su", 0o4755)]));
    assert_eq!(failure.message, "holds 2 programs that give more rights: /bin/ping, /bin/su");
    let seen: Vec<_> = failure.evidence.iter().map(|e| e.seen.as_str()).collect();
    let expected = [
        "/bin/ping, mode 0755, uid 0, gid 0, capabilities NET_RAW",
        "/bin/su, mode 4755, uid 0, gid 0",
    ];
    assert_eq!(seen, expected);
    assert_eq!(failure.severity, Some(Severity::Low));
}

#[test]
fn under_no_new_privileges_they_do_nothing() {
    let mut engine = engine(Some(sample::known(vec![file("/bin/su", 0o4755)], "diff")));
    let option = vec!["no-new-privileges".to_owned()];
    engine.containers[0].security_opt = sample::known(option, "HostConfig.SecurityOpt");
    let failure = assert_fails(setuid_files(&snapshot(), &engine).remove(0).1);
    assert_eq!(failure.severity, Some(Severity::Info));
    engine.containers.push(sample::container());
    engine.containers[1].image_id = engine.containers[0].image_id.clone();
    let failure = assert_fails(setuid_files(&snapshot(), &engine).remove(0).1);
    assert!(failure.message.ends_with("1 of its 2 containers from it"), "{}", failure.message);
}

#[test]
fn only_after_a_whole_walk_without_any_it_passes() {
    assert_passes(of(Vec::new()));
    let unread = engine(Some(sample::unknown("diff")));
    assert_unknown(setuid_files(&snapshot(), &unread).remove(0).1);
}

#[test]
fn without_a_walk_it_says_once_how_to_have_one() {
    let all = setuid_files(&snapshot(), &engine(None));
    assert_eq!(all.len(), 1);
    let review = assert_needs_a_look(all.into_iter().next().unwrap().1);
    assert!(review.fix.contains("--deep"));
}

#[test]
fn no_image_is_nothing_to_judge_and_an_unread_list_is_unknown() {
    let judged = |engine| setuid_files(&snapshot(), &engine).remove(0).1;
    assert_not_applicable(judged(engine_with(|_| {})));
    assert_not_applicable(judged(engine_with(|e| e.images = sample::known(vec![], "images"))));
    assert_unknown(judged(engine_with(|e| e.images = sample::unknown("images"))));
}
