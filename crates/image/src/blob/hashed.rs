//! Reading a blob once for two: whoever takes it apart, and a thread that makes its digest.
//!
//! Both see the same bytes in memory: a file that changes in the meantime can't pass with the digest
//! of what it was.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use ring::digest::Context;

use super::{Digest, Hash};

/// How much is read at once, and how many such pieces may wait to be hashed.
const PIECE: usize = 256 << 10;
const WAITING: usize = 8;

/// A blob that is hashed while it is read.
pub(crate) struct Hashed<R> {
    from: R,
    piece: Arc<Vec<u8>>,
    at: usize,
    length: u64,
    hash: Hash,
    hasher: Hasher,
}

enum Hasher {
    /// In a thread of its own: pieces go there and come back to be filled again.
    Thread {
        to: SyncSender<Arc<Vec<u8>>>,
        back: Receiver<Arc<Vec<u8>>>,
        thread: JoinHandle<Context>,
    },
    /// Here, where no thread can be had.
    Here(Box<Context>),
}

impl Hasher {
    fn new(hash: Hash) -> Self {
        let (to, waiting) = sync_channel::<Arc<Vec<u8>>>(WAITING);
        let (done, back) = channel();
        let work = move || {
            let mut context = hash.start();
            for piece in waiting {
                context.update(&piece);
                // Nobody may be reading any more.
                let _ = done.send(piece);
            }
            context
        };
        match std::thread::Builder::new().name("digest".into()).spawn(work) {
            Ok(thread) => Self::Thread { to, back, thread },
            Err(_) => Self::Here(Box::new(hash.start())),
        }
    }
}

impl<R: Read> Hashed<R> {
    pub(crate) fn new(from: R, hash: Hash) -> Self {
        let piece = Arc::new(Vec::new());
        Self { from, piece, at: 0, length: 0, hash, hasher: Hasher::new(hash) }
    }

    /// Reads what is left, and tells the digest and the length in bytes of the whole.
    ///
    /// # Errors
    ///
    /// Reading failed.
    pub(crate) fn finish(mut self) -> io::Result<(Digest, u64)> {
        while self.next_piece()? {}
        let context = match self.hasher {
            Hasher::Here(context) => *context,
            Hasher::Thread { to, thread, .. } => {
                drop(to);
                thread.join().map_err(|_| io::Error::other("the digest could not be made"))?
            }
        };
        Ok((self.hash.end(context), self.length))
    }

    /// Reads another piece; false at the end.
    fn next_piece(&mut self) -> io::Result<bool> {
        let mut piece = self.empty_piece();
        piece.clear();
        let read = self.from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        self.length += read as u64;
        self.at = 0;
        self.piece = Arc::new(piece);
        match &mut self.hasher {
            Hasher::Here(context) => context.update(&self.piece),
            Hasher::Thread { to, .. } => {
                let sent = to.send(Arc::clone(&self.piece));
                sent.map_err(|_| io::Error::other("the digest could not be made"))?;
            }
        }
        Ok(read > 0)
    }

    /// A piece that was hashed and read, else a new one.
    fn empty_piece(&mut self) -> Vec<u8> {
        let last = std::mem::take(&mut self.piece);
        if let Some(piece) = Arc::into_inner(last).filter(|piece| piece.capacity() >= PIECE) {
            return piece;
        }
        if let Hasher::Thread { back, .. } = &self.hasher {
            while let Ok(piece) = back.try_recv() {
                if let Some(piece) = Arc::into_inner(piece) {
                    return piece;
                }
            }
        }
        Vec::with_capacity(PIECE)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let here = self.fill_buf()?;
        let count = here.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), here.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Hashed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.piece.len() {
            self.next_piece()?;
        }
        Ok(self.piece.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = self.piece.len().min(self.at.saturating_add(count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_the_whole_however_much_was_read() {
        let bytes: Vec<u8> = (0..2_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        for read in [0, 1, 300_000, 2_000_000] {
            let mut hashed = Hashed::new(&*bytes, Hash::Sha256);
            let mut part = vec![0; read];
            hashed.read_exact(&mut part).unwrap();
            assert_eq!(part, bytes[..read]);
            let (digest, length) = hashed.finish().unwrap();
            assert_eq!((digest, length), (Hash::Sha256.of(&bytes), 2_000_000));
        }
    }

    #[test]
    fn without_a_thread_the_digest_is_the_same() {
        let mut hashed = Hashed::new(&b"abc"[..], Hash::Sha512);
        hashed.hasher = Hasher::Here(Box::new(Hash::Sha512.start()));
        assert_eq!(hashed.finish().unwrap().0, Hash::Sha512.of(b"abc"));
    }
}
