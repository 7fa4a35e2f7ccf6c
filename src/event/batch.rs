//! Messages on their way from the socket to readers: many rows over one arena of bytes.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::ServiceId;
use crate::time::Ts;

/// Messages in the order in which they came, cut from one arena of bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    #[serde(skip)]
    pub bytes: Bytes,
    pub rows: Vec<Row>,
}

impl Batch {
    /// The bytes of one row, as they came.
    pub fn body(&self, row: &Row) -> &[u8] {
        let start = row.start as usize;
        self.bytes.get(start..start + row.len as usize).unwrap_or_default()
    }
}

/// One message, as the profile cut it out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// `None`: it belongs to no service.
    pub service: Option<ServiceId>,
    pub kind: Kind,
    pub dir: Dir,
    pub form: Form,
    /// Where it lies in the arena.
    pub start: u32,
    pub len: u32,
    /// Its number, where the profile says which.
    pub seq: Option<u64>,
    /// Microseconds from the server's time to ours, as measured: it is negative where the clocks differ so.
    pub lag: Option<i64>,
    /// When its bytes were read.
    pub at: Ts,
    /// The frame that it came in, counted from 1 on each link.
    pub frame: u64,
    /// Its place among the rows of that frame, counted from 0, and how many they are.
    pub part: u16,
    pub parts: u16,
}

/// What a message is, by the rules of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Data,
    Snapshot,
    Ack,
    Nack,
    Ping,
    Pong,
    Heartbeat,
    Hello,
    Notice,
    End,
    Error,
    Goodbye,
    Fatal,
    /// No rule matched and no service is named.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dir {
    In,
    Out,
}

/// What the bytes of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Valid JSON (RFC 8259) in UTF-8.
    Json,
    /// UTF-8, and not JSON.
    Text,
    /// Not UTF-8.
    Binary,
}
