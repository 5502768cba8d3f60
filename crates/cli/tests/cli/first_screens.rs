//! The first screen on a new machine: as root, as a member of the docker group, as nobody, without a
//! network, with the engine stopped. The page of the book is made here, on a live 20.10, with
//! `UPDATE_DOCS=1`; what each screen must say is held in every run.

use std::fmt::Write as _;
use std::os::unix::net::UnixListener;
use std::path::Path;

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::run::Run;

/// Who looks, with which command before `dockward check`, and what the screen must say.
struct Screen {
    heading: &'static str,
    about: &'static str,
    before: Vec<String>,
    after: Vec<String>,
    code: i32,
    says: &'static [&'static str],
}

const ADDRESS: &str = "/run/stopped.sock";

fn screens(group: u32) -> Vec<Screen> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let screen = |heading, about, before: String, code, says| Screen {
        heading,
        about,
        before: words(&before),
        after: Vec::new(),
        code,
        says,
    };
    let as_user = |id: u32, groups: String| format!("setpriv --reuid={id} --regid={id} {groups}");
    vec![
        screen(
            "As root",
            "Everything is in sight.",
            String::new(),
            1,
            &["anyone on the network → web → root on", "container-engine-socket"],
        ),
        screen(
            "As a member of the docker group",
            "The engine answers, so containers, images and settings are judged; what only root may read is named.",
            as_user(1000, format!("--groups={group}")),
            1,
            &["→ root on", "could not look", "sudo dockward check"],
        ),
        screen(
            "As nobody",
            "The engine's socket can't be opened: only what anyone may read of the host is judged, and the exit code says that the look was incomplete.",
            as_user(65_534, "--clear-groups".into()),
            3,
            &["not allowed to ask the engine", "IN WHAT COULD BE SEEN"],
        ),
        screen(
            "Without a network",
            "Nothing is different: the engine is asked over its socket, and nothing is fetched.",
            "unshare --net".into(),
            1,
            &["container-engine-socket"],
        ),
        Screen {
            after: words(&format!("-H unix://{ADDRESS}")),
            ..screen(
                "With the engine stopped",
                "The host alone is judged; that no engine listens is said first, and the exit code says that the look was incomplete.",
                String::new(),
                3,
                &["no engine was", "only the host is judged"],
            )
        },
    ]
}

#[test]
fn the_first_screen_says_what_was_seen_and_what_was_not() {
    let test = "the_first_screen_says_what_was_seen_and_what_was_not";
    let Some(engine) = Engine::start_or_skip(test, Suite::Bookworm, &DaemonConfig::default())
    else {
        return;
    };
    engine.import_busybox("shop/web:1");
    let socket = "/var/run/docker.sock:/var/run/docker.sock";
    engine.docker_ok(&[
        "run",
        "-d",
        "--name",
        "web",
        "-p",
        "8080:80",
        "-v",
        socket,
        "shop/web:1",
        "sleep",
        "3600",
    ]);
    // A socket whose listener has gone: what a stopped engine leaves behind.
    drop(UnixListener::bind(engine.root().join(ADDRESS.trim_start_matches('/'))).unwrap());
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let group = std::os::unix::fs::MetadataExt::gid(&std::fs::metadata(engine.socket()).unwrap());
    let mut page = String::from(HEAD);
    for screen in screens(group) {
        let run = look(&engine, &program.to_string_lossy(), &screen);
        let shown = format!("{}{}", run.err, run.out);
        for words in screen.says {
            assert!(shown.contains(words), "{}: {words}: {shown}", screen.heading);
        }
        assert_eq!(run.code, screen.code, "{}: {shown}", screen.heading);
        let (heading, about, code) = (screen.heading, screen.about, screen.code);
        let _ = write!(
            page,
            "\n## {heading}\n\n{about} Exit code {code}.\n\n```text\n{}```\n",
            steady(&shown)
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/first-screens.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    for screen in screens(group) {
        assert!(published.contains(&format!("## {}\n", screen.heading)), "{}", screen.heading);
    }
}

const HEAD: &str = "# The first screen\n\n<!-- made on a live engine: UPDATE_DOCS=1 cargo test -p dockward-cli --test cli first_screen -->\n\nA new machine with Docker 20.10, and one container, `web`, that publishes a port and mounts the engine's socket. The command is `dockward check` each time.\n";

fn look(engine: &Engine, program: &str, screen: &Screen) -> Run {
    let mut words: Vec<&str> = screen.before.iter().map(String::as_str).collect();
    words.extend([program, "check"]);
    words.extend(screen.after.iter().map(String::as_str));
    Run::new(&engine.exec_in_root(&words))
}

/// The screen without what differs from machine to machine and run to run: the host's name, its
/// kernel, process ids.
fn steady(shown: &str) -> String {
    let kernel = |name| std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap();
    let shown = shown.replace(kernel("osrelease").trim(), "6.1.0-42-amd64");
    let host = kernel("hostname");
    let shown = shown.replace(&format!("{} · ", host.trim()), "web-01 · ");
    let shown = shown.replace(&format!("root on {}", host.trim()), "root on web-01");
    let mut text = String::new();
    for line in shown.lines() {
        let words = line.split(' ').map(|word| match word.strip_prefix("/proc/") {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("/proc/PID{tail}")
            }
            _ => word.to_owned(),
        });
        let _ = writeln!(text, "{}", words.collect::<Vec<_>>().join(" ").trim_end());
    }
    text
}
