//! Requests to the engine, understood as the engine understands them.
//!
//! A request comes in as a method, a target and a body, and becomes a [`Routed`] request: a route
//! that the engine has, a name, typed query parameters and a typed body. What goes on to the engine
//! is written anew from these, never from the caller's bytes, so that a difference between two
//! parsers can't be of use to anybody.
//!
//! ```
//! use dockward_request::{Version, decode, route};
//!
//! let routed = route("POST", b"/v1.41/containers/%63reate?name=web").unwrap();
//! assert_eq!(routed.route.id, "container-create");
//! assert_eq!(routed.target(Version::NEWEST), "/v1.41/containers/create?name=web");
//!
//! let body = br#"{"Image": "web", "ho\u017ftconfig": {"privileged": true}}"#;
//! let body = decode(&routed, Version::NEWEST, body).unwrap().unwrap();
//! assert_eq!(body.encode(), br#"{"Image":"web","HostConfig":{"Privileged":true}}"#);
//! ```
//!
//! Invariant: pure, and nothing passes that is not known: a route, a parameter or a field that is
//! in no table here is refused by name. What is refused is told in one line.
//!
//! The tables are the union of what the engines 20.10, 26.1 and 28.5 decode (moby's `api/types` and
//! `api/server/router`); the lists of routes and fields are facts, the words are ours.

mod body;
mod decode;
mod fold;
mod query;
mod refusal;
mod route;
mod routes;
mod shape;
mod shapes;
mod target;
mod value;
mod version;

pub use body::decode;
pub use query::Parameters;
pub use refusal::Refusal;
pub use route::{Answer, Body, Effect, Resource, Route, Routed, route};
pub use routes::all as routes;
pub use value::{Name, Value};
pub use version::Version;
