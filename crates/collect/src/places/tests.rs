use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

/// A host below a folder, with a socket at each of these paths.
struct Rooted {
    dir: tempfile::TempDir,
    _listeners: Vec<UnixListener>,
}

impl Rooted {
    fn with(sockets: &[&str]) -> Self {
        let dir = tempfile::Builder::new().prefix("r").tempdir().unwrap();
        let listen = |path: &&str| {
            let path = dir.path().join(path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            UnixListener::bind(path).unwrap()
        };
        let listeners = sockets.iter().map(listen).collect();
        Self { dir, _listeners: listeners }
    }

    fn link(self, from: &str, to: &str) -> Self {
        let from = self.dir.path().join(from.trim_start_matches('/'));
        std::fs::create_dir_all(from.parent().unwrap()).unwrap();
        symlink(to, from).unwrap();
        self
    }

    fn found(&self, change: impl FnOnce(&mut Options)) -> (Vec<String>, Notes) {
        let mut options = Options::wanted(Named::default()).unwrap();
        options.root = Some(self.dir.path().to_owned());
        change(&mut options);
        let (sight, notes) = (Sight::of(options.root.as_deref()), Notes::default());
        let (places, _) = places(&options, &sight, &notes);
        let root = self.dir.path().display().to_string();
        let shown = |place: &Place| place.endpoint.to_string().replace(&root, "");
        (places.iter().map(shown).collect(), notes)
    }
}

fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[test]
fn the_systems_sockets_come_before_those_of_its_users() {
    let mine = format!("/run/user/{}", own());
    let docker = format!("{mine}/docker.sock");
    let podman = format!("{mine}/podman/podman.sock");
    let host = Rooted::with(&[&podman, &docker, "/run/podman/podman.sock", "/run/docker.sock"]);
    let paths = ["/run/docker.sock", "/run/podman/podman.sock", &docker, &podman];
    assert_eq!(host.found(|_| ()).0, paths.map(|path| format!("unix://{path}")));
}

#[test]
fn a_socket_of_two_names_is_asked_once_and_by_where_it_is() {
    let host = Rooted::with(&["/run/docker.sock"]).link("/var/run", "/run");
    assert_eq!(host.found(|_| ()).0, ["unix:///run/docker.sock"]);
}

#[test]
fn a_link_that_leads_out_of_the_root_leads_nowhere() {
    let outside = Rooted::with(&["/docker.sock"]);
    let target = outside.dir.path().join("docker.sock");
    let host = Rooted::with(&[]).link("/run/docker.sock", target.to_str().unwrap());
    assert!(host.found(|_| ()).0.is_empty());
}

#[test]
fn in_a_users_folder_only_that_users_own_socket_counts() {
    let others = format!("/run/user/{}/docker.sock", own() + 1);
    assert!(Rooted::with(&[&others]).found(|_| ()).0.is_empty(), "it belongs to us");
    let host = Rooted::with(&[]);
    let path = host.dir.path().join(format!("run/user/{}/docker.sock", own()));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "no socket").unwrap();
    assert!(host.found(|_| ()).0.is_empty());
}

#[test]
fn more_engines_than_the_cap_are_said_aloud() {
    let host = Rooted::with(&["/run/docker.sock", "/run/podman/podman.sock"]);
    let (found, notes) = host.found(|options| options.most_engines = 1);
    assert_eq!(found, ["unix:///run/docker.sock"]);
    assert_eq!(notes.into_list()[0].what, "1 further engines");
}

#[test]
fn more_users_than_the_cap_leave_the_systems_engines() {
    let host = Rooted::with(&["/run/docker.sock"]);
    for user in 0..=MOST_USERS {
        let folder = format!("run/user/{}", 10_000 + user);
        std::fs::create_dir_all(host.dir.path().join(folder)).unwrap();
    }
    let (found, notes) = host.found(|_| ());
    assert_eq!(found, ["unix:///run/docker.sock"]);
    assert!(notes.into_list()[0].what.contains("users"));
}

#[test]
fn a_place_that_was_named_is_told_from_inside_the_root_too() {
    let host = Rooted::with(&["/srv/d.sock"]);
    let sight = Sight::of(Some(host.dir.path()));
    let place = super::named(&sight, &Endpoint::Unix(host.dir.path().join("srv/d.sock")));
    assert_eq!(place.socket.as_deref(), Some("/srv/d.sock"));
    let outside = super::named(&sight, &Endpoint::Unix("/run/docker.sock".into()));
    assert_eq!(outside.socket.as_deref(), Some("/run/docker.sock"));
}

#[test]
fn only_a_name_of_loopback_may_be_this_host() {
    let far = |host: &str| {
        let endpoint = Endpoint::Tcp { host: host.into(), port: 2375, tls: None };
        Place { endpoint, socket: None, files: Live::host(), user: None }.is_far()
    };
    assert!(!far("localhost") && !far("127.0.0.1") && !far("::1"));
    assert!(far("10.0.0.1") && far("db-1") && far("127.0.0.1.example"));
}

#[test]
fn whose_folder_a_path_lies_in_is_told_by_its_name() {
    assert_eq!(user_of("/run/user/1000/docker.sock"), Some(1000));
    assert_eq!(user_of("/run/user/1000"), None);
    assert_eq!(user_of("/run/users/1000/docker.sock"), None);
    assert_eq!(user_of("/run/docker.sock"), None);
}
