//! What the services of an endpoint say and when: small made-up worlds, the same for the same seed. No clock, no
//! socket; the time of a message is put on it by whoever sends it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use crate::time::Ts;

/// The paths of the server and their services.
pub(super) const PATHS: [(&str, &[&str]); 3] =
    [("/market", &["业务1", "业务2", "trades"]), ("/orders", &["orders", "fills"]), ("/devices", &["sensors"])];

/// A world may fall so far behind before it leaves out what it missed.
const STALL: Duration = Duration::from_secs(2);

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Both ends included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        low.saturating_add(self.next() % width)
    }

    fn signed(&mut self, reach: u64) -> i64 {
        let at = self.between(0, reach.saturating_mul(2));
        i64::try_from(at).unwrap_or(0) - i64::try_from(reach).unwrap_or(0)
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.next() % u64::try_from(from.len()).unwrap_or(1).max(1);
        from.get(usize::try_from(at).unwrap_or(0)).copied().unwrap_or_default()
    }
}

/// One message before its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Which service, by its place in [`PATHS`].
    pub service: usize,
    pub seq: u64,
    /// JSON.
    pub data: String,
}

#[derive(Debug)]
pub(super) struct World {
    rng: Rng,
    sources: Vec<Source>,
    scene: Scene,
}

#[derive(Debug)]
struct Source {
    what: What,
    seq: u64,
    due: Ts,
    /// Messages that come together with the next.
    burst: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Quotes,
    Chat,
    Trades,
    Orders,
    Fills,
    Sensors,
}

/// What the messages are about, shared by the services of an endpoint.
#[derive(Debug)]
struct Scene {
    /// In hundredths.
    prices: [i64; SYMBOLS.len()],
    open: VecDeque<Order>,
    last_order: u64,
    device: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Order {
    id: u64,
    symbol: &'static str,
    side: &'static str,
    qty: u64,
    price: i64,
}

const SYMBOLS: [(&str, i64); 6] = [
    ("600519", 148_800),
    ("000858", 13_125),
    ("300750", 25_460),
    ("601318", 5_612),
    ("AU2512", 78_234),
    ("RB2601", 310_400),
];
const SIDES: [&str; 2] = ["buy", "sell"];
const PEOPLE: [&str; 8] = ["小林", "老周", "陈工", "阿梅", "王磊", "Tom", "苏苏", "交易台"];
const DEVICES: [(&str, i64); 5] =
    [("冷库-01", -184), ("冷库-02", -201), ("机房-A", 235), ("温室-3", 278), ("dock-7", 142)];
const NOTICES: [&str; 6] = [
    "行情更新：主力合约换月，请留意价差",
    "系统通知：15:00 收盘后例行维护，约 10 分钟",
    "风控提醒：单笔委托上限调整为 500 手",
    "公告：今晚 21:00 夜盘照常开市",
    "提示：部分席位行情延迟 200 ms，正在排查",
    "notice: the reference price feed was switched to its backup",
];
const CHAT: [&str; 14] = [
    "刚才那一下是谁在扫货？",
    "量能跟不上，先看看",
    "收到 👍",
    "业务2 这边一切正常",
    "午饭吃什么？楼下新开了面馆 🍜",
    "注意「止损」，别扛单",
    "has anyone seen the fills for the morning batch?",
    "盘口薄，挂单小心点",
    "网络好像抖了一下，你们呢？",
    "我这边正常，延迟 3 毫秒",
    "突破前高了！！",
    "慢慢来，不着急……",
    "文件我发群里了：对账_0612.xlsx",
    "ok, will check after the close",
];

impl World {
    /// The world of the path at `place` in [`PATHS`].
    pub(super) fn new(place: usize, seed: u64) -> Self {
        let (what, first): (&[What], &[u64]) = match place {
            0 => (&[What::Quotes, What::Chat, What::Trades], &[50, 300, 120]),
            1 => (&[What::Orders, What::Fills], &[1_500, 11_000]),
            _ => (&[What::Sensors], &[1_000]),
        };
        let sources = what
            .iter()
            .zip(first)
            .map(|(&what, &first)| Source { what, seq: 0, due: Ts::from_millis(first), burst: 0 })
            .collect();
        let scene =
            Scene { prices: SYMBOLS.map(|(_, price)| price), open: VecDeque::new(), last_order: 20_480, device: 0 };
        let salt = u64::try_from(place).unwrap_or(0).wrapping_mul(0x5851_f42d_4c95_7f2d);
        Self { rng: Rng::new(seed ^ salt), sources, scene }
    }

    /// When it next says something, counted from the start of the server.
    pub(super) fn due(&self) -> Ts {
        self.sources.iter().map(|source| source.due).min().unwrap_or(Ts::from_nanos(u64::MAX))
    }

    /// What it says first among that which is due.
    pub(super) fn say(&mut self, now: Ts) -> Option<Said> {
        let service = (0..self.sources.len()).min_by_key(|&at| self.sources.get(at).map(|source| source.due))?;
        let source = self.sources.get_mut(service).filter(|source| source.due <= now)?;
        source.seq = source.seq.saturating_add(1);
        let (what, seq) = (source.what, source.seq);
        if source.burst > 0 {
            source.burst -= 1;
        } else {
            let (wait, burst) = rhythm(what, &mut self.rng);
            source.due = source.due + Duration::from_millis(wait);
            source.burst = burst;
        }
        Some(Said { service, seq, data: self.scene.data(what, seq, &mut self.rng) })
    }

    /// The next numbers of a service are left out.
    pub(super) fn skip(&mut self, service: usize, count: u64) {
        if let Some(source) = self.sources.get_mut(service) {
            source.seq = source.seq.saturating_add(count);
        }
    }

    /// If the process stood still for long, the world did too: nothing is made up for.
    pub(super) fn forgive(&mut self, now: Ts) {
        let late = now.since(self.due());
        if late > STALL {
            for source in &mut self.sources {
                source.due = source.due + late;
            }
        }
    }
}

/// How long to the next message of a service, in milliseconds, and how many come with it at once.
fn rhythm(what: What, rng: &mut Rng) -> (u64, u64) {
    match what {
        What::Quotes => (rng.between(40, 160), rng.between(4, 21)),
        What::Chat => (rng.between(400, 3_000), 0),
        What::Trades => (rng.between(80, 320), 0),
        What::Orders => (rng.between(6_000, 9_000), 0),
        What::Fills => (rng.between(14_000, 30_000), 0),
        // A little less than twice a heartbeat of 5 s, so that the second beat and the data do not race.
        What::Sensors => (rng.between(9_800, 10_000), 0),
    }
}

impl Scene {
    fn data(&mut self, what: What, seq: u64, rng: &mut Rng) -> String {
        let mut out = String::with_capacity(160);
        let done = match what {
            What::Quotes => {
                let (symbol, price) = self.tick(rng);
                let (qty, side) = (rng.between(1, 500), rng.pick(&SIDES));
                let price = Cents(price);
                write!(out, r#"{{"symbol":"{symbol}","price":{price},"qty":{qty},"side":"{side}"}}"#)
            }
            What::Trades => {
                let (symbol, price) = self.tick(rng);
                let (qty, side, id) = (rng.between(1, 80), rng.pick(&SIDES), seq.saturating_add(7_700_000));
                let price = Cents(price);
                write!(out, r#"{{"id":{id},"symbol":"{symbol}","price":{price},"qty":{qty},"side":"{side}"}}"#)
            }
            What::Chat if rng.between(0, 4) == 0 => {
                let text = rng.pick(&NOTICES);
                write!(out, r#"{{"kind":"notice","level":"info","text":"{text}"}}"#)
            }
            What::Chat => {
                let (from, text) = (rng.pick(&PEOPLE), rng.pick(&CHAT));
                write!(out, r#"{{"kind":"chat","from":"{from}","text":"{text}"}}"#)
            }
            What::Orders => {
                let order = self.order(rng);
                let Order { id, symbol, side, qty, price } = order;
                let (price, who) = (Cents(price), rng.pick(&PEOPLE));
                let state = rng.pick(&["accepted", "accepted", "accepted", "amended"]);
                write!(
                    out,
                    r#"{{"order":{id},"state":"{state}","symbol":"{symbol}","side":"{side}","qty":{qty},"price":{price},"by":"{who}"}}"#
                )
            }
            What::Fills => {
                let order = match self.open.pop_front() {
                    Some(order) => order,
                    None => self.order(rng),
                };
                let Order { id, symbol, side, qty, price } = order;
                let filled = rng.between(1, qty);
                let left = qty.saturating_sub(filled);
                let (price, fee) = (Cents(price), Cents(i64::try_from(filled).unwrap_or(0)));
                write!(
                    out,
                    r#"{{"order":{id},"symbol":"{symbol}","side":"{side}","filled":{filled},"left":{left},"price":{price},"fee":{fee}}}"#
                )
            }
            What::Sensors => {
                let (name, usual) = DEVICES.get(self.device % DEVICES.len()).copied().unwrap_or_default();
                self.device = self.device.wrapping_add(1);
                let (temperature, humidity) = (Tenths(usual + rng.signed(12)), rng.between(35, 78));
                let (battery, signal) = (rng.between(61, 100), rng.between(48, 83));
                let door = rng.pick(&["closed", "closed", "closed", "open"]);
                write!(
                    out,
                    r#"{{"device":"{name}","temperature":{temperature},"humidity":{humidity},"battery":{battery},"signal":-{signal},"door":"{door}"}}"#
                )
            }
        };
        debug_assert!(done.is_ok(), "a String takes everything");
        out
    }

    /// One price moves.
    fn tick(&mut self, rng: &mut Rng) -> (&'static str, i64) {
        let at = usize::try_from(rng.between(0, SYMBOLS.len() as u64 - 1)).unwrap_or(0);
        let (symbol, usual) = SYMBOLS.get(at).copied().unwrap_or_default();
        let step = rng.signed((usual / 2_000).unsigned_abs().max(1));
        let price = self.prices.get_mut(at);
        let Some(price) = price else { return (symbol, usual) };
        *price = (*price + step).clamp(usual * 9 / 10, usual * 11 / 10);
        (symbol, *price)
    }

    fn order(&mut self, rng: &mut Rng) -> Order {
        let (symbol, price) = self.tick(rng);
        self.last_order = self.last_order.saturating_add(rng.between(1, 9));
        let order = Order { id: self.last_order, symbol, side: rng.pick(&SIDES), qty: rng.between(1, 40) * 100, price };
        self.open.push_back(order);
        // Orders outnumber fills.
        if self.open.len() > 16 {
            self.open.pop_front();
        }
        order
    }
}

/// A number of hundredths, with two digits after the point.
struct Cents(i64);

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0.rem_euclid(100))
    }
}

/// A number of tenths.
struct Tenths(i64);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{}", self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn listen(place: usize, seed: u64, seconds: u64) -> Vec<(Ts, Said)> {
        let mut world = World::new(place, seed);
        let mut heard = Vec::new();
        while world.due() <= Ts::from_millis(seconds * 1000) {
            let now = world.due();
            heard.push((now, world.say(now).unwrap()));
        }
        heard
    }

    #[test]
    fn every_message_is_json_and_numbered_from_one() {
        for (place, (_, services)) in PATHS.iter().enumerate() {
            let mut last = BTreeMap::new();
            for (_, said) in listen(place, 3, 120) {
                let data: serde_json::Value = serde_json::from_str(&said.data).unwrap();
                assert!(data.is_object());
                let before = last.insert(said.service, said.seq).unwrap_or(0);
                assert_eq!(said.seq, before + 1);
            }
            assert_eq!(last.len(), services.len(), "every service of {place} speaks");
        }
    }

    #[test]
    fn the_rhythms_are_as_promised() {
        let count = |heard: &[(Ts, Said)], service| heard.iter().filter(|(_, said)| said.service == service).count();
        let market = listen(0, 1, 60);
        assert!((110 * 60..=150 * 60).contains(&count(&market, 0)), "{}", count(&market, 0));
        assert!((60 / 3..=60 * 10 / 4).contains(&count(&market, 1)));
        assert!((4 * 60..=6 * 60).contains(&count(&market, 2)));
        let widest = |heard: &[(Ts, Said)], service| {
            let at: Vec<Ts> = heard.iter().filter(|(_, said)| said.service == service).map(|(at, _)| *at).collect();
            at.windows(2)
                .map(|pair| pair[1] - pair[0])
                .fold((Duration::MAX, Duration::ZERO), |(low, high), wait| (low.min(wait), high.max(wait)))
        };
        let orders = widest(&listen(1, 1, 600), 0);
        assert!(orders.0 >= Duration::from_secs(6) && orders.1 <= Duration::from_secs(9), "{orders:?}");
        let sensors = widest(&listen(2, 1, 600), 0);
        assert!(sensors.0 >= Duration::from_millis(9_800) && sensors.1 <= Duration::from_secs(10), "{sensors:?}");
    }

    #[test]
    fn a_seed_tells_everything() {
        assert_eq!(listen(0, 9, 5), listen(0, 9, 5));
        assert_ne!(listen(0, 9, 5), listen(0, 10, 5));
    }

    #[test]
    fn a_process_that_stood_still_makes_nothing_up() {
        let mut world = World::new(0, 1);
        let later = Ts::from_millis(3_600_000);
        world.forgive(later);
        assert_eq!(world.due(), later);
        let mut burst = 0;
        while world.say(later).is_some() {
            burst += 1;
        }
        assert!(burst < 50, "{burst}");
    }

    #[test]
    fn numbers_are_written_in_full() {
        assert_eq!(Cents(10_105).to_string(), "101.05");
        assert_eq!(Tenths(-5).to_string(), "-0.5");
        assert_eq!(Tenths(-184).to_string(), "-18.4");
    }
}
