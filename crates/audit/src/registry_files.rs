//! Certificates and keys with which engines know registries, and are known by them.

use std::collections::BTreeMap;

use dockward_model::facts::{Fact, Field, Host, Origin, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{lookup, together};

/// Root's own folder, which every engine of root's reads.
const FOLDER: &str = "/etc/docker/certs.d";

/// Judges the files whose names end so, in root's folder and in those of rootless engines, with the
/// user to whom they may belong.
pub(crate) fn judge(
    snapshot: &Snapshot,
    endings: &[&str],
    by: impl Fn(&Host, &[&str], u32) -> Outcome,
) -> Outcome {
    let host = &snapshot.host;
    let verdicts = folders(snapshot).into_iter().map(|(folder, uid)| {
        let listed = host.registry_files.get(&folder).cloned();
        let listed =
            listed.unwrap_or_else(|| Field::unknown("not looked at", Origin::file(&*folder, None)));
        let uid = match uid {
            Ok(uid) => uid,
            Err(why) => return Outcome::Unknown(why),
        };
        listed.judge(Outcome::NotApplicable(format!("{folder} does not exist")), |paths| {
            let is_meant = |path: &&str| endings.iter().any(|ending| path.ends_with(ending));
            let paths: Vec<_> = paths.iter().map(String::as_str).filter(is_meant).collect();
            by(host, &paths, uid)
        })
    });
    together::all(verdicts, "no folder")
}

/// The folders, and to whom each may belong beside root. An engine whose folder is not known is
/// told of by what else is not known of it, unless it is rootless.
fn folders(snapshot: &Snapshot) -> BTreeMap<String, Result<u32, String>> {
    let rootless = snapshot.engines.iter().map(|engine| &engine.daemon);
    let rootless = rootless.filter(|daemon| daemon.is_rootless()).map(|daemon| {
        let uid = match lookup::engine_uid(daemon) {
            Fact::Known(uid) => Ok(uid),
            Fact::Unknown(why) => Err(why),
            Fact::Absent => Err("who the engine runs as was not seen".into()),
        };
        match &daemon.registry_folder.fact {
            Fact::Known(folder) => (folder.clone(), uid),
            Fact::Absent => ("its folder".into(), Err("its folder was not seen".into())),
            Fact::Unknown(why) => ("its folder".into(), Err(why.clone())),
        }
    });
    rootless.chain([(FOLDER.to_owned(), Ok(0))]).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::judged::{
        assert_not_applicable, assert_unknown, engine_with, insert, snapshot, snapshot_with,
    };
    use dockward_model::facts::{DaemonProcess, FileFacts, sample};

    /// A host with one such file.
    pub(crate) fn with(name: &str, found: Field<FileFacts>) -> Snapshot {
        let path = format!("{FOLDER}/lan:5000/{name}");
        snapshot_with(|s| {
            insert(&mut s.host, &path, found);
            let listed = Field::known(vec![path], Origin::file(FOLDER, None));
            s.host.registry_files.insert(FOLDER.into(), listed);
        })
    }

    /// What each check of such files must say where there are none, or where none were seen.
    pub(crate) fn assert_asks_only_where_files_are(judge: fn(&Snapshot) -> Outcome) {
        let listed = |field| {
            let set = [(FOLDER.to_owned(), field)].into();
            judge(&snapshot_with(|s| s.host.registry_files = set))
        };
        assert_not_applicable(listed(Field::absent(Origin::Nowhere)));
        assert_not_applicable(listed(Field::known(Vec::new(), Origin::Nowhere)));
        let other = with("README", Field::unknown("no file that is read", Origin::Nowhere));
        assert_not_applicable(judge(&other));
        assert_unknown(listed(Field::unknown("permission denied", Origin::Nowhere)));
        assert_unknown(judge(&snapshot()));
        for name in ["ca.crt", "client.cert", "client.key"] {
            let outcome = judge(&with(name, Field::unknown("eof", Origin::Nowhere)));
            assert!(!matches!(outcome, Outcome::Pass | Outcome::Fail(_)), "{name}");
        }
    }

    #[test]
    fn a_rootless_engines_folder_may_belong_to_its_user() {
        let own = "/home/ann/.config/docker/certs.d";
        let process = DaemonProcess { pid: 7, uid: 1000, exe: String::new(), started: None };
        let engine = |folder| {
            engine_with(|e| {
                e.daemon.security_options = sample::known(vec!["name=rootless".into()], "");
                e.daemon.process = sample::known(process.clone(), "");
                e.daemon.registry_folder = folder;
            })
        };
        let of = |folder| folders(&snapshot_with(|s| s.engines = vec![engine(folder)]));
        let expected = [(FOLDER.to_owned(), Ok(0)), (own.to_owned(), Ok(1000))];
        assert_eq!(of(sample::known(own.into(), "")), expected.into());
        assert!(of(sample::unknown("")).values().any(Result::is_err));
    }
}
