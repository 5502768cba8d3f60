//! Roots in which a file system never answers.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::{Options, Source, open};

/// A mount of a user's file system (fuse) of which nobody reads the requests.
struct Silent {
    at: std::path::PathBuf,
    requests: Option<File>,
}

impl Silent {
    fn mount(at: std::path::PathBuf) -> Result<Self, String> {
        let requests = File::options().read(true).write(true).open("/dev/fuse");
        let requests = requests.map_err(|error| format!("/dev/fuse: {error}"))?;
        let data = format!("fd={},rootmode=40000,user_id=0,group_id=0", requests.as_raw_fd());
        let data = std::ffi::CString::new(data).unwrap();
        mount("silent", &at, "fuse", MountFlags::empty(), data.as_c_str())
            .map_err(|error| format!("mounting it: {error}"))?;
        Ok(Self { at, requests: Some(requests) })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // Whoever waits for an answer has an error then.
        self.requests = None;
        let _ = unmount(&self.at, UnmountFlags::DETACH);
    }
}

#[test]
fn a_file_system_that_never_answers_is_given_up_and_named() {
    let root = tempfile::tempdir().unwrap();
    let records = root.path().join("var/lib/dpkg");
    std::fs::create_dir_all(&records).unwrap();
    let silent = match Silent::mount(records) {
        Ok(silent) => silent,
        Err(why) => {
            let test = "a_file_system_that_never_answers_is_given_up_and_named";
            println!("skipped: {test}: no file system of a user's can be mounted: {why}");
            return;
        }
    };
    let deadline = Instant::now() + Duration::from_millis(200);
    let options = Options { deadline: Some(deadline), ..Options::default() };
    let found = open(&Source::Root(root.path().to_owned()), &options).unwrap();
    let [problem] = &found[0].contents.problems[..] else { panic!("{found:?}") };
    assert!(problem.why.contains("does not answer"), "{problem:?}");
    drop(silent);
}
