//! The database of advisories: built of the shared records and of ten times as many, opened, asked, and matched with an
//! inventory of 400 packages.
//!
//! Times are those that this process has on a CPU, the least disturbed of several rounds. Memory is the peak of resident
//! pages of a process of its own that builds and does nothing else.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use dockward_advisory::database::Database;
use dockward_advisory::{Settings, matches};
use dockward_benches::{Figure, peak_mb};
use dockward_feed::{Mapped, Options, Zip, build};
use dockward_model::facts::{Distribution, Field, Origin};
use dockward_model::inventory::{Contents, Inventory, Package, SourcePackage};
use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/advisories");
const LARGEST: usize = 64 << 20;
const ROUNDS: usize = 9;
const PACKAGES: usize = 400;
const TIMES: usize = 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [word, feed, target] if word == "build" => {
            let (feed, target) = (PathBuf::from(feed), Path::new(target));
            build(&[feed], target, Options::new(Timestamp::now()))?;
            Ok(())
        }
        [] => measure(),
        _ => bail!("it takes no arguments"),
    }
}

fn measure() -> Result<()> {
    let shared = Path::new(SHARED);
    if !shared.is_dir() {
        let mut err = std::io::stderr().lock();
        writeln!(err, "skipped: advisories: there is no ../shared/advisories")?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let (one, ten) = (folder.path().join("one.db"), folder.path().join("ten.db"));
    let once = built(&shared.join("osv"), &one)?;
    let more = folder.path().join("osv");
    repeat(&shared.join("osv"), &more)?;
    // The peak of all children is that of the larger, which ran last.
    let times = built(&more, &ten)?;
    let mut out = std::io::stdout().lock();
    let mut say =
        |name, measured, limit, unit| writeln!(out, "{}", Figure { name, measured, limit, unit });
    say("database: building from the shared records, peak memory", once, 150.0, "MB")?;
    say("database: building from ten times as many, peak memory", times, 150.0, "MB")?;
    say("database: that, times once", times / once, 1.5, "x")?;
    let open = least(|| Mapped::open(&ten).map(black_box).map(|_| 1))?;
    say("database of ten times: opening", open * 1e3, 1.0, "ms")?;
    let mapped = Mapped::open(&one)?;
    let database = mapped.database()?;
    let names = names(&database)?;
    let miss = least(|| Ok(asked(&database, &names, "Debian:99")))?;
    say("database: a package without rows", miss * 1e9, 100.0, "ns")?;
    let hit = least(|| Ok(asked(&database, &names, "Ubuntu:18.04:LTS")))?;
    say("database: a package with rows, to its first", hit * 1e9, 2_000.0, "ns")?;
    let settings = Settings::new(Timestamp::now());
    let matched = |inventory: &Inventory| matches(inventory, &database, &settings).matches.len();
    let (some, all) = (inventory(&names, 20), inventory(&names, 1));
    let (few, many) = (matched(&some), matched(&all));
    ensure!(few > PACKAGES && many > 2 * few, "only {few} and {many} matches");
    writeln!(std::io::stderr().lock(), "{few} and {many} matches of {PACKAGES} packages")?;
    let matching = least(|| Ok(matched(&some).min(1)))?;
    say("400 packages, one in twenty old, matched anew", matching * 1e3, 5.0, "ms")?;
    let each = least(|| Ok(matched(&all)))?;
    say("400 packages, all old: each match", each * 1e6, 5.0, "us")?;
    Ok(())
}

/// Builds in a process of its own, and gives its peak memory in MB.
fn built(feed: &Path, target: &Path) -> Result<f64> {
    let own = std::env::current_exe()?;
    let status = Command::new(own).arg("build").arg(feed).arg(target).status()?;
    ensure!(status.success(), "the build ended with {status}");
    peak_mb()
}

/// The least disturbed round: seconds for each of as many as `work` says that it did.
fn least(mut work: impl FnMut() -> Result<usize, dockward_feed::OpenError>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let started = on_cpu()?;
        let count = work()?;
        let took = (on_cpu()? - started).as_secs_f64();
        best = best.min(took / count.max(1) as f64);
    }
    Ok(best)
}

fn on_cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// Asks for each name, many times over, and gives how often.
fn asked(database: &Database<'_>, names: &[String], ecosystem: &str) -> usize {
    let mut found = 0;
    for _ in 0..100 {
        for name in names {
            found += usize::from(black_box(database.rows(ecosystem, name)).next().is_some());
        }
    }
    black_box(found);
    100 * names.len()
}

/// Sources of Ubuntu 18.04 that have rows.
fn names(database: &Database<'_>) -> Result<Vec<String>> {
    let mut zip = Zip::open(File::open(Path::new(SHARED).join("osv/Ubuntu/all.zip"))?, LARGEST)?;
    let mut names = std::collections::BTreeSet::new();
    while let Some(entry) = zip.entry()? {
        let record: serde_json::Value = serde_json::from_slice(&entry.bytes?)?;
        for affected in record["affected"].as_array().into_iter().flatten() {
            let package = &affected["package"];
            if package["ecosystem"] == "Ubuntu:18.04:LTS" {
                names.extend(package["name"].as_str().map(str::to_owned));
            }
        }
    }
    ensure!(names.iter().all(|name| database.rows("Ubuntu:18.04:LTS", name).next().is_some()));
    // Every third, so that large sources and small ones are among them.
    Ok(names.into_iter().step_by(3).take(PACKAGES / 2).collect())
}

/// Two packages of each source. One of `old` is older than most fixes of later years, the others are newer than all.
fn inventory(names: &[String], old: usize) -> Inventory {
    let package = |(at, (name, number)): (usize, (&String, usize))| Package {
        name: format!("lib{name}{number}"),
        version: if at % old == 0 { "4.15.0-20.21".into() } else { "9:1".into() },
        architecture: "amd64".into(),
        source: Some(SourcePackage { name: name.clone(), version: None }),
        ..Package::default()
    };
    let twice = names.iter().flat_map(|name| [(name, 0), (name, 1)]);
    let distribution =
        Distribution { id: "ubuntu".into(), version: "18.04".into(), name: String::new() };
    let distribution = Field::known(distribution, Origin::file("/etc/os-release", None));
    let packages = twice.enumerate().map(package).collect();
    let contents = Contents { distribution, packages, ..Contents::default() };
    Inventory { contents, ..Inventory::default() }
}

/// The same bucket with every record ten times, each time with another id and other packages.
fn repeat(from: &Path, to: &Path) -> Result<()> {
    let ecosystems = std::fs::read_to_string(from.join("ecosystems.txt"))?;
    for ecosystem in ecosystems.lines() {
        std::fs::create_dir_all(to.join(ecosystem))?;
        let mut out = Stored::new(File::create(to.join(ecosystem).join("all.zip"))?);
        for time in 0..TIMES {
            let source = File::open(from.join(ecosystem).join("all.zip"))?;
            let mut zip = Zip::open(source, LARGEST)?;
            while let Some(entry) = zip.entry()? {
                let mut record: serde_json::Value = serde_json::from_slice(&entry.bytes?)?;
                let id = record["id"].as_str().context("a record without an id")?;
                record["id"] = format!("{id}-{time}").into();
                for affected in record["affected"].as_array_mut().into_iter().flatten() {
                    let name = affected["package"]["name"].as_str().unwrap_or_default();
                    affected["package"]["name"] = format!("{name}-{time}").into();
                }
                out.put(
                    &format!("{id}-{time}.json", id = entry.name),
                    &serde_json::to_vec(&record)?,
                )?;
            }
        }
        out.finish()?;
    }
    std::fs::write(to.join("ecosystems.txt"), ecosystems)?;
    Ok(())
}

/// A zip whose entries are not packed (APPNOTE.TXT 4.3), with 64-bit numbers at its end.
struct Stored {
    file: BufWriter<File>,
    at: u64,
    list: Vec<u8>,
    entries: u64,
}

impl Stored {
    fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), at: 0, list: Vec::new(), entries: 0 }
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let size = u32::try_from(bytes.len())?.to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(sum.sum().to_le_bytes());
        common.extend(size);
        common.extend(size);
        common.extend(u16::try_from(name.len())?.to_le_bytes());
        common.extend([0, 0]);
        let local = [b"PK\x03\x04".as_slice(), &common, name.as_bytes(), bytes].concat();
        self.list.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 10]].concat());
        self.list.extend(u32::try_from(self.at)?.to_le_bytes());
        self.list.extend(name.bytes());
        self.file.write_all(&local)?;
        self.at += local.len() as u64;
        self.entries += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        let length = self.list.len() as u64;
        self.file.write_all(&self.list)?;
        let mut end = b"PK\x06\x06".to_vec();
        end.extend(44_u64.to_le_bytes());
        end.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [self.entries, self.entries, length, self.at] {
            end.extend(number.to_le_bytes());
        }
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend((self.at + length).to_le_bytes());
        end.extend(1_u32.to_le_bytes());
        end.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
        self.file.write_all(&end)?;
        self.file.flush()?;
        Ok(())
    }
}
