//! Records the example host: builds the containers of `examples/web-07.toml` on a real engine and
//! writes `examples/web-07.json` with the release binary, run beside the engine. The host's name
//! and kernel are replaced: they would be those of the machine that this was run on.
//!
//! `cargo build --release -p dockward-cli && cargo run -p dockward-testbed --example web_07`

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockward_testbed::{BadlyBuilt, DaemonConfig, Engine, Suite};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file: BadlyBuilt = toml::from_str(&fs::read_to_string(root.join("examples/web-07.toml"))?)?;
    let engine = Engine::start(Suite::Trixie, &DaemonConfig::json(&*file.daemon))?;
    file.build(&engine);
    // Health checks and restarts settle.
    std::thread::sleep(Duration::from_secs(2));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = engine.install(&target.join("release/dockward"))?;
    let program = program.to_string_lossy();
    let output = engine.exec_in_root(&[&program, "record", "--output", "/root/web-07.json"]);
    std::io::stderr().write_all(&output.stderr)?;
    let recorded = fs::read(engine.root().join("root/web-07.json"))?;
    let mut snapshot: serde_json::Value = serde_json::from_slice(&recorded)?;
    snapshot["host"]["hostname"]["fact"]["known"] = "web-07".into();
    snapshot["host"]["kernel"]["fact"]["known"] = "6.12.57+deb13-amd64".into();
    snapshot["host"]["kernel_owner"] = debian_kernel();
    snapshot["host"]["kernel_build"]["fact"] = serde_json::json!({ "known": "6.12.57-1" });
    snapshot["host"]["kernel_packages"] = debian_kernels();
    fs::write(root.join("examples/web-07.json"), format!("{snapshot:#}\n"))?;
    Ok(())
}

fn debian_kernel() -> serde_json::Value {
    let nothing = serde_json::json!({ "fact": "absent", "origin": "nowhere" });
    serde_json::json!({
        "fact": { "known": { "package": {
            "manager": "dpkg",
            "name": "linux-image-6.12.57+deb13-amd64",
            "version": "6.12.57-1",
            "source_version": null,
            "changes": nothing,
        } } },
        "origin": { "file": { "path": "/var/lib/dpkg/status", "line": 7021 } },
    })
}

fn debian_kernels() -> serde_json::Value {
    let place = |line: Option<u32>| serde_json::json!({ "file": { "path": "/var/lib/dpkg/status", "line": line } });
    let package = serde_json::json!({
        "manager": "dpkg",
        "name": "linux-image-6.12.57+deb13-amd64",
        "version": "6.12.57-1",
        "architecture": "amd64",
        "origin": place(Some(7021)),
    });
    serde_json::json!({ "fact": { "known": [package] }, "origin": place(None) })
}
