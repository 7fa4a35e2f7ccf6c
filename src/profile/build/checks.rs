//! What no part of a profile can see alone: templates that use what another part makes, rules that another part needs.

use std::collections::BTreeSet;

use crate::event::Kind;
use crate::profile::Profile;
use crate::profile::diagnostic::{Origin, Problems, nearest};
use crate::profile::template::{Hole, Source, Template};

/// Where a template stands, and so what is at hand when it is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Endpoint,
    Subscribe,
    Unsubscribe,
    RouteMessage,
    RouteService,
    Reply,
    Beat,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "in [endpoint]",
            Self::Subscribe => "in [subscribe]",
            Self::Unsubscribe => "in [unsubscribe]",
            Self::RouteMessage => "in route.message",
            Self::RouteService => "in route.service",
            Self::Reply => "in the answer of a rule",
            Self::Beat => "in a heartbeat",
        }
    }

    fn known(self) -> &'static str {
        match self {
            Self::Endpoint => "here is known: ${env.NAME}",
            Self::Subscribe | Self::Unsubscribe => {
                "here are known: ${s.name}, ${s.PARAM}, ${v.CAPTURE}, ${id}, ${sub.id}, ${now_ms}, ${now_s}, ${env.NAME}"
            }
            Self::RouteMessage => "here are known: ${/pointer} and, with codec.each, ${@/pointer}",
            Self::RouteService => "here are known: ${s.name} and ${s.PARAM}",
            Self::Reply => "here are known: ${/pointer}, ${v.CAPTURE}, ${id}, ${now_ms}, ${now_s}, ${env.NAME}",
            Self::Beat => {
                "here are known: ${v.CAPTURE}, ${id}, ${now_ms}, ${now_s}, ${env.NAME}; a heartbeat is of the whole link, \
                 so ${s.name} needs a default: ${s.name|DEFAULT}"
            }
        }
    }

    fn knows(self, hole: &Hole) -> bool {
        let asks = matches!(self, Self::Subscribe | Self::Unsubscribe);
        match &hole.source {
            Source::Message(_) => matches!(self, Self::RouteMessage | Self::Reply),
            Source::Item(_) => self == Self::RouteMessage,
            Source::Service(_) => asks || self == Self::RouteService || (self == Self::Beat && hole.default.is_some()),
            Source::Capture(_) | Source::Id | Source::Uuid | Source::NowMs | Source::NowS | Source::NowText => {
                asks || matches!(self, Self::Reply | Self::Beat)
            }
            Source::SubId | Source::SubSid | Source::Args => asks,
            Source::Key | Source::Prefix(_) => matches!(self, Self::RouteMessage | Self::Reply),
            Source::Env(_) => asks || matches!(self, Self::Reply | Self::Beat | Self::Endpoint),
            Source::File(_) => false,
        }
    }

    /// Whether a configured service must have every parameter that is used here.
    fn needs_params(self) -> bool {
        match self {
            Self::Subscribe | Self::Unsubscribe | Self::RouteService => true,
            Self::Endpoint | Self::RouteMessage | Self::Reply | Self::Beat => false,
        }
    }
}

/// A kind that some part waits for, so that a rule must make it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    Ack,
    Pong,
}

/// Notes taken while the parts are built.
pub(super) struct Check<'a> {
    problems: &'a Problems,
    templates: Vec<(Template, Origin, Place)>,
    needs: Vec<(Origin, Need)>,
    /// Pointers into the items of `codec.each`.
    items: Vec<Origin>,
    /// The tables of the rules that were built, in their order.
    rules: Vec<Origin>,
    services: Vec<Origin>,
}

impl<'a> Check<'a> {
    pub(super) fn new(problems: &'a Problems) -> Self {
        Self {
            problems,
            templates: Vec::new(),
            needs: Vec::new(),
            items: Vec::new(),
            rules: Vec::new(),
            services: Vec::new(),
        }
    }

    pub(super) fn template(&mut self, template: &Template, at: Origin, place: Place) {
        self.templates.push((template.clone(), at, place));
    }

    pub(super) fn need(&mut self, at: Origin, need: Need) {
        self.needs.push((at, need));
    }

    pub(super) fn item(&mut self, at: Origin) {
        self.items.push(at);
    }

    pub(super) fn rule(&mut self, at: Origin) {
        self.rules.push(at);
    }

    pub(super) fn service(&mut self, at: Origin) {
        self.services.push(at);
    }

    pub(super) fn finish(self, profile: &Profile, rules_are_whole: bool) {
        let captures: BTreeSet<&str> =
            profile.rules.iter().flat_map(|rule| &rule.capture).map(|capture| &*capture.name).collect();
        for (template, at, place) in &self.templates {
            for hole in template.holes() {
                let at = self.place_of(hole, *at);
                if !place.knows(hole) {
                    self.out_of_place(hole, at, *place);
                    continue;
                }
                match &hole.source {
                    Source::Capture(name) if rules_are_whole && !captures.contains(&**name) => {
                        let help = nearest(name, captures.iter().copied()).map_or_else(
                            || format!("give the rule whose message has it: capture = {{ {name} = \"/pointer\" }}"),
                            |near| format!("did you mean `${{v.{near}}}`?"),
                        );
                        self.problems.tell_help(at, format!("no rule captures `{name}`"), help);
                    }
                    Source::Env(name) if !profile.env.contains(name) => {
                        let message = format!("the environment variable `{name}` is not named by this profile");
                        let help = format!("say at the top that it is read: env = [\"{name}\"]");
                        self.problems.tell_help(at, message, help);
                    }
                    Source::Item(_) if profile.codec.each.is_none() => self.no_items(at),
                    Source::Message(_)
                    | Source::Item(_)
                    | Source::Service(_)
                    | Source::Capture(_)
                    | Source::Id
                    | Source::SubId
                    | Source::SubSid
                    | Source::Args
                    | Source::Key
                    | Source::Prefix(_)
                    | Source::Uuid
                    | Source::NowText
                    | Source::NowMs
                    | Source::NowS
                    | Source::Env(_)
                    | Source::File(_) => {}
                }
            }
        }
        if profile.codec.each.is_none() {
            self.items.iter().for_each(|at| self.no_items(*at));
        }
        if rules_are_whole {
            self.rules_serve(profile);
        }
        self.services_have_params(profile);
    }

    fn out_of_place(&self, hole: &Hole, at: Origin, place: Place) {
        let message = format!("`${{{}}}` is not known {}", hole.source, place.name());
        let help = if matches!(hole.source, Source::File(_)) {
            "files are read by your own configuration only, not by a profile that others wrote"
        } else {
            place.known()
        };
        self.problems.tell_help(at, message, help);
    }

    fn no_items(&self, at: Origin) {
        let help = "`@` is an item of the array at codec.each, and there is none: [codec] each = \"/pointer\"";
        self.problems.tell_help(at, "there are no items to look into", help);
    }

    fn rules_serve(&self, profile: &Profile) {
        let has = |kind: Kind| profile.rules.iter().any(|rule| rule.kind == kind);
        for (at, need) in &self.needs {
            match need {
                Need::Ack if !has(Kind::Ack) => {
                    let help = "add a [[rule]] with kind = \"ack\", or take live_on = \"sent\" or \"data\"";
                    self.problems.tell_help(*at, "waits for an ack, and no rule makes one", help);
                }
                Need::Pong if !has(Kind::Pong) => {
                    let help = "add a [[rule]] with kind = \"pong\", or take alive_on = \"message\" or \"any\"";
                    self.problems.tell_help(*at, "waits for an answer, and no rule makes a pong", help);
                }
                Need::Ack | Need::Pong => {}
            }
        }
        let all = profile.rules.iter().position(|rule| rule.when.0.is_empty());
        if let Some(at) = all.and_then(|all| self.rules.get(all + 1)) {
            let help = "the first match wins: put the rule with the empty `when` last";
            self.problems.tell_help(*at, "no message comes to this rule: one before it matches all", help);
        }
    }

    fn services_have_params(&self, profile: &Profile) {
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        for (template, ..) in self.templates.iter().filter(|(.., place)| place.needs_params()) {
            for hole in template.holes() {
                if let Source::Service(name) = &hole.source
                    && name != "name"
                    && hole.default.is_none()
                {
                    needed.insert(name);
                }
            }
        }
        for (service, at) in profile.services.iter().zip(&self.services) {
            for name in needed.iter().filter(|name| !service.params.contains_key(**name)) {
                let near = nearest(name, service.params.keys().map(String::as_str));
                let help = near.map_or_else(
                    || format!("a template of this profile uses `${{s.{name}}}`"),
                    |near| format!("a template of this profile uses `${{s.{name}}}`; is `{near}` meant to be it?"),
                );
                self.problems.tell_help(*at, format!("service `{}` has no `{name}`", service.name), help);
            }
        }
    }

    /// The hole itself, where the file spells it as it is.
    fn place_of(&self, hole: &Hole, at: Origin) -> Origin {
        let written = self.problems.text_at(at);
        let spelled = format!("${{{}", hole.source);
        match written.find(&spelled) {
            Some(start) => {
                let len = written[start..].find('}').map_or(spelled.len(), |end| end + 1);
                Origin { source: at.source, start: at.start + start, end: at.start + start + len }
            }
            None => at,
        }
    }
}
