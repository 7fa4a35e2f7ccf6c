//! From a frame to the messages in it: split text, arrays taken apart, JSON inside of strings opened.

use super::pointer::Pointer;

/// The steps, in the order in which they are done. The default does nothing: a frame is a message.
#[derive(Clone, Debug, Default)]
pub struct Codec {
    /// A separator inside a frame; empty pieces are dropped.
    pub split: Option<String>,
    /// A top-level array is a list of messages.
    pub batch: bool,
    /// JSON text inside of a string: the value at this place is opened, so that pointers may go on inside it.
    pub nested: Vec<Pointer>,
    /// An inner array whose items are routed one by one; pointers that begin with `@` are relative to the item.
    pub each: Option<Pointer>,
}
