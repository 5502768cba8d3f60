//! What the operators said of their own hosts, and no benchmark can know.

use std::fmt;

/// What this host is held to beyond what holds for every host. The default is nothing.
#[derive(Clone, Copy, Default)]
pub struct Expectations<'a> {
    /// Whether an image of this whole name (`docker.io/library/nginx:1.29`, or `localhost/app:1`
    /// for what has come from no registry) comes from a trusted source; none where nobody said
    /// which are.
    pub trusts_image: Option<&'a dyn Fn(&str) -> bool>,
}

impl fmt::Debug for Expectations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectations").field("trusts_image", &self.trusts_image.is_some()).finish()
    }
}
