//! A server of files over HTTP on loopback, which misbehaves on request.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a connection may say nothing.
const IDLE: Duration = Duration::from_secs(20);

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path with its query, as it was sent.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    /// A header's value; empty where it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers beside `Content-Length` and `Connection`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// After how many bytes of the body the connection is ended.
    pub cut: Option<usize>,
    /// How long is waited between one byte of the body and the next.
    pub drip: Option<Duration>,
}

impl Answer {
    /// A status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(to: impl Into<String>) -> Self {
        Self { status: 302, headers: vec![("Location", to.into())], ..Self::default() }
    }

    /// This content, as a good server has it: with a strong tag, ranges, and "it is the same".
    #[must_use]
    pub fn content(asked: &Asked, body: &[u8]) -> Self {
        let tag = format!("\"{:016x}\"", fingerprint(body));
        let headers = vec![("ETag", tag.clone())];
        if asked.header("if-none-match") == tag {
            return Self { status: 304, headers, ..Self::default() };
        }
        let from = asked.header("range").strip_prefix("bytes=").and_then(|r| r.strip_suffix('-'));
        let from = from.and_then(|from| from.parse::<usize>().ok());
        match from.filter(|_| ["", tag.as_str()].contains(&asked.header("if-range"))) {
            Some(from) if from < body.len() => {
                let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                let headers = vec![("ETag", tag), ("Content-Range", range)];
                Self { status: 206, headers, body: body[from..].to_vec(), ..Self::default() }
            }
            Some(_) => Self::status(416),
            None => Self { status: 200, headers, body: body.to_vec(), ..Self::default() },
        }
    }

    /// A file below a folder; 404 where there is none.
    #[must_use]
    pub fn file(asked: &Asked, folder: &Path) -> Self {
        let name = asked.path.trim_start_matches('/').replace("%20", " ");
        match std::fs::read(folder.join(PathBuf::from(name))) {
            Ok(body) => Self::content(asked, &body),
            Err(_) => Self::status(404),
        }
    }
}

/// FNV-1a.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

type Handler = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;
/// Puts TLS around a connection.
pub type Wrap = Arc<dyn Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync>;

/// A connection.
pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A server on loopback; it ends when it is dropped.
pub struct FileServer {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
}

impl FileServer {
    /// Answers every request by `handler`.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(handler: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_wrapped(Arc::new(|stream| Some(Box::new(stream))), handler)
    }

    /// The same, through something that is put around each connection.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start_wrapped(
        wrap: Wrap,
        handler: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (asked, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (handler, log, ended): (Handler, _, _) =
            (Arc::new(handler), Arc::clone(&asked), Arc::clone(&stop));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (handler, log, wrap) =
                    (Arc::clone(&handler), Arc::clone(&log), Arc::clone(&wrap));
                // A client that goes away is no matter of ours.
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(IDLE));
                    wrap(stream).map(|stream| serve(stream, &handler, &log))
                });
            }
        });
        Ok(Self { address, asked, stop })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// An address of HTTP.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(&self.address);
    }
}

fn serve(stream: Box<dyn Stream>, handler: &Handler, log: &Mutex<Vec<Asked>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(asked) = request(&mut stream)? {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
        let answer = handler(&asked);
        if !send(stream.get_mut(), &answer)? {
            break;
        }
    }
    Ok(())
}

fn request(stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            None => return Ok(Some(Asked { path, headers })),
        }
    }
}

/// Sends an answer; false when the connection ends with it.
fn send(stream: &mut dyn Stream, answer: &Answer) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} Said\r\n", answer.status);
    let own = answer.headers.iter().any(|(name, _)| *name == "Content-Length");
    if answer.status != 304 && !own {
        head += &format!("Content-Length: {}\r\n", answer.body.len());
    }
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    let body = &answer.body[..answer.cut.unwrap_or(answer.body.len()).min(answer.body.len())];
    match answer.drip {
        None => stream.write_all(body)?,
        Some(pause) => {
            for byte in body {
                stream.write_all(&[*byte])?;
                stream.flush()?;
                thread::sleep(pause);
            }
        }
    }
    stream.flush()?;
    Ok(answer.cut.is_none())
}
