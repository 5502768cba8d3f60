//! Sixty running containers, none like the next.

use std::thread;

use anyhow::{Context as _, Result, ensure};
use dockward_testbed::Engine;

/// How many containers run.
const COUNT: usize = 60;

/// How many are made at a time.
const AT_ONCE: usize = 4;

const IMAGES: [&str; 4] = ["shop", "queue", "cache", "worker"];

/// Makes the images, a network of our own and the containers, and waits until all of them run.
///
/// # Errors
/// A container that the engine refuses, or that does not run, with the engine's complaint.
pub fn run_sixty(engine: &Engine) -> Result<()> {
    for (i, image) in IMAGES.iter().enumerate() {
        let label = format!("LABEL org.opencontainers.image.version=1.{i}");
        engine.import_busybox_with(image, &[&label, "EXPOSE 80", r#"CMD ["sleep","infinity"]"#]);
    }
    engine.docker_ok(&["network", "create", "backend"]);
    thread::scope(|scope| {
        let part = |first| {
            scope.spawn(move || (first..COUNT).step_by(AT_ONCE).try_for_each(|i| run(engine, i)))
        };
        let parts: Vec<_> = (0..AT_ONCE).map(part).collect();
        parts
            .into_iter()
            .try_for_each(|part| part.join().ok().context("a container was refused")?)
    })?;
    let running = engine.docker_ok(&["ps", "--quiet"]).lines().count();
    ensure!(running == COUNT, "{running} of {COUNT} containers run");
    Ok(())
}

fn run(engine: &Engine, i: usize) -> Result<()> {
    let words = words(i);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = engine.docker(&words);
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "docker {words:?}: {}", complaint.trim());
    Ok(())
}

/// The arguments of `docker` for container `i`.
fn words(i: usize) -> Vec<String> {
    let project = ["shop", "billing", "search"].get(i % 3).copied().unwrap_or_default();
    let image = IMAGES.get(i % IMAGES.len()).copied().unwrap_or_default();
    let mut words = format!(
        "run --detach --name {project}-{image}-{i} --hostname {image}-{i} --network {} --env TZ=UTC --env PORT=80 \
         --env DATABASE_URL=postgres://db-{i}.internal/{project} --label com.docker.compose.project={project} \
         --label com.docker.compose.service={image}-{i} --label team=team-{}",
        ["bridge", "backend", "backend", "bridge", "none"].get(i % 5).copied().unwrap_or_default(),
        i % 7,
    );
    for (_, more) in settings(i).iter().filter(|(every, _)| i.is_multiple_of(*every)) {
        words.push(' ');
        words.push_str(more);
    }
    // Half of them listen, since it takes the kernel longer to tell of a network namespace with sockets in it.
    let command = if i.is_multiple_of(2) { "httpd -f -p 80 -h /home" } else { "sleep infinity" };
    words.push_str(&format!(" {image} {command}"));
    words.split_whitespace().map(str::to_owned).collect()
}

/// Settings, and which container gets them: every such one.
fn settings(i: usize) -> [(usize, String); 12] {
    [
        (2, format!("--volume data-{}:/data", i % 9)),
        (2, "--memory 64m --memory-swap 64m".into()),
        (3, "--user 1000:1000".into()),
        (3, "--cpus 0.5 --pids-limit 100".into()),
        (4, format!("--volume /srv/config-{i}:/etc/service:ro")),
        (4, "--restart on-failure:5".into()),
        (5, format!("--publish 127.0.0.1:{}:80", 20_000 + i)),
        (6, "--read-only --tmpfs /tmp".into()),
        (7, "--cap-drop ALL --security-opt no-new-privileges".into()),
        (9, "--cap-add NET_ADMIN --ulimit nofile=1024:2048".into()),
        (11, "--health-cmd true --health-interval 1h".into()),
        (20, "--volume /run/docker.sock:/run/docker.sock".into()),
    ]
}
