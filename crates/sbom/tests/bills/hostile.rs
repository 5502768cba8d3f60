//! Lists that somebody wrote to do harm, or badly.

use dockward_model::facts::Fact;
use dockward_sbom::{Error, NO_PURL, OTHER_KINDS, Read, read};

fn cyclonedx(components: &str) -> Result<Read, Error> {
    let text =
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":{components}}}"#);
    read("bill.json", text.as_bytes())
}

fn spdx(rest: &str) -> Result<Read, Error> {
    read("bill.json", format!(r#"{{"spdxVersion":"SPDX-2.2",{rest}}}"#).as_bytes())
}

fn told(result: Result<Read, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn what_is_no_list_of_ours_is_named() {
    for (text, expected) in [
        (&b""[..], "nothing at all"),
        (b"<bom/>", "XML"),
        (b"SPDXVersion: SPDX-2.3\n", "tags and values"),
        (b"[]", "no JSON"),
        (b"{}", "another kind"),
        (b"{", "cannot be read as JSON"),
        (br#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}"#, "SPDX 3"),
        (br#"{"artifacts":[]}"#, "Syft's own"),
        (br#"{"payloadType":"x"}"#, "attestation"),
        (br#"{"bomFormat":"CycloneDX","specVersion":"1.1"}"#, "only 1.2 to 1.7"),
        (br#"{"bomFormat":"Other","specVersion":"1.5"}"#, "not CycloneDX"),
        (br#"{"bomFormat":"CycloneDX"}"#, "cannot be read as CycloneDX"),
        (br#"{"spdxVersion":"SPDX-3.0"}"#, "only 2.2 and 2.3"),
        (b"\xff{}", "not UTF-8 at byte 0"),
    ] {
        let told = told(read("bill.json", text));
        assert!(told.contains(expected), "{told}");
    }
    let bom = b"\xef\xbb\xbf \n{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.2\"}";
    assert_eq!(read("", bom).unwrap().inventories.len(), 1, "a byte order mark is none of JSON's");
}

#[test]
fn a_list_that_is_too_long_is_not_looked_at() {
    let long = vec![b' '; dockward_sbom::MAX_BYTES + 1];
    assert!(matches!(read("", &long), Err(Error::TooLarge { .. })));
}

#[test]
fn components_in_components_have_an_end() {
    let nested = |depth: usize| {
        let open = r#"[{"type":"library","name":"a","components":"#.repeat(depth);
        cyclonedx(&format!("{open}[]{}", "}]".repeat(depth)))
    };
    assert!(matches!(nested(1_000), Err(Error::TooDeep { .. })));
    assert_eq!(nested(20).unwrap().left_out.kinds[NO_PURL], 20);
}

#[test]
fn deep_nesting_where_text_is_expected_is_a_problem_of_that_component() {
    let deep = format!(r#"[{{"type":"library","name":{}{}}}]"#, "[".repeat(9999), "]".repeat(9999));
    let read = cyclonedx(&deep).unwrap();
    let [problem] = &*read.inventories[0].contents.problems else { panic!("{read:?}") };
    assert!(problem.why.contains("cannot be read"), "{problem:?}");
}

#[test]
fn one_odd_component_loses_no_other_and_many_are_told_once() {
    let odd = r#"{"name":1},"#.repeat(1000);
    let good = r#"{"type":"library","name":"a","purl":"pkg:deb/debian/a@1?distro=debian-12"}"#;
    let read = cyclonedx(&format!("[{odd}{good}]")).unwrap();
    let contents = &read.inventories[0].contents;
    assert_eq!((contents.packages.len(), contents.problems.len()), (1, 101));
    assert!(contents.problems[100].why.starts_with("900 more"), "{:?}", contents.problems[100]);
}

#[test]
fn a_package_without_a_version_and_a_bad_url_are_problems() {
    let list = r#"[{"type":"library","name":"a","purl":"pkg:deb/debian/a"},
        {"type":"library","name":"b","purl":"nonsense"},
        {"type":"library","name":"c","version":"1"}]"#;
    let read = cyclonedx(list).unwrap();
    let whys: Vec<_> = read.inventories[0].contents.problems.iter().map(|it| &*it.why).collect();
    assert_eq!(whys, ["a has no version", "its package URL cannot be read"]);
    assert_eq!(read.left_out.kinds[NO_PURL], 2);
}

#[test]
fn kinds_without_end_are_counted_together() {
    let one = |number: usize| format!(r#"{{"type":"library","purl":"pkg:k{number}/a@1"}}"#);
    let all: Vec<_> = (0..1000).map(one).collect();
    let left_out = cyclonedx(&format!("[{}]", all.join(","))).unwrap().left_out;
    assert_eq!((left_out.total(), left_out.kinds.len()), (1000, 65));
    assert_eq!(left_out.kinds[OTHER_KINDS], 936);
}

#[test]
fn two_distributions_are_none_and_none_is_not_known() {
    let package = |distro: &str| {
        format!(r#"{{"type":"library","name":"a","purl":"pkg:deb/debian/a@1{distro}"}}"#)
    };
    for (list, expected) in [
        (vec![package("?distro=debian-12"), package("?distro=debian-11")], "two: debian 12 and"),
        (vec![package("")], "names no distribution"),
        (
            vec![
                package("?distro=debian-12"),
                r#"{"type":"operating-system","name":"alpine","version":"3.19"}"#.to_owned(),
            ],
            "two: alpine 3.19 and debian 12",
        ),
    ] {
        let read = cyclonedx(&format!("[{}]", list.join(","))).unwrap();
        let Fact::Unknown(why) = &read.inventories[0].contents.distribution.fact else {
            panic!("{read:?}")
        };
        assert!(why.contains(expected), "{why}");
    }
    let nothing = cyclonedx("[]").unwrap();
    assert_eq!(nothing.inventories[0].contents.distribution.fact, Fact::Absent);
}

#[test]
fn what_is_written_down_twice_is_one_package() {
    let one = r#"{"bom-ref":"x","type":"library","name":"a","version":"1",
        "purl":"pkg:apk/alpine/a@1?arch=x86_64&distro=alpine-3.19.1"}"#;
    let other = one.replace("a@1", "a@2");
    let read = cyclonedx(&format!("[{one},{other},{one}]")).unwrap();
    assert_eq!(read.inventories[0].contents.packages.len(), 2, "a bom-ref decides nothing");
}

#[test]
fn relationships_in_circles_and_to_nowhere_do_no_harm() {
    let read = spdx(
        r#""name":"n","packages":[{"SPDXID":"a","name":"a","versionInfo":"1","externalRefs":[
        {"referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1?distro=bookworm"}]}],
        "documentDescribes":["a","gone"],"relationships":[
        {"spdxElementId":"a","relationshipType":"CONTAINS","relatedSpdxElement":"a"},
        {"spdxElementId":"d","relationshipType":"DESCRIBES","relatedSpdxElement":"a"}, 7]"#,
    )
    .unwrap();
    let contents = &read.inventories[0].contents;
    assert_eq!(contents.packages.len(), 1, "what a list is about may be a package itself");
    assert_eq!(contents.distribution.get().unwrap().version, "12");
    let many: Vec<_> = (0..2000).map(|number| format!(r#""{number}""#)).collect();
    let told = told(spdx(&format!(r#""documentDescribes":[{}]"#, many.join(","))));
    assert!(told.contains("more than 1000 described elements"), "{told}");
}

#[test]
fn a_list_where_none_is_expected_is_an_error_and_not_an_empty_list() {
    assert!(told(cyclonedx("7")).contains("cannot be read as CycloneDX"));
    assert!(told(spdx(r#""packages":{}"#)).contains("cannot be read as SPDX"));
}

#[test]
fn more_packages_than_any_distribution_has_are_not_read() {
    let one = r#"{"purl":"pkg:deb/a@1"},"#;
    let many = one.repeat(dockward_sbom::MAX_PACKAGES + 1);
    let told = told(cyclonedx(&format!("[{}]", many.trim_end_matches(','))));
    assert!(told.contains("more than 500000 packages"), "{told}");
}
