//! `dockward explain`: the page of a rule, or the list of them.

use std::io::Write as _;

use anyhow::{Result, anyhow};
use dockward_model::verdict::Meta;
use dockward_policy::Exit;

use crate::args::Explain;
use crate::{output, settings};

/// Prints the page of a rule.
pub(crate) fn run(args: &Explain) -> Result<Exit> {
    let rules = settings::rules();
    let style = output::style(args.color, false);
    let mut out = Vec::new();
    match &args.id {
        None => list(&rules, &mut out)?,
        Some(id) => {
            let meta =
                rules.iter().find(|meta| meta.id == id).ok_or_else(|| unknown(id, &rules))?;
            dockward_report::explain(meta, style, &mut out)?;
        }
    }
    output::to_stdout(&out)?;
    Ok(Exit::Clean)
}

fn list(rules: &[Meta], out: &mut Vec<u8>) -> Result<()> {
    for meta in rules {
        writeln!(out, "{:<40} {:<8}  {}", meta.id, meta.severity.name(), meta.title)?;
    }
    Ok(())
}

fn unknown(id: &str, rules: &[Meta]) -> anyhow::Error {
    let near = dockward_policy::did_you_mean(id, rules.iter().map(|meta| meta.id));
    let hint = near.unwrap_or_else(|| "`dockward explain` lists all rules".to_owned());
    anyhow!("there is no rule `{}`: {hint}", dockward_report::plain(id))
}
