//! What every parser of others' text must hold, for any bytes at all: none panics, hangs, or takes
//! memory that its input doesn't have, and nothing that it makes can harm who reads it.
//!
//! Each function is the body of a fuzz target (`fuzz/targets`, for cargo-fuzz), and runs as an
//! ordinary test over `fuzz/corpus` and over cut and bent copies of it.

mod guard;

use dockward_collect::tree::{Proc, Recorded};
use dockward_collect::{daemon_process, from_answers, host, parsers};
use dockward_model::facts::{DaemonProcess, Distribution, Fact, Field, Origin, Snapshot, Viewer};
use dockward_model::inventory::{Contents, Inventory, Package};
use dockward_model::verdict::Report;
use dockward_package::files::{Diversions, Record, owners, without_usr};
use dockward_report::{Format, Style};

pub use guard::{guard_chunks, guard_heads, guard_requests, ledger};

/// A body, by the name of its target and of its folder below `fuzz/corpus`.
pub type Body = fn(&[u8]);

/// Every body.
pub const BODIES: &[(&str, Body)] = &[
    ("accounts", accounts),
    ("advisory_database", advisory_database),
    ("apk_installed", apk_installed),
    ("audit_rules", audit_rules),
    ("certificates", certificates),
    ("daemon_json", daemon_json),
    ("dockward_toml", dockward_toml),
    ("dpkg_status", dpkg_status),
    ("feed_listing", feed_listing),
    ("feed_scores", feed_scores),
    ("feed_signature", feed_signature),
    ("guard_chunks", guard_chunks),
    ("guard_heads", guard_heads),
    ("guard_requests", guard_requests),
    ("history", history),
    ("image_archive", image_archive),
    ("image_documents", image_documents),
    ("image_layers", image_layers),
    ("inspect", inspect),
    ("kernel_audit_rule", kernel_audit_rule),
    ("ledger", ledger),
    ("mountinfo", mountinfo),
    ("osv_record", osv_record),
    ("packet_filter", packet_filter),
    ("rpm_bdb", rpm_bdb),
    ("rpm_header", rpm_header),
    ("rpm_ndb", rpm_ndb),
    ("rpm_sqlite", rpm_sqlite),
    ("sbom", sbom),
    ("snapshot", snapshot),
    ("units", units),
];

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The host's facts, where each of these files holds the same text.
fn files(paths: &[&str], data: &[u8]) {
    let text = text(data);
    let tree = paths.iter().fold(Recorded::new(), |tree, path| tree.file(path, &text));
    let facts = host::host(&tree, &Fact::Absent, Viewer::default());
    // It is kept and read again as it was.
    assert!(!format!("{facts:?}").is_empty());
}

/// passwd(5), group(5), os-release(5), nsswitch.conf(5).
pub fn accounts(data: &[u8]) {
    files(
        &["/etc/passwd", "/etc/group", "/etc/os-release", "/etc/nsswitch.conf", "/etc/subuid"],
        data,
    );
}

/// A database of advisories. Its header is made to fit, since nothing gets past a wrong one; whoever
/// asks gets an answer or is told that it is damaged.
pub fn advisory_database(data: &[u8]) {
    use dockward_advisory::database::Database;
    let bytes = with_head(data);
    let Ok(database) = Database::read(&bytes) else { return };
    let package =
        |name: &str| Package { name: name.into(), version: "1".into(), ..Package::default() };
    let packages = ["x", "y", "linux-libc-dev"].map(package).to_vec();
    let distribution =
        Distribution { id: "debian".into(), version: "11".into(), name: String::new() };
    let distribution = Field::known(distribution, Origin::file("/etc/os-release", None));
    let contents = Contents { distribution, packages, ..Contents::default() };
    let inventory = Inventory { contents, ..Inventory::default() };
    let settings = dockward_advisory::Settings {
        all: true,
        ..dockward_advisory::Settings::new(jiff::Timestamp::UNIX_EPOCH)
    };
    let found = dockward_advisory::matches(&inventory, &database, &settings);
    let names = inventory.contents.packages.len();
    assert!(found.matches.iter().all(|one| one.package < names));
    for id in ["CVE-2023-0286", "DSA-1", ""] {
        let found = dockward_advisory::explain(&inventory, &database, id, &settings);
        assert!(found.rows.iter().all(|row| row.package < names));
    }
    assert!(database.ecosystems().take_while(Result::is_ok).count() <= data.len());
}

/// The same bytes with the length and the checksum that its header should have.
fn with_head(data: &[u8]) -> Vec<u8> {
    use dockward_advisory::database::write::Checksum;
    let mut bytes = data.to_vec();
    let length = bytes.len() as u64;
    if let Some(place) = bytes.get_mut(16..24) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    let sections = bytes.get(12..16).and_then(|count| count.first_chunk()).copied();
    let sections = u32::from_le_bytes(sections.unwrap_or_default()) as usize;
    let table = bytes.get(32..).and_then(|rest| rest.get(..sections.checked_mul(32)?));
    let head = bytes.get(..24).unwrap_or_default();
    let sum = Checksum::default().with(head).with(table.unwrap_or_default()).value();
    if let Some(place) = bytes.get_mut(24..32) {
        place.copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}

/// A record of OSV: what is kept of it is one line each, and no longer than it was.
pub fn osv_record(data: &[u8]) {
    let Ok(understood) = dockward_feed::understand(data) else { return };
    let advisory = &understood.advisory;
    let texts = [&advisory.summary, &advisory.url, &advisory.source];
    let notes = understood.rows.iter().map(|row| &row.note);
    for text in texts.into_iter().chain(notes) {
        assert!(text.chars().count() <= 300 && !text.contains(char::is_control), "{text:?}");
    }
    assert!(understood.rows.len() <= data.len());
}

/// audit.rules(7) and what augenrules(8) merges.
pub fn audit_rules(data: &[u8]) {
    files(&["/etc/audit/audit.rules", "/etc/audit/rules.d/10-docker.rules"], data);
}

/// apk's list of what is installed.
pub fn apk_installed(data: &[u8]) {
    told(data, &dockward_package::apk::read(dockward_package::apk::INSTALLED[0], data));
    owned(data, Record::Apk(data));
}

/// dpkg's list of what is installed, as it keeps it and as images without it do.
pub fn dpkg_status(data: &[u8]) {
    use dockward_package::dpkg::{STATUS, read};
    told(data, &read(STATUS, data));
    told(data, &read("var/lib/dpkg/status.d/a", data));
    let diversions = Diversions::parse(data);
    for list in ["a.list", "a:b.md5sums"] {
        owned(data, Record::Dpkg { list, paths: data, diversions: &diversions });
    }
    // What stands beside them: packed changelogs, and licences.
    let _ = dockward_package::changelog::of_deb(data);
    let named = dockward_package::copyright::licences(data);
    assert!(named.iter().map(String::len).sum::<usize>() <= 3 * data.len());
}

/// A header of rpm: all that is read of one.
pub fn rpm_header(data: &[u8]) {
    use dockward_package::rpm::{Header, changelog, files};
    let Ok(header) = Header::parse(data) else { return };
    assert!(files(&header).count() <= data.len() && changelog(&header).count() <= data.len());
}

/// rpm's database of SQLite, also with itself as the log beside it.
pub fn rpm_sqlite(data: &[u8]) {
    rpm(data);
    told(data, &dockward_package::rpm::read("p", data, Some(data)));
}

/// rpm's database of its own format.
pub fn rpm_ndb(data: &[u8]) {
    rpm(data);
}

/// rpm's database of Berkeley DB.
pub fn rpm_bdb(data: &[u8]) {
    rpm(data);
}

fn rpm(data: &[u8]) {
    told(data, &dockward_package::rpm::read("var/lib/rpm/Packages", data, None));
    owned(data, Record::Rpm(data, None));
}

/// There are no more packages than bytes could tell, and none with more files.
fn owned(data: &[u8], record: Record<'_>) {
    let mut packages = 0;
    let _ = owners(record, &mut |_, paths| {
        packages += 1;
        assert!(
            paths.inspect(|path| assert!(without_usr(path).len() <= path.len())).count()
                <= data.len()
        );
    });
    assert!(packages <= data.len().max(1));
}

/// There are no more packages than bytes could tell, and none without a name or a version.
fn told(data: &[u8], found: &dockward_package::Cataloged) {
    let are_whole = |package: &dockward_model::inventory::Package| {
        !package.name.is_empty() && !package.version.is_empty()
    };
    assert!(found.packages.iter().all(are_whole));
    assert!(found.packages.len() <= data.len() && found.problems.len() <= 101);
}

/// systemd.unit(5), with a drop-in.
pub fn units(data: &[u8]) {
    let paths = [
        "/lib/systemd/system/docker.service",
        "/etc/systemd/system/docker.service.d/10-more.conf",
        "/lib/systemd/system/docker.socket",
    ];
    files(&paths, data);
}

/// proc_pid_mountinfo(5).
pub fn mountinfo(data: &[u8]) {
    files(&["/proc/self/mountinfo", "/proc/1/mountinfo"], data);
    let _ = parsers::mounts(&text(data));
}

/// daemon.json, as the daemon whose arguments are ours would read it.
pub fn daemon_json(data: &[u8]) {
    let Fact::Known(proc) = Proc::host() else { return };
    let tree = Recorded::new().file("/etc/docker/daemon.json", &text(data));
    let pid = i32::try_from(std::process::id()).unwrap_or(1);
    let process = DaemonProcess { pid, uid: 0, exe: "/usr/bin/dockerd".into(), started: None };
    let config = daemon_process::config(&proc, &tree, &process);
    assert!(!format!("{:?}", config.config).is_empty());
}

/// `dockward.toml`: what is wrong with it can be printed.
pub fn dockward_toml(data: &[u8]) {
    let known: Vec<&str> = dockward_audit::CHECKS.iter().map(|check| check.meta.id).collect();
    if let Err(problems) = dockward_policy::parse(&text(data), "dockward.toml", &known) {
        let told = problems.to_string();
        assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{told:?}");
    }
}

/// `modified_id.csv` of OSV's bucket: what is read is written as it was read.
pub fn feed_listing(data: &[u8]) {
    if let Ok(listing) = dockward_feed::Listing::parse(data) {
        let again = dockward_feed::Listing::parse(listing.written().as_bytes());
        assert_eq!(again.as_ref(), Ok(&listing));
        assert!(listing.since(&listing, true).is_empty());
    }
}

/// CISA's catalogue and EPSS's scores, before they are taken.
pub fn feed_scores(data: &[u8]) {
    dockward_feed::fuzz_scores(data);
}

/// A signature: whatever it says, it is of no key that is trusted.
pub fn feed_signature(data: &[u8]) {
    let had = dockward_feed::Accepted::default();
    let now = jiff::Timestamp::UNIX_EPOCH;
    assert!(dockward_feed::verify(&b"file"[..], &text(data), &[], &had, now).is_err());
    let _ = dockward_feed::SecretKey::parse(&text(data));
    let _ = dockward_feed::PublicKey::parse(&text(data));
}

/// A step of an image's history.
pub fn history(data: &[u8]) {
    let _ = dockward_rules::history::instruction(&text(data));
}

/// An archive of images that goes past: what `docker save` writes, or a layout in a tar.
pub fn image_archive(data: &[u8]) {
    let _ = dockward_image::stream("fuzz", data, &dockward_image::Options::default());
}

/// An index, a manifest, a config of an image.
pub fn image_documents(data: &[u8]) {
    let _ = dockward_image::parsers::documents(data);
}

/// Layers, laid over each other: the whole, and what comes after its first kilobyte.
pub fn image_layers(data: &[u8]) {
    let upper = data.get(1024..).unwrap_or_default();
    let contents = dockward_image::parsers::layers(&[data, upper]);
    assert!(contents.packages.iter().all(|package| package.layer.is_some_and(|layer| layer < 2)));
    assert!(dockward_image::parsers::is_kept(data));
}

/// `/containers/ID/json`.
pub fn inspect(data: &[u8]) {
    assert_eq!(from_answers(&[text(data)]).len(), 1, "nothing is lost");
}

/// Certificates in PEM.
pub fn certificates(data: &[u8]) {
    let _ = parsers::certificates(&text(data));
}

/// A rule of the kernel's audit, in its own bytes.
pub fn kernel_audit_rule(data: &[u8]) {
    let _ = parsers::audit_rule(data, &Recorded::new());
}

/// Netlink's messages about a packet filter.
pub fn packet_filter(data: &[u8]) {
    let _ = parsers::packet_filter(data);
}

/// A bill of materials: what is read of it is written in both forms and read again as it was.
pub fn sbom(data: &[u8]) {
    let Ok(read) = dockward_sbom::read("bill.json", data) else { return };
    assert!(!read.inventories.is_empty());
    let scanned =
        |inventory| dockward_sbom::Scanned { inventory, matches: Vec::new(), unmatched: &[] };
    let document = dockward_sbom::Document {
        scanned: read.inventories.iter().map(scanned).collect(),
        now: Default::default(),
        version: "0.0.0",
    };
    for write in [dockward_sbom::cyclonedx::write, dockward_sbom::spdx::write] {
        let mut out = Vec::new();
        assert!(write(&document, &mut out).is_ok());
        let again = dockward_sbom::read("bill.json", &out);
        let count = |list: &[dockward_model::inventory::Inventory]| -> Vec<usize> {
            list.iter().map(|inventory| inventory.contents.packages.len()).collect()
        };
        assert!(again.is_ok_and(|it| count(&it.inventories) == count(&read.inventories)));
    }
}

/// A recording: all of it can be judged and shown, in every form.
pub fn snapshot(data: &[u8]) {
    let Ok(snapshot) = parsers::snapshot(data) else { return };
    let audit =
        dockward_audit::evaluate(&snapshot, &dockward_audit::Expectations::default(), &|_| true);
    let paths = dockward_audit::paths::find(
        &snapshot,
        &audit.findings,
        &dockward_audit::Expectations::default(),
    );
    let report = report(&snapshot, audit, paths);
    for format in FORMATS {
        let mut out = Vec::new();
        let written = dockward_report::write(&report, format, Style::default(), &mut out);
        assert!(written.is_ok() && String::from_utf8(out).is_ok_and(|text| is_harmless(&text)));
    }
}

const FORMATS: [Format; 8] = [
    Format::Text,
    Format::Json,
    Format::Sarif,
    Format::Junit,
    Format::Markdown,
    Format::Html,
    Format::DockerBench,
    Format::Prometheus,
];

fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n')
}

fn report(
    snapshot: &Snapshot,
    audit: dockward_audit::Audit,
    paths: Vec<dockward_model::verdict::AttackPath>,
) -> Report {
    let name = snapshot.host.hostname.get().cloned().unwrap_or_default();
    Report {
        version: "0.0.0".into(),
        now: snapshot.now,
        host: dockward_model::verdict::HostSummary { name, ..Default::default() },
        engines: Vec::new(),
        took_ms: None,
        paths,
        findings: audit.findings,
        tally: Default::default(),
        counts: audit.counts,
        fails_from: None,
        unseen: snapshot.unseen.clone(),
        waivers: Vec::new(),
        rules: audit.rules,
        benchmark: None,
        docker_bench: None,
        news: None,
        complete: true,
        example: false,
    }
}
