//! Landlock: no file can be opened, no port bound or connected to, nobody outside signalled
//! (the kernel's Documentation/userspace-api/landlock.rst).

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};

/// The newest form whose rights this asks for; of them a kernel gives those that it knows.
const NEWEST: ABI = ABI::V6;

/// Denies everything that this kernel can deny.
///
/// # Errors
///
/// The kernel has no Landlock, or an older one that denies less.
pub(crate) fn deny() -> Result<(), String> {
    let status = restrict().map_err(|error| error.to_string())?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        RulesetStatus::PartiallyEnforced => {
            Err("this kernel's Landlock denies files, but not all else".to_owned())
        }
        RulesetStatus::NotEnforced => Err("this kernel has no Landlock, or it is off".to_owned()),
    }
}

fn restrict() -> Result<RestrictionStatus, RulesetError> {
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?;
    rules.create()?.restrict_self()
}
