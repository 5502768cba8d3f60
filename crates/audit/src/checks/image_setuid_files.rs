use dockward_model::facts::{
    Case, Container, ElevatingFile, Engine, Image, Origin, Place, Snapshot,
};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

use crate::images;

crate::check! {
    /// ## Why
    /// A set-uid program runs as its owner, whoever starts it. With one of them and a mistake in it,
    /// an attacker in a container without root becomes root there. Base images bring a dozen, such
    /// as `su`, `mount` and `passwd`, that no service needs.
    ///
    /// ## Fix
    /// Take the bits away in the Dockerfile, in the step that brings the files:
    ///
    /// ```text
    /// RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +
    /// ```
    ///
    /// Or run its containers with `--security-opt no-new-privileges`, under which these bits and
    /// file capabilities do nothing.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.8; execve(2); capabilities(7). The files of images are walked only
    /// with `dockward check --deep`. With containerd's image store they are seen in a running
    /// container, with what it changed itself. `nosuid` on the file system of the engine's folder
    /// holds for users of the host; the root of a container is an overlay, a mount of its own.
    id: "image-setuid-files", title: "images hold no set-uid, set-gid or capable programs",
    severity: Low, area: Images, cis16: ["4.8"], cis18: ["4.8"], Each: setuid_files
}

/// How many files are named in the message; the evidence has a line for each of more.
const NAMED: usize = 6;
const MOST: usize = 40;

fn setuid_files(snapshot: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    let used = images::used(engine);
    let mut judged = engine.images.get().into_iter().flatten().filter(|i| used.contains(&i.id));
    if judged.any(|image| image.elevating.is_none()) {
        let subject = Subject::Daemon { endpoint: engine.daemon.endpoint.clone() };
        return vec![(subject, not_walked(engine))];
    }
    images::in_use(engine, |image| {
        let field = image.elevating.clone().unwrap_or_default();
        field.judge(Outcome::unread(&field), |files| match files.as_slice() {
            [] => Outcome::Pass,
            files => found(snapshot, engine, image, &field.origin, files),
        })
    })
}

fn not_walked(engine: &Engine) -> Outcome {
    let evidence = Evidence::of(&engine.images, "not walked", "the files of each image");
    let message = "the files of images were not walked, since that can take seconds";
    let failure = Failure::new(message, evidence, "`dockward check --deep`");
    Outcome::Review(failure.severity(Severity::Low))
}

fn found(
    snapshot: &Snapshot,
    engine: &Engine,
    image: &Image,
    origin: &Origin,
    files: &[ElevatingFile],
) -> Outcome {
    let names: Vec<&str> = files.iter().take(NAMED).map(|file| file.path.as_str()).collect();
    let more = match files.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (context, severity) = context(snapshot, engine, image);
    let message = format!("holds {}: {}{more}{context}", count(files.len()), names.join(", "));
    let expected = "no file that gives more rights";
    let mut evidence =
        files.iter().take(MOST).map(|file| Evidence::at(origin, told(file), expected));
    let Some(first) = evidence.next() else { return Outcome::Pass };
    let fix = "`RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +`, or `no-new-privileges`";
    Failure::new(message, first, fix).and(evidence).severity(severity).into()
}

fn count(files: usize) -> String {
    match files {
        1 => "1 program that gives more rights".to_owned(),
        files => format!("{files} programs that give more rights"),
    }
}

/// Under `no-new-privileges` none of it does anything.
fn context(snapshot: &Snapshot, engine: &Engine, image: &Image) -> (String, Severity) {
    let of_it: Vec<&Container> =
        engine.containers.iter().filter(|c| c.image_id.get() == Some(&image.id)).collect();
    let holds = |container: &&&Container| {
        let case = Case::new(container, &engine.daemon, &snapshot.host, Place::Record);
        case.effective.no_new_privs.get() == Some(&true)
    };
    match (of_it.iter().filter(holds).count(), of_it.len()) {
        (held, all) if held == all => (
            "; its containers run under no-new-privileges, so they do nothing".into(),
            Severity::Info,
        ),
        (0, _) => (String::new(), Severity::Low),
        (held, all) => (
            format!("; no-new-privileges keeps {held} of its {all} containers from it"),
            Severity::Low,
        ),
    }
}

/// `/usr/bin/su, mode 4755, uid 0, gid 0`.
fn told(file: &ElevatingFile) -> String {
    let ElevatingFile { path, mode, uid, gid, capabilities } = file;
    let capabilities = match capabilities.0 {
        0 => String::new(),
        _ => format!(", capabilities {capabilities}"),
    };
    format!("{path}, mode {mode:04o}, uid {uid}, gid {gid}{capabilities}")
}

#[cfg(test)]
mod tests {
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
}
