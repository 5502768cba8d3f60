//! How an image was built: the steps of its history as instructions.
//!
//! Builders write a step in their own way, and none of them as the Dockerfile had it:
//!
//! - the classic builder `/bin/sh -c apt-get update`, with arguments `|1 NAME=value /bin/sh -c …`,
//!   and what runs nothing as `/bin/sh -c #(nop) ADD file:DIGEST in /` (moby,
//!   `builder/dockerfile/dispatchers.go` and `internals.go`); so does Buildah;
//! - BuildKit `RUN |1 NAME=value /bin/sh -c … # buildkit`, `ADD rootfs.tar.xz / # buildkit`
//!   (buildkit, `frontend/dockerfile/dockerfile2llb/convert.go`);
//! - `docker import` nothing at all, debuerreotype a comment.
//!
//! Invariant: pure, for any text: no step makes this panic, and the time is that of one pass.

mod added;
mod packages;
mod shell;
#[cfg(test)]
mod tests;

pub use added::{Added, Source};
pub use packages::{Act, PackageCall, package_call};
pub use shell::{Command, MAX_SCRIPT};

/// What a step of a history did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction<'a> {
    /// `RUN`: its commands, or why they can't be told.
    Run(Result<Vec<Command>, &'static str>),
    /// `ADD`.
    Add(Added<'a>),
    /// `COPY`.
    Copy,
    /// Files that came ready made, by no Dockerfile's instruction: `docker import`.
    Ready,
    /// Any other instruction, by its name: it adds no file.
    Other(&'a str),
}

/// The instructions that run nothing and add no file.
const SILENT: &[&str] = &[
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Programs that run a script which follows `-c`.
const SHELLS: &[&str] = &["ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"];

/// Reads a step as the engine tells it (`CreatedBy` of `/images/ID/history`).
#[must_use]
pub fn instruction(created_by: &str) -> Instruction<'_> {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    if text.is_empty() || text.starts_with('#') {
        return Instruction::Ready;
    }
    let (name, rest) = word(text);
    if let Some(instruction) = named(name, rest) {
        return instruction;
    }
    match without_run(text) {
        Some(told) => {
            let (name, rest) = word(told.trim());
            match name {
                "ADD" => Instruction::Add(Added::classic(rest)),
                _ => named(name, rest).unwrap_or(Instruction::Other(name)),
            }
        }
        None => Instruction::Run(run(text)),
    }
}

/// The instruction of this name; `FROM` and others are told in upper case by every builder.
fn named<'a>(name: &'a str, rest: &'a str) -> Option<Instruction<'a>> {
    match name {
        "RUN" => Some(Instruction::Run(run(rest))),
        "ADD" => Some(Instruction::Add(Added::read(rest))),
        "COPY" => Some(Instruction::Copy),
        name if SILENT.contains(&name) => Some(Instruction::Other(name)),
        _ => None,
    }
}

/// What follows `#(nop)`, which stands where a shell's script would: only builders write it there.
fn without_run(text: &str) -> Option<&str> {
    let (before, told) = text.split_once("#(nop)")?;
    let before = before.trim_end();
    ["-c", "/C", "-Command"].iter().any(|flag| before.ends_with(flag)).then_some(told)
}

/// The commands of a `RUN`, behind its build arguments and its shell.
fn run(text: &str) -> Result<Vec<Command>, &'static str> {
    let text = without_arguments(text.trim());
    let (first, mut rest) = word(text);
    if is_other_shell(first) {
        return Err("its shell is none that is read here");
    }
    if !SHELLS.contains(&base_name(first)) {
        return shell::commands(text);
    }
    loop {
        let (flag, after) = word(rest);
        match flag.strip_prefix('-') {
            Some(flags) if flags.contains('c') && !flags.starts_with('-') => {
                return shell::commands(after);
            }
            // The word behind it is the option's name.
            Some(flags) if flags.ends_with('o') => rest = word(after).1,
            Some(_) => rest = after,
            None => return shell::commands(text),
        }
    }
}

/// Without `|2 NAME=value OTHER=a value `: values stand there without quotes, so the first word
/// that is a shell ends them.
fn without_arguments(text: &str) -> &str {
    if !text.starts_with('|') {
        return text;
    }
    let (_, mut rest) = word(text);
    while !rest.is_empty() {
        let (next, after) = word(rest);
        let is_shell = SHELLS.contains(&base_name(next)) || is_other_shell(next);
        if is_shell && !next.contains('=') {
            return rest;
        }
        rest = after;
    }
    text
}

fn is_other_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    matches!(name.strip_suffix(".exe").unwrap_or(&name), "cmd" | "powershell" | "pwsh")
}

/// The first word, and what follows it.
pub(crate) fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace)
        .map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// The last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
