use super::*;
use crate::shapes::container::CREATE;

static CREATION: Kind = Kind::Object(&CREATE);

fn decoded(json: &[u8]) -> Result<String, Refusal> {
    let value = document(&CREATION, Version::NEWEST, json)?;
    Ok(String::from_utf8(value.encode()).unwrap())
}

fn refused(json: &[u8]) -> String {
    decoded(json).unwrap_err().to_string()
}

#[test]
fn fields_come_out_under_their_own_names() {
    for json in [
        r#"{"HostConfig":{"Privileged":true}}"#,
        r#"{"hostconfig":{"pRIVILEGED":true}}"#,
        "{\"Ho\u{17f}tConfig\":{\"Privileged\":true}}",
        r#"{"Ho\u017ftConfig":{"\u0050rivileged":true}}"#,
        " {\t\"HostConfig\" :\r\n{\"Privileged\":true} } ",
    ] {
        assert_eq!(
            decoded(json.as_bytes()).unwrap(),
            r#"{"HostConfig":{"Privileged":true}}"#,
            "{json}"
        );
    }
}

#[test]
fn null_absent_and_empty_stay_apart() {
    for json in [
        r#"{"HostConfig":{"MaskedPaths":null}}"#,
        r#"{"HostConfig":{"MaskedPaths":[]}}"#,
        r#"{"HostConfig":{}}"#,
        r#"{"HostConfig":null}"#,
        r#"{"Cmd":null,"Env":[],"Labels":{},"StopTimeout":null}"#,
    ] {
        assert_eq!(decoded(json.as_bytes()).unwrap(), json);
    }
}

#[test]
fn what_comes_twice_is_refused_however_it_is_spelt() {
    assert_eq!(
        refused(br#"{"HostConfig":{},"HostConfig":{"Privileged":true}}"#),
        "HostConfig comes twice"
    );
    assert_eq!(refused(br#"{"HostConfig":{},"hostconfig":{}}"#), "HostConfig comes twice");
    let twice = br#"{"HostConfig":{"Privileged":true,"Privileged":null}}"#;
    assert_eq!(refused(twice), "HostConfig.Privileged comes twice");
    assert_eq!(refused(br#"{"Labels":{"a":"1","a":"2"}}"#), "Labels.a comes twice");
    // Keys of maps are no fields: another case is another key.
    assert!(decoded(br#"{"Labels":{"a":"1","A":"2"}}"#).is_ok());
}

#[test]
fn a_field_that_is_not_known_is_named() {
    assert_eq!(refused(br#"{"Privileged":true}"#), "the field Privileged is not known here");
    assert_eq!(
        refused(br#"{"HostConfig":{"Mounts":[{"Evil":1}]}}"#),
        "the field HostConfig.Mounts.Evil is not known here"
    );
    assert_eq!(
        refused(br#"{"ExposedPorts":{"80/tcp":{"a":1}}}"#),
        "the field ExposedPorts.80/tcp.a is not known here"
    );
}

#[test]
fn kinds_are_held_to_as_go_holds_them() {
    for json in [
        r#"{"HostConfig":{"Privileged":1}}"#,
        r#"{"HostConfig":{"Privileged":"true"}}"#,
        r#"{"HostConfig":{"Memory":1.0}}"#,
        r#"{"HostConfig":{"Memory":1e3}}"#,
        r#"{"HostConfig":{"Memory":9223372036854775808}}"#,
        r#"{"HostConfig":{"BlkioWeight":65536}}"#,
        r#"{"HostConfig":{"BlkioWeight":-1}}"#,
        r#"{"HostConfig":{"Binds":"/:/host"}}"#,
        r#"{"HostConfig":[]}"#,
        r#"{"HostConfig":{"ConsoleSize":[1,2,3]}}"#,
        r#"{"Env":{"0":"A=b"}}"#,
        r#"{"Cmd":[["sh"]]}"#,
        "null",
        "[]",
        "true",
    ] {
        let outcome = decoded(json.as_bytes());
        assert!(outcome.is_err() || outcome == Ok("null".to_owned()), "{json}: {outcome:?}");
    }
    assert_eq!(decoded(br#"{"Cmd":"sh"}"#).unwrap(), r#"{"Cmd":"sh"}"#);
    assert_eq!(
        decoded(br#"{"HostConfig":{"Memory":-1}}"#).unwrap(),
        r#"{"HostConfig":{"Memory":-1}}"#
    );
}

#[test]
fn what_is_no_single_document_in_utf_8_is_refused() {
    for json in [
        &br#"{"Image":"a"}{"Image":"b"}"#[..],
        br#"{"Image":"a"} x"#,
        b"{\"Image\":\"a\xff\"}",
        b"{\"Im\xffage\":\"a\"}",
        br#"{"Image":"\ud800"}"#,
        b"\xef\xbb\xbf{}",
        b"{\"Image\":\"a\0\"}",
        b"",
        b"{\"Image\":\"a\",}",
        b"{'Image':'a'}",
        b"{\"Image\":NaN}",
        b"{\"Image\":\"a\"",
    ] {
        assert!(decoded(json).is_err(), "{}", String::from_utf8_lossy(json));
    }
}

#[test]
fn depth_is_the_shapes_own() {
    let deep = [b"{\"Labels\":".repeat(10_000), b"1".to_vec()].concat();
    assert!(decoded(&deep).is_err());
    let deep = [b"{\"Env\":".to_vec(), b"[".repeat(100_000)].concat();
    assert!(decoded(&deep).is_err());
}

#[test]
fn what_is_younger_than_the_version_must_say_nothing() {
    let old = Version::minor(41);
    let body = |json: &str| document(&CREATION, old, json.as_bytes());
    assert!(body(r#"{"HostConfig":{"Annotations":null}}"#).is_ok());
    assert!(
        body(r#"{"NetworkingConfig":{"EndpointsConfig":{"a":{"DNSNames":null,"GwPriority":0}}}}"#)
            .is_ok()
    );
    let refused = body(r#"{"HostConfig":{"Annotations":{"a":"b"}}}"#).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "HostConfig.Annotations came with version 1.43 of the API, and 1.41 was asked for"
    );
}

#[test]
fn bytes_are_base64() {
    assert!(is_base64("") && is_base64("YQ==") && is_base64("YWI=") && is_base64("YWJj"));
    assert!(!is_base64("YQ=") && !is_base64("Y===") && !is_base64("YQ==\n") && !is_base64("Y-_="));
}
