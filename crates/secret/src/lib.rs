//! Is this text a secret, and of what kind?
//!
//! Two questions are answered: whether a value that has a name is a secret ([`in_value`]), and what
//! a text looks like without the secrets in it ([`redact`], [`redact_argv`], [`redact_value`]).
//! Neither gives the secret back: a [`Sighting`] holds its kind, length and entropy.
//!
//! Invariant: pure, in linear time, on any text; what a secret is replaced by is never a secret.

mod command;
mod held;
mod name;
mod pair;
mod redact;
mod shape;
mod sighting;
mod span;
mod value;

use dockward_model::facts::{SecretKind, Sighting};

use name::Class;
use span::Span;

pub use redact::{Redacted, redact, redact_argv, redact_value};

/// How many bytes of a text are looked at; secrets are short, and the head is judged all the same.
pub const LOOKED_AT: usize = 64 * 1024;

/// The secret that stands in a value with a name: a variable of the environment, a label, an
/// option. A known form (a key, a token, a URL with a password) counts under any name; any other
/// value counts where its name says that it is a secret.
///
/// Of a value longer than [`LOOKED_AT`] the head is judged.
#[must_use]
pub fn in_value(name: &str, value: &str) -> Option<Sighting> {
    let value = head(value);
    let of = |span: Span| sighting::of(span.kind, span.text(value));
    if let Some(span) = shape::all(value).into_iter().min_by_key(|span| span.kind) {
        return Some(of(span));
    }
    named(name, value)
        .or_else(|| pair::all(value).into_iter().next().map(of))
        .or_else(|| command::all(value).into_iter().next().map(of))
}

/// The whole value as a secret, if its name and the value itself say so.
fn named(name: &str, value: &str) -> Option<Sighting> {
    let class = name::class(name)?;
    let value = match class {
        Class::Header => pair::credential(value.trim()),
        _ => value.trim(),
    };
    if !value::is_secret(class, value, value::Writing::Literal) {
        return None;
    }
    let kind = if name::is_aws_secret(name) && value.len() == shape::AWS_SECRET_LENGTH {
        SecretKind::CloudKey
    } else {
        SecretKind::NamedSecret
    };
    Some(sighting::of(kind, value))
}

/// The part of a text that is looked at, cut where a word ends if one ends near there.
fn head(text: &str) -> &str {
    const NEAR: usize = 1024;
    if text.len() <= LOOKED_AT {
        return text;
    }
    let cut = text.floor_char_boundary(LOOKED_AT);
    let head = text.get(..cut).unwrap_or_default();
    match head.rfind(|c: char| c.is_ascii_whitespace()) {
        Some(space) if space + NEAR > cut => head.get(..space).unwrap_or(head),
        _ => head,
    }
}
