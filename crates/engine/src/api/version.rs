//! `/_ping` and `/version`.

use crate::api::Texts;
use crate::record::record;

/// What the headers of `/_ping` say. A header that is not there is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ping {
    /// `Api-Version`: the newest version that the engine speaks, as it wrote it.
    pub api_version: Option<String>,
    /// `OSType`: `linux` or `windows`.
    pub os_type: Option<String>,
    /// `Docker-Experimental`: `true` or `false`.
    pub experimental: Option<String>,
    /// `Builder-Version`: `1` classic, `2` BuildKit.
    pub builder_version: Option<String>,
    /// `Swarm`: `inactive`, `pending`, `error`, `locked`, `active/worker` or `active/manager`.
    pub swarm: Option<String>,
    /// `Server`: what calls itself the engine, such as `Docker/28.5.2 (linux)`.
    pub server: Option<String>,
    /// `Libpod-API-Version`: the version of Podman, where it is Podman that answers (`pkg/api/server`,
    /// `handler_api.go`). It answers 404 to what is about a swarm or managed plugins, and its
    /// `Info` has another ID each time.
    pub libpod: Option<String>,
}

record! {
    /// `/version`.
    pub struct Version {
        /// `Platform`: who built the engine.
        platform: Platform = "Platform",
        /// `Components`: the engine, containerd, runc and docker-init.
        components: Vec<Component> = "Components",
        /// `Version`: the engine's version, such as `28.5.2`.
        version: String = "Version",
        /// `ApiVersion`: the newest version of the API that it speaks.
        api_version: String = "ApiVersion",
        /// `MinAPIVersion`: the oldest version of the API that it speaks.
        min_api_version: String = "MinAPIVersion",
        /// `GitCommit`: what it was built from.
        git_commit: String = "GitCommit",
        /// `GoVersion`: the toolchain that built it.
        go_version: String = "GoVersion",
        /// `Os`: `linux` or `windows`.
        os: String = "Os",
        /// `Arch`: in Go's spelling, such as `amd64`.
        arch: String = "Arch",
        /// `KernelVersion`: the kernel's release.
        kernel_version: String = "KernelVersion",
        /// `Experimental`: whether experimental features are on.
        experimental: bool = "Experimental",
        /// `BuildTime`: RFC 3339.
        build_time: String = "BuildTime",
    }

    /// `/version`, `Platform`.
    pub struct Platform {
        /// `Name`: such as `Docker Engine - Community`.
        name: String = "Name",
    }

    /// `/version`, one of `Components`.
    pub struct Component {
        /// `Name`: `Engine`, `containerd`, `runc`, `docker-init`; `Podman Engine` and others.
        name: String = "Name",
        /// `Version`: its version.
        version: String = "Version",
        /// `Details`: such as `GitCommit`, `MinAPIVersion`.
        details: Texts = "Details",
    }
}

impl Version {
    /// The version of the component of this name (`containerd`, `runc`), in any case.
    pub fn component(&self, name: &str) -> Option<&str> {
        let all = self.components.known()?;
        all.iter()
            .find(|one| one.name.known().is_some_and(|its| its.eq_ignore_ascii_case(name)))
            .and_then(|one| one.version.known())
            .map(String::as_str)
    }
}
