//! Compressed frames made plain, up to a bound. It does not know what is in them.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Compression, Trouble};

/// Memory of the decompression, kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Inflater {
    /// One for zlib's frame around the data, one for the bare data: each is made when it is first needed.
    zlib: Option<Decompress>,
    bare: Option<Decompress>,
    /// A stream that goes on over frames is lost with the first error in it.
    lost: bool,
}

/// Another session begins at the beginning.
impl Clone for Inflater {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// A message of a stream that goes on ends with an empty block (RFC 1951, section 3.2.4).
const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];
/// The least memory that is taken for what comes out.
const LEAST: usize = 4 << 10;

type Inflated = Result<bool, Trouble>;

impl Inflater {
    pub(super) fn relink(&mut self) {
        self.lost = false;
        if let Some(stream) = &mut self.zlib {
            stream.reset(true);
        }
    }

    /// Appends what a frame holds to `out`. Says whether the message is complete.
    pub(super) fn read(&mut self, how: Compression, frame: &[u8], out: &mut Vec<u8>, limit: usize) -> Inflated {
        match how {
            Compression::None => {
                out.extend_from_slice(frame);
                Ok(true)
            }
            Compression::Gzip => self.gzip(frame, out, limit),
            Compression::Zlib => self.whole(true, frame, out, limit),
            Compression::Deflate => self.whole(false, frame, out, limit),
            Compression::Auto => self.auto(frame, out, limit),
            Compression::ZlibStream => self.stream(frame, out, limit),
        }
    }

    /// What is UTF-8 is not compressed: the second byte of gzip and of most zlib headers is none.
    fn auto(&mut self, frame: &[u8], out: &mut Vec<u8>, limit: usize) -> Inflated {
        let attempt = match frame {
            [0x1f, 0x8b, ..] => self.gzip(frame, out, limit),
            [a, b, ..] if a & 0x0f == 8 && a >> 4 <= 7 && u16::from_be_bytes([*a, *b]).is_multiple_of(31) => {
                self.whole(true, frame, out, limit)
            }
            _ => Err(Trouble::Broken),
        };
        if attempt != Err(Trouble::Broken) {
            return attempt;
        }
        out.clear();
        if std::str::from_utf8(frame).is_err() {
            let attempt = self.whole(false, frame, out, limit);
            if attempt == Err(Trouble::TooBig) || (attempt.is_ok() && std::str::from_utf8(out).is_ok()) {
                return attempt;
            }
            out.clear();
        }
        out.extend_from_slice(frame);
        Ok(true)
    }

    fn stream(&mut self, frame: &[u8], out: &mut Vec<u8>, limit: usize) -> Inflated {
        if self.lost {
            return Err(Trouble::Broken);
        }
        let stream = self.zlib.get_or_insert_with(|| Decompress::new(true));
        match inflate(stream, frame, out, limit) {
            Ok((used, over)) if used == frame.len() => {
                self.lost = over;
                Ok(over || frame.ends_with(&FLUSHED))
            }
            Ok(_) => {
                self.lost = true;
                Err(Trouble::Broken)
            }
            Err(trouble) => {
                self.lost = true;
                Err(trouble)
            }
        }
    }

    /// One stream that fills the frame.
    fn whole(&mut self, zlib: bool, frame: &[u8], out: &mut Vec<u8>, limit: usize) -> Inflated {
        let kept = if zlib { &mut self.zlib } else { &mut self.bare };
        let stream = kept.get_or_insert_with(|| Decompress::new(zlib));
        stream.reset(zlib);
        let (used, over) = inflate(stream, frame, out, limit)?;
        // Some senders flush each message and never end the stream.
        if used == frame.len() && (over || frame.ends_with(&FLUSHED)) { Ok(true) } else { Err(Trouble::Broken) }
    }

    /// Members, one behind the other (RFC 1952).
    fn gzip(&mut self, frame: &[u8], out: &mut Vec<u8>, limit: usize) -> Inflated {
        let mut rest = frame;
        loop {
            rest = behind_header(rest).ok_or(Trouble::Broken)?;
            let start = out.len();
            let stream = self.bare.get_or_insert_with(|| Decompress::new(false));
            stream.reset(false);
            let (used, over) = inflate(stream, rest, out, limit)?;
            let (trailer, behind) = rest.get(used..).and_then(<[u8]>::split_first_chunk::<8>).ok_or(Trouble::Broken)?;
            let mut crc = Crc::new();
            crc.update(out.get(start..).unwrap_or_default());
            let [a, b, c, d, ..] = *trailer;
            if !over || crc.sum() != u32::from_le_bytes([a, b, c, d]) {
                return Err(Trouble::Broken);
            }
            if behind.is_empty() {
                return Ok(true);
            }
            rest = behind;
        }
    }
}

/// How much of the input was used, and whether the stream is at its end.
fn inflate(stream: &mut Decompress, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(usize, bool), Trouble> {
    let mut used = 0;
    loop {
        if out.len() > limit {
            return Err(Trouble::TooBig);
        }
        if out.len() == out.capacity() {
            // One more than the limit, so that going beyond it shows.
            let room = limit.saturating_add(1) - out.len();
            out.reserve_exact(out.len().max(input.len().saturating_mul(2)).max(LEAST).min(room).max(1));
        }
        let (taken, given) = (stream.total_in(), stream.total_out());
        let rest = input.get(used..).unwrap_or_default();
        let status = stream.decompress_vec(rest, out, FlushDecompress::None).map_err(|_| Trouble::Broken)?;
        used += usize::try_from(stream.total_in() - taken).unwrap_or(usize::MAX);
        if status == Status::StreamEnd {
            return if out.len() > limit { Err(Trouble::TooBig) } else { Ok((used, true)) };
        }
        let moved = stream.total_in() != taken || stream.total_out() != given;
        let starved = used >= input.len() && out.len() < out.capacity();
        if starved || (!moved && out.len() < out.capacity()) {
            return if out.len() > limit { Err(Trouble::TooBig) } else { Ok((used, false)) };
        }
    }
}

/// What stands behind a member's header (RFC 1952, section 2.3).
fn behind_header(frame: &[u8]) -> Option<&[u8]> {
    const CHECK: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    let (header, mut rest) = frame.split_first_chunk::<10>()?;
    let [0x1f, 0x8b, 8, flags, ..] = *header else { return None };
    if flags & EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            rest = rest.get(rest.iter().position(|byte| *byte == 0)? + 1..)?;
        }
    }
    if flags & CHECK == 0 { Some(rest) } else { rest.get(2..) }
}
