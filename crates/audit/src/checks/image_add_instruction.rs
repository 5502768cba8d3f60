use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};
use dockward_rules::history::{Added, Source};

use crate::images::{self, steps};

crate::check! {
    /// ## Why
    /// `ADD` does more than it says: it fetches addresses, without looking at what it got, and
    /// unpacks archives, whatever is in them. `COPY` only copies.
    ///
    /// ## Fix
    /// `COPY` for files of the build's folder. For something of the network, `RUN curl` and
    /// `sha256sum -c` in one step, or BuildKit's `ADD --checksum=sha256:…`. Keep `ADD` for a local
    /// archive that is to be unpacked.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.9; docs.docker.com, Dockerfile reference. The `ADD` that makes the
    /// root file system of a base image is left alone: nothing else can do that.
    id: "image-add-instruction", title: "ADD is used for local archives only",
    severity: Low, area: Images, cis16: ["4.9"], cis18: ["4.9"], Each: add_instruction
}

const FIX: &str = "`COPY` instead, or for an address `ADD --checksum=sha256:…`";

fn add_instruction(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| steps::judge(image, steps::no_dockerfile, judge))
}

fn judge(steps: &steps::Steps<'_>) -> Outcome {
    let (mut wrong, mut unclear, mut severity) =
        (Vec::<Evidence>::new(), Vec::new(), Severity::Low);
    for (step, added) in steps.adds() {
        match worst(added) {
            Worst::Fetched { in_clear } => {
                severity = if in_clear { Severity::Medium } else { severity };
                wrong.push(steps.evidence(step, "a digest that it is compared with"));
            }
            Worst::Copied => wrong.push(steps.evidence(step, "COPY")),
            Worst::Unclear => unclear.push(steps.evidence(step, "COPY, unless it was an archive")),
            Worst::Nothing => {}
        }
    }
    let told = |mut all: Vec<Evidence>, message: &str| {
        let first = all.remove(0);
        Failure::new(message, first, FIX).and(all)
    };
    if !wrong.is_empty() {
        let message = "its build uses ADD where COPY would do, or fetches without a digest";
        return told(wrong, message).severity(severity).into();
    }
    if !unclear.is_empty() {
        let message = "its build uses ADD; whether for an archive, this builder doesn't record";
        return Outcome::Review(told(unclear, message).severity(Severity::Info));
    }
    steps.pass_if_read()
}

enum Worst {
    Nothing,
    Unclear,
    Copied,
    Fetched { in_clear: bool },
}

fn worst(added: &Added<'_>) -> Worst {
    let of = |kind: fn(&Source<'_>) -> bool| added.sources.iter().any(kind);
    let in_clear =
        |source: &Source<'_>| matches!(source, Source::Remote(at) if at.starts_with("http:"));
    if of(|source| matches!(source, Source::Remote(_))) && !added.checked {
        Worst::Fetched { in_clear: of(in_clear) }
    } else if of(|source| matches!(source, Source::Plain(_))) {
        Worst::Copied
    } else if of(|source| matches!(source, Source::Digest(_))) {
        Worst::Unclear
    } else {
        Worst::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::steps::tests::{built_by, with_history};
    use crate::judged::*;
    use dockward_model::facts::sample;

    fn of(steps: &[&str]) -> Outcome {
        add_instruction(&snapshot(), &built_by(steps)).remove(0).1
    }

    #[test]
    fn the_root_file_system_of_a_base_image_is_not_flagged() {
        for root in
            ["/bin/sh -c #(nop) ADD file:2a1f in / ", "ADD alpine-minirootfs.tar.gz / # buildkit"]
        {
            assert_passes(of(&[root, "CMD [\"/bin/sh\"]"]));
            assert_passes(of(&["ARG V=1", root, "RUN /bin/sh -c id # buildkit"]));
        }
    }

    #[test]
    fn a_second_add_to_the_root_is_the_users() {
        let root = "ADD rootfs.tar.gz / # buildkit";
        assert_fails(of(&[root, "ADD . / # buildkit"]));
        assert_needs_a_look(of(&[
            "/bin/sh -c #(nop) ADD file:1 in / ",
            "/bin/sh -c #(nop) ADD file:2 in / ",
        ]));
    }

    #[test]
    fn files_folders_and_addresses_fail() {
        for add in [
            "ADD app.conf /etc/ # buildkit",
            "/bin/sh -c #(nop) ADD dir:07 in /app ",
            "ADD https://example.com/a.tgz /opt/ # buildkit",
            "/bin/sh -c #(nop) ADD  in /opt/a ",
        ] {
            assert_fails(of(&["ADD rootfs.tar / # buildkit", add]));
        }
        let clear = assert_fails(of(&["", "ADD http://example.com/a /opt/ # buildkit"]));
        assert_eq!(clear.severity, Some(Severity::Medium));
    }

    #[test]
    fn a_local_archive_and_a_checked_address_pass() {
        assert_passes(of(&["", "ADD app.tar.gz /opt/ # buildkit"]));
        assert_passes(of(&["", "ADD --checksum=sha256:00 https://example.com/a /opt/ # buildkit"]));
    }

    #[test]
    fn a_digest_of_the_classic_builder_is_for_a_person_to_look_at() {
        assert_needs_a_look(of(&["", "/bin/sh -c #(nop) ADD file:2a1f in /opt/x "]));
    }

    #[test]
    fn an_import_has_no_dockerfile_and_an_unread_history_is_unknown() {
        assert_not_applicable(of(&[""]));
        let engine = with_history(sample::unknown("history"));
        assert_unknown(add_instruction(&snapshot(), &engine).remove(0).1);
        assert_not_applicable(add_instruction(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}
