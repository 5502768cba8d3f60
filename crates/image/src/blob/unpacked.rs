//! Taking a blob's compression off.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a blob is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// How a blob that starts like this is compressed (RFC 1952, 2.3.1; RFC 8878, 3.1).
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or one that is skipped (zstd:chunked keeps its table in such).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A blob without its compression.
pub(crate) enum Unpacked<R> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<R>>),
    Zstd(Box<Frames<R>>),
}

impl<R: BufRead> Unpacked<R> {
    pub(crate) fn new(from: R, packing: Packing) -> Self {
        match packing {
            Packing::None => Self::Plain(from),
            Packing::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(from))),
            Packing::Zstd => Self::Zstd(Box::new(Frames::new(from))),
        }
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(from) => from.read(out),
            Self::Gzip(from) => from.read(out),
            Self::Zstd(from) => from.read(out),
        }
    }
}

/// The largest window that a frame of zstd may ask for, in bytes: what `zstd` itself takes without
/// being told to (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`).
const WINDOW: u64 = 128 << 20;

/// Frames of zstd one after the other, those that are to be skipped skipped.
pub(crate) struct Frames<R> {
    from: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(from: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { from, decoder, is_in_frame: false }
    }

    /// Goes to the next frame; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.from.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.from) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped =
                        io::copy(&mut self.from.by_ref().take(length.into()), &mut io::sink())?;
                    if skipped < length.into() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if self.is_in_frame && self.decoder.can_collect() > 0 {
                return self.decoder.read(out);
            }
            if self.is_in_frame && !self.decoder.is_finished() {
                let some = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.from, some).map_err(io::Error::other)?;
            } else if self.next_frame()? {
                self.is_in_frame = true;
            } else {
                self.is_in_frame = false;
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacked::new(bytes, Packing::of(bytes)).read_to_end(&mut out)?;
        Ok(out)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    #[test]
    fn members_of_gzip_follow_each_other() {
        assert_eq!(unpack(&[gzip(b"one "), gzip(b""), gzip(b"two")].concat()).unwrap(), b"one two");
    }

    #[test]
    fn frames_of_zstd_follow_each_other_and_some_are_skipped() {
        let skipped = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc".to_vec();
        let large = vec![7; 1 << 20];
        let all = [skipped.clone(), zstd(&large), zstd(b""), skipped, zstd(b"two")].concat();
        assert_eq!(unpack(&all).unwrap(), [&*large, b"two"].concat());
    }

    #[test]
    fn what_is_cut_or_bent_is_an_error_and_not_a_short_text() {
        for whole in [gzip(&[b'x'; 9000]), zstd(b"some text that is long enough to be cut")] {
            for length in 5..whole.len() {
                assert!(unpack(&whole[..length]).is_err(), "{length}");
            }
        }
        assert!(unpack(b"\x5a\x2a\x4d\x18\xff\xff\xff\xffabc").is_err());
        let mut bent = gzip(b"some text");
        let crc = bent.len() - 6;
        bent[crc] ^= 1;
        assert!(unpack(&bent).is_err());
    }

    #[test]
    fn a_window_of_a_gigabyte_is_refused() {
        // Frame header: no single segment, window descriptor 2^30.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00];
        let error = unpack(&frame).unwrap_err();
        assert!(error.to_string().contains("indow"), "{error}");
    }
}
