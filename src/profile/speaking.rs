//! What is said to a server: where it is, how to log in, how to ask for a service and how to leave it.

use std::time::Duration;

use serde_json::Value;

use super::matcher::Match;
use super::pointer::Pointer;
use super::template::Template;

#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    pub url: Option<Template>,
    /// Where a session that can be resumed is resumed.
    pub resume_url: Option<Template>,
    pub headers: Vec<(String, Template)>,
    /// Headers that are not sent, though they usually are (`Origin`, `User-Agent`), unless the user asks for them.
    pub withhold: Vec<String>,
    pub subprotocols: Vec<String>,
    /// The server is not offered to compress what it sends.
    pub plain: bool,
    /// Run before each dial; what it says may be used from the address on.
    pub run: Option<AuthCommand>,
}

impl Endpoint {
    /// Whether address or headers are made anew for each dial: a program names them, or there is something else in them
    /// than what is read from the machine once.
    pub fn is_made_anew(&self) -> bool {
        let dialed = self.url.iter().chain(self.headers.iter().map(|(_, value)| value));
        self.run.is_some() || dialed.flat_map(Template::holes).any(|hole| hole.source.outside().is_none())
    }
}

/// A step of the login: said, then waited for.
#[derive(Clone, Debug)]
pub struct Step {
    /// Run before it is said; its output is JSON variables.
    pub run: Option<AuthCommand>,
    pub send: Option<Template>,
    /// Said instead, where there is a session to resume.
    pub resume: Option<Template>,
    /// The message that ends the step; the step ends at once where there is none.
    pub expect: Option<Match>,
    /// The message that ends the login.
    pub reject: Option<Match>,
    /// Where the server says why.
    pub text: Option<Pointer>,
    pub capture: Vec<Capture>,
    pub timeout: Duration,
}

/// A program that says what cannot be declared. Never run by a shell.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthCommand {
    /// The program and its arguments.
    pub command: Vec<Template>,
    pub timeout: Duration,
}

/// A value kept under a name (`${v.NAME}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub name: String,
    pub at: Pointer,
    pub scope: Scope,
}

/// How long a captured value is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Link,
    /// Until the profile says `restart`.
    Lasting,
}

/// A frame sent for one service, or for several at once.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Run before each frame; what it says is for that one.
    pub run: Option<AuthCommand>,
    pub frame: Template,
    /// One service's share of a frame for several (`${args}`).
    pub arg: Option<Template>,
    pub join: Join,
    /// The most services in one frame.
    pub batch: usize,
    /// The least time between two frames.
    pub gap: Duration,
    pub id: IdForm,
    pub ack: Ack,
    /// Where the ack brings the server's own id of the subscription (`${sub.sid}`).
    pub sid: Option<Pointer>,
    pub ack_timeout: Option<Duration>,
    /// When a service counts as agreed.
    pub live_on: LiveOn,
    /// Every change is said by naming all that is wanted.
    pub whole: bool,
}

impl Ask {
    /// A frame for each service, nothing awaited.
    pub fn plain(frame: Template) -> Self {
        Self {
            run: None,
            frame,
            arg: None,
            join: Join::List,
            batch: 1,
            gap: Duration::ZERO,
            id: IdForm::Number,
            ack: Ack::None,
            sid: None,
            ack_timeout: None,
            live_on: LiveOn::Sent,
            whole: false,
        }
    }

    /// The shares of several services as one JSON value, or as one text.
    pub fn joined<'a>(&self, shares: impl Iterator<Item = &'a str>) -> String {
        match &self.join {
            Join::List => {
                // A share that is plain text is a string in the list.
                let json = self.arg.as_ref().is_none_or(|arg| arg.json);
                let one = |share: &str| if json { share.to_owned() } else { Value::from(share).to_string() };
                format!("[{}]", shares.map(one).collect::<Vec<_>>().join(","))
            }
            Join::Text(separator) => shares.map(plain).collect::<Vec<_>>().join(separator),
        }
    }
}

/// What a JSON string says, and any other JSON text as it is.
pub fn plain(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// How the shares of several services become one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// A JSON list.
    #[default]
    List,
    /// Text between separators.
    Text(String),
}

/// What a request number looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdForm {
    #[default]
    Number,
    /// The number as a string.
    Text,
    Uuid,
}

/// How the server's yes or no (a message of kind `ack` or `nack`) is brought to the service it is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ack {
    /// There is none.
    #[default]
    None,
    /// By the route key, as any message.
    Route,
    /// By the request number, compared as text.
    Id(IdAt),
    /// By a key of its own.
    Key(Template),
    /// The oldest request that waits.
    Order,
    /// By a list of all that is subscribed (or an object of them: `@key`): services whose key is made of one of its
    /// items are agreed to. Where an item has a list of its own (`items`, relative to the item), `@` looks into what is
    /// in that one, and into the item for what is not there.
    Contains { list: Pointer, item: Template, items: Option<Pointer> },
}

/// Where an answer has the number of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdAt {
    Value(Pointer),
    /// A group of the prefix.
    Prefix(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveOn {
    /// There is no ack: sent is as good as agreed.
    #[default]
    Sent,
    /// A message of kind `ack` for that service.
    Ack,
    /// Its first data.
    Data,
}
