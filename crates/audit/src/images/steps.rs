//! The steps of an image's history, numbered from 1 as `docker history` lists them from below.

use dockward_model::facts::{Field, Image, Layer};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use dockward_rules::history::{Added, Command, Instruction, instruction};

/// A step, read.
pub(crate) struct Step<'a> {
    /// Its number, the oldest is 1.
    pub(crate) number: usize,
    /// What the engine tells of it.
    pub(crate) layer: &'a Layer,
    /// What it did.
    pub(crate) did: Instruction<'a>,
}

/// The steps of an image that a Dockerfile's instructions made.
pub(crate) struct Steps<'a> {
    image: &'a Image,
    all: Vec<Step<'a>>,
}

/// The steps; else why there are none to judge.
fn of(image: &Image) -> Result<Steps<'_>, Outcome> {
    let Some(history) = image.history.get() else { return Err(Outcome::unread(&image.history)) };
    let all = history.iter().zip(1..).map(|(layer, number)| {
        let did = instruction(&layer.created_by);
        Step { number, layer, did }
    });
    Ok(Steps { image, all: all.collect() })
}

impl<'a> Steps<'a> {
    /// Whether no step tells how the files came about: `docker import`, and images without any
    /// history.
    fn is_ready_made(&self) -> bool {
        self.all.iter().all(|step| matches!(step.did, Instruction::Ready | Instruction::Other(_)))
    }

    /// The commands of each `RUN`.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&Step<'a>, &[Command])> {
        self.all.iter().filter_map(|step| match &step.did {
            Instruction::Run(Ok(commands)) => Some((step, commands.as_slice())),
            _ => None,
        })
    }

    /// Each `ADD`, without the one that makes the root file system: that is how a base image is
    /// made (`FROM scratch`), and `COPY` can't unpack.
    pub(crate) fn adds(&self) -> impl Iterator<Item = (&Step<'a>, &Added<'a>)> {
        let first = self.all.iter().find(|step| !matches!(step.did, Instruction::Other(_)));
        let first = first.map_or(0, |step| step.number);
        self.all.iter().filter_map(move |step| match &step.did {
            Instruction::Add(added) if !(step.number == first && added.is_at_root()) => {
                Some((step, added))
            }
            _ => None,
        })
    }

    /// What is said instead of a pass where a step can't be read.
    pub(crate) fn pass_if_read(&self) -> Outcome {
        let unread = self.all.iter().find_map(|step| match step.did {
            Instruction::Run(Err(why)) => Some((step.number, why)),
            _ => None,
        });
        match unread {
            Some((number, why)) => {
                let origin = &self.image.history.origin;
                Outcome::Unknown(format!("{origin}: step {number} can't be read: {why}"))
            }
            None => Outcome::Pass,
        }
    }

    /// Evidence from a step.
    pub(crate) fn evidence(&self, step: &Step<'_>, expected: &str) -> Evidence {
        Evidence::of(&self.image.history, shown(step.number, step.layer), expected)
    }
}

/// Commands with all those within them.
pub(crate) fn all(commands: &[Command]) -> impl Iterator<Item = &Command> {
    commands.iter().flat_map(Command::all)
}

/// Judges an image by its steps. One that came ready made has none: what is said of it then is
/// `ready_made`.
pub(crate) fn judge(
    image: &Image,
    ready_made: impl FnOnce(&Field<Vec<Layer>>) -> Outcome,
    judge: impl FnOnce(&Steps<'_>) -> Outcome,
) -> Outcome {
    match of(image) {
        Ok(steps) if steps.is_ready_made() => ready_made(&image.history),
        Ok(steps) => judge(&steps),
        Err(outcome) => outcome,
    }
}

/// No Dockerfile, so none of its mistakes.
pub(crate) fn no_dockerfile(_: &Field<Vec<Layer>>) -> Outcome {
    Outcome::NotApplicable("its history tells no step: it was imported".into())
}

/// How the files of an image came about is for a person to find out.
pub(crate) fn unrecorded(history: &Field<Vec<Layer>>) -> Outcome {
    let evidence = Evidence::of(history, "no step of a build", "how its files came about");
    let fix = "build it from a Dockerfile on a base image that you know";
    let message = "was imported: what was put into it, and from where, is not recorded";
    Outcome::Review(Failure::new(message, evidence, fix).severity(Severity::Low))
}

/// `step 4: RUN apt-get update`, cut to what a line can hold.
fn shown(number: usize, layer: &Layer) -> String {
    const MOST: usize = 160;
    let words: Vec<&str> = layer.created_by.split_whitespace().collect();
    let line = words.join(" ");
    let line = line.strip_suffix("# buildkit").unwrap_or(&line).trim_end();
    let line = line.strip_prefix("/bin/sh -c #(nop) ").unwrap_or(line);
    let cut: String = line.chars().take(MOST).collect();
    let more = if cut.len() < line.len() { "…" } else { "" };
    format!("step {number}: {cut}{more}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::judged::with_image;
    use dockward_model::facts::{Engine, Field, sample};

    /// An engine with one image, in use, that was built by these steps.
    pub(crate) fn built_by(steps: &[&str]) -> Engine {
        let layer = |text: &&str| Layer { created_by: (*text).to_owned(), ..Layer::default() };
        let history = sample::known(steps.iter().map(layer).collect(), "history");
        with_history(history)
    }

    /// An engine with one image, in use, whose history is this.
    pub(crate) fn with_history(history: Field<Vec<Layer>>) -> Engine {
        with_image(|image| image.history = history)
    }

    #[test]
    fn a_step_is_shown_on_one_line_without_the_builders_marks() {
        let layer = |text: &str| Layer { created_by: text.into(), ..Layer::default() };
        let step = layer("RUN /bin/sh -c apt-get\t update # buildkit");
        assert_eq!(shown(2, &step), "step 2: RUN /bin/sh -c apt-get update");
        let step = layer("/bin/sh -c #(nop) ADD file:1 in / ");
        assert_eq!(shown(1, &step), "step 1: ADD file:1 in /");
        assert!(shown(1, &layer(&"é".repeat(999))).ends_with("é…"));
    }
}
