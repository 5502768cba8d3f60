use super::*;

const FILE: &[u8] = b"a database";

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn signed(key: &SecretKey, version: u64, next: Option<PublicKey>) -> String {
    key.sign(FILE, version, "2026-11-28T10:00:00Z".parse().unwrap(), next).unwrap()
}

fn check(text: &str, trusted: &[PublicKey], had: &Accepted) -> Result<Accepted, SignatureError> {
    verify(FILE, text, trusted, had, now())
}

#[test]
fn a_signed_file_is_taken_with_a_trusted_key_and_no_other() {
    let (key, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let text = signed(&key, 1, None);
    let taken = check(&text, &[other.public(), key.public()], &Accepted::default()).unwrap();
    assert_eq!(taken.version, 1);
    let refused = check(&text, &[other.public()], &Accepted::default());
    assert!(matches!(refused, Err(SignatureError::Untrusted(named)) if named == key.public()));
    assert!(check(&text, &[], &Accepted::default()).is_err());
}

#[test]
fn any_changed_byte_of_signature_or_file_is_seen() {
    let key = SecretKey::generate().unwrap();
    let text = signed(&key, 7, Some(SecretKey::generate().unwrap().public()));
    let trusted = [key.public()];
    for at in 0..text.len() - 1 {
        let mut bent = text.clone().into_bytes();
        bent[at] ^= 1;
        let Ok(bent) = String::from_utf8(bent) else { continue };
        assert!(check(&bent, &trusted, &Accepted::default()).is_err(), "{at}: {bent}");
    }
    let other = verify(&b"a databasf"[..], &text, &trusted, &Accepted::default(), now());
    assert!(matches!(other, Err(SignatureError::OtherFile)));
}

#[test]
fn an_old_file_is_not_taken_again_and_one_of_a_time_to_come_is_not_taken() {
    let key = SecretKey::generate().unwrap();
    let trusted = [key.public()];
    let had = check(&signed(&key, 5, None), &trusted, &Accepted::default()).unwrap();
    assert!(check(&signed(&key, 5, None), &trusted, &had).is_ok(), "the same again");
    let old = check(&signed(&key, 4, None), &trusted, &had);
    assert!(matches!(old, Err(SignatureError::Replayed { had: 5, has: 4 })), "{old:?}");
    let text = key.sign(FILE, 6, "2027-01-01T00:00:00Z".parse().unwrap(), None).unwrap();
    assert!(matches!(check(&text, &trusted, &had), Err(SignatureError::Ahead(_))));
}

#[test]
fn a_key_names_the_next_one_and_ends_when_that_signs() {
    let (old, new) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let trusted = [old.public()];
    let had = check(&signed(&old, 1, Some(new.public())), &trusted, &Accepted::default()).unwrap();
    let had = check(&signed(&old, 2, None), &trusted, &had).unwrap();
    let kept = serde_json::to_string(&had).unwrap();
    let had =
        check(&signed(&new, 3, None), &trusted, &serde_json::from_str(&kept).unwrap()).unwrap();
    let replaced = check(&signed(&old, 4, None), &trusted, &had);
    assert!(
        matches!(replaced, Err(SignatureError::Replaced(key)) if key == old.public()),
        "{replaced:?}"
    );
    check(&signed(&new, 4, None), &trusted, &had).unwrap();
}

#[test]
fn a_key_that_is_not_trusted_cannot_name_another() {
    let (bad, worse) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let text = signed(&bad, 1, Some(worse.public()));
    assert!(
        check(&text, &[SecretKey::generate().unwrap().public()], &Accepted::default()).is_err()
    );
}

#[test]
fn keys_are_read_as_they_are_written_and_secrets_are_not_shown() {
    let key = SecretKey::generate().unwrap();
    let again = SecretKey::parse(key.text()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(PublicKey::parse(&key.public().to_string()).unwrap(), key.public());
    let secret = key.text().lines().nth(1).unwrap();
    assert!(!format!("{key:?}").contains(secret));
    let error = SecretKey::parse(&format!("{SECRET}\n{}", secret.replace('M', "!"))).unwrap_err();
    assert!(!error.to_string().contains(secret.get(8..16).unwrap()));
    for text in ["", "ed25519:", "ed25519:AAAA", "rsa:AAAA", "ed25519:€"] {
        assert!(PublicKey::parse(text).is_err(), "{text}");
    }
}
