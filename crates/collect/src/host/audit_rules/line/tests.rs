use super::*;
use crate::tree::Recorded;

fn tree() -> Recorded {
    Recorded::new()
        .file("/etc/docker/daemon.json", "{}")
        .file("/usr/bin/dockerd", "")
        .file("/srv/two words/x", "")
}

fn read(line: &str) -> Result<Line, Refused> {
    parse(line, &Origin::file("/etc/audit/audit.rules", Some(7)), &tree())
}

fn rule(line: &str) -> AuditRule {
    match read(line) {
        Ok(Line::Add { rule, .. }) => *rule,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refused(line: &str, why: &str) {
    match read(line) {
        Err(refused) => {
            assert!(refused.certain && refused.why.contains(why), "{line}: {refused:?}");
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_watch_is_of_a_folder_with_all_below_it_or_of_a_file_by_what_stands_there() {
    let folder = rule("-w /etc/docker/ -k docker");
    assert_eq!(folder.to_string(), "-a always,exit -F dir=/etc/docker");
    assert_eq!((folder.permissions, folder.keys), (AuditPermissions::ALL, vec!["docker".into()]));
    assert_eq!(
        rule("-w /usr/bin/dockerd -p wa").to_string(),
        "-a always,exit -F path=/usr/bin/dockerd -F perm=wa"
    );
    assert!(!rule("-w /etc/new").watch.unwrap().recursive);
}

#[test]
fn rules_in_both_orders_are_read_with_their_conditions() {
    let said =
        "-a exit,always -F arch=b64 -S openat,open -F path=/usr/bin/dockerd -F auid>=1000 -k d";
    let rule = rule(said);
    assert_eq!(rule.list, AuditList::Exit);
    assert_eq!((rule.always, rule.width), (true, Some(AuditWidth::Bits64)));
    assert_eq!(rule.filters, ["auid>=1000"]);
    assert_eq!(rule.calls.unwrap().names, ["openat", "open"]);
    assert_eq!(rule.origin.to_string(), "/etc/audit/audit.rules:7");
}

#[test]
fn every_call_is_what_no_call_and_all_calls_mean() {
    assert_eq!(rule("-a always,exit -S all -F dir=/etc/docker").calls, None);
    assert_eq!(rule("-a always,exit -F dir=/etc/docker -F perm=wa -F key=x").calls, None);
    assert_eq!(rule("-w /etc/docker -S open -k x").calls, None);
}

#[test]
fn words_are_parted_by_spaces_alone() {
    assert_eq!(rule(r"-w /srv/two\ words/x").watch.unwrap().path, "/srv/two words/x");
    refused("-w\t/etc/docker -p wa", "does not begin with /");
    refused("-w \"/etc/docker\" -p wa", "does not begin with /");
    refused("-w /etc/docker -p wa # the engine's", "`#` belongs to no option");
    assert_eq!(rule("-w/etc/docker -pwa").permissions.to_string(), "wa");
}

#[test]
fn what_is_said_in_the_wrong_order_is_refused() {
    refused("-p wa -w /etc/docker", "-p stands before");
    refused("-k docker -w /etc/docker", "-k has to stand behind");
    refused("-a always,exit -k docker -F path=/etc/docker", "-k has to stand behind");
    refused("-a always,exit -F uid=0 -F key=docker", "a key needs");
    refused("-w /etc/docker -F arch=b64", "before -S");
    refused("-F path=/etc/docker -a always,exit", "-F stands before");
    refused("-a always,exit -S all -F arch=b64 -F dir=/etc/docker", "before -S");
    refused("-a always,exit -w /etc/docker", "part of another");
    refused("-a always,exit -a always,exit", "two rules");
}

#[test]
fn what_means_nothing_is_refused() {
    refused("-w docker", "does not begin with /");
    refused("-w /etc/docker -p wz", "none of r, w, x, a");
    refused("-a always,entry -S all", "no list and action");
    refused("-a always -S all", "no list and action");
    refused("-e 3", "none of 0, 1, 2");
    refused("-w", "lacks its value");
    refused("-z", "no option -z");
    refused("-S all", "-S without -a");
    refused(&format!("-w /etc/docker -k {}", "k".repeat(257)), "longer than 256");
}

#[test]
fn lines_about_the_whole_are_told_apart() {
    assert_eq!(read("-D"), Ok(Line::Clear(None)));
    assert_eq!(read("-D -k docker"), Ok(Line::Clear(Some("docker".into()))));
    assert_eq!(read("-e 2"), Ok(Line::Switch(AuditSwitch::Locked)));
    assert_eq!(read("-i"), Ok(Line::GoOn));
    assert!(matches!(read("-W /etc/docker -k d"), Ok(Line::Delete(_))));
    assert!(matches!(read("-d always,exit -F dir=/etc/docker"), Ok(Line::Delete(_))));
    assert!(matches!(read("-A never,task"), Ok(Line::Add { first: true, .. })));
    for line in ["", "   ", "# -D", "  #x", "-b 8192", "-f 1", "--backlog_wait_time 60000", "-r 0"]
    {
        assert_eq!(read(line), Ok(Line::Nothing), "{line}");
    }
}
