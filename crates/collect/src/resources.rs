//! Networks and managed plugins.

use dockward_engine::Lenient;
use dockward_engine::api;
use dockward_model::facts::{Field, Network, Plugin};

use crate::field::{Answered, Odd, part, text_part};
use crate::redacted;

/// Networks, secrets in their options replaced.
pub(crate) fn networks(all: &Lenient<Vec<api::Network>>) -> Field<Vec<Network>> {
    Answered::new("/networks").whole(all.as_ref(), |_, one| network(one))
}

fn network(one: &api::Network) -> Result<Network, Odd> {
    Ok(Network {
        id: text_part("Id", &one.id)?,
        name: text_part("Name", &one.name)?,
        driver: text_part("Driver", &one.driver)?,
        scope: text_part("Scope", &one.scope)?,
        internal: part("Internal", &one.internal)?.copied().unwrap_or_default(),
        options: redacted::texts(part("Options", &one.options)?.unwrap_or(&api::Texts::new())).0,
    })
}

/// Managed plugins.
pub(crate) fn plugins(all: &Lenient<Vec<api::Plugin>>) -> Field<Vec<Plugin>> {
    Answered::new("/plugins").whole(all.as_ref(), |_, one| plugin(one))
}

fn plugin(one: &api::Plugin) -> Result<Plugin, Odd> {
    let config = part("Config", &one.config)?;
    let interface = config.map(|c| part("Interface", &c.interface)).transpose()?.flatten();
    let types = interface.map(|i| part("Types", &i.types)).transpose()?.flatten();
    let linux = config.map(|c| part("Linux", &c.linux)).transpose()?.flatten();
    let capabilities = linux.map(|l| part("Capabilities", &l.capabilities)).transpose()?.flatten();
    Ok(Plugin {
        name: text_part("Name", &one.name)?,
        enabled: part("Enabled", &one.enabled)?.copied().unwrap_or_default(),
        interfaces: types.cloned().unwrap_or_default(),
        capabilities: capabilities.cloned().unwrap_or_default(),
    })
}
