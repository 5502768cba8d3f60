//! Which networks services name: by id, most often.

use std::collections::{BTreeMap, BTreeSet};

use dockward_engine::api::{self, NetworkAttachment};
use dockward_engine::{Ask, Client, Lenient};

use crate::field::{Odd, text_part};

/// More networks that the list lacks are not asked for.
const MOST_ASKED: usize = 64;

/// The names of networks by id; an error where one could not be had.
pub(crate) struct Networks {
    names: BTreeMap<String, Result<String, Odd>>,
    /// What is wrong with the list itself, if so.
    unlisted: Option<Odd>,
}

impl Networks {
    /// Of the answer to `/networks`.
    pub(crate) fn of(list: &Lenient<Vec<api::Network>>) -> Self {
        let mut networks = Self { names: BTreeMap::new(), unlisted: None };
        match list {
            Lenient::Known(list) => list.iter().for_each(|one| networks.learn(one)),
            Lenient::Missing | Lenient::Null => {}
            Lenient::Odd(odd) => networks.unlisted = Some(odd.clone()),
        }
        networks
    }

    /// Asks for those that services name and the list lacks: the swarm's own entry for the network
    /// of the host is among them (moby lists a name once).
    pub(crate) fn ask(&mut self, client: &Client, services: &Lenient<Vec<api::Service>>) {
        let services = services.known().into_iter().flatten();
        let named: BTreeSet<&String> = services.flat_map(targets).collect();
        let lacking = named.into_iter().filter(|id| !self.names.contains_key(*id));
        let asks: Vec<Ask> = lacking.take(MOST_ASKED).map(|id| Ask::Network(id.clone())).collect();
        for (ask, answer) in asks.iter().zip(client.get_many::<api::Network>(&asks)) {
            match (ask, answer) {
                (_, Ok(answer)) => self.learn(&answer.value),
                (_, Err(error)) if error.is_gone() => {}
                (Ask::Network(id), Err(error)) => {
                    self.names.insert(id.clone(), Err(error.to_string()));
                }
                (_, Err(_)) => {}
            }
        }
    }

    pub(super) fn learn(&mut self, one: &api::Network) {
        if let (Some(id), Some(name)) = (one.id.known(), one.name.known()) {
            self.names.insert(id.clone(), Ok(name.clone()));
        }
    }

    /// Their names; one that is gone, or was named by name, stays as it is written.
    pub(super) fn names(&self, attached: &[NetworkAttachment]) -> Result<Vec<String>, Odd> {
        let name = |one: &NetworkAttachment| {
            let target = text_part("Target", &one.target)?;
            match (self.names.get(&target), &self.unlisted) {
                (Some(Ok(name)), _) => Ok(name.clone()),
                (Some(Err(odd)), _) | (None, Some(odd)) => {
                    Err(format!("names a network by id, and its name: {odd}"))
                }
                (None, None) => Ok(target),
            }
        };
        attached.iter().map(name).collect()
    }
}

fn targets(service: &api::Service) -> impl Iterator<Item = &String> {
    let spec = service.spec.known();
    let task = spec.and_then(|spec| spec.task_template.known());
    let lists = [task.map(|task| &task.networks), spec.map(|spec| &spec.networks)];
    let all = lists.into_iter().flatten().filter_map(Lenient::known).flatten();
    all.filter_map(|one| one.target.known())
}
