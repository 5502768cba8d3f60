//! Tokens that begin with their issuer's prefix, and URLs that are tokens themselves.

use dockward_model::facts::SecretKind;

use super::{alphanumeric, begins_word, run_end, url_safe};
use crate::held::{Held, Part};
use crate::span::Span;

/// A token's form: its prefix, and at least so many bytes of an alphabet after it.
struct Form {
    prefix: &'static str,
    alphabet: fn(u8) -> bool,
    least: usize,
}

const fn form(prefix: &'static str, least: usize, alphabet: fn(u8) -> bool) -> Form {
    Form { prefix, alphabet, least }
}

/// Lengths are the least that the issuers have given out so far.
const FORMS: &[Form] = &[
    form("ghp_", 36, alphanumeric),
    form("gho_", 36, alphanumeric),
    form("ghu_", 36, alphanumeric),
    form("ghs_", 36, alphanumeric),
    form("ghr_", 36, alphanumeric),
    form("github_pat_", 22, url_safe),
    form("glpat-", 20, dotted),
    form("gldt-", 20, dotted),
    form("glrt-", 20, dotted),
    form("glptt-", 20, dotted),
    form("xoxa-", 10, url_safe),
    form("xoxb-", 10, url_safe),
    form("xoxe-", 10, url_safe),
    form("xoxp-", 10, url_safe),
    form("xoxr-", 10, url_safe),
    form("xoxs-", 10, url_safe),
    form("xapp-", 20, url_safe),
    form("sk_live_", 16, alphanumeric),
    form("rk_live_", 16, alphanumeric),
    form("whsec_", 24, url_safe),
    form("sk-ant-", 20, url_safe),
    form("sk-proj-", 20, url_safe),
    form("sk-", 40, alphanumeric),
    form("hf_", 30, alphanumeric),
    form("npm_", 36, alphanumeric),
    form("pypi-AgE", 16, url_safe),
    form("rubygems_", 40, alphanumeric),
    form("dckr_pat_", 20, url_safe),
    form("dckr_oat_", 20, url_safe),
    form("hvs.", 20, url_safe),
    form("hvb.", 20, url_safe),
    form("dop_v1_", 60, alphanumeric),
    form("doo_v1_", 60, alphanumeric),
    form("glsa_", 32, url_safe),
    form("shpat_", 32, alphanumeric),
    form("shpss_", 32, alphanumeric),
    form("tskey-", 20, url_safe),
    form("sntrys_", 40, dotted),
    form("ATATT3", 50, padded),
    form("ya29.", 20, url_safe),
    form("SG.", 60, dotted),
];

/// The bytes that the forms begin with.
static FIRST: [bool; 256] = {
    let (mut first, mut i) = ([false; 256], 0);
    while i < FORMS.len() {
        first[FORMS[i].prefix.as_bytes()[0] as usize] = true;
        i += 1;
    }
    first
};

/// No token of any form is shorter, prefix included.
const SHORTEST: usize = 15;

/// Web hooks: who knows the path may post. The form is what follows the host.
const HOOKS: &[Part] = &[
    Part::new("hooks.slack.com/services/"),
    Part::new("hooks.slack.com/workflows/"),
    Part::new("discord.com/api/webhooks/"),
    Part::new("discordapp.com/api/webhooks/"),
    Part::new("webhook.office.com/webhookb2/"),
];

fn dotted(byte: u8) -> bool {
    url_safe(byte) || byte == b'.'
}

fn padded(byte: u8) -> bool {
    url_safe(byte) || byte == b'='
}

fn path(byte: u8) -> bool {
    dotted(byte) || matches!(byte, b'/' | b'@')
}

pub(super) fn find(text: &str, held: Held) -> Vec<Span> {
    let mut spans = prefixed(text);
    for hook in HOOKS.iter().filter(|hook| held.all(hook.bytes)) {
        spans.extend(text.match_indices(hook.text).filter_map(|(at, _)| {
            let start = at + hook.text.len();
            let end = run_end(text.as_bytes(), start, path);
            (end >= start + 16).then(|| Span::new(start, end, SecretKind::Token))
        }));
    }
    spans
}

fn prefixed(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let first = bytes.get(at).is_some_and(|byte| FIRST[usize::from(*byte)]);
        let may = first && bytes.len() - at >= SHORTEST && begins_word(bytes, at);
        let end = if may { token_end(bytes, at) } else { None };
        if let Some(end) = end {
            spans.push(Span::new(at, end, SecretKind::Token));
        }
        at = end.unwrap_or(at + 1);
    }
    spans
}

/// Where the token that begins at `at` ends, if one does.
fn token_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    FORMS.iter().filter(|form| rest.starts_with(form.prefix.as_bytes())).find_map(|form| {
        let start = at + form.prefix.len();
        let end = run_end(bytes, start, form.alphabet);
        (end >= start + form.least).then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text, Held::of(text)).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn every_form_is_found_in_the_middle_of_a_text() {
        for form in FORMS {
            let token = format!("{}{}", form.prefix, "a1".repeat(form.least));
            assert_eq!(found(&format!("git clone {token} .")), [token.as_str()], "{token}");
            assert_eq!(found(&format!("{{\"t\":\"{token}\"}}")), [token.as_str()]);
        }
    }

    #[test]
    fn no_form_is_shorter_than_the_shortest() {
        assert!(FORMS.iter().all(|form| form.prefix.len() + form.least >= SHORTEST));
    }

    #[test]
    fn a_prefix_within_a_word_or_with_too_little_after_it_is_none() {
        assert_eq!(found("npm_config_cache=/var/cache/npm"), [""; 0]);
        assert_eq!(found("ghp_short"), [""; 0]);
        assert_eq!(found(&format!("task-{}", "a".repeat(10))), [""; 0]);
        assert_eq!(found(&format!("xghp_{}", "a".repeat(36))), [""; 0]);
    }

    #[test]
    fn the_path_of_a_web_hook_is_found_and_its_host_is_kept() {
        let path = ["T01234567", "B01234567", "aaaaaaaaaaaaaaaaaaaaaaaa"].join("/");
        assert_eq!(found(&format!("https://hooks.slack.com/services/{path} x")), [path.as_str()]);
        assert_eq!(found("https://hooks.slack.com/services/"), [""; 0]);
    }
}
