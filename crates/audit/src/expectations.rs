//! What the operators said of their own hosts, and no benchmark can know.

use std::fmt;

use dockward_model::verdict::{Severity, Subject};

/// What this host is held to beyond what holds for every host. The default is nothing.
#[derive(Clone, Copy)]
pub struct Expectations<'a> {
    /// Whether an image of this whole name (`docker.io/library/nginx:1.29`, or `localhost/app:1`
    /// for what has come from no registry) comes from a trusted source; none where nobody said
    /// which are.
    pub trusts_image: Option<&'a dyn Fn(&str) -> bool>,
    /// Whether a known weakness of a package (a [`Subject::Package`]) is accepted; none where no
    /// waiver is for any.
    pub waives: Option<&'a dyn Fn(&Subject) -> bool>,
    /// What a weakness counts as that nobody rated.
    pub unrated: Severity,
}

impl Default for Expectations<'_> {
    fn default() -> Self {
        Self { trusts_image: None, waives: None, unrated: Severity::High }
    }
}

impl fmt::Debug for Expectations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectations")
            .field("trusts_image", &self.trusts_image.is_some())
            .field("waives", &self.waives.is_some())
            .field("unrated", &self.unrated)
            .finish()
    }
}
