//! What is written: valid, the same each time, and read again as it was.

use dockward_model::facts::{Field, Origin};
use dockward_model::inventory::{InstallState, Inventory};
use dockward_sbom::{Document, Format, Read, cyclonedx, read, spdx};
use jsonschema::{Registry, Validator};
use serde_json::Value;

use crate::sample;

type Write = fn(&Document<'_>, &mut dyn std::io::Write) -> std::io::Result<()>;

const WRITERS: [(&str, Write); 2] = [("cyclonedx", cyclonedx::write), ("spdx", spdx::write)];

fn schema(name: &str) -> Value {
    let path = format!("{}/tests/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The format's own schema. CycloneDX's names two others by file names that differ from theirs.
fn assert_valid(format: &str, written: &[u8]) -> Value {
    let registry = Registry::new()
        .add("http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json", schema("cyclonedx-spdx"))
        .unwrap()
        .add(
            "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json",
            schema("cyclonedx-jsf-0.82"),
        )
        .unwrap()
        .prepare()
        .unwrap();
    let schema = schema(if format == "spdx" { "spdx-2.3" } else { "cyclonedx-1.6" });
    let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
    let validator: Validator = options.build(&schema).unwrap();
    let document: Value = serde_json::from_slice(written).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|it| format!("{}: {it}", it.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    document
}

fn write(writer: Write, document: &Document<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    writer(document, &mut out).unwrap();
    out
}

fn bare(inventory: &Inventory) -> dockward_sbom::Scanned<'_> {
    dockward_sbom::Scanned { inventory, matches: Vec::new(), unmatched: &[] }
}

/// The two inventories of the sample, with all that is known of the first.
fn both(writer: Write) -> Vec<u8> {
    let (debian, rocky) = (sample::debian(), sample::rocky());
    let (matches, waiver, unmatched) = (sample::matches(), sample::waiver(), sample::unmatched());
    let first = sample::scanned(&debian, &matches, &waiver, &unmatched);
    write(writer, &sample::document(vec![first, bare(&rocky)]))
}

#[test]
fn what_is_written_is_valid_and_the_same_each_time() {
    for (format, writer) in WRITERS {
        let written = both(writer);
        assert_valid(format, &written);
        assert_eq!(written, both(writer));
        for inventory in [sample::debian(), sample::rocky(), Inventory::default()] {
            assert_valid(format, &write(writer, &sample::document(vec![bare(&inventory)])));
        }
        assert_valid(format, &write(writer, &sample::document(Vec::new())));
    }
}

#[test]
fn the_validator_is_one() {
    let mut bom = assert_valid("cyclonedx", &both(cyclonedx::write));
    bom["components"][0]["type"] = "thing".into();
    let broken = serde_json::to_vec(&bom).unwrap();
    assert!(std::panic::catch_unwind(|| assert_valid("cyclonedx", &broken)).is_err());
}

#[test]
fn one_and_several_inventories_are_read_as_they_were_written() {
    for (format, writer) in WRITERS {
        for mut inventory in [sample::debian(), sample::rocky()] {
            inventory.contents.packages.sort_by(|a, b| {
                (&a.name, &a.version, &a.architecture).cmp(&(&b.name, &b.version, &b.architecture))
            });
            let written = write(writer, &sample::document(vec![bare(&inventory)]));
            let Read { inventories, left_out, .. } = read("bill.json", &written).unwrap();
            assert_eq!(left_out.total(), 0);
            let mut expected = inventory.clone();
            for package in &mut expected.contents.packages {
                if package.origin == Origin::Nowhere {
                    package.origin = Origin::file("bill.json", None);
                }
            }
            assert_eq!(inventories, [expected], "{format}");
        }
        let Read { inventories, format, .. } = read("bill.json", &both(writer)).unwrap();
        let names: Vec<_> = inventories.iter().map(|it| &*it.target.name).collect();
        assert_eq!(names, ["shop:1", "/srv/rocky"]);
        let counts: Vec<_> = inventories.iter().map(|it| it.contents.packages.len()).collect();
        assert_eq!(counts, [6, 1]);
        assert!(matches!(&format, Format::CycloneDx(it) | Format::Spdx(it) if it.contains('.')));
    }
}

#[test]
fn a_bill_of_a_bill_is_the_same_bill() {
    for (_, writer) in WRITERS {
        let once = both(writer);
        let read = read("bill.json", &once).unwrap().inventories;
        let again = write(writer, &sample::document(read.iter().map(bare).collect()));
        let again = dockward_sbom::read("bill.json", &again).unwrap().inventories;
        assert_eq!(read, again);
    }
}

#[test]
fn no_distribution_and_an_unknown_one_stay_what_they_are() {
    let why = "os-release ends early";
    for (_, writer) in WRITERS {
        for field in [Field::absent(Origin::Nowhere), Field::unknown(why, Origin::Nowhere)] {
            let mut inventory = sample::debian();
            inventory.contents.distribution = field;
            let written = write(writer, &sample::document(vec![bare(&inventory)]));
            let read = dockward_sbom::read("", &written).unwrap().inventories;
            assert_eq!(read[0].contents.distribution.fact, inventory.contents.distribution.fact);
        }
    }
}

#[test]
fn a_package_that_was_removed_is_in_no_bill() {
    let mut inventory = sample::debian();
    inventory.contents.packages[0].state = InstallState::Removed;
    for (_, writer) in WRITERS {
        let written = write(writer, &sample::document(vec![bare(&inventory)]));
        assert!(!String::from_utf8(written).unwrap().contains("bsdutils"));
    }
}

#[test]
fn a_serial_number_changes_with_the_content_and_the_time() {
    let inventory = sample::rocky();
    let mut document = sample::document(vec![bare(&inventory)]);
    let number = |document: &Document<'_>| {
        let bom: Value = serde_json::from_slice(&write(cyclonedx::write, document)).unwrap();
        bom["serialNumber"].as_str().unwrap().to_owned()
    };
    let first = number(&document);
    assert!(first.starts_with("urn:uuid:"), "{first}");
    document.now += jiff::SignedDuration::from_secs(1);
    assert_ne!(number(&document), first);
}

#[test]
fn vulnerabilities_say_what_is_known() {
    let bom = assert_valid("cyclonedx", &both(cyclonedx::write));
    let all = bom["vulnerabilities"].as_array().unwrap();
    let ids: Vec<_> = all.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        ["CVE-2026-1", "CVE-2026-2", "CVE-2026-2", "CVE-2026-3", "CVE-2026-4", "DSA-9"]
    );
    let [exploited, waived, not_affected, vendor, fixed, unrated] = &**all else { panic!() };
    // Both packages of openssl are one vulnerability.
    assert_eq!(exploited["affects"].as_array().unwrap().len(), 2);
    let affected = &exploited["affects"][0];
    assert_eq!(
        affected["ref"],
        "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12&upstream=openssl"
    );
    assert_eq!(affected["versions"][0]["status"], "affected");
    assert_eq!(exploited["recommendation"], "Upgrade openssl to 3.0.1-2 or 3.1-1.");
    assert_eq!(exploited["ratings"][0]["method"], "CVSSv31");
    assert_eq!(exploited["ratings"][0]["severity"], "high");
    assert_eq!(exploited["updated"], "2026-06-01T10:11:12.5Z");
    let known = property(exploited, "dockward:exploited:added");
    assert_eq!(known.as_deref(), Some("2026-06-02"));
    assert_eq!(property(exploited, "dockward:epss").as_deref(), Some("0.25"));
    let references: Vec<_> =
        exploited["references"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(references, ["DSA-5417-1", "DLA-1"]);

    assert_eq!(waived["analysis"]["state"], "exploitable");
    assert_eq!(waived["analysis"]["detail"], "accepted by ops until 2026-12-31: not reachable");
    assert_eq!(not_affected["analysis"]["state"], "not_affected");
    assert_eq!(not_affected["affects"][0]["versions"][0]["status"], "unaffected");
    assert_eq!(fixed["analysis"]["state"], "resolved");
    assert_eq!(unrated["analysis"]["state"], "in_triage");
    assert_eq!(unrated["ratings"][0]["severity"], "unknown");

    assert_eq!(vendor["ratings"][0]["justification"], "unimportant");
    assert_eq!(vendor["source"]["url"], Value::Null, "what is no address is not written as one");
    assert_eq!(property(vendor, "dockward:fix-state").as_deref(), Some("will not fix"));
    assert_eq!(property(vendor, "dockward:headers-only").as_deref(), Some("true"));
}

fn property(of: &Value, name: &str) -> Option<String> {
    let all = of["properties"].as_array()?;
    let one = all.iter().find(|it| it["name"] == name)?;
    one["value"].as_str().map(str::to_owned)
}

#[test]
fn spdx_names_advisories_licences_and_what_contains_what() {
    let document = assert_valid("spdx", &both(spdx::write));
    let packages = document["packages"].as_array().unwrap();
    let named = |name: &str| packages.iter().find(|it| it["name"] == name).unwrap();
    let advisories: Vec<_> = named("libssl3")["externalRefs"].as_array().unwrap()[1..].to_vec();
    assert_eq!(advisories.len(), 1, "one address, once");
    assert_eq!(advisories[0]["referenceCategory"], "SECURITY");
    let declared = named("half")["licenseDeclared"].as_str().unwrap();
    let extracted = &document["hasExtractedLicensingInfos"][0];
    let reference = extracted["licenseId"].as_str().unwrap();
    assert_eq!(declared, format!("MIT AND {reference} AND (ISC OR 0BSD)"));
    assert_eq!(extracted["extractedText"], "GPL-2+ \"odd\"");
    assert_eq!(named("openssl")["licenseDeclared"], "NOASSERTION");
    let relationships = document["relationships"].as_array().unwrap();
    let count =
        |kind: &str| relationships.iter().filter(|it| it["relationshipType"] == kind).count();
    assert_eq!((count("DESCRIBES"), count("CONTAINS")), (2, 9));
}
