//! What the engine was told, and who says so.

use dockward_model::facts::{Daemon, Snapshot, sample};

use super::situation::{engine_of, on};
use super::{Situation, cases};

cases! {
    cis_1_2_2_an_engine_without_fixes_fails: "1.6" "1.2.2" version;
    cis_2_2_another_process_says_nothing_of_the_engines_networks: "1.6" "2.2" icc;
    cis_2_3_the_engines_own_arguments_are_read: "1.6" "2.3" log_level;
    cis_2_7_hosts_on_lines_of_their_own_are_read: "1.6" "2.7" tcp;
    cis_2_9_another_process_says_nothing_of_the_engines_users: "1.6" "2.9" userns_remap;
    cis_2_12_another_process_says_nothing_of_the_engines_plugins: "1.6" "2.12" authorization;
    cis_2_13_a_driver_that_keeps_logs_here_or_loses_them_fails: "1.6" "2.13" logging;
    cis_2_14_another_process_says_nothing_of_new_privileges: "1.6" "2.14" no_new_privileges;
    cis_2_16_another_process_says_nothing_of_the_engines_proxies: "1.6" "2.16" userland_proxy;
    cis_2_17_no_filter_for_anyone_fails: "1.6" "2.17" seccomp;
    cis_1_8_2_7_devicemapper_fails: "1.8" "2.7" devicemapper;
}

const STOCK: &str = "dockerd -H unix:///run/docker.sock";

fn host(daemon: Daemon) -> Snapshot {
    on(daemon, Vec::new())
}

/// The stock engine beside the process that claims it all, and one that says itself that it is so.
fn spoofed(shows: &'static str, real: impl FnOnce(&mut Daemon), argv: &str) -> Situation {
    let mut sound = engine_of(&format!("{STOCK} {argv}"), "{}");
    real(&mut sound);
    let mut stock = engine_of(STOCK, "{}");
    stock.icc = sample::known(true, "com.docker.network.bridge.enable_icc");
    Situation { misleading: vec![host(stock)], shows, counterpart: host(sound) }
}

fn security_option(daemon: &mut Daemon, option: &str) {
    let stock = daemon.security_options.get().cloned().unwrap_or_default();
    let all = stock.into_iter().chain([option.to_owned()]).collect();
    daemon.security_options = sample::known(all, "SecurityOptions");
}

fn version() -> Situation {
    let with = |version| host(Daemon { version, ..engine_of(STOCK, "{}") });
    let mut by_hand = with(sample::known("20.10.24".into(), "Version"));
    by_hand.engines[0].daemon.programs.engine = sample::absent("/usr/bin/dockerd");
    Situation {
        misleading: vec![by_hand],
        shows: "20.10.24",
        counterpart: with(sample::unknown("Version")),
    }
}

fn icc() -> Situation {
    let off = |daemon: &mut Daemon| {
        daemon.icc = sample::known(false, "com.docker.network.bridge.enable_icc");
    };
    spoofed("true", off, "--icc=false")
}

fn userns_remap() -> Situation {
    let remap = |daemon: &mut Daemon| security_option(daemon, "name=userns");
    spoofed("no name=userns", remap, "--userns-remap=default")
}

fn authorization() -> Situation {
    let plugin = |daemon: &mut Daemon| {
        daemon.authorization_plugins = sample::known(vec!["x".into()], "Plugins.Authorization");
    };
    spoofed("none", plugin, "--authorization-plugin=x")
}

fn no_new_privileges() -> Situation {
    let on = |daemon: &mut Daemon| security_option(daemon, "name=no-new-privileges");
    let mut situation = spoofed("not listed", on, "--no-new-privileges");
    // Before the engine listed it, its own arguments and its file were all that told.
    let mut older = engine_of(STOCK, "{}");
    older.version = sample::known("20.10.24".into(), "ServerVersion");
    situation.shows = "set-uid";
    situation.misleading.push(host(older));
    situation
}

fn userland_proxy() -> Situation {
    spoofed("proxy process", |_| (), "--userland-proxy=false")
}

fn log_level() -> Situation {
    let at = |level: &str| host(engine_of(&format!("{STOCK} --log-level={level}"), "{}"));
    Situation { misleading: vec![at("debug")], shows: "debug", counterpart: at("info") }
}

fn tcp() -> Situation {
    let file = |more: &str| {
        format!(
            "{{\n  \"hosts\": [\n    \"unix:///run/docker.sock\",\n    \"tcp://0.0.0.0:2375\"\n  ]{more}\n}}\n"
        )
    };
    let told = |more: &str| host(engine_of("dockerd", &file(more)));
    Situation {
        misleading: vec![told(""), told(",\n  \"tlsverify\": false")],
        shows: "tcp://0.0.0.0:2375",
        counterpart: told(",\n  \"tlsverify\": true,\n  \"tlscacert\": \"/etc/docker/ca.pem\""),
    }
}

fn logging() -> Situation {
    let with = |driver: &str| {
        let logging_driver = sample::known(driver.to_owned(), "LoggingDriver");
        host(Daemon { logging_driver, ..engine_of(STOCK, "{}") })
    };
    Situation {
        misleading: vec![with("local"), with("none")],
        shows: "containers'",
        counterpart: with("fluentd"),
    }
}

fn seccomp() -> Situation {
    let with = |profile: &str| {
        let options = vec![format!("name=seccomp,profile={profile}")];
        let security_options = sample::known(options, "SecurityOptions");
        host(Daemon { security_options, ..sample::daemon() })
    };
    Situation {
        misleading: vec![with("unconfined")],
        shows: "profile=unconfined",
        counterpart: with("builtin"),
    }
}

fn devicemapper() -> Situation {
    let with = |driver: &str| {
        let storage_driver = sample::known(driver.to_owned(), "Driver");
        host(Daemon { storage_driver, ..sample::daemon() })
    };
    Situation {
        misleading: vec![with("devicemapper")],
        shows: "devicemapper",
        counterpart: with("overlay2"),
    }
}
