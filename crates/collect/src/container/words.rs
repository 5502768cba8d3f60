//! What people wrote into a container: environment, command line, labels. Secrets end here.

use dockward_engine::Lenient;
use dockward_engine::api::{Healthcheck, Texts};
use dockward_model::facts::{Argument, Container, EnvVar, Field};

use super::Record;
use crate::field::{Answered, Odd, not_empty, part};
use crate::redacted;

pub(super) fn fill(c: &mut Container, r: &Record<'_>) {
    c.env = env(&r.answered, "Config.Env", r.config(|i| &i.env));
    c.argv = argv(r);
    let labels = r.config(|i| &i.labels);
    (c.labels, c.label_secrets) = labels_of(&r.answered, "Config.Labels", labels);
    c.execs = r.answered.read("ExecIDs", r.inspect.exec_ids.as_ref(), "a list of texts", |ids| {
        if ids.is_empty() { Ok(None) } else { Err("was not looked into".to_owned()) }
    });
}

/// Names of variables, and whether their values are secrets.
pub(crate) fn env(
    a: &Answered,
    field: &'static str,
    value: Lenient<&Vec<String>>,
) -> Field<Vec<EnvVar>> {
    let variable = |(at, text): (usize, &String)| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        EnvVar {
            name: name.to_owned(),
            secret: dockward_secret::in_value(name, value),
            origin: a.origin_at(format!("{field}[{at}]")),
        }
    };
    a.read(field, value, "a list of texts", |list| {
        Ok(not_empty(list.iter().enumerate().map(variable).collect()))
    })
}

/// Labels with secrets replaced, and the secrets that were seen.
pub(crate) fn labels_of(
    a: &Answered,
    field: &'static str,
    value: Lenient<&Texts>,
) -> (Texts, Field<Vec<(String, dockward_model::facts::Sighting)>>) {
    let mut kept = Texts::new();
    let secrets = a.read(field, value, "an object of texts", |labels| {
        let (texts, seen) = redacted::texts(labels);
        kept = texts;
        Ok(not_empty(seen))
    });
    (kept, secrets)
}

/// `Path` and `Args`: entrypoint and command as they were joined.
fn argv(r: &Record<'_>) -> Field<Vec<Argument>> {
    let args = r.answered.texts("Args", r.inspect.args.as_ref());
    if args.fact.unknown().is_some() {
        return args.map(|_| Vec::new());
    }
    r.answered.read("Path", r.inspect.path.as_ref(), "a text", |path| {
        let mut words: Vec<&str> = vec![path];
        words.extend(args.get().into_iter().flatten().map(String::as_str));
        let is_empty = path.is_empty() && args.get().is_none();
        Ok(if is_empty { None } else { Some(arguments(&words)) })
    })
}

/// Words of a command line, without the secrets in them.
pub(crate) fn arguments(words: &[&str]) -> Vec<Argument> {
    let words = dockward_secret::redact_argv(words).into_iter();
    words.map(|(text, secret)| Argument { text, secret }).collect()
}

pub(super) fn argument_texts(words: &[&str]) -> Vec<String> {
    dockward_secret::redact_argv(words).into_iter().map(|(text, _)| text).collect()
}

/// The first word of `Test`. The command after it is not kept.
pub(crate) fn healthcheck_kind(check: &Healthcheck) -> Result<String, Odd> {
    let test = part("Test", &check.test)?;
    Ok(test.and_then(|words| words.first()).cloned().unwrap_or_default())
}
