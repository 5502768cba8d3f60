//! What ignore files come to, by what they select.

use jiff::civil::date;

use super::*;

fn read(text: &str, file: &str) -> Ignores {
    ignores(text, file).unwrap()
}

fn of(cve: &str) -> Selector {
    Selector::Vulnerability(Glob::new(cve))
}

#[test]
fn trivys_lines_are_ids_with_their_last_day() {
    let text = "# accepted\nCVE-2023-0286\n\nDSA-5343-1 exp:2027-01-31 # until then\n";
    let ignores = read(text, ".trivyignore");
    let all: Vec<_> = ignores
        .waivers
        .iter()
        .map(|w| (w.selectors.clone(), w.until, w.origin.to_string()))
        .collect();
    assert_eq!(
        all,
        [
            (vec![of("CVE-2023-0286")], None, ".trivyignore:2".to_owned()),
            (vec![of("DSA-5343-1")], Some(date(2027, 1, 30)), ".trivyignore:4".to_owned()),
        ]
    );
    assert_eq!(ignores.problems, [""; 0]);
}

#[test]
fn what_is_no_entry_ignores_nothing_and_is_told() {
    let ignores = read("CVE-*\nCVE-2023-1 exp:soon\n", "a/.trivyignore");
    assert_eq!(ignores.waivers, []);
    assert_eq!(ignores.problems.len(), 2, "{:?}", ignores.problems);
    assert!(ignores.problems[0].starts_with("a/.trivyignore:1: "));
}

#[test]
fn trivys_yaml_names_packages_by_their_urls() {
    let text = "\
vulnerabilities:
  - id: CVE-2023-0286
    statement: no revocation lists
    expired_at: 2027-01-31
  - id: CVE-2023-1
    purls: ['pkg:deb/debian/libstdc%2B%2B6@12.2.0-14', 'pkg:deb/debian/nginx']
  - id: CVE-2023-2
    paths: ['usr/lib/node']
misconfigurations:
  - id: AVD-1
";
    let ignores = read(text, ".trivyignore.yaml");
    let [first, second, third] = &ignores.waivers[..] else { panic!("{ignores:?}") };
    assert_eq!(
        (first.reason.as_str(), first.until),
        ("no revocation lists", Some(date(2027, 1, 30)))
    );
    let (name, version) = (Glob::new("libstdc++6"), Glob::new("12.2.0-14"));
    assert_eq!(
        second.selectors,
        [Selector::Package(name), Selector::Version(version), of("CVE-2023-1")]
    );
    assert_eq!(third.selectors, [Selector::Package(Glob::new("nginx")), of("CVE-2023-1")]);
    assert_eq!(ignores.problems.len(), 1, "{:?}", ignores.problems);
}

#[test]
fn grypes_rules_hold_where_all_of_a_rule_holds() {
    let text = "\
output: table
ignore:
  - vulnerability: CVE-2023-0286
    fix-state: wont-fix
    reason: minor
    package: {name: 'linux-.*', version: 1.2, type: deb}
  - fix-state: unknown
  - package: {type: npm}
";
    let ignores = read(text, ".grype.yaml");
    let [first, second, third] = &ignores.waivers[..] else { panic!("{ignores:?}") };
    let name = Selector::Package(Glob::new("linux-*"));
    let fix = Selector::Fix(vec![dockward_model::inventory::FixState::WillNotFix]);
    let kind = Selector::Kind(Some(dockward_model::inventory::PackageKind::Deb));
    let version = Selector::Version(Glob::new("1.2"));
    assert_eq!(first.selectors, [of("CVE-2023-0286"), fix, name, version, kind]);
    assert_eq!(first.reason, "minor");
    assert_eq!(second.reason, "listed in .grype.yaml");
    assert_eq!(third.selectors, [Selector::Kind(None)]);
}

#[test]
fn a_rule_of_grypes_that_is_not_understood_ignores_nothing() {
    let text = "\
ignore:
  - {vulnerability: CVE-1, namespace: 'nvd:cpe'}
  - package: {name: 'a(b|c)'}
  - package: {name: x, location: '/usr/**'}
  - {vulnerability: CVE-1, vex-status: not_affected}
  - {reason: nothing said}
  - {fix-state: maybe}
";
    let ignores = read(text, "grype.yaml");
    assert_eq!((ignores.waivers.len(), ignores.problems.len()), (0, 6), "{ignores:?}");
}

#[test]
fn a_file_that_is_none_is_refused() {
    assert!(ignores("a: [", ".grype.yaml").is_err());
    assert!(ignores("vulnerabilities: 7", "t.yml").is_err());
    assert!(ignores(&"a".repeat(MAX_IGNORE_BYTES + 1), ".trivyignore").is_err());
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n";
    // Refused or passed over, but within a test's time.
    let _ = ignores(bomb, ".grype.yaml");
}
