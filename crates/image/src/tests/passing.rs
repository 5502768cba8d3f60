//! Tars that an engine makes.

use std::io::{self, Read};

use super::samples::{APK, Item, apk, tar};
use crate::{Options, exported};

/// A tar that its maker stops sending after these bytes.
struct Cut<'a>(&'a [u8]);

impl Read for Cut<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out) {
            Ok(0) => Err(io::Error::other("the engine went away")),
            other => other,
        }
    }
}

#[test]
fn a_root_that_goes_past_is_read_again_where_a_link_leads_on() {
    let record = apk(&[("a", "1-r0")]);
    let root = tar(&[Item::File("opt/records", &record), Item::Link(APK, "/opt/records")]);
    let mut begun = 0;
    let again = || {
        begun += 1;
        Ok(&root[..])
    };
    let found = exported("c", again, &Options::default()).unwrap();
    assert_eq!(found.contents.packages.len(), 1, "{found:?}");
    assert_eq!((begun, found.contents.problems), (2, vec![]));
}

#[test]
fn what_ends_early_is_told_beside_what_came() {
    let root = tar(&[Item::File(APK, &apk(&[("a", "1-r0")]))]);
    let found = exported("c", || Ok(Cut(&root[..1024])), &Options::default()).unwrap();
    assert_eq!(found.contents.packages.len(), 1);
    let [problem] = &found.contents.problems[..] else { panic!("{found:?}") };
    assert!(problem.why.contains("the engine went away"), "{problem:?}");
}
