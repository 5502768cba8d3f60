//! Commands that were started in a container by `docker exec`.

use dockward_engine::api::ExecInspect;
use dockward_model::facts::{ExecSession, Origin};

use super::words::argument_texts;
use crate::field::Odd;

/// How many of them are asked for, for each container: health checks leave many behind.
pub(crate) const MOST_EXECS: usize = 32;

/// A session as the engine tells of it.
pub(crate) fn exec_session(id: &str, told: &ExecInspect) -> Result<ExecSession, Odd> {
    let process = told.process_config.within(|p| &p.privileged);
    let odd = |field: &str, why: &str| format!("holds {id}, whose {field}: {why}");
    if let Some(why) = process.odd() {
        return Err(odd("ProcessConfig.privileged", why));
    }
    if let Some(why) = told.running.odd() {
        return Err(odd("Running", why));
    }
    let privileged = process.known().is_some_and(|on| **on);
    let process = told.process_config.known();
    let words = process.and_then(|p| p.entrypoint.known()).into_iter();
    let words = words.chain(process.and_then(|p| p.arguments.known()).into_iter().flatten());
    let words: Vec<&str> = words.map(String::as_str).collect();
    let endpoint = format!("/exec/{id}/json");
    Ok(ExecSession {
        id: id.to_owned(),
        running: told.running.known().copied().unwrap_or_default(),
        privileged,
        user: process.and_then(|p| p.user.known()).cloned().unwrap_or_default(),
        command: argument_texts(&words).join(" "),
        origin: Origin::api(&endpoint.into(), "ProcessConfig"),
    })
}
