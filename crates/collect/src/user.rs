//! The uid that a container's user means, as far as the record itself says so.

use dockward_model::facts::Fact;

/// The uid of `user[:group]`, where it is written as a number or means root without saying so.
/// A name is looked up in the container's own `/etc/passwd`, which is not read here.
pub(crate) fn number(user: &str) -> Fact<u32> {
    match user.split(':').next().unwrap_or_default() {
        "" => Fact::Known(0),
        name => name.parse().map_or_else(|_| unread(), Fact::Known),
    }
}

fn unread() -> Fact<u32> {
    Fact::Unknown("the container's own /etc/passwd was not read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_names_are_not_guessed() {
        assert_eq!(number("1000:1000"), Fact::Known(1000));
        assert_eq!(number("000"), Fact::Known(0));
        assert_eq!(number(":100"), Fact::Known(0));
        assert!(number("root").unknown().is_some());
        assert!(number("4294967296").unknown().is_some());
    }
}
