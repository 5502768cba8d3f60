//! The same roots, the same advisories: what Dockward finds and Trivy doesn't, or the other way round, has a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dockward_differential::{
    Difference, Drawn, Pair, REASONS, Records, Root, Side, Trivy, draw, make, ours, theirs,
};
use dockward_model::inventory::{FixState, PackageKind};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/advisories");

const fn deb(
    release: &'static str,
    bucket: &'static str,
    id: &'static str,
    version: &'static str,
    mark: (&'static str, &'static str),
) -> Root {
    Root { release, bucket, os: (id, version), mark, kind: PackageKind::Deb }
}

const fn apk(release: &'static str, bucket: &'static str, version: &'static str) -> Root {
    let mark = ("etc/alpine-release", version);
    Root { release, bucket, os: ("alpine", version), mark, kind: PackageKind::Apk }
}

const fn alma(
    release: &'static str,
    bucket: &'static str,
    version: &'static str,
    mark: &'static str,
) -> Root {
    let mark = ("etc/almalinux-release", mark);
    Root { release, bucket, os: ("almalinux", version), mark, kind: PackageKind::Rpm }
}

const ROOTS: &[Root] = &[
    deb("Debian:8", "debian 8", "debian", "8", ("etc/debian_version", "8.11\n")),
    deb("Debian:9", "debian 9", "debian", "9", ("etc/debian_version", "9.13\n")),
    deb("Debian:10", "debian 10", "debian", "10", ("etc/debian_version", "10.13\n")),
    deb("Debian:11", "debian 11", "debian", "11", ("etc/debian_version", "11.6\n")),
    deb(
        "Ubuntu:14.04:LTS",
        "ubuntu 14.04",
        "ubuntu",
        "14.04",
        ("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\n"),
    ),
    deb(
        "Ubuntu:16.04:LTS",
        "ubuntu 16.04",
        "ubuntu",
        "16.04",
        ("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=16.04\n"),
    ),
    deb(
        "Ubuntu:18.04:LTS",
        "ubuntu 18.04",
        "ubuntu",
        "18.04",
        ("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\n"),
    ),
    deb(
        "Ubuntu:19.10",
        "ubuntu 19.10",
        "ubuntu",
        "19.10",
        ("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=19.10\n"),
    ),
    apk("Alpine:v3.5", "alpine 3.5", "3.5.3"),
    apk("Alpine:v3.8", "alpine 3.8", "3.8.5"),
    apk("Alpine:v3.11", "alpine 3.11", "3.11.3"),
    Root {
        release: "Wolfi",
        bucket: "wolfi",
        os: ("wolfi", "20230201"),
        mark: ("etc/hostname", "w\n"),
        kind: PackageKind::Apk,
    },
    alma("AlmaLinux:8", "alma 8", "8.6", "AlmaLinux release 8.6 (Sky Tiger)\n"),
    alma("AlmaLinux:9", "alma 9", "9.2", "AlmaLinux release 9.2 (Turquoise Kodkod)\n"),
    alma("AlmaLinux:10", "alma 10", "10.0", "AlmaLinux release 10.0 (Purple Lion)\n"),
];

/// Records of kinds that the shared ones of distributions lack.
const MORE: &[&str] = &[
    r#"{"id":"DSA-9001-1","modified":"2023-03-01T00:00:00Z","published":"2023-03-01T00:00:00Z",
    "withdrawn":"2023-03-02T00:00:00Z","upstream":["CVE-2023-90001"],"affected":[
    {"package":{"ecosystem":"Debian:11","name":"x-withdrawn"},
    "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-2"}]}]}]}"#,
    r#"{"id":"DSA-9002-1","modified":"2023-03-01T00:00:00Z","published":"2023-03-01T00:00:00Z",
    "upstream":["CVE-2023-90002"],"affected":[
    {"package":{"ecosystem":"Debian:11","name":"x-last-affected"},
    "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"last_affected":"1.0-1"}]}]}]}"#,
    r#"{"id":"DSA-9003-1","modified":"2023-03-01T00:00:00Z","published":"2023-03-01T00:00:00Z",
    "upstream":["CVE-2023-90003"],"affected":[
    {"package":{"ecosystem":"Debian:11","name":"x-ranges"},"ranges":[
    {"type":"ECOSYSTEM","events":[{"introduced":"1.0-1"},{"fixed":"1.0-4"}]},
    {"type":"ECOSYSTEM","events":[{"introduced":"2.0-1"},{"fixed":"2.0-3"}]}]}]}"#,
    r#"{"id":"DSA-9004-1","modified":"2023-03-01T00:00:00Z","published":"2023-03-01T00:00:00Z",
    "upstream":["CVE-2023-90004"],"affected":[
    {"package":{"ecosystem":"Debian:11","name":"x-statement"},
    "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-2"}]}]}]}"#,
    r#"{"id":"DSA-9005-1","modified":"2023-03-02T00:00:00Z","published":"2023-03-02T00:00:00Z",
    "upstream":["CVE-2023-90004"],"affected":[
    {"package":{"ecosystem":"Debian:10","name":"x-statement"},
    "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-2"}]}]}],
    "database_specific":{"not_affected":[{"ecosystem":"Debian:11","name":"x-statement"}]}}"#,
    r#"{"id":"ALSA-2023:9006","modified":"2023-03-02T00:00:00Z","published":"2023-03-02T00:00:00Z",
    "summary":"x-module security update","related":["CVE-2023-90006"],"affected":[
    {"package":{"ecosystem":"AlmaLinux:8","name":"x-module"},"ranges":[{"type":"ECOSYSTEM",
    "events":[{"introduced":"0"},{"fixed":"1.0-2.module_el8.5.0+119+9a9ec082"}]}]}]}"#,
];

/// Packages of sources that sign what another source built.
fn signed() -> Vec<Drawn> {
    let of = |name: &str, version: &str, source: &str, own: &str| Drawn {
        name: name.into(),
        version: version.into(),
        source: source.into(),
        source_version: Some(own.into()),
        architecture: "amd64".into(),
        ..Drawn::default()
    };
    vec![
        of("linux-image-5.10.0-8-amd64", "5.10.46-4", "linux-signed-amd64", "5.10.46+4"),
        of("grub-efi-amd64-signed", "1+2.04+20", "grub-efi-amd64-signed", "1+2.04+20"),
    ]
}

#[test]
fn every_difference_from_trivy_has_a_reason_and_every_reason_a_difference() {
    let name = "every_difference_from_trivy_has_a_reason_and_every_reason_a_difference";
    let shared = Path::new(SHARED);
    let trivy = match Trivy::prepared() {
        Ok(trivy) if shared.is_dir() => trivy,
        Ok(_) => return println!("skipped: {name}: there is no ../shared/advisories"),
        Err(why) => return println!("skipped: {name}: {why}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let more: Vec<String> = MORE.iter().map(|text| (*text).to_owned()).collect();
    let ecosystems = ["Debian", "Ubuntu", "Alpine", "Wolfi", "AlmaLinux"];
    let zip = |name: &&str| shared.join("osv").join(name).join("all.zip");
    let mut feeds: Vec<PathBuf> = ecosystems.iter().map(zip).collect();
    for (text, at) in more.iter().zip(0..) {
        feeds.push(folder.path().join(format!("{at}.json")));
        std::fs::write(feeds.last().unwrap(), text).unwrap();
    }
    let records = Records::read(&shared.join("osv"), &ecosystems, &more).unwrap();
    let mapped = dockward_differential::database(&feeds, &folder.path().join("all.db")).unwrap();
    let buckets: Vec<_> = ROOTS.iter().map(|root| (root.release, root.bucket)).collect();
    let bolt = records.for_trivy(&buckets).unwrap();

    let (mut both, mut used, mut unexplained) = (0, BTreeMap::new(), Vec::new());
    for (root, at) in ROOTS.iter().zip(0..) {
        let place = folder.path().join(at.to_string());
        let mut drawn = draw(&records.releases[root.release], root.kind);
        if root.release == "Debian:11" {
            drawn.extend(signed());
        }
        make(&place, root, &drawn).unwrap();
        let ours = ours(&place, &mapped).unwrap();
        let theirs = theirs(&trivy, &place, &bolt, &folder.path().join("cache")).unwrap();
        let shared = theirs.iter().filter(|pair| ours.contains_key(*pair)).count();
        println!(
            "{}: {} packages, {} pairs of ours, {} of theirs, {shared} of both",
            root.release,
            drawn.len(),
            ours.len(),
            theirs.len()
        );
        both += shared;
        for difference in differences(root, &drawn, &records, &ours, &theirs) {
            match REASONS.iter().position(|reason| (reason.explains)(&difference)) {
                Some(reason) => *used.entry(reason).or_insert(0) += 1,
                None => unexplained.push(format!("{difference:?}")),
            }
        }
    }
    for (reason, count) in &used {
        println!("{count}: {}", REASONS[*reason].why);
    }
    let idle: Vec<_> =
        (0..REASONS.len()).filter(|at| !used.contains_key(at)).map(|at| REASONS[at].why).collect();
    assert!(idle.is_empty(), "reasons that explain nothing any more: {idle:#?}");
    let some: Vec<_> = unexplained.iter().take(20).collect();
    assert!(unexplained.is_empty(), "{} without a reason, such as {some:#?}", unexplained.len());
    assert!(both > 20_000, "only {both} pairs of both");
}

fn differences<'a>(
    root: &'a Root,
    drawn: &'a [Drawn],
    records: &'a Records,
    ours: &'a BTreeMap<Pair, FixState>,
    theirs: &'a BTreeSet<Pair>,
) -> Vec<Difference<'a>> {
    let packages: BTreeMap<(&str, &str), &Drawn> =
        drawn.iter().map(|one| ((one.name.as_str(), one.version.as_str()), one)).collect();
    assert_eq!(packages.len(), drawn.len(), "two packages of one name and version");
    let only_ours =
        ours.keys().filter(|pair| !theirs.contains(*pair)).map(|pair| (Side::Ours, pair));
    let only_theirs =
        theirs.iter().filter(|pair| !ours.contains_key(*pair)).map(|pair| (Side::Theirs, pair));
    let difference = |(side, pair): (Side, &'a Pair)| {
        let package = packages[&(pair.0.as_str(), pair.1.as_str())];
        let paid = root.release.replace("Ubuntu:", "Ubuntu:Pro:");
        let said = |release: &str| {
            let (release, weaknesses) = records.releases.get_key_value(release)?;
            let said = weaknesses.get(&package.source)?.get(&pair.2)?;
            Some(said.iter().map(|said| (release.as_str(), said)))
        };
        let both = [Some(root.release), (paid != root.release).then_some(&*paid)];
        let said = both.into_iter().flatten().filter_map(said).flatten().collect();
        Difference { root, side, pair, state: ours.get(pair).copied(), package, said }
    };
    only_ours.chain(only_theirs).map(difference).collect()
}
