use dockward_model::facts::{Certificate, Daemon, Engine, Fact, Field, Snapshot, TlsFile};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use jiff::{SignedDuration, Timestamp};

use crate::{tls_files, together};

crate::check! {
    /// ## Why
    /// When a certificate of the engine's ends, every caller is locked out, and the quickest way
    /// back in is to switch TLS off. One that is signed with MD5 or SHA-1, or has an RSA key under
    /// 2,048 bits, can be forged: who forges a caller's is root through the API.
    ///
    /// ## Fix
    /// Have the certificate named signed anew, with SHA-256 or better and a key of 2,048 bits RSA
    /// or 256 bits EC, put it in place and restart the engine; and let a timer renew it.
    ///
    /// ## References
    /// RFC 5280, section 4.1; NIST SP 800-131A Rev. 2, sections 3 and 9 (weak signatures and
    /// hashes). The files are those in use: `tlscert` and `tlscacert`. Nobody relies on the
    /// signature of a root authority.
    id: "daemon-tls-certificate", title: "the engine's certificates are valid and strong",
    severity: Medium, area: Daemon, cis16: [], cis18: [], Engine: certificates
}

/// How long before its end a certificate is told of.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// MD2, MD5 and SHA-1 with RSA, SHA-1 with DSA, SHA-1 with ECDSA (RFC 8017, RFC 3279).
const WEAK: [&str; 5] = [
    "1.2.840.113549.1.1.2",
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10040.4.3",
    "1.2.840.10045.4.1",
];

fn certificates(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let files = [&daemon.tls.certificate, &daemon.tls.authority];
    let verdicts = files.map(|field| of_file(snapshot.now, daemon, field));
    together::all(verdicts, "no certificate")
}

fn of_file(now: Timestamp, daemon: &Daemon, field: &Field<TlsFile>) -> Outcome {
    tls_files::judge_content(daemon, field, |file| match &file.certificates {
        Fact::Known(all) => {
            let each = all.iter().map(|one| of_certificate(now, &file.path, field, one));
            together::all(each, "no certificate")
        }
        Fact::Absent => Outcome::NotApplicable("no certificate".into()),
        Fact::Unknown(why) => Outcome::Unknown(why.clone()),
    })
}

fn of_certificate(
    now: Timestamp,
    path: &str,
    field: &Field<TlsFile>,
    certificate: &Certificate,
) -> Outcome {
    let (from, until) = (certificate.validity.not_before, certificate.validity.not_after);
    let (message, seen, severity) = if until < now {
        ("has ended", format!("valid until {until}"), Severity::Medium)
    } else if from > now {
        ("is not valid yet", format!("valid from {from}"), Severity::Medium)
    } else if certificate.rsa_bits.is_some_and(|bits| bits < 2048) {
        let bits = certificate.rsa_bits.unwrap_or_default();
        ("has a short key", format!("{bits} bits RSA"), Severity::High)
    } else if !certificate.self_issued && WEAK.contains(&certificate.signature.as_str()) {
        let seen = format!("signature {}", certificate.signature);
        ("is signed with a broken hash", seen, Severity::High)
    } else if until.duration_since(now) < SOON {
        ("ends within 30 days", format!("valid until {until}"), Severity::Low)
    } else {
        return Outcome::Pass;
    };
    let evidence = Evidence::of(field, format!("{path}: {seen}"), "valid, SHA-256, 2048 bits");
    let fix = format!("have {path} signed anew and restart the engine");
    Failure::new(format!("a certificate in {path} {message}"), evidence, fix)
        .severity(severity)
        .into()
}

#[cfg(test)]
mod tests;
