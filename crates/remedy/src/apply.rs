//! A plan is applied, and taken back.

use crate::{Error, Files, Host, Journal, Plan, State, Step};

/// Applies a plan. Where a step fails, everything is taken back, the last step first.
///
/// # Errors
/// Before the first step: no engine answers, or a file is not as it was planned against. Later:
/// [`Error::TakenBack`], or [`Error::Left`] with what could not be taken back.
pub fn apply(plan: &Plan, files: &Files, host: &mut dyn Host) -> Result<(), Error> {
    host.answers(&plan.socket)?;
    unchanged(&plan.steps, files, "it was planned", |before, _| before)?;
    let mut journal = Journal::of(plan);
    match forth(plan, files, host, &mut journal) {
        Ok(()) => Ok(()),
        Err(why) => Err(given_up(why, &journal, files, host)),
    }
}

fn forth(
    plan: &Plan,
    files: &Files,
    host: &mut dyn Host,
    journal: &mut Journal,
) -> Result<(), Error> {
    for step in &plan.steps {
        journal.steps.push(step.clone());
        journal.write(files)?;
        take(step, files, host)?;
    }
    host.answers(&plan.socket)?;
    journal.state = State::Done;
    journal.write(files)
}

fn take(step: &Step, files: &Files, host: &mut dyn Host) -> Result<(), Error> {
    match step {
        Step::Write { path, after, .. } => files.write(path, after),
        Step::Run { commands, .. } => commands.iter().try_for_each(|command| host.run(command)),
    }
}

fn given_up(why: Error, journal: &Journal, files: &Files, host: &mut dyn Host) -> Error {
    let why = Box::new(why);
    match back(journal, files, host) {
        left if left.is_empty() => Error::TakenBack { why },
        left => Error::Left { why, left },
    }
}

/// Takes back what a journal says was done.
///
/// # Errors
/// A file was changed since: nothing is done. Or what could not be taken back, where the rest was.
pub fn undo(journal: &Journal, files: &Files, host: &mut dyn Host) -> Result<(), Error> {
    if journal.state == State::Done {
        unchanged(&journal.steps, files, "the installation", |_, after| after)?;
    }
    let mut left = back(journal, files, host);
    match left.pop() {
        None => Ok(()),
        Some(why) => Err(Error::Left { why: Box::new(why), left }),
    }
}

/// Everything is tried, whatever fails of it: an engine that is reachable matters more than a file
/// that stays. The journal goes only when nothing is left.
fn back(journal: &Journal, files: &Files, host: &mut dyn Host) -> Vec<Error> {
    let mut left = Vec::new();
    for step in journal.steps.iter().rev() {
        match step {
            Step::Write { path, before: Some(before), .. } => {
                left.extend(files.write(path, before).err());
            }
            Step::Write { path, before: None, .. } => left.extend(files.remove(path).err()),
            Step::Run { back, .. } => {
                left.extend(back.iter().filter_map(|command| host.run(command).err()));
            }
        }
    }
    left.extend(host.answers(&journal.socket).err());
    if left.is_empty() {
        left.extend(Journal::remove(files).err());
    }
    left
}

/// Nobody else's change is overwritten.
fn unchanged(
    steps: &[Step],
    files: &Files,
    since: &'static str,
    which: impl for<'a> Fn(
        Option<&'a crate::Content>,
        Option<&'a crate::Content>,
    ) -> Option<&'a crate::Content>,
) -> Result<(), Error> {
    for step in steps {
        let Step::Write { path, before, after } = step else { continue };
        if files.read(path)?.as_ref() != which(before.as_ref(), Some(after)) {
            return Err(Error::Changed { path: path.clone(), since });
        }
    }
    Ok(())
}
