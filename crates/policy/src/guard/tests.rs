use super::*;
use crate::sample::{config, told};

#[test]
fn without_a_word_the_baseline_holds() {
    let guard = config("").guard;
    assert_eq!(guard, GuardSettings::default());
    assert_eq!((guard.profile, guard.bind_roots.len()), (Profile::Baseline, 0));
}

#[test]
fn a_caller_has_what_its_preset_and_its_own_words_allow() {
    let guard = config(
        "[guard]\nprofile = \"restricted\"\nbind-roots = [\"/srv/data\"]\n\
         [guard.rules]\ncontainer-memory-limit = \"deny\"\nguard-bind-root = \"allow\"\n\
         [[guard.caller]]\ncontainer = \"proxy-*\"\npreset = \"traefik\"\nallow = [\"image-list\"]\n\
         [[guard.caller]]\ngroup = \"deploy\"\nown = true\nonly-label = \"team=shop*\"\n",
    )
    .guard;
    assert_eq!(
        (guard.profile, guard.bind_roots.as_slice()),
        (Profile::Restricted, &["/srv/data".to_owned()][..])
    );
    assert!(!guard.rules["guard-bind-root"]);
    let [traefik, deploy] = guard.callers.as_slice() else { panic!("{guard:?}") };
    let may = |id: &str| traefik.allow.as_ref().unwrap().iter().any(|glob| glob.matches(id));
    assert!(may("container-inspect") && may("image-list") && may("system-ping-head"));
    assert!(!may("container-create") && !may("container-logs"));
    assert!(traefik.hide.contains(&Hidden::Env));
    assert_eq!(deploy.who, Who::Group("deploy".into()));
    assert!(deploy.own && deploy.allow.is_none());
    assert_eq!(deploy.only.label, Some(("team".into(), Some(Glob::new("shop*")))));
}

#[test]
fn every_mistake_is_told() {
    for (text, says) in [
        ("[guard]\nprofile = \"strict\"", "`strict` is no profile"),
        ("[guard]\nbind-roots = [\"/\"]", "`/` is no plain absolute path"),
        ("[guard]\nbind-roots = [\"/srv/../etc\"]", "no plain absolute path"),
        ("[guard]\nbind-rots = []", "`bind-rots` is no setting of `[guard]`"),
        (
            "[guard.rules]\ncontainer-read-only-rot = \"deny\"",
            "did you mean `container-read-only-root`",
        ),
        ("[guard.rules]\nguard-plugin = \"no\"", "`no` is no verdict"),
        ("[[guard.caller]]\npreset = \"traefik\"", "nobody is named"),
        ("[[guard.caller]]\nuser = \"a\"\ngroup = \"b\"", "one of several"),
        (
            "[[guard.caller]]\nuser = \"a\"\nallow = [\"container-creat\"]",
            "did you mean `container-create`",
        ),
        ("[[guard.caller]]\nuser = \"a\"\nhide = [\"envs\"]", "can be hidden"),
        ("guard = 7", "`guard`"),
    ] {
        assert!(told(text).contains(says), "{text}: {}", told(text));
    }
}

#[test]
fn every_operation_of_a_preset_is_one() {
    for preset in Preset::ALL {
        for glob in preset.operations() {
            assert!(dockward_request::routes().any(|route| glob.matches(route.id)), "{glob:?}");
        }
    }
}
