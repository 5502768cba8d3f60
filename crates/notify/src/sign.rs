//! Signatures: who has the secret can tell that a message is ours, whole and new.

use std::fmt::Write as _;

use ring::hmac;

use crate::Secret;

/// `t=SECONDS,v1=HEX`: HMAC-SHA256 (RFC 2104) over the seconds, a full stop and the body.
#[must_use]
pub fn signature(secret: &Secret, at: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(at.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    let mut text = format!("t={at},v1=");
    for byte in context.sign().as_ref() {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_any_other_tool_computes() {
        // printf '1795305600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let secret = Secret::new(b"0123456789abcdef").unwrap();
        let made = signature(&secret, 1_795_305_600, br#"{"a":1}"#);
        assert_eq!(made, format!("t=1795305600,v1={}", include_str!("sign/expected.txt").trim()));
    }
}
