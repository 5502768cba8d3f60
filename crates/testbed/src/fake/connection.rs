//! One connection: requests in, scripted bytes out.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::PoisonError;
use std::time::Duration;

use super::Shared;
use super::reply::{Body, Framing, Reply};

/// How often a blocked thread looks whether it should end.
const TICK: Duration = Duration::from_millis(20);
const PIECE: usize = 64 * 1024;

pub(super) fn serve(stream: UnixStream, shared: &Shared) {
    let limits =
        stream.set_read_timeout(Some(TICK)).and_then(|()| stream.set_write_timeout(Some(TICK)));
    let mut wire = Wire { stream, shared };
    if shared.behaviour.hangs_on_accept() {
        wire.hang();
    }
    // An error is the client's going away, or the end of the test.
    let _ = limits.and_then(|()| wire.answer_requests());
}

struct Wire<'a> {
    stream: UnixStream,
    shared: &'a Shared,
}

impl Wire<'_> {
    fn answer_requests(&mut self) -> io::Result<()> {
        while let Some(request) = self.read_request()? {
            self.shared
                .requests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request.clone());
            let reply = self.shared.behaviour.reply(request.split(' ').nth(1).unwrap_or_default());
            let until_close = reply.framing == Framing::UntilClose;
            if !self.send(&reply)? || until_close || reply.then_close {
                break;
            }
        }
        Ok(())
    }

    /// Method and target of the next request; requests have no bodies here (a client that only looks sends none).
    fn read_request(&mut self) -> io::Result<Option<String>> {
        let (mut head, mut byte) = (Vec::new(), [0_u8; 1]);
        while !head.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => head.extend(byte),
                Err(why) if is_tick(&why) && !self.shared.stopped() => {}
                Err(why) => return Err(why),
            }
        }
        let head = String::from_utf8_lossy(&head);
        let words: Vec<&str> = head.lines().next().unwrap_or_default().split(' ').take(2).collect();
        Ok(Some(words.join(" ")))
    }

    /// Sends the reply; false when the connection ends with it.
    fn send(&mut self, reply: &Reply) -> io::Result<bool> {
        match &reply.body {
            Body::Raw(bytes) => return self.write(bytes).map(|()| false),
            Body::Never => return Ok(self.hang()),
            _ => self.write(head(reply).as_bytes())?,
        }
        match &reply.body {
            Body::HangAfter(start, _) => {
                self.piece(start, reply.framing)?;
                return Ok(self.hang());
            }
            Body::CloseAfter(start, _) => return self.piece(start, reply.framing).map(|()| false),
            Body::Stream(bytes) => self.stream_string(*bytes, reply.framing)?,
            Body::Drip(body, pause) => self.drip(body, *pause, reply.framing)?,
            Body::Whole(body) => self.piece(body, reply.framing)?,
            Body::Raw(_) | Body::Never => {}
        }
        if reply.framing == Framing::Chunked {
            self.write(b"0\r\n\r\n")?;
        }
        Ok(true)
    }

    fn piece(&mut self, bytes: &[u8], framing: Framing) -> io::Result<()> {
        if framing != Framing::Chunked || bytes.is_empty() {
            return self.write(bytes);
        }
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.write(&chunk)
    }

    fn stream_string(&mut self, bytes: u64, framing: Framing) -> io::Result<()> {
        self.piece(b"\"", framing)?;
        let letters = vec![b'a'; PIECE];
        let mut left = bytes - 2;
        while left > 0 {
            let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            self.piece(letters.get(..size).unwrap_or_default(), framing)?;
            left -= size as u64;
        }
        self.piece(b"\"", framing)
    }

    fn drip(&mut self, body: &[u8], pause: Duration, framing: Framing) -> io::Result<()> {
        for byte in body {
            self.piece(&[*byte], framing)?;
            self.wait(pause);
        }
        Ok(())
    }

    /// Writes all, however slowly it is read, until the test ends.
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(why) if is_tick(&why) && !self.shared.stopped() => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// Holds the connection open until the test ends. Always false: it is of no use after that.
    fn hang(&self) -> bool {
        while !self.shared.stopped() {
            std::thread::sleep(TICK);
        }
        false
    }

    fn wait(&self, pause: Duration) {
        let mut left = pause;
        while !left.is_zero() && !self.shared.stopped() {
            let part = left.min(TICK);
            std::thread::sleep(part);
            left -= part;
        }
    }
}

fn is_tick(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

fn head(reply: &Reply) -> String {
    let framing = match reply.framing {
        Framing::ContentLength => format!("Content-Length: {}\r\n", reply.length()),
        Framing::Chunked => "Transfer-Encoding: chunked\r\n".to_owned(),
        Framing::UntilClose => "Connection: close\r\n".to_owned(),
    };
    let headers: String =
        reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {} Fake\r\n{headers}{framing}\r\n", reply.status)
}
