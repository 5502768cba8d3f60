//! `dockward explain`: the page of a rule, the list of them, or why a weakness is found in something.

use std::io::Write as _;

use anyhow::{Result, anyhow};
use dockward_model::inventory::{ExplainedRow, Explanation, FixState, Inventory};
use dockward_model::verdict::Meta;
use dockward_policy::Exit;

use dockward_image::Options;
use jiff::Timestamp;

use crate::advisories::Advisories;
use crate::args::Explain;
use crate::command::children;
use crate::engines::Engines;
use crate::near::Look;
use crate::{evidence, judged, output, settings, target};

/// Prints the page of a rule, or what is known of a weakness beside a target.
pub(crate) fn run(args: &Explain) -> Result<Exit> {
    if let (Some(id), Some(target)) = (&args.id, &args.target) {
        return weakness(id, target, args);
    }
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

fn weakness(id: &str, target: &str, args: &Explain) -> Result<Exit> {
    let advisories = Advisories::open(args.db.as_deref())?;
    let Some(database) = advisories.database()? else {
        anyhow::bail!("{}", advisories.missing().unwrap_or_default());
    };
    let engines = Engines::new(&args.engine, None);
    let options = Options { children: children(), ..Options::default() };
    let looked = target::look(&[target.to_owned()], &engines, &options);
    if let Some(failed) = looked.failed.first() {
        let hint =
            if failed.hint.is_empty() { String::new() } else { format!("\n  {}", failed.hint) };
        anyhow::bail!("{}: {}{hint}", failed.name, failed.why);
    }
    let config = settings::config(None)?;
    let matching = judged::matching(&config, Timestamp::now());
    let mut out = Vec::new();
    let mut whole = true;
    for (Look { inventory, .. }, at) in looked.inventories.iter().zip(0..) {
        let mut found = dockward_advisory::explain(inventory, &database, id, &matching);
        against(&mut found, inventory, |changelogs| {
            let options = Options { changelogs, children: children(), ..Options::default() };
            let again = target::look(&[target.to_owned()], &engines, &options);
            again.inventories.into_iter().nth(at).map(|look| look.inventory)
        });
        whole &= found.unmatched.is_empty() && inventory.contents.problems.is_empty();
        dockward_report::explain_weakness(
            inventory,
            &found,
            output::style(args.color, false),
            &mut out,
        )?;
    }
    output::to_stdout(&out)?;
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

/// Reads the changelogs of the packages that rows are about, and what they say against the rows.
fn against(
    found: &mut Explanation,
    inventory: &Inventory,
    again: impl FnOnce(Vec<String>) -> Option<Inventory>,
) {
    let is_had = |row: &&ExplainedRow| row.state.is_some_and(FixState::is_affected);
    let packages = found.rows.iter().filter(is_had).map(|row| row.package);
    let changelogs = evidence::readable(inventory, packages);
    let read = (!changelogs.is_empty()).then(|| again(changelogs)).flatten();
    let Some(read) = read else { return };
    for row in found.rows.iter_mut().filter(|row| is_had(&&**row)) {
        let Some(package) = inventory.contents.packages.get(row.package) else { continue };
        let Some(changes) = read.contents.changes.get(&package.name) else { continue };
        // Of an advisory that was asked for by its own id, each of its weaknesses counts.
        let cves = &row.advisory.cves;
        let asked = cves.iter().filter(|cve| *cve == &found.asked || !cves.contains(&found.asked));
        let held = asked.filter_map(|cve| dockward_advisory::held_against(package, cve, changes));
        row.against = held.collect();
    }
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
