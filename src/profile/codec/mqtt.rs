//! MQTT 3.1.1 packets, as far as a client without retransmission needs them. Read as JSON, and written from it.
//!
//! In: `{"type":"publish","topic":..,"qos":0,"retain":false,"dup":false,"form":"json|text|binary","payload":..}` (with `id` where the
//! quality of service is above 0), `{"type":"connack","session":false,"code":0}`, `{"type":"suback","id":1,"codes":[0]}`, and `unsuback`,
//! `puback`, `pubrec`, `pubrel`, `pubcomp` with their `id`, `pingresp`. Out: `connect` (`client_id`, `username`, `password`,
//! `keepalive`, `clean`), `subscribe` (`id`, `topics`, `qos`), `unsubscribe` (`id`, `topics`), `publish` (`topic`, `payload`,
//! `retain`), `puback` (`id`), `pingreq` and `disconnect`.

use serde_json::{Map, Value};

use super::Docs;
use super::docs::{key, member, payload};
use super::inlet::Next;

pub(super) fn next(bytes: &[u8], _: &mut usize, limit: usize) -> Next {
    match length(bytes) {
        // Where a packet ends cannot be told.
        Err(()) => Next::Whole(bytes.len()),
        Ok(Some((head, body))) if head + body <= bytes.len() => Next::Whole(head + body),
        Ok(Some((head, body))) if body > limit => Next::TooBig((head + body) as u64),
        Ok(Some(_) | None) => Next::Part,
    }
}

/// Of the fixed header, and of what follows it (section 2.2.3).
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, ()> {
    let mut body = 0;
    for place in 0..4 {
        let Some(byte) = bytes.get(1 + place) else { return Ok(None) };
        body |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(Some((2 + place, body)));
        }
    }
    Err(())
}

pub(super) fn read(packet: &[u8], docs: &mut Docs) -> Option<()> {
    let first = *packet.first()?;
    let (head, body) = length(packet).ok()??;
    let body = packet.get(head..head.checked_add(body)?)?;
    docs.message(|out| {
        out.push(b'{');
        match (first >> 4, body) {
            (2, [session, code]) => {
                member(out, "type", b"connack");
                out.extend(format!(",\"session\":{},\"code\":{code}", session & 1 == 1).bytes());
            }
            (3, body) => publish(first, body, out)?,
            (9, [high, low, codes @ ..]) => {
                member(out, "type", b"suback");
                number(out, *high, *low);
                key(out, "codes");
                let codes: Vec<_> = codes.iter().map(u8::to_string).collect();
                out.extend(format!("[{}]", codes.join(",")).bytes());
            }
            (kind @ (4..=7 | 11), [high, low]) => {
                let names = [&b"puback"[..], b"pubrec", b"pubrel", b"pubcomp"];
                member(out, "type", names.get(usize::from(kind) - 4).copied().unwrap_or(b"unsuback"));
                number(out, *high, *low);
            }
            (13, []) => member(out, "type", b"pingresp"),
            _ => return None,
        }
        out.push(b'}');
        Some(())
    })
}

fn publish(first: u8, body: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (topic, mut rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let qos = first >> 1 & 3;
    member(out, "type", b"publish");
    member(out, "topic", std::str::from_utf8(topic).ok()?.as_bytes());
    out.extend(format!(",\"qos\":{qos},\"retain\":{},\"dup\":{}", first & 1 == 1, first & 8 == 8).bytes());
    match qos {
        0 => {}
        1 | 2 => {
            let (id, behind) = rest.split_first_chunk::<2>()?;
            number(out, id[0], id[1]);
            rest = behind;
        }
        _ => return None,
    }
    payload(out, "payload", rest);
    Some(())
}

fn number(out: &mut Vec<u8>, high: u8, low: u8) {
    out.extend(format!(",\"id\":{}", u16::from_be_bytes([high, low])).bytes());
}

/// The error is a sentence for whoever wrote the packet.
pub(super) fn write(packet: &Map<String, Value>) -> Result<Vec<u8>, String> {
    let kind = packet.get("type").and_then(Value::as_str).ok_or("an MQTT packet has a `type`")?;
    let known: &[&str] = match kind {
        "connect" => &["client_id", "username", "password", "keepalive", "clean"],
        "subscribe" => &["id", "topics", "qos"],
        "unsubscribe" => &["id", "topics"],
        "publish" => &["topic", "payload", "retain"],
        "puback" => &["id"],
        "pingreq" | "disconnect" => &[],
        _ => return Err(format!("`{kind}` is no MQTT packet that is sent")),
    };
    if let Some(other) = packet.keys().find(|name| *name != "type" && !known.contains(&name.as_str())) {
        return Err(format!("an MQTT packet of type {kind} has no `{other}`"));
    }
    let fields = Fields(packet);
    let mut body = Vec::new();
    let first = match kind {
        "connect" => {
            connect(&fields, &mut body)?;
            0x10
        }
        "subscribe" => {
            body.extend(fields.id()?.to_be_bytes());
            let qos = fields.number("qos", 0)?;
            if qos > 2 {
                return Err("`qos` is 0, 1 or 2".to_owned());
            }
            for topic in fields.topics()? {
                text(&mut body, topic)?;
                body.push(u8::try_from(qos).unwrap_or_default());
            }
            0x82
        }
        "unsubscribe" => {
            body.extend(fields.id()?.to_be_bytes());
            for topic in fields.topics()? {
                text(&mut body, topic)?;
            }
            0xa2
        }
        "publish" => {
            text(&mut body, fields.text("topic")?.ok_or("`topic` is missing")?)?;
            match packet.get("payload") {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => body.extend_from_slice(text.as_bytes()),
                Some(value) => body.extend(value.to_string().bytes()),
            }
            0x30 | u8::from(fields.flag("retain", false)?)
        }
        "puback" => {
            body.extend(fields.id()?.to_be_bytes());
            0x40
        }
        "pingreq" => 0xc0,
        _ => 0xe0,
    };
    let mut whole = vec![first];
    let mut rest = body.len();
    loop {
        let more = if rest > 0x7f { 0x80 } else { 0 };
        whole.push(u8::try_from(rest & 0x7f).unwrap_or_default() | more);
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    if whole.len() > 5 {
        return Err("the MQTT packet is too long".to_owned());
    }
    whole.extend(body);
    Ok(whole)
}

/// Section 3.1.
fn connect(fields: &Fields<'_>, body: &mut Vec<u8>) -> Result<(), String> {
    let (user, password) = (fields.text("username")?, fields.text("password")?);
    let clean = fields.flag("clean", true)?;
    text(body, "MQTT")?;
    body.push(4);
    body.push(u8::from(user.is_some()) << 7 | u8::from(password.is_some()) << 6 | u8::from(clean) << 1);
    body.extend(fields.number("keepalive", 60)?.to_be_bytes());
    text(body, fields.text("client_id")?.unwrap_or_default())?;
    for secret in [user, password].into_iter().flatten() {
        text(body, secret)?;
    }
    if password.is_some() && user.is_none() { Err("a `password` needs a `username`".to_owned()) } else { Ok(()) }
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| format!("`{name}` is text")),
        }
    }

    fn flag(&self, name: &str, otherwise: bool) -> Result<bool, String> {
        self.0.get(name).map_or(Ok(otherwise), |value| value.as_bool().ok_or(format!("`{name}` is true or false")))
    }

    fn number(&self, name: &str, otherwise: u16) -> Result<u16, String> {
        let Some(value) = self.0.get(name) else { return Ok(otherwise) };
        let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
        number.ok_or_else(|| format!("`{name}` is a number from 0 to 65535"))
    }

    /// A packet's number is not 0 (section 2.3.1); a count of requests that is longer begins anew.
    fn id(&self) -> Result<u16, String> {
        let id = self.0.get("id").and_then(Value::as_u64).ok_or("`id` is a number")?;
        Ok(u16::try_from(id.saturating_sub(1) % 0xffff).unwrap_or_default() + 1)
    }

    fn topics(&self) -> Result<Vec<&'a str>, String> {
        let wrong = || "`topics` is a list of texts".to_owned();
        let list = self.0.get("topics").and_then(Value::as_array).filter(|list| !list.is_empty()).ok_or_else(wrong)?;
        list.iter().map(|topic| topic.as_str().ok_or_else(wrong)).collect()
    }
}

/// Counted text (section 1.5.3).
fn text(out: &mut Vec<u8>, text: &str) -> Result<(), String> {
    let length = u16::try_from(text.len()).map_err(|_| "a text of an MQTT packet has at most 65535 bytes")?;
    out.extend(length.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}
