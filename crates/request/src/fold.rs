//! Names of fields as Go's `encoding/json` compares them.

/// A name in lower case, as Go folds it (`encoding/json/fold.go`). Two letters outside of ASCII
/// fold into it: U+017F (ſ) into `s`, U+212A (the sign for kelvin) into `k`.
fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    })
}

/// Whether the engine takes `key` for the field `name`, which is ASCII.
pub(crate) fn same(name: &str, key: &str) -> bool {
    name == key || folded(name).eq(folded(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fold_as_go_folds_them() {
        for key in
            ["HostConfig", "hostconfig", "HOSTCONFIG", "Ho\u{17f}tConfig", "ho\u{17f}tconfig"]
        {
            assert!(same("HostConfig", key), "{key}");
        }
        assert!(same("MaskedPaths", "Ma\u{17f}\u{212a}edPath\u{17f}"));
        for key in [
            "Host_Config",
            "HostConfig ",
            "HostC\u{f6}nfig",
            "",
            "Ho\u{df}tConfig",
            "HostConf\u{131}g",
        ] {
            assert!(!same("HostConfig", key), "{key}");
        }
    }
}
