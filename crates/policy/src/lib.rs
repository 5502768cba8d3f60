//! dockward.toml: selection, waivers, and what fails a run
