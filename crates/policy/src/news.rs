//! What is different from an earlier look at the same host.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dockward_model::facts::{Container, Engine, Snapshot};
use dockward_model::verdict::{Change, Finding, Happened, News, ResourceNews, Subject};

/// What was seen at one time, and what was found in it: severities and waivers are set.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// What was seen.
    pub snapshot: &'a Snapshot,
    /// What was found in it.
    pub findings: &'a [Finding],
}

/// What is different between two looks at a host, both judged by the same rules and settings.
///
/// A finding is the same one where rule and subject are: a container by its name, since each
/// replacement has another id. It has changed where its status, severity or waiver did, or its
/// message, in which only numbers may differ: an image that grows older each day is no news.
#[must_use]
pub fn news(before: Look<'_>, now: Look<'_>) -> News {
    let mut earlier: BTreeMap<Key<'_>, VecDeque<&Finding>> = BTreeMap::new();
    for finding in before.findings {
        earlier.entry(key(finding)).or_default().push_back(finding);
    }
    let (mut appeared, mut changed) = (Vec::new(), Vec::new());
    // What says the same goes first, so that it is not taken for what another one was.
    let mut rest: Vec<&Finding> = now.findings.iter().collect();
    rest.retain(|finding| !take_same(&mut earlier, finding));
    for finding in rest {
        match earlier.get_mut(&key(finding)).and_then(VecDeque::pop_front) {
            None => appeared.push(finding.clone()),
            Some(old) => changed.push(Change { before: old.clone(), now: finding.clone() }),
        }
    }
    let mut gone: Vec<Finding> = earlier.into_values().flatten().cloned().collect();
    if went_blind(before.snapshot, now.snapshot) {
        gone.retain(|finding| matches!(*finding.subject, Subject::Host { .. }));
    }
    gone.sort_by(|a, b| (a.status, b.severity, &a.rule).cmp(&(b.status, a.severity, &b.rule)));
    let resources = resources(before.snapshot, now.snapshot);
    News { since: before.snapshot.now, appeared, gone, changed, resources }
}

/// Whether an engine that answered then does not now, though something is wrong: nothing that it
/// told of is gone for that.
#[must_use]
pub fn went_blind(before: &Snapshot, now: &Snapshot) -> bool {
    now.engines.len() < before.engines.len() && !now.unseen.is_empty()
}

type Key<'a> = (&'a str, &'a str, &'a str);

fn key(finding: &Finding) -> Key<'_> {
    let subject = &*finding.subject;
    (finding.rule.as_str(), subject.kind(), subject.name())
}

/// Takes away the earlier finding that says the same, if there is one.
fn take_same<'a>(earlier: &mut BTreeMap<Key<'a>, VecDeque<&'a Finding>>, now: &'a Finding) -> bool {
    let Some(alike) = earlier.get_mut(&key(now)) else { return false };
    let same = alike.iter().position(|old| !differs(old, now));
    same.and_then(|at| alike.remove(at)).is_some()
}

fn differs(old: &Finding, new: &Finding) -> bool {
    old.status != new.status
        || old.severity != new.severity
        || old.waived.is_some() != new.waived.is_some()
        || without_numbers(&old.message).ne(without_numbers(&new.message))
}

/// A text with each number in it as one mark.
fn without_numbers(text: &str) -> impl Iterator<Item = char> {
    let marked = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c });
    let mut last = ' ';
    marked.filter(move |&c| {
        let again = c == '0' && last == '0';
        last = c;
        !again
    })
}

/// Names of one kind, each with what tells whether it is still the same, and with what to say.
type Things = BTreeMap<String, (String, String)>;

/// The things of one kind that an engine has; absent where they could not be listed.
type List = fn(&Engine) -> Option<Things>;

const KINDS: &[(&str, List)] =
    &[("container", containers), ("image", images), ("network", networks), ("volume", volumes)];

fn resources(before: &Snapshot, now: &Snapshot) -> Vec<ResourceNews> {
    let mut all = Vec::new();
    for (kind, list) in KINDS {
        // What could not be listed in one of the looks neither came nor went.
        if let (Some(old), Some(new)) = (everywhere(before, *list), everywhere(now, *list)) {
            all.extend(compared(kind, &old, &new));
        }
    }
    all
}

fn everywhere(snapshot: &Snapshot, list: List) -> Option<Things> {
    let several = snapshot.engines.len() > 1;
    let mut all = Things::new();
    for engine in &snapshot.engines {
        for (name, thing) in list(engine)? {
            let place = &engine.daemon.endpoint;
            all.insert(if several { format!("{name} at {place}") } else { name }, thing);
        }
    }
    (!snapshot.engines.is_empty()).then_some(all)
}

fn containers(engine: &Engine) -> Option<Things> {
    engine.containers_listed.get().filter(|whole| **whole)?;
    let thing = |c: &Container| {
        let image = c.image_id.get().map_or_else(String::new, |id| id.0.clone());
        (c.name.clone(), (format!("{} {image}", c.id.0), c.image.clone()))
    };
    Some(engine.containers.iter().map(thing).collect())
}

fn images(engine: &Engine) -> Option<Things> {
    let named = engine.images.get()?.iter();
    let tags = named.flat_map(|image| image.tags.iter().map(move |tag| (tag, image)));
    Some(tags.map(|(tag, image)| (tag.clone(), (image.id.0.clone(), String::new()))).collect())
}

fn networks(engine: &Engine) -> Option<Things> {
    let all = engine.networks.get()?.iter();
    Some(all.map(|n| (n.name.clone(), (n.driver.clone(), n.driver.clone()))).collect())
}

fn volumes(engine: &Engine) -> Option<Things> {
    let all = engine.volumes.get()?.iter();
    Some(all.map(|v| (v.name.clone(), (v.driver.clone(), String::new()))).collect())
}

fn compared(kind: &'static str, old: &Things, new: &Things) -> Vec<ResourceNews> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let news = |name: &String| {
        let (what, detail) = match (old.get(name), new.get(name)) {
            (None, Some((_, detail))) => (Happened::Appeared, detail.clone()),
            (Some((_, detail)), None) => (Happened::Gone, detail.clone()),
            (Some(was), Some(is)) if was.0 != is.0 => (Happened::Changed, turned(&was.1, &is.1)),
            _ => return None,
        };
        Some(ResourceNews { kind, name: name.clone(), what, detail })
    };
    names.into_iter().filter_map(news).collect()
}

fn turned(was: &str, is: &str) -> String {
    if was == is { is.to_owned() } else { format!("{was}, now {is}") }
}

#[cfg(test)]
mod tests;
