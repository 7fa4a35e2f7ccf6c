//! `MessagePack` to JSON and back. Bytes become base64, a timestamp becomes RFC 3339, another extension
//! `{"ext":type,"data":base64}`, what is no number of JSON `null`. A map's keys are texts, or scalars that are written as one.

use std::io::Write as _;

use data_encoding::BASE64;
use serde_json::Value;

use super::docs::string;
use super::{Docs, Trouble};

/// So many arrays and maps may lie inside of each other: fewer than JSON may have here.
const DEPTH: u32 = 100;

/// One value behind the other.
pub(super) fn read(frame: &[u8], docs: &mut Docs, limit: usize) {
    let mut rest = frame;
    while !rest.is_empty() {
        let mut trouble = Trouble::Broken;
        let mut input = rest;
        let most = limit.saturating_sub(docs.len());
        let read = docs.message(|out| {
            let start = out.len();
            let mut reader = Reader { input, out, most: start.saturating_add(most) };
            match reader.value(0) {
                Ok(()) => {
                    input = reader.input;
                    Some(())
                }
                Err(why) => {
                    trouble = why;
                    None
                }
            }
        });
        if read.is_none() {
            return docs.trouble(rest, trouble);
        }
        rest = input;
    }
}

struct Reader<'a, 'o> {
    input: &'a [u8],
    out: &'o mut Vec<u8>,
    most: usize,
}

type Read<T> = Result<T, Trouble>;

impl<'a> Reader<'a, '_> {
    fn value(&mut self, depth: u32) -> Read<()> {
        if self.out.len() > self.most {
            return Err(Trouble::TooBig);
        }
        let kind = self.byte()?;
        match kind {
            0x00..=0x7f => self.write(kind),
            0xe0..=0xff => self.write(i16::from(kind) - 256),
            0x80..=0x8f => self.map(usize::from(kind & 0x0f), depth),
            0x90..=0x9f => self.array(usize::from(kind & 0x0f), depth),
            0xa0..=0xbf => self.text(usize::from(kind & 0x1f)),
            0xc0 => self.write("null"),
            0xc2 => self.write("false"),
            0xc3 => self.write("true"),
            0xc4..=0xc6 => {
                let length = self.length(kind - 0xc4)?;
                self.bytes(length)
            }
            0xc7..=0xc9 => {
                let length = self.length(kind - 0xc7)?;
                self.extension(length)
            }
            0xca => {
                let number = f32::from_be_bytes(*self.chunk()?);
                // The shortest digits that mean it, not those of the same value at twice the width.
                let digits = number.to_string();
                if number.is_finite() { self.float(digits.parse().unwrap_or_default()) } else { self.write("null") }
            }
            0xcb => {
                let number = f64::from_be_bytes(*self.chunk()?);
                if number.is_finite() { self.float(number) } else { self.write("null") }
            }
            0xcc => {
                let number = self.byte()?;
                self.write(number)
            }
            0xcd => {
                let number = u16::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xce => {
                let number = u32::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xcf => {
                let number = u64::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xd0 => {
                let number = i8::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xd1 => {
                let number = i16::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xd2 => {
                let number = i32::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xd3 => {
                let number = i64::from_be_bytes(*self.chunk()?);
                self.write(number)
            }
            0xd4..=0xd8 => self.extension(1 << (kind - 0xd4)),
            0xd9..=0xdb => {
                let length = self.length(kind - 0xd9)?;
                self.text(length)
            }
            0xdc | 0xdd => {
                let length = self.length(kind - 0xdc + 1)?;
                self.array(length, depth)
            }
            0xde | 0xdf => {
                let length = self.length(kind - 0xde + 1)?;
                self.map(length, depth)
            }
            0xc1 => Err(Trouble::Broken),
        }
    }

    fn array(&mut self, length: usize, depth: u32) -> Read<()> {
        if depth >= DEPTH {
            return Err(Trouble::Broken);
        }
        self.out.push(b'[');
        for n in 0..length {
            if n > 0 {
                self.out.push(b',');
            }
            self.value(depth + 1)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn map(&mut self, length: usize, depth: u32) -> Read<()> {
        if depth >= DEPTH {
            return Err(Trouble::Broken);
        }
        self.out.push(b'{');
        for n in 0..length {
            if n > 0 {
                self.out.push(b',');
            }
            self.key()?;
            self.out.push(b':');
            self.value(depth + 1)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn key(&mut self) -> Read<()> {
        match self.input.first() {
            Some(0x80..=0x9f | 0xdc..=0xdf | 0xc7..=0xc9 | 0xd4..=0xd8) | None => return Err(Trouble::Broken),
            Some(_) => {}
        }
        let start = self.out.len();
        self.value(DEPTH)?;
        if self.out.get(start) != Some(&b'"') {
            self.out.insert(start, b'"');
            self.out.push(b'"');
        }
        Ok(())
    }

    fn text(&mut self, length: usize) -> Read<()> {
        let text = self.take(length)?;
        string(self.out, text);
        Ok(())
    }

    fn bytes(&mut self, length: usize) -> Read<()> {
        let bytes = self.take(length)?;
        string(self.out, BASE64.encode(bytes).as_bytes());
        Ok(())
    }

    fn extension(&mut self, length: usize) -> Read<()> {
        let kind = i8::from_be_bytes(*self.chunk()?);
        let data = self.take(length)?;
        if let Some(at) = timestamp(kind, data) {
            string(self.out, at.to_string().as_bytes());
            return Ok(());
        }
        let data = BASE64.encode(data);
        self.write(format_args!("{{\"ext\":{kind},\"data\":\"{data}\"}}"))
    }

    fn float(&mut self, number: f64) -> Read<()> {
        let number = Value::from(number);
        self.write(number)
    }

    fn write(&mut self, word: impl std::fmt::Display) -> Read<()> {
        write!(self.out, "{word}").map_err(|_| Trouble::Broken)
    }

    /// A length of one, two or four bytes.
    fn length(&mut self, size: u8) -> Read<usize> {
        Ok(match size {
            0 => usize::from(self.byte()?),
            1 => usize::from(u16::from_be_bytes(*self.chunk()?)),
            _ => usize::try_from(u32::from_be_bytes(*self.chunk()?)).unwrap_or(usize::MAX),
        })
    }

    fn byte(&mut self) -> Read<u8> {
        self.chunk::<1>().map(|chunk| chunk[0])
    }

    fn chunk<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        let (chunk, rest) = self.input.split_first_chunk().ok_or(Trouble::Broken)?;
        self.input = rest;
        Ok(chunk)
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.input.split_at_checked(length).ok_or(Trouble::Broken)?;
        self.input = rest;
        Ok(taken)
    }
}

/// The timestamp extension: type -1, in three lengths.
fn timestamp(kind: i8, data: &[u8]) -> Option<jiff::Timestamp> {
    let (seconds, nanos) = match (kind, data.len()) {
        (-1, 4) => (i64::from(u32::from_be_bytes(data.try_into().ok()?)), 0),
        (-1, 8) => {
            let both = u64::from_be_bytes(data.try_into().ok()?);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, u32::try_from(both >> 34).ok()?)
        }
        (-1, 12) => {
            let (nanos, seconds) = data.split_first_chunk::<4>()?;
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(*nanos))
        }
        _ => return None,
    };
    jiff::Timestamp::new(seconds, i32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?).ok()
}

/// The shortest way to write a value. JSON has no bytes, so there are none.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(is) => out.push(if *is { 0xc3 } else { 0xc2 }),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => unsigned(number, out),
            (None, Some(number)) => signed(number, out),
            (None, None) => {
                out.push(0xcb);
                out.extend(number.as_f64().unwrap_or_default().to_be_bytes());
            }
        },
        Value::String(text) => {
            head(out, text.len(), (0xa0, 32), [Some(0xd9), Some(0xda), Some(0xdb)]);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            head(out, items.len(), (0x90, 16), [None, Some(0xdc), Some(0xdd)]);
            for item in items {
                write(item, out);
            }
        }
        Value::Object(members) => {
            head(out, members.len(), (0x80, 16), [None, Some(0xde), Some(0xdf)]);
            for (name, member) in members {
                head(out, name.len(), (0xa0, 32), [Some(0xd9), Some(0xda), Some(0xdb)]);
                out.extend_from_slice(name.as_bytes());
                write(member, out);
            }
        }
    }
}

/// A kind with a length: in the kind itself below a bound, else in one, two or four bytes.
fn head(out: &mut Vec<u8>, length: usize, (short, below): (u8, usize), kinds: [Option<u8>; 3]) {
    let [one, two, four] = kinds;
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if usize::from(length) < below => out.push(short | length),
        (Ok(length), _) if one.is_some() => out.extend([one.unwrap_or_default(), length]),
        (_, Ok(length)) => {
            out.push(two.unwrap_or_default());
            out.extend(length.to_be_bytes());
        }
        _ => {
            out.push(four.unwrap_or_default());
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

fn unsigned(number: u64, out: &mut Vec<u8>) {
    if let Ok(small) = u8::try_from(number) {
        if small > 0x7f {
            out.push(0xcc);
        }
        out.push(small);
    } else if let Ok(small) = u16::try_from(number) {
        out.push(0xcd);
        out.extend(small.to_be_bytes());
    } else if let Ok(small) = u32::try_from(number) {
        out.push(0xce);
        out.extend(small.to_be_bytes());
    } else {
        out.push(0xcf);
        out.extend(number.to_be_bytes());
    }
}

fn signed(number: i64, out: &mut Vec<u8>) {
    if let Ok(small) = i8::try_from(number) {
        if small < -32 {
            out.push(0xd0);
        }
        out.extend(small.to_be_bytes());
    } else if let Ok(small) = i16::try_from(number) {
        out.push(0xd1);
        out.extend(small.to_be_bytes());
    } else if let Ok(small) = i32::try_from(number) {
        out.push(0xd2);
        out.extend(small.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend(number.to_be_bytes());
    }
}
