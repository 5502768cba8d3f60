//! Limits. The engine writes 0 where none was set, which is absent here.

use dockward_engine::Lenient;
use dockward_engine::api::{HostConfig, ThrottleDevice};
use dockward_model::facts::{Field, Limits, Ulimit};

use super::Record;
use crate::field::{Odd, part, text_part};

pub(super) fn limits(r: &Record<'_>) -> Limits {
    let a = &r.answered;
    Limits {
        memory: a.number("HostConfig.Memory", r.host(|h| &h.memory)),
        memory_reservation: a
            .number("HostConfig.MemoryReservation", r.host(|h| &h.memory_reservation)),
        memory_swap: a.number("HostConfig.MemorySwap", r.host(|h| &h.memory_swap)),
        nano_cpus: a.number("HostConfig.NanoCpus", r.host(|h| &h.nano_cpus)),
        cpu_quota: a.number("HostConfig.CpuQuota", r.host(|h| &h.cpu_quota)),
        cpu_period: a.number("HostConfig.CpuPeriod", r.host(|h| &h.cpu_period)),
        cpu_shares: a.number("HostConfig.CpuShares", r.host(|h| &h.cpu_shares)),
        cpuset_cpus: a.text("HostConfig.CpusetCpus", r.host(|h| &h.cpuset_cpus)),
        pids: a.number("HostConfig.PidsLimit", r.host(|h| &h.pids_limit)),
        blkio_weight: a.number("HostConfig.BlkioWeight", r.host(|h| &h.blkio_weight)),
        blkio_device_limits: device_limits(r),
        oom_kill_disable: a.flag("HostConfig.OomKillDisable", r.host(|h| &h.oom_kill_disable)),
        oom_score_adj: a.number("HostConfig.OomScoreAdj", r.host(|h| &h.oom_score_adj)),
        ulimits: a.list("HostConfig.Ulimits", r.host(|h| &h.ulimits), |_, one| ulimit(one)),
    }
}

/// How many devices are limited: four lists of which each may name some.
fn device_limits(r: &Record<'_>) -> Field<usize> {
    type Pick = fn(&HostConfig) -> &Lenient<Vec<ThrottleDevice>>;
    let lists: [(&'static str, Pick); 4] = [
        ("HostConfig.BlkioDeviceReadBps", |h| &h.blkio_device_read_bps),
        ("HostConfig.BlkioDeviceWriteBps", |h| &h.blkio_device_write_bps),
        ("HostConfig.BlkioDeviceReadIOps", |h| &h.blkio_device_read_iops),
        ("HostConfig.BlkioDeviceWriteIOps", |h| &h.blkio_device_write_iops),
    ];
    let mut sum = Field::absent(r.answered.origin("HostConfig.BlkioDeviceReadBps"));
    for (name, pick) in lists {
        let count = |list: &Vec<ThrottleDevice>| {
            list.iter().try_for_each(|one| text_part("Path", &one.path).map(|_| ()))?;
            Ok(Some(list.len()).filter(|n| *n > 0))
        };
        let one = r.answered.read(name, r.host(pick), "a list", count);
        match (one.get(), sum.get()) {
            (Some(more), Some(so_far)) => sum = Field::known(more + so_far, one.origin),
            (None, _) if one.fact.is_absent() => {}
            (Some(_), None) => sum = one,
            (None, _) => return one,
        }
    }
    sum
}

/// One of `Ulimits`.
pub(crate) fn ulimit(one: &dockward_engine::api::Ulimit) -> Result<Ulimit, Odd> {
    Ok(Ulimit {
        name: text_part("Name", &one.name)?,
        soft: part("Soft", &one.soft)?.copied().unwrap_or_default(),
        hard: part("Hard", &one.hard)?.copied().unwrap_or_default(),
    })
}
