//! Containers out of answers that were recorded elsewhere: no engine, no host.

use std::sync::Arc;
use std::{panic, thread};

use dockward_engine::Lenient;
use dockward_engine::api::ContainerInspect;
use dockward_model::facts::Container;

use crate::container::{Around, container, unread};
use crate::ground::Unlooked;
use crate::image::Names;
use crate::volume::Volumes;

/// More threads than these gain nothing.
const MOST_THREADS: usize = 4;
/// For fewer answers than these a thread is not worth its start.
const LEAST_SHARE: usize = 64;

/// The facts of containers out of answers to `/containers/ID/json`, in their order.
///
/// What only the host or another answer could tell is unknown. An answer that is no JSON object
/// gives a container without a name of which all is unknown.
#[must_use]
pub fn from_answers(answers: &[impl AsRef<str> + Sync]) -> Vec<Container> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let share = answers.len().div_ceil(threads).max(LEAST_SHARE);
    thread::scope(|scope| {
        let mut others = answers.chunks(share);
        let first = others.next().unwrap_or_default();
        let others: Vec<_> = others
            .map(|part| (part, thread::Builder::new().spawn_scoped(scope, || read(part))))
            .collect();
        let mut all = read(first);
        for (part, other) in others {
            // Where the system has no thread left for us, the work is done here.
            all.extend(match other {
                Ok(other) => other.join().unwrap_or_else(|p| panic::resume_unwind(p)),
                Err(_) => read(part),
            });
        }
        all
    })
}

fn read(answers: &[impl AsRef<str>]) -> Vec<Container> {
    let why = || Lenient::Odd("not asked for".to_owned());
    let volumes = Volumes::of(&why());
    let names = Names::unknown("the engine's images were not asked for".to_owned());
    let around = Around { volumes: &volumes, images: &names, ground: &Unlooked::RECORDED };
    answers.iter().map(|text| from_answer(text.as_ref(), around)).collect()
}

fn from_answer(text: &str, around: Around<'_>) -> Container {
    let read: Result<Lenient<ContainerInspect>, _> = serde_json::from_str(text);
    match read {
        Ok(Lenient::Known(inspect)) => {
            let id = inspect.id.known().map_or("", String::as_str);
            container(id, &inspect, Some(Arc::from(text)), around)
        }
        Ok(_) => unread("", "the answer is no object", around),
        Err(error) => unread("", &format!("the answer is no JSON: {error}"), around),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_none_gives_a_container_of_which_all_is_unknown() {
        let all = from_answers(&["{", "[]", "null", r#"{"Id":"ab","Name":"/web"}"#]);
        assert_eq!(all.len(), 4);
        for c in all.get(..3).unwrap() {
            assert!(c.privileged.fact.unknown().is_some());
            assert!(c.running.fact.unknown().is_some());
            assert!(c.mounts.fact.unknown().is_some());
        }
        assert_eq!((all[3].id.0.as_str(), all[3].name.as_str()), ("ab", "web"));
        let long: Vec<String> = (0..300).map(|n| format!(r#"{{"Id":"{n}"}}"#)).collect();
        let ids: Vec<String> = from_answers(&long).into_iter().map(|c| c.id.0).collect();
        assert_eq!(ids, (0..300).map(|n| n.to_string()).collect::<Vec<_>>());
        assert!(all[3].privileged.fact.unknown().is_some(), "its whole section is missing");
    }
}
