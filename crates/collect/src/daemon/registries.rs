//! Registries that are spoken to without verified TLS.

use dockward_engine::Lenient;
use dockward_engine::api::RegistryConfig;
use dockward_model::facts::Field;

use crate::field::{Answered, not_empty, part};

/// By network and by name, but for loopback, which the engine always has among them.
pub(super) fn insecure(a: &Answered, config: Lenient<&RegistryConfig>) -> Field<Vec<String>> {
    a.read("RegistryConfig", config, "an object", |config| {
        let networks = part("InsecureRegistryCIDRs", &config.insecure_registry_cidrs)?;
        let networks = networks.into_iter().flatten().filter(|net| !is_loopback(net)).cloned();
        let mut all: Vec<String> = networks.collect();
        for (name, index) in part("IndexConfigs", &config.index_configs)?.into_iter().flatten() {
            if part("Secure", &index.secure)? != Some(&true) {
                all.push(name.clone());
            }
        }
        Ok(not_empty(all))
    })
}

/// Whether a network in CIDR form lies within `127.0.0.0/8` or is `::1/128`.
fn is_loopback(network: &str) -> bool {
    let Some((address, bits)) = network.split_once('/') else { return false };
    match (address.parse(), bits.parse::<u8>()) {
        (Ok(std::net::IpAddr::V4(v4)), Ok(bits)) => v4.is_loopback() && bits >= 8,
        (Ok(std::net::IpAddr::V6(v6)), Ok(bits)) => v6.is_loopback() && bits == 128,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use dockward_model::facts::Fact;

    use super::*;

    fn read(json: &str) -> Fact<Vec<String>> {
        let config: Lenient<RegistryConfig> = serde_json::from_str(json).unwrap();
        insecure(&Answered::new("/info"), config.as_ref()).fact
    }

    #[test]
    fn loopback_is_left_out_and_all_else_stays() {
        assert_eq!(
            read(
                r#"{"InsecureRegistryCIDRs":["::1/128","127.0.0.0/8","10.0.0.0/8","0.0.0.0/0","126.0.0.0/7"],
                "IndexConfigs":{"docker.io":{"Secure":true},"r.example:5000":{"Secure":false}}}"#
            ),
            Fact::Known(
                ["10.0.0.0/8", "0.0.0.0/0", "126.0.0.0/7", "r.example:5000"]
                    .map(String::from)
                    .to_vec()
            )
        );
        assert_eq!(
            read(r#"{"InsecureRegistryCIDRs":["127.0.0.0/8"],"IndexConfigs":{}}"#),
            Fact::Absent
        );
    }

    #[test]
    fn an_odd_part_leaves_the_list_unknown() {
        assert!(read(r#"{"InsecureRegistryCIDRs":5,"IndexConfigs":{}}"#).unknown().is_some());
        assert!(read(r#"{"IndexConfigs":{"r":{"Secure":"no"}}}"#).unknown().is_some());
    }
}
