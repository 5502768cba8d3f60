//! `dockward-conformance`: runs the cases and prints a table. Exit codes: 0 no bypass and nothing wrongly refused,
//! 1 otherwise, 2 wrong use or no verdict.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use dockward_conformance::{Address, Level, Options, Run, Verdict, run};

/// Tries what stands before a Docker Engine: what of a list of requests that it should deny then is in the engine?
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The engine's own socket: unix:///path or tcp://host:port
    #[arg(long, value_name = "ADDRESS")]
    engine: Address,
    /// What is tested, before that engine
    #[arg(long, value_name = "ADDRESS")]
    under_test: Address,
    /// How strict it is set
    #[arg(long, value_enum, default_value = "baseline")]
    level: LevelName,
    /// Only this case; may be repeated
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// An image of the engine whose command stays, instead of the suite's own (x86-64 only)
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// How the verdicts are printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Also print what each case asks, and the last answer
    #[arg(long)]
    verbose: bool,
    /// Run although the engine has containers; the suite starts, stops and prunes things on it
    #[arg(long)]
    yes_this_engine_is_for_tests: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelName {
    /// What leads to the host is denied
    Baseline,
    /// So is what a container can do without
    Restricted,
    /// So is what is others'
    Isolated,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match print(&arguments) {
        Ok(run) if run.is_clean() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(why) => {
            let _ = writeln!(anstream::stderr(), "dockward-conformance: {why:#}");
            ExitCode::from(2)
        }
    }
}

fn print(arguments: &Arguments) -> anyhow::Result<Run> {
    let options = Options {
        engine: arguments.engine.clone(),
        under_test: arguments.under_test.clone(),
        level: match arguments.level {
            LevelName::Baseline => Level::Baseline,
            LevelName::Restricted => Level::Restricted,
            LevelName::Isolated => Level::Isolated,
        },
        only: arguments.cases.clone(),
        image: arguments.image.clone(),
        for_tests: arguments.yes_this_engine_is_for_tests,
    };
    let mut out = anstream::stdout();
    if arguments.format == Format::Json {
        let run = run(&options, |_| {})?;
        serde_json::to_writer_pretty(&mut out, &run)?;
        writeln!(out)?;
        return Ok(run);
    }
    let run = run(&options, |verdict| {
        // A closed output ends nothing: the engine is still to be cleaned up.
        let _ = line(&mut out, verdict, arguments.verbose);
    })?;
    writeln!(anstream::stdout(), "\n{}", run.summary())?;
    Ok(run)
}

fn line(out: &mut impl Write, verdict: &Verdict, verbose: bool) -> std::io::Result<()> {
    let hung = if verdict.hung { " (no answer)" } else { "" };
    writeln!(out, "{:<16} {}{hung}", verdict.seen.words(), verdict.case)?;
    if verbose {
        writeln!(out, "{:<16}   {}\n{:<16}   {}", "", verdict.what, "", verdict.answer)?;
    }
    Ok(())
}
