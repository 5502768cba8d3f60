//! systemd's units of engines: which files define them, and what these say when merged.
//!
//! Nothing is asked of systemd: what it would load is read from the files, in its own order. A
//! service that runs may have been started with less.

mod load_path;
mod settings;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Origin, Unit};

use crate::tree::{SMALL, Tree};
use load_path::Folder;

/// The units by which packages start engines, and containerd's, on which they stand.
const NAMES: [&str; 6] = [
    "containerd.service",
    "docker.service",
    "docker.socket",
    "podman.service",
    "podman.socket",
    "snap.docker.dockerd.service",
];

/// How many drop-ins of one unit are read; a person writes a handful.
const MAX_DROP_INS: usize = 200;

/// The units of engines by name, as systemd would load them; absent where no file defines one.
#[must_use]
pub fn units(tree: &dyn Tree) -> BTreeMap<String, Field<Unit>> {
    let folders = load_path::folders(tree);
    let field = |name: &str| {
        let origin = |path: &str| Origin::file(path, None);
        let expected = format!("/etc/systemd/system/{name}");
        let found = folders.as_ref().map_err(String::clone);
        match found.and_then(|folders| unit(tree, folders, name)) {
            Ok(Some(unit)) => {
                let fragment = origin(&unit.fragment);
                Field::known(unit, fragment)
            }
            Ok(None) => Field::absent(origin(&expected)),
            Err(why) => Field::unknown(why, origin(&expected)),
        }
    };
    NAMES.iter().map(|name| ((*name).to_owned(), field(name))).collect()
}

/// The files and folders of the units whose owners and modes matter, the programs they start and
/// the sockets they open.
pub(super) fn paths(units: &BTreeMap<String, Field<Unit>>) -> BTreeSet<String> {
    let known = units.values().filter_map(Field::get);
    known.flat_map(paths_of).map(str::to_owned).collect()
}

/// The files that define them.
pub(super) fn fragments(units: &BTreeMap<String, Field<Unit>>) -> impl Iterator<Item = String> {
    units.values().filter_map(Field::get).map(|unit| unit.fragment.clone())
}

fn paths_of(unit: &Unit) -> impl Iterator<Item = &str> {
    let folders = unit.folders.iter().map(String::as_str);
    unit.files().chain(folders).chain(unit.programs()).chain(unit.sockets())
}

/// The unit as the first file of its name defines it; none where there is no such file.
fn unit(tree: &dyn Tree, folders: &[Folder], name: &str) -> Result<Option<Unit>, String> {
    let Some(fragment) = folders.iter().find(|folder| folder.has(name)).map(|f| f.join(name))
    else {
        return Ok(None);
    };
    let mut unit = Unit { fragment, ..Unit::default() };
    unit.folders = folders.iter().map(|folder| folder.path.clone()).collect();
    let Some(text) = content(tree, &unit.fragment)? else {
        unit.masked = true;
        return Ok(Some(unit));
    };
    settings::add(&mut unit.settings, &unit.fragment, &text);
    for drop_ins in drop_in_folders(tree, folders, &names(tree, &unit.fragment, name))? {
        unit.folders.push(drop_ins.path.clone());
        add_drop_ins(&mut unit, &drop_ins);
    }
    unit.drop_ins.sort_by(|a, b| file_name(a).cmp(file_name(b)));
    if unit.drop_ins.len() > MAX_DROP_INS {
        return Err(format!("{name} has more than {MAX_DROP_INS} drop-ins"));
    }
    apply_drop_ins(tree, &mut unit)?;
    Ok(Some(unit))
}

/// The text of a unit's file; none where it masks what it is named after: a link to `/dev/null`, or
/// an empty file.
fn content(tree: &dyn Tree, path: &str) -> Result<Option<String>, String> {
    if tree.real(path).known().is_some_and(|real| real == "/dev/null") {
        return Ok(None);
    }
    match tree.read_text(path, SMALL) {
        Fact::Known(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Fact::Absent => Err(format!("{path} leads nowhere")),
        Fact::Unknown(why) => Err(why),
    }
}

/// Its name, and the one of the file that it is an alias of: drop-ins of both count.
fn names(tree: &dyn Tree, fragment: &str, name: &str) -> Vec<String> {
    let real = tree.real(fragment);
    let other = real.known().map(|real| file_name(real)).filter(|other| *other != name);
    std::iter::once(name).chain(other).map(str::to_owned).collect()
}

/// The drop-in folders that exist; of two files of one name, that in the first folder counts.
fn drop_in_folders(
    tree: &dyn Tree,
    folders: &[Folder],
    names: &[String],
) -> Result<Vec<Folder>, String> {
    let of_name = |name: &String| {
        let names = load_path::drop_in_names(name);
        folders.iter().flat_map(move |folder| in_folder(folder, names.clone())).collect::<Vec<_>>()
    };
    let type_wide = names.first().and_then(|name| load_path::type_wide(name));
    let paths = names.iter().flat_map(of_name).chain(
        folders
            .iter()
            .flat_map(|folder| in_folder(folder, type_wide.clone().into_iter().collect())),
    );
    let mut found = Vec::new();
    for path in paths {
        found.extend(load_path::folder(tree, &path)?);
    }
    Ok(found)
}

fn in_folder(folder: &Folder, names: Vec<String>) -> impl Iterator<Item = String> {
    names.into_iter().filter(|name| folder.has(name)).map(|name| folder.join(&name))
}

/// One too many is enough to be told of.
fn add_drop_ins(unit: &mut Unit, folder: &Folder) {
    for name in folder.names().filter(|name| name.ends_with(".conf")) {
        if unit.drop_ins.len() > MAX_DROP_INS {
            return;
        }
        if !unit.drop_ins.iter().any(|before| file_name(before) == name) {
            unit.drop_ins.push(folder.join(name));
        }
    }
}

/// Reads them in order; one that only hides another of its name is left out.
fn apply_drop_ins(tree: &dyn Tree, unit: &mut Unit) -> Result<(), String> {
    let mut kept = Vec::new();
    for path in std::mem::take(&mut unit.drop_ins) {
        if let Some(text) = content(tree, &path)? {
            settings::add(&mut unit.settings, &path, &text);
            kept.push(path);
        }
    }
    unit.drop_ins = kept;
    Ok(())
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
