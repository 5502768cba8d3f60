//! The program as people run it: wrong arguments, no engine, hostile engines, real engines.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod arguments;
mod beside;
mod book;
mod confined;
mod container;
mod docker_bench;
mod every_day;
mod example;
mod fake;
mod firewall;
mod first_screens;
mod fixture_roots;
mod guard;
mod guard_compose;
mod guard_faults;
mod guard_install;
mod guard_killed;
mod guard_newer;
mod guard_rekey;
mod guard_settings;
mod guard_systemd;
mod guard_try;
mod guard_verbs;
mod guarded;
mod guarding;
mod hostile;
mod ledger;
mod ledger_rekey;
mod live;
mod live_images;
mod live_loaded;
mod live_scan;
mod live_update;
mod root;
mod run;
mod scan;
mod scan_on_demand;
mod settings;
mod since;
mod ssh;
mod swarm;
