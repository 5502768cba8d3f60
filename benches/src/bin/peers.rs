//! `dockward scan` beside Trivy on the same files in one run, beside inflating alone, and how much memory it takes.
//!
//! All of them list the packages of the operating system, as CycloneDX, and nothing else; none keeps anything from one
//! run to the next. The files are in the kernel's cache for all of them.
//!
//! `peers [--rounds N] PROGRAMS`; PROGRAMS is the folder that holds `dockward`, `stopwatch` and `peers` itself.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, ensure};
use dockward_benches::{
    FRESH, Figure, Peers, Took, empty_files, on_cpu, peak_anonymous_mb, race, race_inside, success,
};
use dockward_testbed::{DaemonConfig, Engine, Suite};
use flate2::bufread::MultiGzDecoder;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/advisories");
/// MB, 10^6 bytes.
const EMPTY_FILES_MB: f64 = 100.0;
const EMPTY_FILES: usize = 3_000_000;
const AT_ONCE: usize = 100;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["inflate", file] => inflate(Path::new(file)),
        ["--rounds", rounds, programs] => measure(rounds.parse()?, Path::new(programs)),
        [programs] => measure(5, Path::new(programs)),
        _ => Err(anyhow!("peers [--rounds N] PROGRAMS")),
    }
}

/// What a program that does nothing else takes, with the library that Dockward has.
fn inflate(path: &Path) -> Result<()> {
    let mut from = MultiGzDecoder::new(BufReader::with_capacity(256 << 10, File::open(path)?));
    let mut buffer = vec![0; 128 << 10];
    while from.read(&mut buffer)? > 0 {}
    Ok(())
}

fn measure(rounds: usize, programs: &Path) -> Result<()> {
    let peers = match Peers::prepared() {
        Ok(peers) if Path::new(SHARED).is_dir() => peers,
        Ok(_) => return skipped("there is no ../shared/advisories"),
        Err(why) => return skipped(&why.to_string()),
    };
    let folder = tempfile::tempdir()?;
    let bench = Bench { peers, programs, database: folder.path().join("advisories.db"), rounds };
    let build = Command::new(programs.join("dockward"))
        .args(["db", "build", "-o"])
        .arg(&bench.database)
        .arg(Path::new(SHARED).join("osv"))
        .output()?;
    success(build, &["dockward", "db", "build"])?;
    bench.files()?;
    bench.memory()?;
    bench.layer_of_empty_files(folder.path())?;
    bench.at_once()?;
    bench.stores()
}

fn skipped(why: &str) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "skipped: peers: {why}")?)
}

fn say(name: &str, measured: f64, limit: f64, unit: &'static str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{}", Figure { name, measured, limit, unit })?)
}

struct Bench<'a> {
    peers: Peers,
    programs: &'a Path,
    database: PathBuf,
    rounds: usize,
}

impl Bench<'_> {
    fn ours(&self, target: &str) -> Vec<String> {
        ours(&self.programs.join("dockward"), &self.database, target)
    }

    /// A file of the image, as an argument.
    fn of_image(&self, name: &str) -> String {
        self.peers.image(name).to_string_lossy().into_owned()
    }

    /// Ours and another's in turn: on the clock and on CPUs, each beside `times` of the other.
    fn pair(&self, what: &str, ours: &[String], other: &[String], times: f64) -> Result<()> {
        let took = race(&[ours, other], self.rounds)?;
        compare(what, &took, times)
    }

    fn files(&self) -> Result<()> {
        let save = self.of_image("save.tar");
        let ours = self.ours(&format!("archive:{save}"));
        let theirs = self.peers.trivy_words("image", &["--input", &save]);
        self.pair(
            "docker save archive, packages only; limit: trivy 0.59.1 / 12",
            &ours,
            &theirs,
            1.0 / 12.0,
        )?;
        self.beside_syft(&ours, &format!("docker-archive:{save}"))?;

        let root = self.of_image("rootfs");
        let ours = self.ours(&format!("root:{root}"));
        let theirs = self.peers.trivy_words("rootfs", &[&root]);
        self.pair("root folder, packages only; limit: trivy 0.59.1 / 5", &ours, &theirs, 0.2)?;
        self.beside_syft(&ours, &format!("dir:{root}"))?;

        let layout = self.of_image("layout-gzip");
        let ours = self.ours(&format!("oci:{layout}"));
        let own = self.programs.join("peers").to_string_lossy().into_owned();
        let inflate = [own, "inflate".to_owned(), self.of_image("x.tar.gz")];
        self.pair("OCI layout, gzip, packages only; limit: 1.5 x inflating", &ours, &inflate, 1.5)
    }

    /// What Syft takes is told, and limits nothing.
    fn beside_syft(&self, ours: &[String], target: &str) -> Result<()> {
        let took = race(&[ours, &self.peers.syft_words(target)], 2)?;
        let [ours, syft] = took.as_slice() else { return Ok(()) };
        let times = Took::least(syft).cpu / Took::least(ours).cpu;
        let mut err = std::io::stderr();
        Ok(writeln!(err, "syft 1.18.1, packages only, {target}: {times:.0} times our CPU time")?)
    }

    fn memory(&self) -> Result<()> {
        let save = self.of_image("save.tar");
        let peak = |words: &[String]| -> Result<f64> {
            let mut most = 0_f64;
            for _ in 0..self.rounds {
                let fresh = tempfile::tempdir()?;
                let name = fresh.path().to_string_lossy();
                let words: Vec<_> = words.iter().map(|word| word.replace(FRESH, &name)).collect();
                most = most.max(peak_anonymous_mb(&words)?);
            }
            Ok(most)
        };
        let ours = peak(&self.ours(&format!("archive:{save}")))?;
        let theirs = peak(&self.peers.trivy_words("image", &["--input", &save]))?;
        let name = "docker save archive, packages only, anonymous memory; limit: trivy 0.59.1 / 3";
        say(name, ours, theirs / 3.0, "MB")
    }

    fn layer_of_empty_files(&self, folder: &Path) -> Result<()> {
        let layout = folder.join("empty-files");
        empty_files(&layout, EMPTY_FILES)?;
        let peak = peak_anonymous_mb(&self.ours(&format!("oci:{}", layout.display())))?;
        say("a layer of 3 million empty files, anonymous memory", peak, EMPTY_FILES_MB, "MB")
    }

    /// The database and the root are the same for all of them. A scan that could not have the database would end with 2.
    fn at_once(&self) -> Result<()> {
        let words = self.ours(&format!("root:{}", self.of_image("rootfs")));
        let (program, arguments) = words.split_first().context("no command")?;
        let alone = race(&[&words], AT_ONCE / 10)?;
        let alone: Vec<f64> = alone.iter().flatten().map(|took| took.cpu).collect();
        let one = alone.iter().sum::<f64>() / alone.len() as f64;
        let before = on_cpu()?;
        let mut running = Vec::new();
        for _ in 0..AT_ONCE {
            let mut command = Command::new(program);
            command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
            running.push(command.spawn()?);
        }
        for child in running {
            let output = child.wait_with_output()?;
            let complaint = String::from_utf8_lossy(&output.stderr);
            ensure!(matches!(output.status.code(), Some(0 | 1 | 3)), "one of them: {complaint}");
            ensure!(!complaint.contains("lock"), "one of them: {complaint}");
        }
        let all = (on_cpu()? - before).as_secs_f64() * 1000.0 / AT_ONCE as f64;
        say(
            "100 scans at once, packages only: CPU time of each; limit: 1.3 x one alone",
            all,
            1.3 * one,
            "ms",
        )
    }

    /// The image in engines' stores: their own folders of the one, containerd's of the other.
    fn stores(&self) -> Result<()> {
        let containerd = DaemonConfig { containerd_store: true, ..DaemonConfig::default() };
        let stock = DaemonConfig::default();
        let engines = [
            (
                Suite::Bookworm,
                &stock,
                "image in engine 20.10, packages only; limit: trivy 0.59.1 / 50",
            ),
            (
                Suite::Sid,
                &containerd,
                "image in containerd's store, a container of it running, packages only; limit: trivy 0.59.1 / 50",
            ),
        ];
        for (suite, config, name) in engines {
            match Engine::start(suite, config) {
                Ok(engine) => self.store(&engine, name)?,
                Err(why) => writeln!(std::io::stderr(), "skipped: {name}: {why}")?,
            }
        }
        Ok(())
    }

    fn store(&self, engine: &Engine, name: &str) -> Result<()> {
        for program in ["dockward", "stopwatch"] {
            engine.install(&self.programs.join(program)).with_context(|| program.to_owned())?;
        }
        let trivy = self.peers.trivy().canonicalize()?;
        engine.install(&trivy).context("trivy")?;
        std::fs::copy(&self.database, engine.root().join("root/advisories.db"))?;
        let words = ["docker", "import", "-", "standard:1"];
        let image = File::open(self.peers.image("x.tar"))?;
        success(engine.command(&words).stdin(image).output()?, &words)?;
        let ours =
            ours(Path::new("dockward"), Path::new("/root/advisories.db"), "image:standard:1");
        if engine.suite() == Suite::Sid {
            self.cold_blobs(engine, &ours)?;
            engine.docker_ok(&["run", "-d", "standard:1", "sleep", "infinity"]);
        }
        let theirs = dockward_benches::trivy_words(Path::new("trivy"), "image", &["standard:1"]);
        let both: Vec<Vec<&str>> =
            [&ours, &theirs].map(|words| words.iter().map(String::as_str).collect()).into();
        let both: Vec<&[&str]> = both.iter().map(Vec::as_slice).collect();
        let (took, _) = race_inside(engine, self.rounds, &both)?;
        // Trivy reads a copy that the engine makes for it: on CPUs that counts as the engine's, so that
        // the clock alone limits, and what the programs themselves take is told.
        let [ours, trivy] = took.as_slice() else { return Err(anyhow!("not two commands")) };
        let (ours, trivy) = (Took::least(ours), Took::least(trivy));
        let times = trivy.cpu / ours.cpu;
        writeln!(
            std::io::stderr(),
            "{name}: {times:.0} times our CPU time, the engine's own left out"
        )?;
        say(name, ours.wall, trivy.wall / 50.0, "ms")
    }

    /// Where no container runs, containerd has layers packed only: what inflating costs is the limit.
    fn cold_blobs(&self, engine: &Engine, ours: &[String]) -> Result<()> {
        engine.install(&self.programs.join("peers")).context("peers")?;
        let packed = engine.root().join("root/x.tar.gz");
        std::fs::copy(self.peers.image("x.tar.gz"), packed)?;
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let inflate = ["peers", "inflate", "/root/x.tar.gz"];
        let (took, _) = race_inside(engine, self.rounds, &[&ours, &inflate])?;
        let name = "… no container of it running, cold blobs; limit: 1.5 x inflating";
        compare(name, &took, 1.5)
    }
}

fn ours(program: &Path, database: &Path, target: &str) -> Vec<String> {
    let (program, database) = (program.to_string_lossy(), database.to_string_lossy());
    let form = ["--format", "cyclonedx", "--fail-on", "never", "--no-store", "--db", &database];
    let words = [&program, "scan", target].into_iter().chain(form);
    words.map(str::to_owned).collect()
}

/// The least disturbed rounds of ours beside so many times those of the other.
fn compare(what: &str, took: &[Vec<Took>], times: f64) -> Result<()> {
    let [ours, other] = took else { return Err(anyhow!("not two commands")) };
    let (ours, other) = (Took::least(ours), Took::least(other));
    say(what, ours.wall, other.wall * times, "ms")?;
    say("… CPU time", ours.cpu, other.cpu * times, "ms")
}
