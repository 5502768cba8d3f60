//! What holds containers: security modules, filters, privileges to be gained, user namespaces.

use dockward_model::facts::{Container, Daemon, Field, Host, IdMapping, Snapshot, sample};
use serde_json::{Value, json};

use super::situation::{container, on, running, seen, shown};
use super::{Situation, cases};

cases! {
    cis_5_2_a_kernel_without_apparmor_is_no_failure: "1.6" "5.2" apparmor;
    cis_5_3_options_that_take_protection_away_do_not_count: "1.6" "5.3" selinux;
    cis_5_22_no_filter_fails_whoever_took_it_away: "1.6" "5.22" seccomp;
    cis_5_26_a_false_no_new_privileges_is_none: "1.6" "5.26" no_new_privileges;
    cis_5_31_without_remapping_all_share_the_hosts_users: "1.6" "5.31" user_namespace;
}

/// Sets the security options of a record.
fn options(list: &[&str]) -> impl FnOnce(&mut Value) + use<> {
    let list = json!(list);
    move |record| record["HostConfig"]["SecurityOpt"] = list
}

/// A host with these security modules, whose engine lists these options.
fn under(modules: &[&str], listed: &[&str], container: Container) -> Snapshot {
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let security_options = sample::known(words(listed), "SecurityOptions");
    let daemon = Daemon { security_options, ..sample::daemon() };
    let host = Host { lsms: shown(words(modules)), ..sample::host() };
    Snapshot { host, ..on(daemon, vec![container]) }
}

fn labelled(change: impl FnOnce(&mut Value), label: &str) -> Container {
    seen(change, |kernel| kernel.lsm_label = shown(label.to_owned()))
}

fn apparmor() -> Situation {
    let absent = Field::absent(dockward_model::facts::Origin::kernel("/proc/4711/attr", ""));
    let without = seen(|_| (), |kernel| kernel.lsm_label = absent);
    let unconfined = labelled(options(&["apparmor=unconfined"]), "unconfined");
    Situation {
        misleading: vec![under(
            &["capability", "yama"],
            &["name=seccomp,profile=builtin"],
            without,
        )],
        shows: "no AppArmor profile",
        counterpart: running(vec![unconfined]),
    }
}

fn selinux() -> Situation {
    let at = |container| {
        let listed = ["name=seccomp,profile=builtin", "name=selinux"];
        under(&["capability", "selinux"], &listed, container)
    };
    let free = "system_u:system_r:spc_t:s0";
    let by_hand = labelled(options(&["label=disable"]), free);
    let with_filter = labelled(options(&["seccomp=unconfined", "label=disable"]), free);
    let by_the_engine = |record: &mut Value| {
        record["HostConfig"]["PidMode"] = json!("host");
        options(&["label=disable"])(record);
    };
    let held = labelled(|_| (), "system_u:system_r:container_t:s0:c1,c2");
    Situation {
        misleading: vec![at(by_hand), at(with_filter), at(labelled(by_the_engine, free))],
        shows: "not confined",
        counterpart: at(held),
    }
}

fn seccomp() -> Situation {
    let unfiltered = |change: fn(&mut Value)| seen(change, |kernel| kernel.seccomp = shown(0));
    let privileged = unfiltered(|record| record["HostConfig"]["Privileged"] = json!(true));
    let modules = ["capability", "apparmor"];
    let wide = ["name=seccomp,profile=unconfined", "name=apparmor"];
    Situation {
        misleading: vec![running(vec![privileged]), under(&modules, &wide, unfiltered(|_| ()))],
        shows: "filter",
        counterpart: running(vec![container(|_| ())]),
    }
}

fn no_new_privileges() -> Situation {
    let on = seen(options(&["no-new-privileges:true"]), |kernel| kernel.no_new_privs = shown(true));
    Situation {
        misleading: vec![running(vec![container(options(&["no-new-privileges:false"]))])],
        shows: "false",
        counterpart: running(vec![on]),
    }
}

fn user_namespace() -> Situation {
    let remapped = seen(
        |_| (),
        |kernel| {
            kernel.namespaces.user_is_host = shown(false);
            kernel.uid_map = shown(vec![IdMapping { inside: 0, outside: 100_000, count: 65_536 }]);
        },
    );
    let listed = ["name=apparmor", "name=seccomp,profile=builtin", "name=userns"];
    Situation {
        misleading: vec![running(vec![container(|_| ())])],
        shows: "the host's",
        counterpart: under(&["capability", "apparmor"], &listed, remapped),
    }
}
