//! Which of the kernel's modules are there: a question must not make the kernel load one.

use dockward_model::facts::Fact;

use crate::tree::Proc;

/// Whether the kernel can answer without loading a module first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    /// It can.
    AtHand,
    /// It would have to load one first.
    NotLoaded,
    /// Could not be told.
    Unknown,
}

/// The state of modules that a question needs all of; the first one stands for the others where
/// they were built into the kernel.
pub(super) fn state(proc: &Proc, names: &[&str]) -> Module {
    let release = proc.read_text("sys/kernel/osrelease", 256);
    let builtin = release.known().and_then(|release| {
        let path = format!("/lib/modules/{}/modules.builtin", release.trim());
        std::fs::read_to_string(path).ok()
    });
    judge(&proc.read_text("modules", 1 << 20), builtin.as_deref(), names)
}

fn judge(loaded: &Fact<String>, builtin: Option<&str>, names: &[&str]) -> Module {
    let text = match loaded {
        // A kernel that can't load any has what it will ever have.
        Fact::Absent => return Module::AtHand,
        Fact::Known(text) => text,
        Fact::Unknown(_) => return Module::Unknown,
    };
    let is_loaded = |name: &&str| text.lines().any(|line| line.split(' ').next() == Some(*name));
    if names.iter().all(is_loaded) {
        return Module::AtHand;
    }
    let file = names.first().map(|name| format!("/{name}.ko")).unwrap_or_default();
    match builtin {
        Some(builtin) if builtin.lines().any(|path| path.ends_with(&file)) => Module::AtHand,
        Some(_) => Module::NotLoaded,
        None => Module::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_module_is_loaded_for_the_question() {
        let names = ["tcp_diag", "inet_diag"];
        let lines = |text: &str| Fact::Known(text.to_owned());
        let state = |loaded: &Fact<String>, builtin| judge(loaded, builtin, &names);
        assert_eq!(state(&Fact::Absent, None), Module::AtHand);
        let both = lines("tcp_diag 16384 0 - Live\ninet_diag 24576 1\n");
        assert_eq!(state(&both, None), Module::AtHand);
        let builtin = Some("kernel/net/ipv4/tcp_diag.ko\n");
        assert_eq!(state(&lines(""), builtin), Module::AtHand);
        let others = Some("kernel/fs/ext4/ext4.ko\n");
        assert_eq!(state(&lines("overlay 151552 0\n"), others), Module::NotLoaded);
        assert_eq!(state(&lines("inet_diag 24576 1\n"), others), Module::NotLoaded);
        assert_eq!(state(&lines(""), None), Module::Unknown);
        assert_eq!(state(&Fact::Unknown("denied".into()), others), Module::Unknown);
    }
}
