//! What was decided, recorded so that it can be proved: an append-only Merkle log (RFC 6962) in the
//! files of C2SP tlog-tiles, with checkpoints that are signed notes.
//!
//! Invariants: an entry that was acknowledged is there after the end of the process at any moment,
//! and none is that was never begun; nothing of a request but typed, capped fields gets into one;
//! whatever is changed of the files afterwards is found.
//!
//! An entry is first in the journal, which is one write before `append` returns ([`journal`]). Every
//! few seconds what is there becomes tiles and a signed checkpoint, and the journal begins anew. See
//! [`Options::sync`] for what a power cut may cost.

mod age;
pub mod checkpoint;
mod clock;
mod copies;
mod entries;
pub mod entry;
mod error;
mod files;
pub mod hash;
pub mod journal;
mod keeper;
pub mod layout;
mod ledger;
pub mod note;
mod opened;
pub mod proof;
mod prune;
mod publisher;
mod queue;
mod reads;
mod recover;
mod rekey;
mod reserve;
pub mod state;
mod store;
pub mod text;
pub mod tree;
mod verify;
mod writing;

pub use checkpoint::Checkpoint;
pub use clock::{Clock, System};
pub use copies::{Copied, Lines, Post, Publish, Syslog};
pub use entries::{Entries, entries};
pub use error::{AppendError, LedgerError};
pub use hash::Hash;
pub use ledger::{Ledger, Options};
pub use note::{NoteError, PublicKey, SecretKey};
pub use rekey::{Rekeyed, rekey};
pub use reserve::Room;
pub use text::{Text, Texts};
pub use verify::{Included, Verified, prove, verify};
