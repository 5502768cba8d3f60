//! The one binary, `dockward`: arguments, one file a command, wiring.
//!
//! Invariant: a command collects, judges, renders and exits; it decides nothing itself. Data goes
//! to standard output, all else to standard error. Exit codes: 0 clean, 1 findings, 2 wrong use or
//! failure, 3 incomplete; 2 before 1 before 3.

mod advisories;
mod args;
mod command;
mod earlier;
mod engines;
mod evidence;
mod inspect;
mod judged;
mod near;
mod output;
mod progress;
mod scan_output;
mod settings;
mod summary;
mod target;
mod webhook;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use dockward_policy::Exit;

fn main() -> ExitCode {
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers and go to standard output; all else is wrong use.
            let code = if error.use_stderr() { Exit::Failure } else { Exit::Clean };
            let _ = error.print();
            return ExitCode::from(code.code());
        }
    };
    match command::run(arguments) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "dockward: {}", told(&error));
            ExitCode::from(Exit::Failure.code())
        }
    }
}

/// An error with its causes, but for those that it tells of itself.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}
