//! The engine's routes (moby `api/server/router`), a file for each resource.

mod container;
mod image;
mod network;
mod plugin;
mod swarm;
mod system;
mod volume;

use crate::query::{Holds, Parameter};
use crate::route::Answer::{Document as Whole, Lines, Stream, Upgrade};
use crate::route::Effect::{Changes, Reads};
use crate::route::Resource::*;
use crate::route::{Body, Document, Route};
use crate::shape::Kind;

/// Every route that is known.
pub fn all() -> impl Iterator<Item = &'static Route> {
    let tables = [
        container::ROUTES,
        image::ROUTES,
        network::ROUTES,
        plugin::ROUTES,
        swarm::ROUTES,
        system::ROUTES,
        volume::ROUTES,
    ];
    tables.into_iter().flatten()
}

const fn json(kind: &'static Kind) -> Body {
    Body::Json(Document { kind, optional: false })
}

const fn json_if_any(kind: &'static Kind) -> Body {
    Body::Json(Document { kind, optional: true })
}

const fn flag(name: &'static str) -> Parameter {
    Parameter { name, holds: Holds::Flag }
}

const fn whole(name: &'static str) -> Parameter {
    Parameter { name, holds: Holds::Whole }
}

const fn text(name: &'static str) -> Parameter {
    Parameter { name, holds: Holds::Text }
}

/// What a client sends and no engine reads: it would be refused otherwise.
const fn unread(name: &'static str) -> Parameter {
    Parameter { name, holds: Holds::Nothing }
}

const fn texts(name: &'static str) -> Parameter {
    Parameter { name, holds: Holds::Texts }
}
