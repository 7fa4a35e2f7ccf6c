//! What no part of a profile can see alone: templates that use what another part makes, rules that another part needs.

mod place;
mod shadow;

use std::collections::BTreeSet;

pub(super) use self::place::Place;
use crate::event::Kind;
use crate::profile::diagnostic::{Origin, Problems, nearest};
use crate::profile::pointer::Pointer;
use crate::profile::template::{Hole, Part, Source, Template};
use crate::profile::{Ask, Profile, Scope};

/// Something that a part waits for, so that another must make it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    Ack,
    Pong,
    /// A request number in the frame of [subscribe].
    Id,
    /// The server's id of a subscription.
    Sid,
}

/// What captures a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// The program before the dial.
    Dial,
    /// The program before the frames of this place, for them alone.
    Ask(Place),
    Step(usize),
    Rule,
    /// One that has the link changed: it may say where the next one goes.
    Rotation,
}

/// Notes taken while the parts are built.
pub(super) struct Check<'a> {
    problems: &'a Problems,
    templates: Vec<(Template, Origin, Place)>,
    needs: Vec<(Origin, Need)>,
    /// Pointers into the items of `codec.each`, and questions for the name of a member.
    items: Vec<(Pointer, Origin)>,
    members: Vec<Origin>,
    /// Groups of the prefix that are asked for.
    groups: Vec<(String, Origin)>,
    captures: Vec<(String, Maker, Scope)>,
    /// Programs say under which names they answer only when they are run.
    runs: Vec<Maker>,
    /// Captures that are used outside of templates.
    used: Vec<(String, Origin)>,
    commands: Vec<(String, Origin)>,
    /// The frame of [subscribe] has a request number in it.
    has_id: bool,
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
            members: Vec::new(),
            groups: Vec::new(),
            captures: Vec::new(),
            runs: Vec::new(),
            used: Vec::new(),
            commands: Vec::new(),
            has_id: false,
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

    pub(super) fn item(&mut self, pointer: &Pointer, at: Origin) {
        self.items.push((pointer.clone(), at));
    }

    pub(super) fn member(&mut self, at: Origin) {
        self.members.push(at);
    }

    pub(super) fn group(&mut self, name: &str, at: Origin) {
        self.groups.push((name.to_owned(), at));
    }

    pub(super) fn capture(&mut self, name: &str, maker: Maker, scope: Scope) {
        self.captures.push((name.to_owned(), maker, scope));
    }

    pub(super) fn runs(&mut self, maker: Maker) {
        self.runs.push(maker);
    }

    pub(super) fn uses(&mut self, capture: &str, at: Origin) {
        self.used.push((capture.to_owned(), at));
    }

    pub(super) fn command(&mut self, name: String, at: Origin) {
        self.commands.push((name, at));
    }

    pub(super) fn request_id(&mut self, ask: &Ask) {
        let templates = [Some(&ask.frame), ask.arg.as_ref()];
        let numbered = |template: &Template| template.uses(&Source::Id) || template.uses(&Source::SubId);
        self.has_id = templates.into_iter().flatten().any(numbered);
    }

    pub(super) fn rule(&mut self, at: Origin) {
        self.rules.push(at);
    }

    pub(super) fn service(&mut self, at: Origin) {
        self.services.push(at);
    }

    /// Tells what is wrong with one hole of a template.
    pub(super) fn at_hole(&self, template: &Template, source: &Source, at: Origin, message: &str, help: &str) {
        let hole = template.holes().find(|hole| hole.source == *source);
        let at = hole.map_or(at, |hole| self.place_of(hole, at));
        self.problems.tell_help(at, message, help);
    }

    /// `whole`: no rule, step or ask was left out because something is wrong with it.
    pub(super) fn finish(self, profile: &Profile, whole: bool) {
        for (template, at, place) in &self.templates {
            for hole in template.holes() {
                let at = self.place_of(hole, *at);
                if place.knows(hole) {
                    self.hole(profile, hole, at, *place, whole);
                } else {
                    self.out_of_place(hole, at, *place);
                }
            }
        }
        self.items.iter().for_each(|(pointer, at)| self.has_item(profile, pointer, *at));
        if !profile.codec.members {
            self.members.iter().for_each(|at| self.no_members(*at));
        }
        self.groups.iter().for_each(|(name, at)| self.known_group(profile, name, *at));
        if whole {
            self.used.iter().for_each(|(name, at)| self.captured(name, *at, Place::Beat, false));
            self.parts_serve(profile);
        }
        self.commands_are_allowed(profile);
        self.secrets_are_covered(profile);
        self.services_have_params(profile);
    }

    fn hole(&self, profile: &Profile, hole: &Hole, at: Origin, place: Place, whole: bool) {
        match &hole.source {
            Source::Capture(name) if whole => self.captured(name, at, place, hole.default.is_some()),
            Source::Env(name) if !profile.env.contains(name) => {
                let message = format!("the environment variable `{name}` is not named by this profile");
                let help = format!("say at the top that it is read: env = [\"{name}\"]");
                self.problems.tell_help(at, message, help);
            }
            Source::Message(pointer) => self.one_place(pointer, at),
            Source::Item(pointer) => {
                self.one_place(pointer, at);
                if place != Place::AckItem {
                    self.has_item(profile, pointer, at);
                }
            }
            Source::Key if !profile.codec.members && place != Place::AckItem => self.no_members(at),
            Source::Prefix(name) => self.known_group(profile, name, at),
            Source::SubSid if whole && profile.subscribe.as_ref().is_none_or(|ask| ask.sid.is_none()) => {
                let help = "say where its ack brings it: [subscribe] sid = \"/result\"";
                self.problems.tell_help(at, "the server's id of a subscription is nowhere learned", help);
            }
            Source::Service(_)
            | Source::Capture(_)
            | Source::Id
            | Source::SubId
            | Source::SubSid
            | Source::Args
            | Source::Key
            | Source::Uuid
            | Source::NowText
            | Source::NowMs
            | Source::NowS
            | Source::Env(_)
            | Source::File(_) => {}
        }
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

    /// Whether a value is captured before it is used at that place.
    fn captured(&self, name: &str, at: Origin, place: Place, has_default: bool) {
        let makers = || self.captures.iter().filter(|(known, ..)| known == name);
        // Whether it is there when this is sent; what lasts may be there from an earlier link.
        let before = |maker: Maker, lasts: bool| match (place, maker) {
            (Place::BeforeDial, Maker::Dial) => false,
            (Place::ResumeUrl, Maker::Rotation) => true,
            (
                Place::BeforeDial | Place::Endpoint | Place::ResumeUrl,
                Maker::Step(_) | Maker::Rule | Maker::Rotation,
            )
            | (Place::Resume(_), Maker::Rule | Maker::Rotation) => lasts,
            (_, Maker::Ask(of)) => place.is_share_of(of),
            (Place::Step(now) | Place::Resume(now), Maker::Step(step)) => step < now || lasts,
            _ => true,
        };
        // What a program says is known from its own step on.
        let runs = self.runs.iter().any(|maker| match (place, maker) {
            (Place::Step(now) | Place::Resume(now), Maker::Step(step)) => *step <= now,
            (_, maker) => before(*maker, false),
        });
        if runs {
            return;
        }
        if makers().any(|(_, maker, scope)| before(*maker, *scope == Scope::Lasting)) {
            if matches!(place, Place::Endpoint | Place::BeforeDial) && !has_default {
                let help = format!(
                    "give it a default: ${{v.{name}|..}}; resume_url is used only when there is something to resume"
                );
                self.problems.tell_help(at, format!("`{name}` is not captured before the first dial"), help);
            }
            return;
        }
        if makers().next().is_some() {
            let dials = matches!(place, Place::BeforeDial | Place::Endpoint | Place::ResumeUrl | Place::Resume(_));
            let help = if dials {
                format!(
                    "it is forgotten with its link; keep it: capture = {{ {name} = {{ at = \"/pointer\", lasting = true }} }}"
                )
            } else {
                "a step may use what the steps before it captured".to_owned()
            };
            self.problems.tell_help(at, format!("`{name}` is not captured when this is sent"), help);
            return;
        }
        let help = nearest(name, self.captures.iter().map(|(name, ..)| name.as_str())).map_or_else(
            || format!("give the rule or step whose message has it: capture = {{ {name} = \"/pointer\" }}"),
            |near| format!("did you mean `${{v.{near}}}`?"),
        );
        self.problems.tell_help(at, format!("no rule or step captures `{name}`"), help);
    }

    fn one_place(&self, pointer: &Pointer, at: Origin) {
        if pointer.segments.iter().any(|segment| segment.key == "*") {
            let help = "the items of an array are gone through at codec.each only; here a place is one place";
            self.problems.tell_help(at, format!("`{pointer}` has a `*`"), help);
        }
    }

    fn has_item(&self, profile: &Profile, pointer: &Pointer, at: Origin) {
        let outer = pointer.segments.first().is_some_and(|segment| segment.key == "..");
        if profile.codec.each.is_none() {
            let help = "`@` is an item of the array at codec.each, and there is none: [codec] each = \"/pointer\"";
            self.problems.tell_help(at, "there are no items to look into", help);
        } else if outer && profile.codec.outer.is_none() {
            let help = "`@/..` is the item around this one: [codec] each = \"/updates/*/values\"";
            self.problems.tell_help(at, "no item is around the items", help);
        }
    }

    fn no_members(&self, at: Origin) {
        let help = "`@key` is the name of a member of the object at codec.each: [codec] members = true";
        self.problems.tell_help(at, "there are no members that have a name", help);
    }

    fn known_group(&self, profile: &Profile, name: &str, at: Origin) {
        let groups = || profile.codec.prefix.iter().flat_map(|prefix| prefix.capture_names()).flatten();
        if groups().any(|group| group == name) {
            return;
        }
        let near = nearest(name, groups()).map(|near| format!("did you mean `#prefix.{near}`?"));
        let help = near.unwrap_or_else(|| format!("name it in the expression: [codec] prefix = '^(?P<{name}>[0-9]+)'"));
        self.problems.tell_help(at, format!("the prefix has no group `{name}`"), help);
    }

    fn parts_serve(&self, profile: &Profile) {
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
                Need::Id if !self.has_id => {
                    let help = "put `${id}` where the server expects it: [subscribe] frame = '{..,\"id\":${id}}'";
                    self.problems.tell_help(*at, "no request number is sent that could come back", help);
                }
                Need::Sid if profile.subscribe.as_ref().is_none_or(|ask| ask.sid.is_none()) => {
                    let help = "say where its ack brings it: [subscribe] sid = \"/result\"";
                    self.problems.tell_help(*at, "the server's id of a subscription is nowhere learned", help);
                }
                Need::Ack | Need::Pong | Need::Id | Need::Sid => {}
            }
        }
        for (late, early) in shadow::shadowed(profile.rules.iter().map(|rule| &rule.when)) {
            let (Some(late), Some(early)) = (self.rules.get(late), self.rules.get(early)) else { continue };
            let line = self.problems.line_of(*early);
            let help = "the first match wins: put the rule that says more before the one that says less";
            self.problems.warn_help(
                *late,
                format!("no message comes to this rule: the one on line {line} matches all that it does"),
                help,
            );
        }
    }

    fn commands_are_allowed(&self, profile: &Profile) {
        for (name, at) in self.commands.iter().filter(|(name, _)| !profile.about.commands.contains(name)) {
            let help = format!("say at the top that it is run: commands = [\"{name}\"]");
            self.problems.tell_help(*at, format!("the program `{name}` is not named by this profile"), help);
        }
    }

    fn secrets_are_covered(&self, profile: &Profile) {
        let secret = self
            .templates
            .iter()
            .any(|(template, ..)| template.holes().any(|hole| matches!(hole.source, Source::Env(_))));
        let url = self.templates.iter().find(|(_, _, place)| *place == Place::Endpoint);
        let Some((Template { parts, .. }, at, _)) = url.filter(|(url, ..)| Some(url) == profile.endpoint.url.as_ref())
        else {
            return;
        };
        let Some(Part::Text(text)) = parts.first() else { return };
        let Some(host) = text.strip_prefix("ws://").or_else(|| text.strip_prefix("http://")) else { return };
        let near = ["127.", "localhost", "[::1]"].iter().any(|near| host.starts_with(near));
        if secret && !near {
            let help = "take wss://, so that nobody on the way can read it";
            self.problems.warn_help(*at, "a secret is sent over a link that is not encrypted", help);
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
