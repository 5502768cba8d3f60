//! Limits: the kernel's word where there is one, else what was configured.

use dockward_model::facts::{Fact, Field};

/// From here on a limit is none: what version 1 of cgroups writes for "without end".
const WITHOUT_END: u64 = 1 << 60;

/// The limit in force. 0, -1 and nothing at all are no limit.
pub(crate) fn in_force(configured: &Field<i64>, kernel: Option<&Field<u64>>) -> Field<Option<u64>> {
    if let Some(field) = kernel {
        let origin = field.origin.clone();
        match field.fact {
            Fact::Known(limit) => return Field::known(bounded(limit), origin),
            Fact::Absent => return Field::known(None, origin),
            Fact::Unknown(_) => {}
        }
    }
    let origin = configured.origin.clone();
    match &configured.fact {
        Fact::Known(limit) => Field::known(u64::try_from(*limit).ok().and_then(bounded), origin),
        Fact::Absent => Field::known(None, origin),
        Fact::Unknown(why) => Field::unknown(why.clone(), origin),
    }
}

fn bounded(limit: u64) -> Option<u64> {
    (1..WITHOUT_END).contains(&limit).then_some(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::sample;

    #[test]
    fn the_kernel_decides_where_it_was_asked() {
        let configured = sample::known(64, "Memory");
        let none = sample::absent("memory.max");
        assert_eq!(in_force(&configured, Some(&none)).get(), Some(&None));
        let some = sample::known(32, "memory.max");
        assert_eq!(in_force(&configured, Some(&some)).get(), Some(&Some(32)));
        let unread = sample::unknown("memory.max");
        assert_eq!(in_force(&configured, Some(&unread)).get(), Some(&Some(64)));
    }

    #[test]
    fn zero_minus_one_and_what_no_host_has_are_no_limit() {
        for number in [0, -1, i64::MAX - 4095] {
            assert_eq!(in_force(&sample::known(number, "Memory"), None).get(), Some(&None));
        }
    }
}
