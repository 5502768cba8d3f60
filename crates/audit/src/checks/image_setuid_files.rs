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
mod tests;
