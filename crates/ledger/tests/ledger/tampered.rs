//! What somebody changed afterwards, who may write everywhere in the ledger.

use std::path::Path;

use dockward_ledger::entry::Verdict;
use dockward_ledger::{Checkpoint, PublicKey, verify};

use super::sample::{copy, decision, files, in_memory, open, outcome};

/// A small ledger with parts of tiles of two checkpoints, and what was kept of it elsewhere.
fn small(path: &Path) -> (Checkpoint, PublicKey) {
    let ledger = open(path);
    let seq = ledger.append(&decision("a", Verdict::Allow)).unwrap();
    ledger.publish().unwrap();
    let kept = verify(path, &[], None).unwrap();
    ledger.append(&outcome(seq)).unwrap();
    ledger.append(&decision("b", Verdict::Deny)).unwrap();
    ledger.close().unwrap();
    (kept.checkpoint.unwrap(), kept.key)
}

fn name<'a>(path: &'a Path, of: &Path) -> &'a Path {
    path.strip_prefix(of).unwrap()
}

#[test]
fn one_changed_bit_of_any_byte_of_any_file_is_found() {
    let folder = in_memory();
    let (kept, key) = small(folder.path());
    let mut bytes = 0;
    for path in files(folder.path()) {
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bent).unwrap();
            let shown = name(&path, folder.path()).display();
            assert!(verify(folder.path(), &[], None).is_err(), "byte {at} of {shown}");
            if at % 5 == 0 {
                let with_key = verify(folder.path(), std::slice::from_ref(&kept), Some(&key));
                assert!(with_key.is_err(), "byte {at} of {shown}");
            }
            bytes += 1;
        }
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(bytes > 6_000, "{bytes}");
    assert!(verify(folder.path(), &[kept], Some(&key)).unwrap().is_complete());
}

#[test]
fn any_file_that_was_cut_lengthened_removed_or_added_is_found() {
    let folder = in_memory();
    let (kept, key) = small(folder.path());
    let found = |what: &str| {
        let verified = verify(folder.path(), std::slice::from_ref(&kept), Some(&key));
        assert!(verified.is_err(), "{what}: {verified:?}");
    };
    for path in files(folder.path()) {
        let (whole, shown) = (std::fs::read(&path).unwrap(), name(&path, folder.path()).display());
        // What is empty or holds nothing cannot lose anything.
        let holds = !path.ends_with("lock") && !path.ends_with("reserve");
        for length in (0..whole.len()).filter(|_| holds) {
            std::fs::write(&path, &whole[..length]).unwrap();
            found(&format!("{shown} cut to {length}"));
        }
        std::fs::write(&path, [&*whole, b"x"].concat()).unwrap();
        found(&format!("{shown} lengthened"));
        std::fs::write(&path, &whole).unwrap();
    }
    for path in ["log/extra", "log/tile/0/001", "log/tile/entries/000.p/200", "extra", "journal/x"]
    {
        std::fs::write(folder.path().join(path), b"").unwrap();
        found(path);
        std::fs::remove_file(folder.path().join(path)).unwrap();
    }
    for path in ["log/checkpoint", "log/tile/0/000.p/6", "log/tile/entries/000.p/6"] {
        let away = folder.path().join("tmp/away");
        std::fs::rename(folder.path().join(path), &away).unwrap();
        found(path);
        std::fs::rename(&away, folder.path().join(path)).unwrap();
    }
    assert!(verify(folder.path(), &[kept], Some(&key)).is_ok());
}

#[test]
fn a_log_that_was_written_anew_with_the_very_key_is_found_by_an_older_checkpoint() {
    let folder = in_memory();
    let (kept, key) = small(folder.path());
    let anew = in_memory();
    for name in ["key", "key.pub"] {
        std::fs::copy(folder.path().join(name), anew.path().join(name)).unwrap();
    }
    let ledger = open(anew.path());
    for n in 0..9 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
    }
    ledger.close().unwrap();
    assert!(verify(anew.path(), &[], Some(&key)).unwrap().is_complete(), "it fits in itself");
    let error =
        verify(anew.path(), std::slice::from_ref(&kept), Some(&key)).unwrap_err().to_string();
    assert!(error.contains(&format!("the first {} entries are not those", kept.size)), "{error}");
}

#[test]
fn going_back_to_an_older_state_is_found() {
    let folder = in_memory();
    let (_, key) = small(folder.path());
    let older = in_memory();
    copy(folder.path(), older.path());
    open(folder.path()).close().unwrap();
    let later = verify(folder.path(), &[], None).unwrap().checkpoint.unwrap();
    let error = verify(older.path(), &[later], Some(&key)).unwrap_err().to_string();
    assert!(error.contains("it was cut or begun anew"), "{error}");
}

#[test]
fn a_key_that_was_kept_elsewhere_finds_another_signer() {
    let folder = in_memory();
    let (_, key) = small(folder.path());
    let other = in_memory();
    small(other.path());
    let error = verify(other.path(), &[], Some(&key)).unwrap_err();
    assert!(error.to_string().contains("key.pub is another key"), "{error}");
    std::fs::remove_file(other.path().join("key.pub")).unwrap();
    let error = verify(other.path(), &[], Some(&key)).unwrap_err();
    assert!(error.to_string().contains("not signed by web-07"), "{error}");
}
