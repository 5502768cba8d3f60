use super::*;

fn id(method: &str, target: &str) -> &'static str {
    route(method, target.as_bytes())
        .unwrap_or_else(|why| panic!("{method} {target}: {why}"))
        .route
        .id
}

fn refused(method: &str, target: &str) -> String {
    route(method, target.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_path_means_one_route() {
    for (method, target, expected) in [
        ("POST", "/containers/create", "container-create"),
        ("POST", "/v1.41/containers/%63reate", "container-create"),
        ("GET", "/v1.24/containers/json?all=1", "container-list"),
        ("GET", "/containers/web/json", "container-inspect"),
        ("DELETE", "/containers/web?force=1", "container-remove"),
        ("GET", "/images/json", "image-list"),
        ("GET", "/images/registry.example:5000/a/b:1/json", "image-inspect"),
        ("GET", "/images/a%2Fb@sha256:00/history", "image-history"),
        ("POST", "/images/create?fromImage=a", "image-create"),
        ("HEAD", "/_ping", "system-ping-head"),
        ("GET", "/plugins/privileges?remote=a", "plugin-privileges"),
        ("POST", "/plugins/a/b:latest/disable", "plugin-disable"),
        ("GET", "/networks/my%20net", "network-inspect"),
        ("DELETE", "/containers/web/checkpoints/one", "checkpoint-remove"),
        ("POST", "/grpc", "builder-grpc"),
    ] {
        assert_eq!(id(method, target), expected, "{method} {target}");
    }
}

#[test]
fn what_no_route_is_goes_nowhere() {
    for (method, target) in [
        ("GET", "/debug/pprof/heap"),
        ("POST", "/containers/web/copy"),
        ("POST", "/containers/a/b/start"),
        ("OPTIONS", "/containers/json"),
        ("post", "/containers/create"),
        ("TRACE", "/"),
        ("GET", "/vx/containers/json"),
        ("GET", "/v1.41"),
        ("GET", "/v1.41/v1.41/containers/json"),
        ("DELETE", "/containers/web/json"),
        ("PUT", "/containers/create"),
        ("GET", "/"),
    ] {
        assert!(refused(method, target).contains("not known"), "{method} {target}");
    }
}

#[test]
fn names_stay_within_what_names_can_be() {
    for target in ["/containers/a%2Fb/json", "/containers/a%20b/json", "/containers/%7B%7D/json"] {
        assert!(route("GET", target.as_bytes()).is_err(), "{target}");
    }
    let long = format!("/containers/{}/json", "a".repeat(513));
    assert!(route("GET", long.as_bytes()).is_err());
}

#[test]
fn a_target_is_written_anew() {
    let routed = route("GET", b"/containers/%77eb/logs?stdout=1&tail=all").unwrap();
    assert_eq!(routed.target(Version::minor(41)), "/v1.41/containers/web/logs?stdout=1&tail=all");
    let routed = route("GET", b"/v1.30/images/a/b%3Ac/json").unwrap();
    assert_eq!(routed.target(Version::minor(41)), "/v1.30/images/a/b:c/json");
    let routed = route("DELETE", b"/containers/web/checkpoints/one?dir=x").unwrap();
    assert_eq!(routed.target(Version::minor(99)), "/v1.51/containers/web/checkpoints/one?dir=x");
}

#[test]
fn every_route_is_found_by_its_own_target_and_has_its_own_id() {
    let mut seen = std::collections::BTreeSet::new();
    for one in routes::all() {
        assert!(seen.insert(one.id), "{} twice", one.id);
        let path = one.path.replace(['{', '}'], "");
        let routed =
            route(one.method, path.as_bytes()).unwrap_or_else(|why| panic!("{path}: {why}"));
        assert_eq!(routed.route.id, one.id);
        let (resource, _) = one.id.split_once('-').unwrap();
        assert!(!resource.is_empty());
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn a_route_that_is_younger_than_the_version_is_refused() {
    assert!(refused("POST", "/v1.24/containers/prune").contains("1.25"));
    assert!(route("POST", b"/v1.25/containers/prune").is_ok());
}
