use super::*;
use crate::tree::{Live, Recorded};
use dockward_model::facts::AuditSwitch;

fn host() -> Recorded {
    Recorded::new().file("/etc/docker/daemon.json", "{}").file("/usr/bin/runc", "")
}

fn of(tree: &Recorded) -> WrittenRules {
    read(tree).get().cloned().unwrap()
}

/// The rules of one `audit.rules`.
fn file(text: &str) -> WrittenRules {
    of(&host().file(FILE, text))
}

fn keys(rules: &[AuditRule]) -> Vec<String> {
    rules.iter().map(|rule| rule.keys.join(",")).collect()
}

#[test]
fn rules_have_the_file_and_line_that_they_stand_in() {
    let tree = host()
        .file("/etc/audit/rules.d/10-base.rules", "# base\n-D\n-b 8192\n\n-w /etc/docker -k ten\n")
        .file("/etc/audit/rules.d/9-first.rules", "-w /usr/bin/runc -k nine\n")
        .file("/etc/audit/rules.d/old.rules.bak", "-w /etc -k old\n")
        .file(FILE, "-w /etc -k not-read\n");
    let written = of(&tree);
    assert_eq!(keys(&written.rules), ["nine", "ten"]);
    assert_eq!(written.rules[1].origin.to_string(), "/etc/audit/rules.d/10-base.rules:5");
    assert_eq!(written.stops_at, None);
}

#[test]
fn without_the_folder_the_file_counts_and_without_both_there_is_nothing() {
    assert_eq!(keys(&file("-w /etc/docker -k docker").rules), ["docker"]);
    assert!(read(&host()).fact.is_absent());
    let refused = host().refused("/etc/audit", "permission denied: /etc/audit");
    assert!(read(&refused).fact.unknown().is_some());
}

#[test]
fn clearing_comes_first_and_switching_last_whatever_the_files_say() {
    let tree = host()
        .file("/etc/audit/rules.d/a.rules", "-e 2\n-w /etc/docker -k a\n")
        .file("/etc/audit/rules.d/b.rules", "-D\n-e 1\n-w /usr/bin/runc -k b\n");
    let written = of(&tree);
    assert_eq!(keys(&written.rules), ["a", "b"]);
    let (switch, origin) = written.switch.unwrap();
    assert_eq!(
        (switch, origin.to_string().as_str()),
        (AuditSwitch::On, "/etc/audit/rules.d/b.rules:2")
    );
}

#[test]
fn a_last_line_without_an_end_runs_into_the_next_file() {
    let tree = host()
        .file("/etc/audit/rules.d/a.rules", "-w /etc/docker -k a")
        .file("/etc/audit/rules.d/b.rules", "-w /usr/bin/runc -k b\n-w /etc -k c\n");
    let written = of(&tree);
    assert!(written.rules.is_empty());
    let stop = written.stops_at.unwrap();
    assert_eq!(stop.origin.to_string(), "/etc/audit/rules.d/a.rules:1");
    assert_eq!(keys(&written.behind), ["c"]);
}

#[test]
fn clearing_and_deleting_take_rules_away() {
    assert!(file("-w /etc/docker -k a\n-D\n").rules.is_empty());
    let text = "-w /etc/docker -k docker\n-w /usr/bin/runc -k run\n-D -k dock\n";
    assert_eq!(keys(&file(text).rules), ["run"]);
    assert!(file("-w /etc/docker -p wa -k a\n-W /etc/docker -p wa -k a\n").rules.is_empty());
    let kept = file("-w /etc/docker -k a\n-W /etc/docker -k b\n");
    assert_eq!(keys(&kept.rules), ["a"]);
    assert!(kept.stops_at.unwrap().why.contains("no such rule"));
}

#[test]
fn auditctl_stops_at_what_the_kernel_refuses_unless_told_to_go_on() {
    for bad in ["-w /etc/sysconfig/docker -k x", "-w /etc/docker -k a", "-w relative"] {
        let written = file(&format!("-w /etc/docker -k a\n{bad}\n-w /usr/bin/runc -k b\n"));
        assert_eq!(
            (keys(&written.rules), keys(&written.behind)),
            (vec!["a".into()], vec!["b".into()])
        );
        assert!(written.stops_at.unwrap().certain, "{bad}");
        for go_on in ["-i", "-c"] {
            let written =
                file(&format!("{go_on}\n-w /etc/docker -k a\n{bad}\n-w /usr/bin/runc -k b\n"));
            assert_eq!(keys(&written.rules), ["a", "b"], "{bad}");
        }
    }
}

#[test]
fn a_line_that_is_not_understood_leaves_what_follows_open() {
    let written = file("-i\n-a always,exit -F ghost=1\n-w /etc/docker -k a\n");
    assert!(!written.stops_at.unwrap().certain);
    assert_eq!(keys(&written.behind), ["a"]);
}

#[test]
fn too_many_lines_are_unknown() {
    let tree = host().file(FILE, &"\n".repeat(MAX_LINES + 1));
    assert!(read(&tree).fact.unknown().is_some());
}

#[test]
fn a_root_with_the_usual_rules_of_debian_is_read_whole() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/auditd");
    let Fact::Known(tree) = Live::at(root) else { panic!("{root}") };
    let written = read(&tree).get().cloned().unwrap();
    assert_eq!(written.stops_at, None);
    assert_eq!(written.switch.map(|(switch, _)| switch), Some(AuditSwitch::Locked));
    assert_are_the_rules(&written.rules);
}

/// Each rule as auditctl would be told it, with where it stands.
fn assert_are_the_rules(rules: &[AuditRule]) {
    let said: Vec<_> = rules.iter().map(|rule| format!("{}: {rule}", rule.origin)).collect();
    let d = "/etc/audit/rules.d";
    let expected = [
        format!(
            "{d}/20-noise.rules:2: -a never,exit -F arch=b64 -S adjtimex -F auid=unset -F uid=chrony"
        ),
        format!("{d}/20-noise.rules:3: -a always,exclude -F msgtype=CWD"),
        format!("{d}/30-docker.rules:2: -a always,exit -F path=/usr/sbin/dockerd"),
        format!("{d}/30-docker.rules:3: -a always,exit -F dir=/etc/docker -F perm=wa"),
        format!(
            "{d}/30-docker.rules:4: -a always,exit -F arch=b64 -F dir=/run/containerd -F perm=wa"
        ),
        format!(
            "{d}/30-docker.rules:5: -a always,exit -F arch=b32 -F dir=/run/containerd -F perm=wa"
        ),
        format!("{d}/30-docker.rules:6: -a always,exit -F path=/var/run/docker.sock -F perm=wa"),
    ];
    assert_eq!(said, expected);
}
