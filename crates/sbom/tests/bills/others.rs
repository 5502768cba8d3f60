//! What Syft 1.18.1 and Trivy 0.59.1 write (`tests/fixtures/README.md`).

use dockward_model::inventory::{Inventory, TargetKind};
use dockward_sbom::{LeftOut, read};

fn fixture(name: &str) -> (Inventory, LeftOut) {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let bill = read("bill.json", &std::fs::read(path).unwrap()).unwrap();
    let [inventory] = <[Inventory; 1]>::try_from(bill.inventories).unwrap();
    assert_eq!(inventory.contents.problems, []);
    assert_eq!(inventory.target.kind, TargetKind::Sbom);
    (inventory, bill.left_out)
}

const TOOLS: [&str; 4] =
    ["syft-1.18.1.cdx", "syft-1.18.1.spdx", "trivy-0.59.1.cdx", "trivy-0.59.1.spdx"];

/// Name, version, architecture, source, source's version: what matching needs.
fn rows(inventory: &Inventory) -> Vec<[&str; 5]> {
    let row = |it: &'_ dockward_model::inventory::Package| -> [String; 5] {
        [&*it.name, &*it.version, &*it.architecture, it.source_name(), it.source_version()]
            .map(str::to_owned)
    };
    inventory.contents.packages.iter().map(|it| row(it).map(|text| &*text.leak())).collect()
}

fn distribution(inventory: &Inventory) -> (&str, &str) {
    let distribution = inventory.contents.distribution.get().unwrap();
    (&distribution.id, &distribution.version)
}

#[test]
fn debian_is_the_same_from_each() {
    let expected = [
        ["bsdutils", "1:2.38.1-5+deb12u3", "amd64", "util-linux", "2.38.1-5+deb12u3"],
        ["libssl3", "3.0.20-1~deb12u2", "amd64", "openssl", "3.0.20-1~deb12u2"],
        ["libstdc++6", "12.2.0-14+deb12u1", "amd64", "gcc-12", "12.2.0-14+deb12u1"],
        ["login", "1:4.13+dfsg1-1+deb12u2", "amd64", "shadow", "1:4.13+dfsg1-1+deb12u2"],
        ["openssl", "3.0.20-1~deb12u2", "amd64", "openssl", "3.0.20-1~deb12u2"],
    ];
    for tool in TOOLS {
        let (inventory, left_out) = fixture(&format!("debian.{tool}"));
        assert_eq!(rows(&inventory), expected, "{tool}");
        assert_eq!(distribution(&inventory), ("debian", "12"), "{tool}");
        assert_eq!(left_out.total(), 0, "{tool}");
        let own = &inventory.contents.packages[4];
        assert_eq!(own.source, None, "{tool}: openssl is its own source");
        let record = if tool.starts_with("syft") { "/var/lib/dpkg/status" } else { "bill.json" };
        assert_eq!(own.origin.to_string(), record, "{tool}");
    }
}

#[test]
fn rocky_is_the_same_from_each_but_for_the_epoch_that_a_source_rpm_has_not() {
    for tool in TOOLS {
        let (inventory, _) = fixture(&format!("rocky.{tool}"));
        let epoch = if tool.starts_with("syft") { "" } else { "1:" };
        let source = format!("{epoch}5.1.8-6.el9");
        let expected = [
            ["bash", "1:5.1.8-6.el9", "noarch", "bash", "1:5.1.8-6.el9"],
            ["bash-more", "1:5.2-6.el9", "noarch", "bash", &source],
        ];
        assert_eq!(rows(&inventory), expected, "{tool}");
        assert_eq!(distribution(&inventory), ("rocky", "9.4"), "{tool}");
        assert_eq!(inventory.contents.packages[0].vendor, "Example, Inc.", "{tool}");
    }
}

#[test]
fn what_is_no_package_of_the_distribution_is_counted() {
    for tool in TOOLS {
        let (inventory, left_out) = fixture(&format!("shop.{tool}"));
        let names: Vec<_> = rows(&inventory).iter().map(|row| (row[0], row[3])).collect();
        let expected =
            [("libcrypto3", "openssl"), ("libstdc++", "gcc"), ("musl", "musl"), ("zlib", "zlib")];
        assert_eq!(names, expected, "{tool}");
        assert_eq!(distribution(&inventory), ("alpine", "3.19.1"), "{tool}");
        assert_eq!(inventory.target.name, "../img/shop.tar", "{tool}");
        let kinds: Vec<_> = left_out.kinds.iter().map(|(kind, count)| (&**kind, *count)).collect();
        assert_eq!(kinds, [("npm", 1), ("pypi", 1)], "{tool}");
    }
}
