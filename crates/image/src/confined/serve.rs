//! The side of who is asked.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockward_confine::{Limits, Served};

use super::protocol::{Reply, Request, What, deadline};
use crate::layer::{Blob, of_part, of_pipe, record_of};
use crate::source::{list, take_all};
use crate::wanted::Wanted;
use crate::{CATALOGERS, Cataloger};

/// How much memory a process that reads may have, in bytes: the largest record, what is made of it,
/// and as much again.
const MEMORY: u64 = 2 << 30;
/// How often at most it is told how far reading is, but for records.
const OFTEN: Duration = Duration::from_millis(50);

/// Confines this process and reads what it is handed until nobody asks any more: the body of the
/// program that [`crate::Options::children`] starts. `memory` is how many bytes of memory it may
/// have; 2 GiB by default.
///
/// # Errors
///
/// It can't be confined, or nobody is there to ask.
pub fn serve(memory: Option<u64>) -> io::Result<()> {
    let memory = memory.unwrap_or(MEMORY);
    let served = RefCell::new(Served::enter(&Limits { memory })?);
    loop {
        let next = served.borrow_mut().request::<Request>()?;
        let Some((request, from)) = next else { return Ok(()) };
        let (mut last, mut offset) = (None, 0);
        let mut tell = |at, path: &str| {
            offset = at;
            let is_soon = last.is_some_and(|last: Instant| last.elapsed() < OFTEN);
            if is_soon && path.is_empty() {
                return;
            }
            last = Some(Instant::now());
            // Where nobody listens, the answer will fail.
            let _ = served.borrow_mut().tell(&Reply::At(offset, path.to_owned()));
        };
        let reply = answer(&served, request, from, &mut tell);
        let reply = reply.unwrap_or_else(|error| Reply::Failed(error.to_string()));
        served.borrow_mut().tell(&reply)?;
    }
}

fn answer(
    served: &RefCell<Served>,
    request: Request,
    from: Vec<OwnedFd>,
    tell: &mut dyn FnMut(u64, &str),
) -> io::Result<Reply> {
    let wanted = Wanted::with(&request.extras).ok_or_else(odd)?;
    let deadline = deadline(request.left);
    let mut from = from.into_iter().map(File::from);
    let file = from.next().ok_or_else(odd)?;
    let blob = |file, start, length| Blob { file: Arc::new(file), start, length };
    Ok(match request.what {
        What::Part { start, length } => {
            Reply::Index(of_part(&blob(file, start, length), &wanted, deadline, tell))
        }
        What::Pipe { length } => Reply::Index(of_pipe(file, length, &wanted, deadline, tell)?),
        What::Archive { length } => {
            let mut keep =
                |name, member| served.borrow_mut().tell(&Reply::Member(name, member)).is_ok();
            Reply::End(list(&blob(file, 0, length), deadline, tell, &mut keep))
        }
        What::Stream => {
            let mut keep =
                |name, member| served.borrow_mut().tell(&Reply::Kept(name, member)).is_ok();
            Reply::End(take_all(file, &wanted, deadline, tell, &mut keep)?)
        }
        What::Record { cataloger, path, size, beside } => {
            let cataloger = known(&cataloger).ok_or_else(odd)?;
            let beside = beside.zip(from.next());
            Reply::Record(record_of(cataloger, &path, (size, file), beside))
        }
    })
}

fn known(id: &str) -> Option<&'static Cataloger> {
    CATALOGERS.iter().copied().find(|cataloger| cataloger.id == id)
}

fn odd() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is no request")
}
