//! A screen to look at: feeds in every state, keys that are pressed, and a picture of what is drawn, its text and its styles.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::tz::{Offset, TimeZone};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use wirebeat::app::{App, Effect, Look};
use wirebeat::event::course::{Course, Courses, Delays, Second, number as number_of};
use wirebeat::event::{
    Batch, BeatRule, Counters, Dir, Due, Event, FeedId, FeedInfo, Form, Gen, How, Kind, Lag, Outage, Phase, Phases,
    Row, ServiceId, ServiceState, ServiceView, Snapshot, Stamped, Try, Why,
};
use wirebeat::time::{Ts, WallAnchor};
use wirebeat::ui::draw;

pub(crate) fn at(seconds: f64) -> Ts {
    Ts::ZERO + Duration::from_secs_f64(seconds)
}

pub(crate) fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// The moment that most pictures show.
pub(crate) const NOW: f64 = 1000.0;

pub(crate) fn look() -> Look {
    // The run began at 11:47:51 in a zone eight hours east.
    let anchor = WallAnchor(1_700_020_071_000_000_000);
    Look { anchor, zone: TimeZone::fixed(Offset::from_seconds(8 * 3600).unwrap()), ..Look::default() }
}

pub(crate) fn info(id: u32, name: &str, services: &[&str]) -> FeedInfo {
    FeedInfo {
        id: FeedId(id),
        name: name.to_owned(),
        url: format!("ws://{name}.example/stream"),
        profile: "sub-heartbeat".to_owned(),
        group: None,
        services: services.iter().map(|name| (*name).to_owned()).collect(),
        beat: Some(BeatRule { idle: true, after: secs(30.0), timeout: secs(10.0) }),
        numbered: true,
        timed: true,
        acks: false,
    }
}

pub(crate) fn service(id: u16, name: &str, state: ServiceState) -> ServiceView {
    ServiceView {
        id: ServiceId(id),
        name: name.into(),
        wanted: state != ServiceState::Off,
        discovered: false,
        state,
        messages: 0,
        bytes: 0,
        last: None,
        usual: None,
        lost: Some(0),
        repeated: 0,
        reordered: 0,
        lag: None,
        text: None,
    }
}

/// A snapshot of an open link whose two services do well.
pub(crate) fn open(now: f64, names: &[&str]) -> Snapshot {
    let services = (0_u16..).zip(names).map(|(id, name)| ServiceView {
        last: Some(at(now)),
        lag: Some(Lag { n: 9, min: 1000, p50: 3000, p95: 9000, p99: 21_000, max: 30_000 }),
        ..service(id, name, ServiceState::Live)
    });
    Snapshot {
        at: at(now),
        phase: Phase::Open,
        attempt: 1,
        since: at(10.0),
        opened: Some(at(10.0)),
        last_byte: Some(at(now)),
        due: Some((Due::Beat, at(now), at(now + 30.0))),
        rtt: Some(Duration::from_micros(4100)),
        services: services.collect(),
        counters: Counters { opens: 1, dials: 1, ..Counters::default() },
        ..Snapshot::default()
    }
}

pub(crate) fn outage(id: u32, why: Why, began: f64, over: bool) -> Outage {
    Outage {
        id,
        over,
        why,
        began: at(began),
        detect: None,
        silent: None,
        down: secs(if over { 12.0 } else { 0.0 }),
        attempts: 3,
        tries: Vec::new(),
        next: None,
        slept: Duration::ZERO,
        missed: None,
        services: Vec::new(),
    }
}

/// Tells a feed's events, each with its moment.
pub(crate) fn tell(app: &mut App, feed: u32, events: impl IntoIterator<Item = (f64, Event)>) {
    for (n, (when, event)) in (0..).zip(events) {
        app.hear(Stamped { n, at: at(when), feed: FeedId(feed), event });
    }
}

/// A batch of one message.
pub(crate) fn message(service: Option<u16>, when: f64, text: &str) -> (f64, Event) {
    let row = Row {
        service: service.map(ServiceId),
        kind: Kind::Data,
        dir: Dir::In,
        form: Form::Json,
        start: 0,
        len: u32::try_from(text.len()).unwrap(),
        seq: None,
        lag: None,
        at: at(when),
        frame: 1,
        part: 0,
        parts: 1,
    };
    (when, Event::Rows(Batch { bytes: Bytes::copy_from_slice(text.as_bytes()), rows: vec![row] }))
}

/// Shows a feed a minute of snapshots: `rate` messages a second until `end`, then the last one.
pub(crate) fn minute(app: &mut App, feed: u32, rate: u64, end: f64, last: &Snapshot) {
    let from = NOW - 60.0;
    let mut count = 0;
    for tick in 0..60_u32 {
        let now = from + f64::from(tick);
        if now > end {
            break;
        }
        // A rhythm that is no straight line: more in every third second.
        count = u64::from(tick) * rate + u64::from(tick.is_multiple_of(3)) * rate / 3;
        let mut snapshot = Snapshot { at: at(now), last_byte: Some(at(now)), ..last.clone() };
        snapshot.phase = Phase::Open;
        snapshot.due = None;
        snapshot.counters.messages = count;
        share(&mut snapshot);
        app.see(FeedId(feed), &snapshot);
        if tick == 0 {
            tell(
                app,
                feed,
                [(now, Event::Open { phases: Phases::default(), address: None, subprotocol: None, extensions: None })],
            );
        }
    }
    let mut last = last.clone();
    last.courses = courses(rate, end, last.services.len());
    last.counters.messages = count + if end < NOW { 0 } else { rate };
    share(&mut last);
    app.see(FeedId(feed), &last);
}

/// The same minute second by second: late by 3 ms, and by 21 ms now and then.
fn courses(rate: u64, end: f64, services: usize) -> Courses {
    let course = |share: u64| {
        let mut course = Course::default();
        for tick in 0..60_u64 {
            let number = 940 + tick;
            let messages = (rate + if tick.is_multiple_of(3) { rate / 3 } else { 0 }) / share;
            if number >= number_of(at(end)) || messages == 0 {
                continue;
            }
            let mut delays = Delays::default();
            (0..messages).for_each(|n| delays.add(if n == 0 && tick.is_multiple_of(7) { 21_000 } else { 3000 }));
            let delays = Some(Arc::new(delays));
            course.push(Second { number, messages: u32::try_from(messages).unwrap(), bytes: messages * 90, delays });
        }
        Arc::new(course)
    };
    let services = (0..services).map(|n| course(if n == 0 { 1 } else { 40 })).collect();
    let trips = (0..12).map(|n| (Gen(1), Duration::from_micros(3900 + n * 20))).collect();
    Courses { until: 1000, feed: course(1), services, trips: Arc::new(trips), ..Courses::default() }
}

/// The first service has nearly all messages.
fn share(snapshot: &mut Snapshot) {
    let all = snapshot.counters.messages;
    let count = snapshot.services.len().max(1) as u64;
    for (i, service) in snapshot.services.iter_mut().enumerate() {
        service.messages = if i == 0 { all - all / 40 * (count - 1) } else { all / 40 };
    }
}

/// Six feeds, three of them in trouble: the case of the picture.
pub(crate) fn trouble() -> App {
    let infos = vec![
        info(0, "market", &["业务1", "业务2"]),
        FeedInfo { beat: None, ..info(1, "binance", &["btc@trade", "eth@trade", "bnb@trade"]) },
        FeedInfo { numbered: false, ..info(2, "orders", &["fills", "book"]) },
        info(3, "chat", &["room", "presence"]),
        info(4, "device", &["temperature"]),
        FeedInfo { numbered: false, ..info(5, "kraken", &["trade", "ticker"]) },
    ];
    let mut app = App::new(infos, look());
    minute(&mut app, 0, 145, NOW, &open(NOW, &["业务1", "业务2"]));
    for n in 0..12_u32 {
        let body =
            format!(r#"{{"service":"业务1","seq":{},"data":{{"price":101.25,"qty":3,"side":"buy"}}}}"#, 8800 + n);
        tell(&mut app, 0, [message(Some(0), NOW - 0.1 + f64::from(n) * 0.007, &body)]);
    }
    tell(&mut app, 0, [message(Some(1), NOW - 0.4, r#"{"service":"业务2","type":"notice","text":"行情更新"}"#)]);

    let mut binance = open(NOW, &["btc@trade", "eth@trade", "bnb@trade"]);
    binance.services[0].state = ServiceState::Stale;
    binance.services[0].last = Some(at(NOW - 48.0));
    binance.services[0].usual = Some(secs(2.1));
    binance.due = Some((Due::Receive, at(NOW), at(NOW + 60.0)));
    minute(&mut app, 1, 61, NOW, &binance);

    let mut orders = open(NOW - 33.2, &["fills", "book"]);
    orders.at = at(NOW);
    orders.phase = Phase::Probing;
    orders.beat_sent = Some(at(NOW - 3.2));
    orders.due = Some((Due::Answer, at(NOW - 3.2), at(NOW + 6.8)));
    minute(&mut app, 2, 1, NOW - 34.0, &orders);
    tell(&mut app, 2, [(NOW - 3.2, Event::BeatSent { how: How::App, text: "{}".to_owned() })]);

    let refused = Why::Refused { address: "10.0.0.7:443".to_owned() };
    let http = Why::Http { status: 503, text: String::new(), retry_after: None };
    let mut chat = open(NOW - 22.0, &["room", "presence"]);
    minute(&mut app, 3, 2, NOW - 23.0, &chat);
    let closed = Event::Closed { why: Why::Eof, up: secs(11_520.0), silent: secs(0.2) };
    let failed = |attempt, why: &Why| Event::DialFailed { attempt, why: why.clone(), phases: Phases::default() };
    tell(
        &mut app,
        3,
        [
            (NOW - 22.0, closed),
            (NOW - 20.0, failed(1, &refused)),
            (NOW - 17.0, failed(2, &refused)),
            (NOW - 11.8, failed(3, &http)),
        ],
    );
    chat.at = at(NOW);
    chat.phase = Phase::Waiting;
    chat.attempt = 4;
    chat.opened = None;
    chat.due = Some((Due::Dial, at(NOW - 11.8), at(NOW + 3.2)));
    chat.since = at(NOW - 11.8);
    let tries = vec![
        Try { from: 1, to: 2, why: refused, opened: false },
        Try { from: 3, to: 3, why: http.clone(), opened: false },
    ];
    chat.why = Some(http);
    chat.outage = Some(Outage { tries, silent: Some(secs(0.2)), ..outage(1, Why::Eof, NOW - 22.0, false) });
    chat.counters.messages = app.feed(FeedId(3)).unwrap().state.counters.messages;
    for service in &mut chat.services {
        service.state = ServiceState::Wanted;
        service.messages = 0;
        service.lag = None;
    }
    app.see(FeedId(3), &chat);

    let mut device = open(NOW - 11.8, &["temperature"]);
    device.at = at(NOW);
    device.due = Some((Due::Beat, at(NOW - 11.8), at(NOW + 18.2)));
    device.services[0].lag = Some(Lag { n: 3, min: 0, p50: 140_000, p95: 1, p99: 160_000, max: 1 });
    for tick in 0..6_u32 {
        let when = NOW - 61.8 + f64::from(tick) * 10.0;
        let mut snapshot = device.clone();
        snapshot.at = at(when);
        snapshot.last_byte = Some(at(when));
        snapshot.counters.messages = u64::from(tick);
        app.see(FeedId(4), &snapshot);
    }
    device.counters.messages = 5;
    app.see(FeedId(4), &device);

    let mut kraken = open(NOW - 7380.0_f64.min(NOW), &["trade", "ticker"]);
    kraken.at = at(NOW);
    kraken.phase = Phase::Paused;
    kraken.since = at(100.0);
    kraken.due = None;
    kraken.opened = None;
    for service in &mut kraken.services {
        service.wanted = false;
        service.state = ServiceState::Off;
        service.last = None;
        service.lag = None;
    }
    kraken.last_byte = Some(at(100.0));
    app.see(FeedId(5), &kraken);
    app
}

/// Six feeds, and all is well.
pub(crate) fn calm() -> App {
    let names = ["market", "binance", "orders", "chat", "device", "kraken"];
    let infos = (0..).zip(names).map(|(id, name)| info(id, name, &["业务1", "业务2"])).collect();
    let mut app = App::new(infos, look());
    for (id, rate) in (0..).zip([145, 61, 3, 2, 1, 12]) {
        minute(&mut app, id, rate, NOW, &open(NOW, &["业务1", "业务2"]));
    }
    app
}

/// One feed, its services, and a snapshot to change.
pub(crate) fn alone(change: impl FnOnce(&mut Snapshot)) -> App {
    let mut app = App::new(vec![info(0, "market", &["业务1", "业务2"])], look());
    let mut last = open(NOW, &["业务1", "业务2"]);
    change(&mut last);
    minute(&mut app, 0, 3, NOW, &last);
    tell(
        &mut app,
        0,
        [
            message(Some(0), NOW - 3.0, r#"{"service":"业务1","price":101.25}"#),
            message(Some(1), NOW - 2.0, r#"{"service":"业务2","text":"行情更新"}"#),
        ],
    );
    app
}

pub(crate) fn buffer(app: &App, now: f64, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app, at(now))).unwrap();
    terminal.backend().buffer().clone()
}

/// What is drawn, a line a row.
pub(crate) fn text(buffer: &Buffer) -> String {
    rows(buffer, |cell| cell.symbol().to_owned())
}

/// A letter for the style of each cell: its colour, a capital one where it is bold, `~` dim, `#` reversed, `_` underlined.
pub(crate) fn styles(buffer: &Buffer) -> String {
    rows(buffer, |cell| {
        let colours =
            [(Color::Green, 'g'), (Color::Magenta, 'm'), (Color::Yellow, 'y'), (Color::Red, 'r'), (Color::Cyan, 'c')];
        let weights = [(Modifier::DIM, '~'), (Modifier::BOLD, 'b')];
        let colour = colours.iter().find(|(colour, _)| cell.fg == *colour).map(|(_, letter)| *letter);
        let weight = weights.iter().find(|(weight, _)| cell.modifier.contains(*weight)).map(|(_, letter)| *letter);
        let letter = colour.or(weight).unwrap_or(' ');
        let letter = match cell.modifier {
            modifier if modifier.contains(Modifier::REVERSED) => '#',
            modifier if modifier.contains(Modifier::UNDERLINED) => '_',
            modifier if modifier.contains(Modifier::BOLD) => letter.to_ascii_uppercase(),
            _ => letter,
        };
        letter.to_string()
    })
}

fn rows(buffer: &Buffer, show: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let cell = &buffer[(x, y)];
            line.push_str(&show(cell));
            x += u16::try_from(wirebeat::text::width(cell.symbol()).max(1)).unwrap();
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// What stands on a screen of that size.
pub(crate) fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

/// Letters are keys; `⏎ ⎋ ⇥ ← → ↑ ↓ ⌫` are those that have none. Gives what came of the last.
pub(crate) fn press(app: &mut App, keys: &str) -> Option<Effect> {
    keys.chars().fold(None, |_, letter| {
        let code = match letter {
            '⏎' | '\n' => KeyCode::Enter,
            '⎋' | '\u{1b}' => KeyCode::Esc,
            '⇥' | '\t' => KeyCode::Tab,
            '←' => KeyCode::Left,
            '→' => KeyCode::Right,
            '↑' => KeyCode::Up,
            '↓' => KeyCode::Down,
            '⌫' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW))
    })
}
