//! `/volumes`.

use crate::api::Texts;
use crate::record::record;

record! {
    /// `/volumes`.
    pub struct Volumes {
        /// `Volumes`.
        volumes: Vec<Volume> = "Volumes",
        /// `Warnings`: from drivers that could not be asked.
        warnings: Vec<String> = "Warnings",
    }

    /// One of `/volumes`.
    pub struct Volume {
        /// `Name`.
        name: String = "Name",
        /// `Driver`: `local` or a plugin's.
        driver: String = "Driver",
        /// `Mountpoint`: on the host.
        mountpoint: String = "Mountpoint",
        /// `CreatedAt`: RFC 3339.
        created_at: String = "CreatedAt",
        /// `Options`: the driver's; `type`, `o` and `device` of the local one can make the
        /// volume any directory of the host. Can hold a password.
        options: Texts = "Options",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `Scope`: `local` or `global`.
        scope: String = "Scope",
    }
}
