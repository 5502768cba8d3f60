//! One run: each case on the engine's own socket, to see that it is real, and then on what is tested.

use serde_json::Value;

use crate::Error;
use crate::answer::Answer;
use crate::case::{Case, Expect, Level, Need, Probe, Theme, themes};
use crate::connection::{Address, Exchange, Expected};
use crate::engine::{Engine, PREFIX};
use crate::verdict::{Run, Seen, Verdict};
use crate::wire::Values;

/// What is run, and on what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The engine's own socket.
    pub engine: Address,
    /// What is tested, which stands before that engine.
    pub under_test: Address,
    /// The level that what is tested is set to.
    pub level: Level,
    /// Only these cases (ids); empty means all.
    pub only: Vec<String>,
    /// An image of the engine, whose command stays, instead of the suite's own.
    pub image: Option<String>,
    /// The engine may have containers that are not the suite's.
    pub for_tests: bool,
}

/// Runs the cases, telling each verdict to `told` as it comes, and removes all that it made.
///
/// # Errors
/// When the engine or what is tested cannot be reached, when the engine is in use, or when it does not do what a
/// case needs.
pub fn run(options: &Options, mut told: impl FnMut(&Verdict)) -> Result<Run, Error> {
    let themes = themes()?;
    let all = || themes.iter().flat_map(|theme| &theme.case);
    if let Some(id) = options.only.iter().find(|id| all().all(|case| case.id != **id)) {
        return Err(Error::NoSuchCase(id.clone()));
    }
    let engine =
        Engine::prepare(options.engine.clone(), options.image.as_deref(), options.for_tests)?;
    let mut verdicts = Vec::new();
    let mut keep = |verdict| {
        told(&verdict);
        verdicts.push(verdict);
    };
    // A socket where nobody listens blocks everything, and proves nothing.
    let ping = b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n";
    let outcome = options.under_test.exchange(ping, &Expected::default()).and_then(|_| {
        themes.iter().try_for_each(|theme| run_theme(&engine, options, theme, &mut keep))
    });
    let left = engine.leave();
    outcome.and(left)?;
    Ok(Run { engine: engine.version, level: options.level, verdicts })
}

fn run_theme(
    engine: &Engine,
    options: &Options,
    theme: &Theme,
    told: &mut dyn FnMut(Verdict),
) -> Result<(), Error> {
    let wanted = |case: &&Case| match options.only.is_empty() {
        true => case.applies(options.level),
        false => options.only.contains(&case.id),
    };
    let cases: Vec<&Case> = theme.case.iter().filter(wanted).collect();
    if theme.swarm && !cases.is_empty() {
        engine.init_swarm()?;
    }
    for case in cases {
        let control = attempt(engine, engine.address(), case);
        engine.clean_up(theme.swarm)?;
        let control = control?;
        let (seen, last) = if !control.held {
            (Seen::NotUnderstood, control)
        } else if options.under_test == options.engine {
            // Nothing stands between: a second time would say the same.
            (seen(case.expect, true), control)
        } else {
            let tested = attempt(engine, &options.under_test, case);
            engine.clean_up(theme.swarm)?;
            let tested = tested?;
            (seen(case.expect, tested.held), tested)
        };
        told(Verdict {
            theme: theme.theme.clone(),
            case: case.id.clone(),
            what: case.what.clone(),
            expected: case.expect,
            seen,
            hung: last.hung,
            answer: last.line,
        });
    }
    engine.clean_up(false)
}

fn seen(expected: Expect, held: bool) -> Seen {
    match (expected, held) {
        (Expect::Block, true) => Seen::Bypass,
        (Expect::Block, false) => Seen::Blocked,
        (Expect::Allow, true) => Seen::Passed,
        (Expect::Allow, false) => Seen::WronglyRefused,
    }
}

/// What became of a case on one socket.
struct Attempt {
    held: bool,
    hung: bool,
    line: String,
}

fn attempt(engine: &Engine, to: &Address, case: &Case) -> Result<Attempt, Error> {
    let name = engine.name();
    let other = format!("{name}-other");
    let mut values = Values::default();
    values.set("api", engine.api.clone());
    values.set("image", engine.image.clone());
    values.set("name", name);
    values.set("other", other.clone());
    values.set("prefix", PREFIX);
    if !case.needs.is_empty() {
        engine.create(&other)?;
        if case.needs.contains(&Need::Running) {
            engine.start(&other)?;
        }
        let there = engine.json(&format!("/containers/{other}/json"))?;
        values.set("other-id", there.get("Id").and_then(Value::as_str).unwrap_or_default());
    }
    let mut last = Exchange::default();
    for step in case.steps() {
        let bytes = values.request(&step);
        let address = if step.engine { engine.address() } else { to };
        let exchange = address.exchange(&bytes, &step.reading())?;
        for (name, at) in &step.save {
            let answer = exchange.answers.last().cloned().unwrap_or_default();
            values.set(name, saved(&answer, at));
        }
        if !step.engine {
            last = exchange;
        } else if exchange.answers.iter().all(|answer| answer.status >= 400) {
            let why = exchange.answers.last().map(Answer::line).unwrap_or_default();
            return Err(Error::Engine { asked: format!("the preparation of {}", case.id), why });
        }
    }
    let mut held = true;
    for probe in case.probes() {
        held = held && shows(engine, &values, &probe, &last)?;
    }
    let line = last.answers.last().map_or_else(|| "no answer".to_owned(), Answer::line);
    Ok(Attempt { held, hung: last.hung, line })
}

fn saved(answer: &Answer, at: &str) -> Vec<u8> {
    if at == "body" {
        return answer.body.clone();
    }
    let json = answer.json().unwrap_or_default();
    match json.pointer(at) {
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
        None => Vec::new(),
    }
}

/// Whether a probe finds what it looks for.
fn shows(engine: &Engine, values: &Values, probe: &Probe, last: &Exchange) -> Result<bool, Error> {
    let answer = match (&probe.get, probe.answer) {
        (Some(path), _) => Some(engine.get(&format!("/{}{}", engine.api, values.fill(path)))?),
        (None, Some(at)) => last.answers.get(at).cloned(),
        (None, None) => last.answers.last().cloned(),
    };
    Ok(answer.is_some_and(|answer| fits(probe, values, &answer)))
}

fn fits(probe: &Probe, values: &Values, answer: &Answer) -> bool {
    let status = match probe.status {
        Some(status) => answer.status == status,
        None if probe.any_status => true,
        None => (200..300).contains(&answer.status) || matches!(answer.status, 101 | 304),
    };
    let json = answer.json().unwrap_or_default();
    let there = json.pointer(&values.fill(&probe.at));
    let filled = |wanted: &Value| fill(values, wanted);
    let equals = probe.equals.as_ref().is_none_or(|wanted| there == Some(&filled(wanted)));
    let contains = probe.contains.as_ref().is_none_or(|wanted| match there {
        Some(Value::Array(items)) => items.contains(&filled(wanted)),
        Some(Value::Object(map)) => map.values().any(|one| *one == filled(wanted)),
        _ => false,
    });
    let text = probe.text.as_ref().is_none_or(|wanted| {
        let wanted = values.fill(wanted).into_bytes();
        answer.body.windows(wanted.len().max(1)).any(|window| window == wanted)
    });
    status && equals && contains && text
}

/// Values in all texts of a document, keys included.
fn fill(values: &Values, json: &Value) -> Value {
    match json {
        Value::String(text) => Value::String(values.fill(text)),
        Value::Array(items) => items.iter().map(|item| fill(values, item)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (values.fill(key), fill(values, value))).collect()
        }
        other => other.clone(),
    }
}
