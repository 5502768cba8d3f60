use dockward_model::facts::{Case, Fact};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// Disks are shared too: one container that writes without end slows down every other, and the
    /// engine's own logs and images. Few hosts need a limit for it; the ones that do are those on
    /// which many parties or disk-hungry jobs share one disk.
    ///
    /// ## Fix
    /// A weight, `--blkio-weight 300` (Compose `blkio_config: {weight: 300}`), or a limit for a
    /// device, `--device-write-bps /dev/sda:20mb` (`blkio_config.device_write_bps`).
    ///
    /// ## References
    /// The kernel's `cgroup-v2.rst`, `io.max` and `io.weight`. No CIS recommendation covers it.
    id: "container-io-limit", title: "disk traffic is limited",
    severity: Info, cis16: [], cis18: [], judge: io_limit
}

fn io_limit(case: &Case<'_>) -> Outcome {
    let (weight, devices) =
        (&case.container.limits.blkio_weight, &case.container.limits.blkio_device_limits);
    if weight.get().is_some_and(|n| *n > 0) || devices.get().is_some_and(|n| *n > 0) {
        return Outcome::Pass;
    }
    match (&weight.fact, &devices.fact) {
        (Fact::Unknown(_), _) => Outcome::unread(weight),
        (_, Fact::Unknown(_)) => Outcome::unread(devices),
        _ => {
            let evidence =
                Evidence::of(weight, "no weight, no limit", "a weight or a device's limit");
            let fix =
                "`--blkio-weight 300` (`blkio_config: {weight: 300}`) or `--device-write-bps`";
            Failure::new("can use all of the disks' time", evidence, fix).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    #[test]
    fn a_weight_or_a_devices_limit_passes() {
        let weight = case_with(|c| c.limits.blkio_weight = sample::known(300, "BlkioWeight"));
        assert_passes(io_limit, &weight);
        let device = case_with(|c| c.limits.blkio_device_limits = sample::known(1, "BlkioDevice"));
        assert_passes(io_limit, &device);
    }

    #[test]
    fn nothing_said_fails_and_so_does_zero() {
        assert_fails(io_limit, &case_with(|_| ()));
        let zero = case_with(|c| c.limits.blkio_device_limits = sample::known(0, "BlkioDevice"));
        assert_fails(io_limit, &zero);
    }

    #[test]
    fn an_unreadable_limit_is_never_a_pass_nor_a_failure() {
        let weight = case_with(|c| c.limits.blkio_weight = sample::unknown("BlkioWeight"));
        assert_unknown(io_limit, &weight);
        let device = case_with(|c| c.limits.blkio_device_limits = sample::unknown("BlkioDevice"));
        assert_unknown(io_limit, &device);
    }
}
