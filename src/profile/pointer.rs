//! JSON pointers (RFC 6901), and one pass over a message that finds the values of many of them.

/// A place in a JSON document: RFC 6901, and an index may be negative (`/-1` is the last element).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer {
    pub segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// The member's name, unescaped.
    pub key: String,
    /// The same as an index, where it reads as one.
    pub index: Option<i64>,
}
