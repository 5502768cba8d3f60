//! A request's head.

/// A request's head, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The method: one token of RFC 9110, in the caller's case.
    pub method: String,
    /// The target in origin form (RFC 9112, section 3.2.1): it begins with `/` and is printable
    /// ASCII. Nothing of it is decoded.
    pub target: String,
    /// All headers, in order.
    pub headers: Vec<Header>,
    /// How the body comes.
    pub body: Body,
    /// The protocol that the caller asks to switch to, in its case. None unless both `Upgrade` and
    /// `Connection: upgrade` are there.
    pub upgrade: Option<String>,
    /// Whether it is HTTP/1.0, whose connections end with their first answer.
    pub http_1_0: bool,
}

/// A header of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name in lower-case.
    pub name: String,
    /// The value without the blanks around it: no control characters, but perhaps no UTF-8.
    pub value: Vec<u8>,
}

/// How a request's body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// No length was given: there is none.
    Nothing,
    /// With `Content-Length`, in bytes.
    Sized(u64),
    /// In chunks, of unknown length.
    Chunked,
}

impl Head {
    /// All values of the header with that lower-case name, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |header: &&Header| header.name == name;
        self.headers.iter().filter(named).map(|header| &*header.value)
    }
}
