//! An engine, asked for everything at one time.

mod containers;
mod images;
mod lists;

use std::time::{Duration, Instant};

use dockward_engine::{Client, Error, Lenient};
use dockward_model::facts::{Engine, Fact, Field, Origin};

use crate::container::Around;
use crate::ground::Ground;
use crate::image::Names;
use crate::options::Options;
use crate::progress::Tell;
use crate::unseen::Notes;
use crate::volume::{self, Volumes};
use crate::{daemon, elevating, resources, swarm};

pub(crate) use lists::Lists;

/// How an engine is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) client: &'a Client,
    pub(crate) options: &'a Options,
    pub(crate) tell: &'a Tell,
}

/// An engine, and what asking it took.
pub(crate) struct Asked {
    pub(crate) engine: Engine,
    /// How many containers ended between the list and the question about them.
    pub(crate) vanished: usize,
    pub(crate) containers_took: Duration,
    pub(crate) images_took: Duration,
}

/// Asks for everything that the lists name.
pub(crate) fn ask(asking: Asking<'_>, lists: Lists, ground: &dyn Ground, notes: &Notes) -> Asked {
    let info = told(lists.info, "the engine's settings", notes);
    let version = told(lists.version, "the engine's version", notes);
    let networks = told(lists.networks, "networks", notes);
    let plugins = told(lists.plugins, "plugins", notes);
    let all_volumes = match told(lists.volumes, "volumes", notes) {
        Lenient::Known(answer) => answer.volumes,
        Lenient::Odd(why) => Lenient::Odd(why),
        Lenient::Missing | Lenient::Null => Lenient::Missing,
    };
    let volumes = Volumes::of(&all_volumes);
    let names =
        lists.images.as_ref().map_or_else(|e| Names::unknown(e.to_string()), |i| Names::of(i));
    let around = Around { volumes: &volumes, images: &names, ground };

    let started = Instant::now();
    let containers = containers::ask(asking, lists.containers, around, notes);
    let containers_took = started.elapsed();
    let mut images = images::ask(asking, lists.images, notes);
    if let (true, Fact::Known(list)) = (asking.options.deep, &mut images.fact) {
        elevating::fill(list, &containers.list, ground, asking.tell);
    }
    let images_took = started.elapsed().saturating_sub(containers_took);

    let mut daemon = daemon::daemon(&info, &version, &networks);
    daemon.api_version = spoken(asking.client);
    daemon.flavour = daemon::flavour(asking.client.ping(), &daemon.components);
    let swarm = swarm::ask(asking.client, &info, &networks, around, notes);
    let engine = Engine {
        daemon,
        containers: containers.list,
        containers_listed: containers.listed,
        images,
        networks: resources::networks(&networks),
        volumes: volume::volumes(&all_volumes),
        plugins: resources::plugins(&plugins),
        swarm,
    };
    Asked { engine, vanished: containers.vanished, containers_took, images_took }
}

fn spoken(client: &Client) -> Field<String> {
    let ping = std::sync::Arc::from("/_ping");
    Field::known(client.api_version().to_string(), Origin::api(&ping, "Api-Version"))
}

/// An answer whose every field is unknown where the engine gave none; that is noted, too.
fn told<T>(answer: Result<T, Error>, what: &str, notes: &Notes) -> Lenient<T> {
    match answer {
        Ok(value) => Lenient::Known(value),
        Err(error) => {
            notes.failed(what, &error);
            Lenient::Odd(error.to_string())
        }
    }
}
