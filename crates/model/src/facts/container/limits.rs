//! Limits on what a container may use up.

use serde::{Deserialize, Serialize};

use crate::facts::Field;

/// Limits as configured. The engine writes 0 for "none"; here that is `Absent`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// `Memory`, bytes.
    pub memory: Field<i64>,
    /// `MemoryReservation`, bytes: a soft limit, which holds nothing.
    pub memory_reservation: Field<i64>,
    /// `MemorySwap`, bytes, memory included; -1 is without end.
    pub memory_swap: Field<i64>,
    /// `NanoCpus`: billionths of a CPU.
    pub nano_cpus: Field<i64>,
    /// `CpuQuota`, microseconds in each `CpuPeriod`; -1 is without end.
    pub cpu_quota: Field<i64>,
    /// `CpuPeriod`, microseconds.
    pub cpu_period: Field<i64>,
    /// `CpuShares`: a weight, 1024 by default.
    pub cpu_shares: Field<i64>,
    /// `CpusetCpus`, such as `0-2,5`.
    pub cpuset_cpus: Field<String>,
    /// `PidsLimit`; 0 and -1 are without end.
    pub pids: Field<i64>,
    /// `BlkioWeight`, 10 to 1000.
    pub blkio_weight: Field<i64>,
    /// How many devices have a limit in bytes or operations a second (`BlkioDevice…`).
    pub blkio_device_limits: Field<usize>,
    /// `OomKillDisable`.
    pub oom_kill_disable: Field<bool>,
    /// `OomScoreAdj`, -1000 to 1000.
    pub oom_score_adj: Field<i64>,
    /// `Ulimits`.
    pub ulimits: Field<Vec<Ulimit>>,
}

/// One resource limit (getrlimit(2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// The name, such as `nofile`.
    pub name: String,
    /// The soft limit; -1 is without end.
    pub soft: i64,
    /// The hard limit; -1 is without end.
    pub hard: i64,
}
