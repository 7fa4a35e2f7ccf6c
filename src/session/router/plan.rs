//! A profile with every place resolved, so that a message is asked and not searched. It holds nothing that changes.

use super::key::{Key, Words};
use super::lag::Lag;
use super::rules::Rules;
use crate::event::{Form, Kind};
use crate::profile::codec::{Place, Reader, Scene};
use crate::profile::matcher::{self, Match, Subject};
use crate::profile::pointer::{Pointer, Value};
use crate::profile::template::{Part, Source, Template};
use crate::profile::{Ack, IdAt, Profile, Route, Rule, Sequence, SequenceRule, SequenceScope, TimeRule, Via};

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) reader: Reader,
    pub(super) batch: bool,
    /// What holds the items that are rows.
    pub(super) each: Option<Place>,
    /// The array around it.
    pub(super) outer: Option<Place>,
    /// The items are the members of an object.
    pub(super) members: bool,
    /// By rule, whether what it matches stays one message though each member would be a row.
    whole: Vec<bool>,
    /// The members of the message itself are rows, and some messages stay one all the same.
    may_stay: bool,
    /// What the steps of the login wait for.
    greetings: Vec<matcher::Plan>,
    pub(super) rules: Rules,
    way: Way,
    /// By rule, what it has of its own.
    own: Vec<(Option<Way>, Option<Lag>)>,
    pub(super) lag: Option<Lag>,
    numbers: Vec<Number>,
}

/// From a message to its service.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    pub(super) key: Option<Key>,
    pub(super) several: Option<(Place, Option<Words>)>,
    pub(super) via: Via,
    pub(super) glob: bool,
}

/// Which messages carry a number, and where.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) which: u16,
    pub(super) scope: SequenceScope,
    /// There is more to it than the number.
    pub(super) more: bool,
    when: Option<matcher::Plan>,
    at: Option<Place>,
    /// The first number of a range, or the one before.
    other: Option<Place>,
    reset: Option<matcher::Plan>,
    pub(super) key: Option<Key>,
}

impl Plan {
    pub(super) fn new(profile: &Profile) -> Self {
        let codec = &profile.codec;
        let reader = Reader::new(codec, &places(profile));
        let place = |pointer: &Pointer| reader.place(pointer.item, pointer);
        let time = |rule: &TimeRule| Lag::new(rule, rule.at.iter().filter_map(place).collect());
        let way = |route: &Route| Way::new(route, &reader);
        let own = |rule: &Rule| (rule.route.as_ref().map(way), rule.time.as_ref().map(time));
        let own: Vec<_> = profile.rules.iter().map(own).collect();
        let has_own = own.iter().any(|(way, lag)| way.is_some() || lag.is_some());
        let outer = codec.outer.as_ref().and_then(|outer| reader.place(false, outer));
        let each = codec.each.as_ref();
        let whole = whole(profile);
        let greetings: Vec<_> = awaited(profile).map(|wanted| matcher::Plan::new(wanted, &reader)).collect();
        let may_stay = codec.has_members_on_top() && (whole.contains(&true) || !greetings.is_empty());
        Self {
            batch: codec.batch,
            each: each.and_then(|each| if outer.is_some() { reader.inner(each) } else { reader.place(false, each) }),
            outer,
            members: codec.members,
            whole,
            may_stay,
            greetings,
            rules: Rules::new(&profile.rules, &reader),
            way: way(&profile.route),
            own: if has_own { own } else { Vec::new() },
            lag: profile.time.as_ref().map(time),
            numbers: (0..=u16::MAX)
                .zip(&profile.sequences)
                .map(|(which, sequence)| Number::new(which, sequence, &reader))
                .collect(),
            reader,
        }
    }

    /// How a message goes that this rule knows.
    #[inline]
    pub(super) fn way(&self, rule: Option<usize>) -> (&Way, Option<&Lag>) {
        let own = if self.own.is_empty() { None } else { rule.and_then(|rule| self.own.get(rule)) };
        let (way, lag) = own.map_or((None, None), |(way, lag)| (way.as_ref(), lag.as_ref()));
        (way.unwrap_or(&self.way), lag.or(self.lag.as_ref()))
    }

    /// Whether a message of which each member would be a row is one row: an ack or a pong is no list of services.
    #[inline]
    pub(super) fn stays_whole(&self, scene: &Scene<'_>) -> bool {
        self.may_stay
            && match self.rules.first(scene, Form::Json) {
                Some(rule) => self.whole.get(rule).is_some_and(|whole| *whole),
                None => self.greets(scene, Form::Json),
            }
    }

    /// Whether a step of the login waits for such a message.
    #[cold]
    pub(super) fn greets(&self, scene: &Scene<'_>, form: Form) -> bool {
        self.greetings.iter().any(|greeting| greeting.holds(scene, form))
    }

    /// The first sequence that means a message.
    #[inline]
    pub(super) fn number(&self, scene: &Scene<'_>, form: Form, kind: Kind) -> Option<&Number> {
        self.numbers.iter().find(|number| {
            let means = match &number.when {
                Some(when) => when.holds(scene, form),
                None => kind == Kind::Data,
            };
            means || number.resets(scene, form)
        })
    }
}

impl Way {
    fn new(route: &Route, reader: &Reader) -> Self {
        let words = |pointer: &Pointer| {
            let (_, map) = route.map.iter().find(|(at, _)| at == pointer)?;
            Some(map.iter().map(|(from, to)| (from.as_bytes().into(), to.as_bytes().into())).collect())
        };
        let several = |list: &Pointer| Some((reader.place(list.item, list)?, words(list)));
        Self {
            key: route.message.as_ref().map(|template| Key::new(template, reader, &words)),
            several: route.several.as_ref().and_then(several),
            via: route.via,
            glob: route.glob,
        }
    }
}

impl Number {
    fn new(which: u16, sequence: &Sequence, reader: &Reader) -> Self {
        let place = |pointer: &Pointer| reader.place(pointer.item, pointer);
        let plan = |wanted: &Match| matcher::Plan::new(wanted, reader);
        let key = match &sequence.scope {
            SequenceScope::Key(template) => Some(Key::new(template, reader, &|_| None)),
            SequenceScope::Service | SequenceScope::Link => None,
        };
        let other = other(sequence).and_then(place);
        Self {
            which,
            scope: sequence.scope.clone(),
            more: other.is_some() || sequence.reset.is_some() || key.is_some(),
            when: sequence.when.as_ref().map(plan),
            at: place(&sequence.at),
            other,
            reset: sequence.reset.as_ref().map(plan),
            key,
        }
    }

    #[inline]
    pub(super) fn of(&self, scene: &Scene<'_>) -> Option<u64> {
        self.at.and_then(|at| scene.get(at)).and_then(Value::as_u64)
    }

    pub(super) fn other(&self, scene: &Scene<'_>) -> Option<u64> {
        self.other.and_then(|at| scene.get(at)).and_then(Value::as_u64)
    }

    /// Whether a message begins a new count.
    #[inline]
    pub(super) fn resets(&self, scene: &Scene<'_>, form: Form) -> bool {
        self.reset.as_ref().is_some_and(|reset| reset.holds(scene, form))
    }
}

/// The second place that a sequence looks at.
fn other(sequence: &Sequence) -> Option<&Pointer> {
    match &sequence.rule {
        SequenceRule::Range { first: other } | SequenceRule::Link { previous: other } => Some(other),
        SequenceRule::Increment { .. } | SequenceRule::Monotonic => None,
    }
}

/// What the steps of the login wait for, where that is not anything at all.
fn awaited(profile: &Profile) -> impl Iterator<Item = &Match> {
    profile.handshake.iter().filter_map(|step| step.expect.as_ref()).filter(|wanted| !wanted.0.is_empty())
}

/// By rule, where the members of the message itself are rows: whether the rule is about the message and not about one
/// of them.
fn whole(profile: &Profile) -> Vec<bool> {
    if !profile.codec.has_members_on_top() {
        return Vec::new();
    }
    let asks = || profile.subscribe.iter().chain(&profile.unsubscribe);
    let by_member = |route: &Route| route.message.as_ref().is_some_and(of_item);
    let acks = asks().any(|ask| match &ask.ack {
        Ack::Key(key) => of_item(key),
        Ack::Id(IdAt::Value(place)) => place.item,
        Ack::Route => by_member(&profile.route),
        Ack::None | Ack::Id(IdAt::Prefix(_)) | Ack::Order | Ack::Contains { .. } => false,
    });
    let acks = acks || asks().any(|ask| ask.sid.as_ref().is_some_and(|place| place.item));
    let is_whole = |rule: &Rule| {
        let looks = rule.when.0.iter().any(|(subject, _)| match subject {
            Subject::Item(_) | Subject::Key => true,
            Subject::Value(_) | Subject::Prefix(_) | Subject::Text | Subject::Form => false,
        });
        let takes = rule.capture.iter().map(|capture| &capture.at).chain(&rule.text).any(|at| at.item);
        let says = rule.send.as_ref().is_some_and(of_item) || rule.route.as_ref().is_some_and(by_member);
        let member = looks || takes || says || (acks && matches!(rule.kind, Kind::Ack | Kind::Nack));
        !member && !matches!(rule.kind, Kind::Data | Kind::Snapshot | Kind::End)
    };
    profile.rules.iter().map(is_whole).collect()
}

/// Whether a template takes something of an item.
fn of_item(template: &Template) -> bool {
    template.holes().any(|hole| hole.source == Source::Key || hole.source.place().is_some_and(|(item, _)| item))
}

/// Everything that the profile looks at in messages, and whether it is in an item.
fn places(profile: &Profile) -> Vec<(bool, Pointer)> {
    let codec = &profile.codec;
    let each = codec.each.iter().filter(|_| codec.outer.is_none());
    let mut places: Vec<_> = each.chain(&codec.outer).map(|each| (false, each.clone())).collect();
    let mut add = |pointer: &Pointer| places.push((pointer.item, pointer.clone()));

    let routes = || profile.rules.iter().filter_map(|rule| rule.route.as_ref()).chain([&profile.route]);
    let times = profile.rules.iter().filter_map(|rule| rule.time.as_ref()).chain(&profile.time);
    routes().filter_map(|route| route.several.as_ref()).for_each(&mut add);
    times.flat_map(|rule| &rule.at).for_each(&mut add);
    profile.sequences.iter().map(|sequence| &sequence.at).for_each(&mut add);
    profile.sequences.iter().filter_map(other).for_each(&mut add);

    let conditions = profile.rules.iter().map(|rule| &rule.when);
    let conditions = conditions.chain(profile.sequences.iter().flat_map(|s| s.when.iter().chain(&s.reset)));
    let conditions = conditions.chain(awaited(profile));
    let named = conditions.flat_map(|wanted: &Match| &wanted.0).filter_map(|(subject, _)| subject.place());
    places.extend(named.map(|(item, pointer)| (item, pointer.clone())));

    let scoped = profile.sequences.iter().filter_map(|sequence| match &sequence.scope {
        SequenceScope::Key(template) => Some(template),
        SequenceScope::Service | SequenceScope::Link => None,
    });
    let templates = routes().filter_map(|route| route.message.as_ref()).chain(scoped);
    let holes = templates.flat_map(|template: &Template| &template.parts).filter_map(|part| match part {
        Part::Hole(filled) => filled.source.place(),
        Part::Text(_) => None,
    });
    places.extend(holes.map(|(item, pointer)| (item, pointer.clone())));
    places
}
