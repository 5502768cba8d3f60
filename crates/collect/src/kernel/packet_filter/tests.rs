//! Recorded answers of real kernels: `fixtures/packet-filter` holds what iptables-nft 1.8.9 and
//! 1.8.13 and nft 1.0.6 had written, as the kernel dumped it.

use dockward_model::facts::{Fact, Hook, PacketFilter};

use super::ruleset;
use crate::kernel::netlink::{message, messages};
use crate::tree::Proc;

const OLD: &[u8] = include_bytes!("../../../fixtures/packet-filter/iptables-1.8.9.bin");
const NEW: &[u8] = include_bytes!("../../../fixtures/packet-filter/iptables-1.8.13.bin");
const NATIVE: &[u8] = include_bytes!("../../../fixtures/packet-filter/nft-1.0.6.bin");

fn rules(filter: &PacketFilter, path: &str) -> Vec<String> {
    let chain = filter.chains.iter().find(|chain| chain.path() == path);
    let chain = chain.unwrap_or_else(|| panic!("no {path}"));
    chain.rules.iter().map(ToString::to_string).collect()
}

#[test]
fn what_iptables_wrote_is_read() {
    for dump in [OLD, NEW] {
        let filter = ruleset::read(dump).unwrap();
        assert_eq!(filter.chains.len(), 10, "no chain of hooks on the way out");
        let forward = rules(&filter, "ip filter FORWARD");
        assert_eq!(forward.first().map(String::as_str), Some("jump DOCKER-USER"));
        let established = "oifname \"docker0\" ct state established,related accept";
        assert_eq!(forward.get(2).map(String::as_str), Some(established));
        let user = rules(&filter, "ip filter DOCKER-USER");
        let first = user.first().unwrap();
        assert!(first.contains("saddr != 10.0.0.0/8"), "{first}");
        assert!(first.ends_with("ct original proto-dst 9000 drop"), "{first}");
        let rest = ["[limit]", "meta mark & 0xff == 0x1 reject", "return"];
        assert_eq!(user.get(1..).unwrap(), rest);
        let services = "meta l4proto tcp dport { 80, 443, 8000-8010 } accept";
        assert_eq!(rules(&filter, "ip filter ufw-user-input").get(1).unwrap(), services);
        assert_eq!(rules(&filter, "ip nat PREROUTING"), ["fib daddr type local jump DOCKER"]);
        let published = "iifname != \"docker0\" meta l4proto tcp dport 8080 dnat to 172.17.0.2:80";
        assert_eq!(rules(&filter, "ip nat DOCKER").get(1).unwrap(), published);
    }
}

#[test]
fn chains_know_their_hooks_and_policies() {
    let filter = ruleset::read(NEW).unwrap();
    let at = |hook| -> Vec<_> {
        filter.at(hook).iter().map(|c| (c.path(), c.base.unwrap().drops)).collect()
    };
    assert_eq!(at(Hook::Forward), [("ip filter FORWARD".to_owned(), true)]);
    let input = [("ip filter INPUT".to_owned(), false), ("ip nat INPUT".to_owned(), false)];
    assert_eq!(at(Hook::Input), input, "in the order of their priorities");
    assert!(filter.at(Hook::Prerouting).first().is_some_and(|chain| chain.base.unwrap().nat));
}

#[test]
fn what_nft_wrote_is_read() {
    let filter = ruleset::read(NATIVE).unwrap();
    let input = [
        "ct state vmap { 1 : drop, 2 : accept, 4 : accept }",
        "iif 1 accept",
        "iifname { \"br-*\", \"docker0\" } accept",
        "meta nfproto ipv4 saddr { 10.0.0.0/8, 192.168.1.5 } meta l4proto tcp \
         dport { 22, 8000-8010 } accept",
        "meta nfproto ipv6 meta l4proto icmpv6 accept",
        "meta l4proto tcp tcp flags != & 0x17 == 0x2 drop",
        "meta mark & 0xff == 0x10 accept",
        "fib saddr oif missing drop",
        "meta l4proto udp dport 53 accept",
        "jump services",
    ];
    assert_eq!(rules(&filter, "inet fw input"), input);
    let forward = ["iifname vmap { \"docker0\" : accept, \"eth0\" : jump outside }"];
    assert_eq!(rules(&filter, "inet fw forward"), forward);
    let outside = [
        "ct status dnat accept",
        "oifname \"docker0\" meta l4proto tcp dport != 80-90 drop",
        "reject",
    ];
    assert_eq!(rules(&filter, "inet fw outside"), outside);
    let services = rules(&filter, "inet fw services");
    let merged = "meta nfproto ipv4 saddr 198.51.100.0/24 daddr 192.0.2.10 accept";
    assert_eq!(services.get(1..).unwrap(), [merged, "[limit] accept"]);
    let translated = [
        "meta l4proto tcp dport 8080 dnat to 172.17.0.2:80",
        "meta l4proto tcp dport 81 redirect to :8081",
        "meta l4proto udp dport 5000-65535 dport 0-6000 dnat to fd00::2",
    ];
    assert_eq!(rules(&filter, "inet fw pre"), translated);
}

#[test]
fn interfaces_have_their_addresses_and_kinds() {
    let filter = ruleset::read(NEW).unwrap();
    let of = |name: &str| filter.interfaces.iter().find(|i| i.name == name).unwrap();
    assert!(of("lo").loopback && !of("eth0").loopback);
    assert_eq!(of("docker0").kind, "bridge");
    assert!(of("eth0").addresses.contains(&("192.0.2.10".parse().unwrap(), 24)));
    assert!(of("eth0").addresses.contains(&("2001:db8::10".parse().unwrap(), 64)));
}

#[test]
fn answers_cut_short_or_overwritten_never_panic() {
    for dump in [OLD, NATIVE] {
        for end in (0..dump.len()).step_by(61) {
            let _ = ruleset::read(dump.get(..end).unwrap());
        }
        let mut bytes = dump.to_vec();
        for at in (0..bytes.len()).step_by(29) {
            let before = bytes[at];
            for value in [0, 0xff] {
                bytes[at] = value;
                let _ = ruleset::read(&bytes);
            }
            bytes[at] = before;
        }
    }
    assert!(ruleset::read(OLD.get(..OLD.len() - 2).unwrap()).is_err());
    assert!(ruleset::read(&[]).unwrap().chains.is_empty());
}

#[test]
fn a_set_that_was_not_seen_is_not_an_empty_one() {
    let dump: Vec<u8> = without_sets(NATIVE);
    let filter = ruleset::read(&dump).unwrap();
    assert!(rules(&filter, "inet fw input").iter().any(|rule| rule.contains("[set office]")));
    assert_eq!(rules(&filter, "inet fw forward"), ["[set __map1]"]);
}

fn without_sets(dump: &[u8]) -> Vec<u8> {
    let is_kept = |kind: &u16| *kind != 10 << 8 | 9 && *kind != 10 << 8 | 12;
    let kept = messages(dump).unwrap().into_iter().filter(|(kind, _)| is_kept(kind));
    let mut all = Vec::new();
    for (kind, body) in kept {
        all.extend(message(kind, 0, body));
        all.resize(all.len().next_multiple_of(4), 0);
    }
    all
}

#[test]
fn this_machine_answers_or_says_why_not() {
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let own = i32::try_from(std::process::id()).unwrap();
    let seen = super::read(&proc, own);
    match &seen.fact {
        Fact::Known(filter) => assert!(filter.interfaces.iter().any(|i| i.loopback)),
        Fact::Unknown(why) => assert!(!why.is_empty()),
        Fact::Absent => panic!("never absent"),
    }
    assert!(super::read(&proc, i32::MAX).fact.unknown().is_some());
}
