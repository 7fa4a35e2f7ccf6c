//! Where a template stands, and so what is at hand when it is filled in.

use crate::profile::template::{Hole, Source};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::profile::build) enum Place {
    /// A program's arguments: the one before the dial, and those before the frames that ask and leave.
    BeforeDial,
    BeforeSubscribe,
    BeforeUnsubscribe,
    Endpoint,
    ResumeUrl,
    /// The step of that number, from 0.
    Step(usize),
    Resume(usize),
    Subscribe,
    SubscribeArg,
    Unsubscribe,
    UnsubscribeArg,
    AckKey,
    AckItem,
    RouteMessage,
    RouteService,
    SequenceKey,
    Reply,
    Beat,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BeforeDial => "in endpoint.run",
            Self::BeforeSubscribe | Self::BeforeUnsubscribe => "in the program before a frame",
            Self::Endpoint => "in [endpoint]",
            Self::ResumeUrl => "in endpoint.resume_url",
            Self::Step(_) | Self::Resume(_) => "in [[handshake]]",
            Self::Subscribe => "in [subscribe]",
            Self::Unsubscribe => "in [unsubscribe]",
            Self::SubscribeArg | Self::UnsubscribeArg => "in the share of one service",
            Self::AckKey => "in the key of an ack",
            Self::AckItem => "in an item of an ack",
            Self::RouteMessage => "in route.message",
            Self::RouteService => "in route.service",
            Self::SequenceKey => "in the scope of a sequence",
            Self::Reply => "in the answer of a rule",
            Self::Beat => "in a heartbeat",
        }
    }

    pub(super) fn known(self) -> &'static str {
        match self {
            Self::BeforeDial | Self::Endpoint | Self::ResumeUrl => {
                "here are known: ${env.NAME}, ${v.CAPTURE} that is lasting, ${uuid}, ${now}, ${now_ms}, ${now_s}"
            }
            Self::Step(_) | Self::Resume(_) => {
                "here are known: ${v.CAPTURE} of the steps before, ${id}, ${uuid}, ${now}, ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::Subscribe => {
                "here are known: ${s.name}, ${s.PARAM}, ${args}, ${v.CAPTURE}, ${id}, ${sub.id}, ${uuid}, ${now}, \
                 ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::Unsubscribe | Self::UnsubscribeArg => {
                "here are known: ${s.name}, ${s.PARAM}, ${args}, ${v.CAPTURE}, ${id}, ${sub.id}, ${sub.sid}, ${uuid}, \
                 ${now}, ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::SubscribeArg => {
                "here are known: ${s.name}, ${s.PARAM}, ${v.CAPTURE}, ${id}, ${sub.id}, ${uuid}, ${now}, ${now_ms}, \
                 ${now_s}, ${env.NAME}"
            }
            Self::BeforeSubscribe => {
                "here are known: ${s.name}, ${s.PARAM}, ${v.CAPTURE}, ${uuid}, ${now}, ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::BeforeUnsubscribe => {
                "here are known: ${s.name}, ${s.PARAM}, ${v.CAPTURE}, ${sub.id}, ${sub.sid}, ${uuid}, ${now}, ${now_ms}, \
                 ${now_s}, ${env.NAME}"
            }
            Self::AckItem => "here are known: ${@/pointer}, ${@}, ${@key} and ${/pointer}",
            Self::RouteMessage | Self::SequenceKey | Self::AckKey => {
                "here are known: ${/pointer}, ${#prefix.NAME} and, with codec.each, ${@/pointer} and ${@key}"
            }
            Self::RouteService => "here are known: ${s.name} and ${s.PARAM}",
            Self::Reply => {
                "here are known: ${/pointer}, ${@/pointer}, ${#prefix.NAME}, ${v.CAPTURE}, ${id}, ${uuid}, ${now}, \
                 ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::Beat => {
                "here are known: ${v.CAPTURE}, ${id}, ${uuid}, ${now}, ${now_ms}, ${now_s}, ${env.NAME}; a heartbeat is of \
                 the whole link, so ${s.name} needs a default: ${s.name|DEFAULT}"
            }
        }
    }

    pub(super) fn knows(self, hole: &Hole) -> bool {
        let hears = matches!(self, Self::RouteMessage | Self::SequenceKey | Self::Reply | Self::AckKey | Self::AckItem);
        let dials = matches!(self, Self::BeforeDial | Self::Endpoint | Self::ResumeUrl);
        let asks = self.is_asking();
        let runs = matches!(self, Self::BeforeSubscribe | Self::BeforeUnsubscribe);
        let says = asks || matches!(self, Self::Reply | Self::Beat | Self::Step(_) | Self::Resume(_));
        match &hole.source {
            Source::Message(_) | Source::Prefix(_) | Source::Item(_) | Source::Key => hears,
            Source::Service(_) => {
                asks || runs || self == Self::RouteService || (self == Self::Beat && hole.default.is_some())
            }
            Source::Capture(_) | Source::Uuid | Source::NowMs | Source::NowS | Source::NowText | Source::Env(_) => {
                says || dials || runs
            }
            Source::Id => says,
            Source::SubId => asks || self == Self::BeforeUnsubscribe,
            Source::SubSid => matches!(self, Self::Unsubscribe | Self::UnsubscribeArg | Self::BeforeUnsubscribe),
            Source::Args => matches!(self, Self::Subscribe | Self::Unsubscribe),
            Source::File(_) => false,
        }
    }

    fn is_asking(self) -> bool {
        matches!(self, Self::Subscribe | Self::SubscribeArg | Self::Unsubscribe | Self::UnsubscribeArg)
    }

    /// Whether it is the frame of `of`, or a share in it.
    pub(super) fn is_share_of(self, of: Self) -> bool {
        match self {
            Self::Subscribe | Self::SubscribeArg => of == Self::Subscribe,
            Self::Unsubscribe | Self::UnsubscribeArg => of == Self::Unsubscribe,
            Self::BeforeDial
            | Self::BeforeSubscribe
            | Self::BeforeUnsubscribe
            | Self::Endpoint
            | Self::ResumeUrl
            | Self::Step(_)
            | Self::Resume(_)
            | Self::AckKey
            | Self::AckItem
            | Self::RouteMessage
            | Self::RouteService
            | Self::SequenceKey
            | Self::Reply
            | Self::Beat => false,
        }
    }

    /// Whether a configured service must have every parameter that is used here.
    pub(super) fn needs_params(self) -> bool {
        let runs = matches!(self, Self::BeforeSubscribe | Self::BeforeUnsubscribe);
        self.is_asking() || runs || self == Self::RouteService
    }
}
