//! Files of systemd's units: whoever may write to one is root when the unit is started again.

use std::collections::BTreeSet;

use dockward_model::facts::{Field, Host, Origin, Unit};
use dockward_model::verdict::Outcome;

use crate::{guarded, together};

/// Judges the owners of all files of these units as one.
pub(crate) fn judge_owners(host: &Host, names: &[&str]) -> Outcome {
    of_each(host, names, |unit, files| match files {
        [] => masked(unit),
        files => guarded::judge_owners(host, files, 0),
    })
}

/// Judges the modes of all files of these units as one, and who may write to the folders in which
/// systemd looks for them.
pub(crate) fn judge_modes(host: &Host, names: &[&str]) -> Outcome {
    of_each(host, names, |unit, files| {
        let search = unit.folders.iter();
        let folders: BTreeSet<_> = search
            .flat_map(|path| guarded::above(host, path))
            .chain(unit.folders.clone())
            .collect();
        match guarded::judge_modes_in(host, files, folders, 0, 0o644) {
            Outcome::Pass if files.is_empty() => masked(unit),
            outcome => outcome,
        }
    })
}

fn masked(unit: &Unit) -> Outcome {
    Outcome::NotApplicable(format!("{} masks the unit", unit.fragment))
}

/// A link to `/dev/null` is no file to write to.
fn of_each(host: &Host, names: &[&str], judge: impl Fn(&Unit, &[&str]) -> Outcome) -> Outcome {
    let is_file = |path: &&str| host.links.get(*path).is_none_or(|real| real != "/dev/null");
    let verdict = |name: &&str| {
        let field = unit(host, name);
        field.judge(Outcome::NotApplicable(format!("no {name}")), |unit| {
            judge(unit, &unit.files().filter(is_file).collect::<Vec<_>>())
        })
    };
    together::all(names.iter().map(verdict), "no such unit")
}

/// A unit by name; what nobody looked at is unknown.
pub(crate) fn unit(host: &Host, name: &str) -> Field<Unit> {
    let unseen = || Field::unknown("not looked at", Origin::file(name, None));
    host.units.get(name).cloned().unwrap_or_else(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with_unit,
        unit as sample_unit,
    };

    const NAME: &str = "docker.service";

    fn host() -> Host {
        host_with_unit(NAME, sample_unit(NAME))
    }

    #[test]
    fn all_files_of_a_unit_count() {
        assert_passes(judge_owners(&host(), &[NAME]));
        assert_passes(judge_modes(&host(), &[NAME]));
        for path in sample_unit(NAME).files() {
            let mut host = host();
            host.files.insert(path.to_owned(), file(0o666, 1000, 0));
            assert!(assert_fails(judge_owners(&host, &[NAME])).message.contains(path));
            assert!(assert_fails(judge_modes(&host, &[NAME])).message.contains(path));
        }
    }

    #[test]
    fn a_folder_that_is_searched_counts_even_where_no_file_lies_in_it() {
        let mut host = host();
        host.files.insert("/etc/systemd/system".into(), file(0o775, 0, 50));
        assert_passes(judge_owners(&host, &[NAME]));
        let failure = assert_fails(judge_modes(&host, &[NAME]));
        assert_eq!(failure.evidence.len(), 1, "{failure:?}");
    }

    #[test]
    fn a_masked_unit_has_no_file_but_can_be_unmasked_by_who_writes_there() {
        let mut host = host();
        let unit = Unit { masked: true, drop_ins: Vec::new(), ..sample_unit(NAME) };
        host.links.insert(unit.fragment.clone(), "/dev/null".into());
        host.files.insert(unit.fragment.clone(), file(0o666, 0, 0));
        host.units.insert(NAME.into(), Field::known(unit, Origin::Nowhere));
        assert_not_applicable(judge_owners(&host, &[NAME]));
        assert_not_applicable(judge_modes(&host, &[NAME]));
        host.files.insert("/etc/systemd/system".into(), file(0o777, 0, 0));
        assert_fails(judge_modes(&host, &[NAME]));
    }

    #[test]
    fn no_unit_is_nothing_to_judge_and_an_unseen_one_is_unknown() {
        let mut host = host();
        host.units.insert(NAME.into(), Field::absent(Origin::Nowhere));
        assert_not_applicable(judge_modes(&host, &[NAME]));
        host.units.insert(NAME.into(), Field::unknown("eof", Origin::Nowhere));
        assert_unknown(judge_owners(&host, &[NAME]));
        assert_unknown(judge_modes(&host, &["podman.socket"]));
    }
}
