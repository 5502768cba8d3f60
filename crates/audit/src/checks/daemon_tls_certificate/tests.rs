use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, snapshot_with,
};
use crate::tls_files::tests::engine;
use dockward_model::facts::{ListenerAuth, Validity, sample};

const NOW: &str = "2026-11-22T00:00:00Z";

fn certificate(until: &str) -> Certificate {
    Certificate {
        validity: Validity {
            not_before: "2026-01-01T00:00:00Z".parse().expect("a time"),
            not_after: until.parse().expect("a time"),
        },
        self_issued: false,
        signature: "1.2.840.113549.1.1.11".into(),
        rsa_bits: Some(2048),
    }
}

fn judge(server: Fact<Vec<Certificate>>, authentication: ListenerAuth) -> Outcome {
    let mut engine = engine(authentication);
    let file =
        |certificates| sample::known(TlsFile { path: "/tls/x".into(), certificates }, "tlscert");
    engine.daemon.tls.authority = file(Fact::Known(vec![certificate("2036-01-01T00:00:00Z")]));
    engine.daemon.tls.certificate = file(server);
    certificates(&snapshot_with(|s| s.now = NOW.parse().expect("a time")), &engine)
}

fn with(certificate: Certificate) -> Outcome {
    judge(Fact::Known(vec![certificate]), ListenerAuth::ClientCertificates)
}

#[test]
fn a_strong_certificate_with_months_to_go_passes() {
    assert_passes(with(certificate("2027-06-01T00:00:00Z")));
    let elliptic = Certificate { rsa_bits: None, ..certificate("2027-06-01T00:00:00Z") };
    assert_passes(with(elliptic));
}

#[test]
fn one_that_has_ended_or_ends_soon_or_has_not_begun_fails() {
    let ended = assert_fails(with(certificate("2026-11-21T00:00:00Z")));
    assert_eq!(ended.severity, Some(Severity::Medium));
    assert_eq!(ended.message, "a certificate in /tls/x has ended");
    let soon = assert_fails(with(certificate("2026-12-21T00:00:00Z")));
    assert_eq!(soon.severity, Some(Severity::Low));
    assert_passes(with(certificate("2026-12-23T00:00:00Z")));
    let mut early = certificate("2028-01-01T00:00:00Z");
    early.validity.not_before = "2027-01-01T00:00:00Z".parse().expect("a time");
    assert!(assert_fails(with(early)).message.ends_with("is not valid yet"));
}

#[test]
fn short_keys_and_broken_hashes_fail_but_nobody_relies_on_a_roots_own_signature() {
    let of = |change: fn(&mut Certificate)| {
        let mut changed = certificate("2027-06-01T00:00:00Z");
        change(&mut changed);
        with(changed)
    };
    let short = assert_fails(of(|c| c.rsa_bits = Some(1024)));
    assert_eq!(short.severity, Some(Severity::High));
    for weak in WEAK {
        let mut changed = certificate("2027-06-01T00:00:00Z");
        changed.signature = weak.into();
        assert_fails(with(changed));
    }
    assert_passes(of(|c| (c.self_issued, c.signature) = (true, WEAK[2].into())));
}

#[test]
fn without_tls_there_is_nothing_to_judge_and_an_unread_file_is_unknown() {
    let good = || Fact::Known(vec![certificate("2027-06-01T00:00:00Z")]);
    assert_not_applicable(judge(good(), ListenerAuth::None));
    assert_unknown(judge(Fact::Unknown("eof".into()), ListenerAuth::ServerOnly));
    assert_unknown(judge(good(), ListenerAuth::Unknown("odd".into())));
}
