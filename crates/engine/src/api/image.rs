//! `/images/json`, `/images/{id}/json` and `/images/{id}/history`.

use crate::api::{ContainerConfig, Texts};
use crate::record::record;

record! {
    /// One of `/images/json`.
    pub struct ImageSummary {
        /// `Id`: the image's id, with `sha256:`.
        id: String = "Id",
        /// `ParentId`: empty for what was not built here.
        parent_id: String = "ParentId",
        /// `RepoTags`: `name:tag`; `<none>:<none>` on older engines.
        repo_tags: Vec<String> = "RepoTags",
        /// `RepoDigests`: `name@digest`.
        repo_digests: Vec<String> = "RepoDigests",
        /// `Created`: seconds since 1970.
        created: i64 = "Created",
        /// `Size`: bytes.
        size: i64 = "Size",
        /// `Labels`: the image's labels.
        labels: Texts = "Labels",
    }

    /// `/images/{id}/json`.
    pub struct ImageInspect {
        /// `Id`: the image's id, with `sha256:`.
        id: String = "Id",
        /// `RepoTags`: `name:tag`.
        repo_tags: Vec<String> = "RepoTags",
        /// `RepoDigests`: `name@digest`.
        repo_digests: Vec<String> = "RepoDigests",
        /// `Parent`: the id of the image that it was built on here.
        parent: String = "Parent",
        /// `Created`: RFC 3339; absent where the image has none.
        created: String = "Created",
        /// `Author`: its maintainer.
        author: String = "Author",
        /// `Architecture`: in Go's spelling.
        architecture: String = "Architecture",
        /// `Variant`: of the architecture.
        variant: String = "Variant",
        /// `Os`: `linux` or `windows`.
        os: String = "Os",
        /// `Size`: bytes.
        size: i64 = "Size",
        /// `Config`: what a container of it takes unless told otherwise.
        config: ContainerConfig = "Config",
        /// `RootFS`: its layers.
        root_fs: RootFs = "RootFS",
        /// `GraphDriver`: where its layers lie; absent with the containerd image store.
        graph_driver: GraphDriver = "GraphDriver",
    }

    /// `/images/{id}/json`, `RootFS`.
    pub struct RootFs {
        /// `Type`: `layers`.
        kind: String = "Type",
        /// `Layers`: digests of the uncompressed layers, the lowest first.
        layers: Vec<String> = "Layers",
    }

    /// `GraphDriver` of containers and images.
    pub struct GraphDriver {
        /// `Name`: the storage driver.
        name: String = "Name",
        /// `Data`: such as `MergedDir`, `UpperDir`, `LowerDir`.
        data: Texts = "Data",
    }

    /// One of `/images/{id}/history`, the newest first.
    pub struct ImageHistory {
        /// `Id`: of the image at this step, or `<missing>`.
        id: String = "Id",
        /// `Created`: seconds since 1970.
        created: i64 = "Created",
        /// `CreatedBy`: the instruction; can hold a secret.
        created_by: String = "CreatedBy",
        /// `Tags`: names of the image at this step.
        tags: Vec<String> = "Tags",
        /// `Size`: bytes that the step added.
        size: i64 = "Size",
        /// `Comment`: such as `buildkit.dockerfile.v0`.
        comment: String = "Comment",
    }
}
