//! Taking a blob's compression off.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder;

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

/// The largest window that a frame of zstd may ask for, as a power of two in bytes: what `zstd` itself
/// takes without being told to (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`), 128 MB. A frame that is one segment
/// asks for its whole content.
const WINDOW: u32 = 27;

/// A blob without its compression: all members of gzip, all frames of zstd, one after the other.
pub(crate) enum Unpacked<R: BufRead> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<R>>),
    Zstd(Box<Decoder<'static, R>>),
    /// There is no memory for a decoder.
    Failed(io::Error),
}

impl<R: BufRead> Unpacked<R> {
    pub(crate) fn new(from: R, packing: Packing) -> Self {
        match packing {
            Packing::None => Self::Plain(from),
            Packing::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(from))),
            Packing::Zstd => match frames(from) {
                Ok(decoder) => Self::Zstd(Box::new(decoder)),
                Err(error) => Self::Failed(error),
            },
        }
    }
}

/// Frames of zstd: those that are to be skipped are skipped, the old formats before 0.8 are unknown.
fn frames<R: BufRead>(from: R) -> io::Result<Decoder<'static, R>> {
    let mut decoder = Decoder::with_buffer(from)?;
    decoder.window_log_max(WINDOW)?;
    Ok(decoder)
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(from) => from.read(out),
            Self::Gzip(from) => from.read(out),
            Self::Zstd(from) => from.read(out),
            Self::Failed(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zstd::stream::raw::CParameter;
    use zstd::stream::write::Encoder;

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
        zstd::encode_all(bytes, 1).unwrap()
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
    fn frames_that_are_skipped_are_no_text_and_must_be_whole() {
        let skipped = b"\x5f\x2a\x4d\x18\x04\x00\x00\x00\x28\xb5\x2f\xfd";
        assert_eq!(unpack(skipped).unwrap(), b"");
        assert!(unpack(&skipped[..skipped.len() - 1]).is_err());
        assert!(unpack(&[zstd(b"one"), skipped[..9].to_vec()].concat()).is_err());
    }

    #[test]
    fn what_follows_a_frame_and_is_none_is_an_error() {
        assert!(unpack(&[zstd(b"one"), b"no frame at all".to_vec()].concat()).is_err());
        assert!(unpack(&[zstd(b"one"), vec![0; 64]].concat()).is_err());
    }

    #[test]
    fn a_bent_checksum_is_an_error() {
        let mut encoder = Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(&[b'x'; 9000]).unwrap();
        let mut frame = encoder.finish().unwrap();
        assert_eq!(unpack(&frame).unwrap(), [b'x'; 9000]);
        *frame.last_mut().unwrap() ^= 1;
        assert!(unpack(&frame).is_err());
    }

    #[test]
    fn a_frame_that_needs_a_dictionary_is_refused() {
        // Frame header: a single segment of 5 bytes, dictionary 7; a last block of 5 raw bytes.
        let frame = b"\x28\xb5\x2f\xfd\x21\x07\x05\x29\x00\x00hello";
        let error = unpack(frame).unwrap_err();
        assert!(error.to_string().contains("ictionary"), "{error}");
        let without = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello";
        assert_eq!(unpack(without).unwrap(), b"hello");
    }

    #[test]
    fn the_largest_window_is_of_128_megabytes() {
        // No single segment, the window's descriptor, a last block of 5 raw bytes.
        let frame = |descriptor| {
            [b"\x28\xb5\x2f\xfd\x00".as_slice(), &[descriptor], b"\x29\x00\x00hello"].concat()
        };
        assert_eq!(unpack(&frame(17 << 3)).unwrap(), b"hello");
        for descriptor in [17 << 3 | 1, 20 << 3, 31 << 3 | 7] {
            let error = unpack(&frame(descriptor)).unwrap_err();
            assert!(error.to_string().contains("memory"), "{error}");
        }
        // A single segment of a gigabyte.
        let frame = b"\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40\x29\x00\x00hello";
        assert!(unpack(frame).unwrap_err().to_string().contains("memory"));
    }

    #[test]
    fn what_zstd_makes_with_its_longest_window_is_read() {
        let mut encoder = Encoder::new(Vec::new(), 1).unwrap();
        encoder.set_parameter(CParameter::WindowLog(27)).unwrap();
        encoder.set_parameter(CParameter::EnableLongDistanceMatching(true)).unwrap();
        let text: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        encoder.write_all(&text).unwrap();
        assert!(unpack(&encoder.finish().unwrap()).unwrap() == text);
    }
}
