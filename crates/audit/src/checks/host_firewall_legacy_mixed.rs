use dockward_model::facts::{Engine, PacketFilter, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// The kernel has two packet filters, and iptables has a back-end for each. Their rules don't
    /// see each other: `iptables -S` of one back-end says nothing of what the other holds, and a
    /// packet must pass both. A rule written into the one that the engine doesn't use may close
    /// nothing (its DNAT has already turned the packet aside), or close what nobody finds.
    ///
    /// ## Fix
    /// Look at both (`iptables-legacy-save`, `iptables-nft-save`, `nft list ruleset`), decide for
    /// one (`update-alternatives --config iptables`, and `ip6tables`), move the rules there, and
    /// empty the other: restart the machine, or flush and delete every chain of it, then restart
    /// the engine. A table without a rule is there as soon as somebody listed it.
    ///
    /// ## References
    /// iptables-nft(8); `/proc/net/ip_tables_names`; Debian's wiki, "nftables", on mixing the two.
    id: "host-firewall-legacy-mixed", title: "one packet filter is in use, not two",
    severity: Low, area: Host, cis16: [], cis18: [], Engine: legacy_mixed
}

fn legacy_mixed(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.packet_filter;
    field.judge(Outcome::unread(field), |filter| {
        let new = in_nf_tables(filter);
        match (filter.legacy.is_empty(), new.as_slice()) {
            (true, _) | (_, []) => Outcome::Pass,
            (false, tables) => {
                let old = filter.legacy.join(", ");
                let expected = "tables in one of the two";
                let seen = Evidence::of(field, tables.join(", "), expected);
                Outcome::Review(
                    Failure::new(
                        format!("rules in nf_tables, and legacy tables beside them: {old}"),
                        Evidence::at(&legacy_list(), old, expected),
                        "look at `iptables-legacy-save` and `nft list ruleset`, keep one of them",
                    )
                    .and([seen]),
                )
            }
        }
    })
}

fn legacy_list() -> dockward_model::facts::Origin {
    dockward_model::facts::Origin::kernel("/proc/net/ip_tables_names", "")
}

/// The tables that hold a rule, or keep something back by a policy.
fn in_nf_tables(filter: &PacketFilter) -> Vec<String> {
    let says = filter
        .chains
        .iter()
        .filter(|chain| !chain.rules.is_empty() || chain.base.is_some_and(|base| base.drops));
    let mut tables: Vec<_> =
        says.map(|chain| format!("{} {}", chain.family, chain.table)).collect();
    tables.sort();
    tables.dedup();
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::sample::{self, firewall};

    fn judged(filter: PacketFilter) -> Outcome {
        let known = sample::known(filter, "nf_tables");
        legacy_mixed(&snapshot(), &engine_with(|e| e.daemon.packet_filter = known))
    }

    fn with_legacy(mut filter: PacketFilter) -> PacketFilter {
        filter.legacy = vec!["ip filter".into(), "ip nat".into()];
        filter
    }

    #[test]
    fn rules_in_both_need_a_look() {
        let look = assert_needs_a_look(judged(with_legacy(firewall::docker())));
        assert!(look.message.ends_with("ip filter, ip nat"), "{}", look.message);
        assert_eq!(look.evidence.len(), 2);
    }

    #[test]
    fn one_of_them_passes() {
        assert_passes(judged(firewall::docker()));
        assert_passes(judged(with_legacy(PacketFilter::default())));
        let mut empty = with_legacy(firewall::docker());
        for chain in &mut empty.chains {
            chain.rules.clear();
            if let Some(base) = &mut chain.base {
                base.drops = false;
            }
        }
        assert_passes(judged(empty));
    }

    #[test]
    fn rules_that_were_not_read_are_unknown() {
        assert_unknown(legacy_mixed(&snapshot(), &engine_with(|_| {})));
    }
}
