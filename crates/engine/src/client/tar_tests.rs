//! Tars of images and containers, as they come.

use std::io::Read;
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::scripted::{Act, Scripted, patient};
use crate::{Client, Endpoint, Error, Packed};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// What comes of an answer of these bytes, read in small pieces.
fn passed(answer: &[u8]) -> Result<Vec<u8>, String> {
    let engine = Scripted::answering(answer);
    let packed = Packed::Container("c".into());
    let mut tar = engine.client().tar(&packed, soon()).map_err(|error| error.to_string())?;
    let (mut all, mut piece) = (Vec::new(), [0; 3]);
    loop {
        match tar.read(&mut piece) {
            Ok(0) => return Ok(all),
            Ok(read) => all.extend_from_slice(&piece[..read]),
            Err(error) => return Err(format!("{} bytes, {error}", all.len())),
        }
    }
}

#[test]
fn a_tar_ends_where_its_answer_says() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let tar =
        passed(format!("{chunked}5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nA: b\r\n\r\n").as_bytes());
    assert_eq!(tar.unwrap(), b"hello world");
    let tar = passed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more");
    assert_eq!(tar.unwrap(), b"hello");
    let tar = passed(b"HTTP/1.1 200 OK\r\n\r\nuntil it is closed");
    assert_eq!(tar.unwrap(), b"until it is closed");
    let tar = passed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(tar.unwrap(), b"");
}

#[test]
fn one_that_ends_early_or_is_no_chunk_is_an_error_after_what_came() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (cut, got) in [("5\r\nhel", 3), ("5\r\nhello\r\n", 5), ("5\r\nhelloo\r\n", 5), ("x\r\n", 0)]
    {
        let error = passed(format!("{chunked}{cut}").as_bytes()).unwrap_err();
        assert!(error.starts_with(&format!("{got} bytes, ")), "{cut:?}: {error}");
    }
    let error = passed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello").unwrap_err();
    assert!(error.starts_with("5 bytes, "), "{error}");
}

#[test]
fn a_refusal_is_told_and_what_is_not_there_is_gone() {
    let engine = Scripted::answering(
        "HTTP/1.1 500 Oops\r\nContent-Length: 24\r\n\r\n{\"message\":\"no space\"}   ",
    );
    let error = engine.client().tar(&Packed::Image("i".into()), soon()).unwrap_err();
    assert!(error.to_string().contains("no space"), "{error}");
    let engine = Scripted::answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let error = engine.client().tar(&Packed::Image("i".into()), soon()).unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error}");
}

#[test]
fn an_engine_that_stops_in_the_middle_is_waited_for_no_longer_than_was_asked() {
    let start = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    let engine = Scripted::after_ping(|_| vec![Act::Send(start.to_vec()), Act::Hang]);
    let until = Instant::now() + Duration::from_millis(200);
    let mut tar = engine.client().tar(&Packed::Image("i".into()), until).unwrap();
    let mut all = Vec::new();
    let error = tar.read_to_end(&mut all).unwrap_err();
    assert_eq!((all.as_slice(), error.kind()), (&b"hello"[..], std::io::ErrorKind::TimedOut));
}

#[test]
fn a_live_engine_hands_over_images_and_containers_that_do_not_run() {
    let name = "a_live_engine_hands_over_images_and_containers_that_do_not_run";
    let Some(engine) = Engine::start_or_skip(name, Suite::Bookworm, &DaemonConfig::default())
    else {
        return;
    };
    engine.import_busybox("plain");
    let image = engine.docker_ok(&["image", "inspect", "plain", "--format={{.Id}}"]);
    let container = engine.docker_ok(&["create", "--name=idle", "plain"]);
    let client = Client::connect(Endpoint::Unix(engine.socket().to_owned()), patient()).unwrap();
    let names = |packed: Packed| -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(60);
        let mut all = Vec::new();
        client.tar(&packed, until).unwrap().read_to_end(&mut all).unwrap();
        // Names stand at the start of headers, which begin at multiples of 512 bytes.
        let name =
            |block: &[u8]| block.iter().take(100).take_while(|b| **b != 0).copied().collect();
        all.chunks(512).filter_map(|block| String::from_utf8(name(block)).ok()).collect()
    };
    assert!(names(Packed::Image(image)).iter().any(|name| name == "manifest.json"));
    assert!(names(Packed::Container(container)).iter().any(|name| name == "bin/busybox"));
}
