//! What templates produce, as it goes out: in the format of the profile, and ended as it says. Nothing is sent here.

use serde_json::Value;

use super::{Codec, Format, mqtt, msgpack, stomp};

/// A frame to send, and which kind of frame it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
}

impl Codec {
    /// `json`: the text is of a template that gives JSON (`frame`), so it is put into the format. Plain text (`frame_text`) goes
    /// as it is. The error is a sentence for whoever wrote the profile.
    pub fn encode(&self, text: &str, json: bool) -> Result<Outgoing, String> {
        let frame = if json { self.format.encode(text)? } else { Outgoing::Text(text.to_owned()) };
        Ok(match (frame, &self.tx_suffix) {
            (Outgoing::Text(text), Some(suffix)) => Outgoing::Text(text + suffix),
            (frame, _) => frame,
        })
    }
}

impl Format {
    /// A JSON document in this format. The error is a sentence for whoever wrote the profile.
    pub fn encode(self, json: &str) -> Result<Outgoing, String> {
        let value = || serde_json::from_str::<Value>(json).map_err(|error| format!("it is not JSON: {error}"));
        let object = |value: Value| match value {
            Value::Object(members) => Ok(members),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err("it is not an object".to_owned())
            }
        };
        match self {
            Self::Json => Ok(Outgoing::Text(json.to_owned())),
            Self::Stomp => stomp::write(&object(value()?)?).map(Outgoing::Text),
            Self::Mqtt => mqtt::write(&object(value()?)?).map(Outgoing::Binary),
            Self::Msgpack => {
                let mut bytes = Vec::with_capacity(json.len());
                msgpack::write(&value()?, &mut bytes);
                Ok(Outgoing::Binary(bytes))
            }
            Self::Nats => Err("NATS is written as text: say it with `frame_text` or `send_text`".to_owned()),
            Self::Irc => Err("IRC is written as text: say it with `frame_text` or `send_text`".to_owned()),
        }
    }
}
