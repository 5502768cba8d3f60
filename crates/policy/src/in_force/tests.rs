use crate::{InForce, parse};

const BEFORE: &str = r#"
[guard]
bind-roots = ["/srv/data"]

[guard.rules]
container-memory-limit = "deny"

[[guard.caller]]
container = "traefik"
preset = "traefik"

[[guard.caller]]
group = "deploy"
allow = ["container-*"]
own = true

[[waiver]]
rule = "container-privileged"
container = "old"
owner = "anna"
reason = "it goes in May"
until = 2027-05-01
"#;

fn in_force(text: &str) -> InForce {
    let known = ["container-memory-limit", "container-privileged"];
    parse(text, "dockward.toml", &known).unwrap().in_force(false)
}

#[test]
fn what_is_the_same_has_not_changed_however_it_is_written() {
    let before = in_force(BEFORE);
    let same = BEFORE.replace("own = true", "own=true # to each their own");
    assert_eq!(before, in_force(&same));
    assert!(before.roles.changes_since(&before.roles).is_empty());
}

#[test]
fn each_part_says_what_of_it_changed_and_the_others_say_nothing() {
    let before = in_force(BEFORE);
    for (from, to, policy, roles, waivers) in [
        (
            "[guard]\n",
            "[guard]\nprofile = \"observe\"\n",
            &["profile: baseline → observe"][..],
            &[][..],
            &[][..],
        ),
        (
            "/srv/data",
            "/srv",
            &["bind-root /srv/data removed", "bind-root /srv added: yes"],
            &[],
            &[],
        ),
        (
            "container-memory-limit = \"deny\"",
            "",
            &["rule container-memory-limit removed"],
            &[],
            &[],
        ),
        (
            "own = true",
            "hide = [\"env\"]",
            &[],
            &["caller group:deploy: hide - → env; own yes → -"],
            &[],
        ),
        (
            "group = \"deploy\"",
            "user = \"ci\"",
            &[],
            &["caller group:deploy removed", "caller user:ci added: allow container-*; own yes"],
            &[],
        ),
        (
            "2027-05-01",
            "2028-05-01",
            &[],
            &[],
            &["waiver container-privileged for container old: until 2027-05-01 → 2028-05-01"],
        ),
    ] {
        let now = in_force(&BEFORE.replacen(from, to, 1));
        assert_eq!(now.policy.changes_since(&before.policy), policy);
        assert_eq!(now.roles.changes_since(&before.roles), roles);
        assert_eq!(now.waivers.changes_since(&before.waivers), waivers);
        assert_eq!(now.policy.text() == before.policy.text(), policy.is_empty());
    }
}

#[test]
fn the_order_of_callers_counts_since_the_first_that_fits_holds() {
    let both = |a: &str, b: &str| {
        let caller = |name: &str| format!("[[guard.caller]]\nuser = \"{name}\"\nallow = []\n");
        in_force(&(caller(a) + &caller(b)))
    };
    let (before, now) = (both("anna", "ben"), both("ben", "anna"));
    let changes = now.roles.changes_since(&before.roles);
    assert_eq!(changes, ["now in this order: caller user:ben, caller user:anna"]);
    let twice = both("anna", "anna");
    assert_eq!(twice.roles.changes_since(&both("anna", "x").roles).len(), 2);
    assert!(twice.roles.text().contains("caller user:anna (2): allow nothing"));
}

#[test]
fn a_guard_that_only_watches_says_so() {
    let config = parse("", "dockward.toml", &[]).unwrap();
    let changes = config.in_force(true).policy.changes_since(&config.in_force(false).policy);
    assert_eq!(changes, ["monitor added: nothing is denied"]);
}
