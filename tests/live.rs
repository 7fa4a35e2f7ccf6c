//! Feeds that come and go while someone sits before the real loop: lines typed into the palette and a file that is read
//! again, with real servers on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use std::path::{Path, PathBuf};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use wirebeat::app::coming::{Errand, Outcome, Tally};
use wirebeat::cli::{Screen, Targets};
use wirebeat::consent::Allowance;
use wirebeat::event::FeedId;
use wirebeat::launch::{Change, FeedPlan};
use wirebeat::plan::{self, Roster};
use wirebeat::run::{Delivery, End, Supplier};
use wirebeat::verbs::{Books, Supply};

use feed_server::{FeedServer, Manners, sub};
use user::{User, feed, sit_supplied};

const SEED: u64 = 7;

async fn quiet() -> FeedServer {
    FeedServer::start(Manners { every: None, answers: true }).await
}

async fn enter(user: &mut User) {
    user.does(Input::Key(KeyEvent::from(KeyCode::Enter))).await;
}

async fn line(user: &mut User, text: &str) {
    user.press(text).await;
    enter(user).await;
}

async fn clear(user: &mut User) {
    user.does(Input::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL))).await;
}

/// A file of the user's, and what the program makes of it when it begins without a TARGET.
struct File {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new(toml: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, toml).unwrap();
        Self { _dir: dir, path }
    }

    fn write(&self, toml: &str) {
        std::fs::write(&self.path, toml).unwrap();
    }
}

/// As the program begins with these TARGETs.
fn begin(config: &Path, targets: &[&str]) -> (Vec<FeedPlan>, Supply) {
    let targets = targets.iter().map(|&target| target.to_owned()).collect::<Vec<_>>();
    let args = Targets { config: Some(config.to_owned()), targets, ..Targets::default() };
    let config = plan::config(args.config.as_deref()).unwrap();
    let feeds = plan::feeds(&args, &config, SEED, &mut Vec::new()).unwrap();
    let roster = Roster::new(&args, args.targets.is_empty(), SEED, &feeds);
    (feeds, Supply::new(Books::new(roster, Screen::default(), &config, Allowance::default())))
}

fn table(name: &str, server: &FeedServer, more: &str) -> String {
    let url = server.url();
    format!(
        "[feed.{name}]\nurl = '{url}'\nprofile = 'sub-heartbeat'\nset = {{ \"reconnect.base\" = '50ms' }}\n{more}\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_added_by_a_line_and_removed_again() {
    let (mut one, mut other) = (quiet().await, quiet().await);
    let file = File::new(&table("market", &one, "services = ['业务1']"));
    let (feeds, supply) = begin(&file.path, &[]);
    let (market, orders) = (&mut one, &mut other);
    let url = orders.url();
    let end = sit_supplied(feeds, (100, 30), supply, async move |mut user: User| {
        market.hears(&sub("业务1")).await;
        user.sees_text("1 feed live").await;
        // What is wrong is told where it is typed, and the line stays to be mended.
        line(&mut user, &format!(":add orders={url} --sevrice a")).await;
        user.sees("what is wrong, and the line", |screen| {
            screen.contains("unexpected argument '--sevrice'") && screen.contains("add orders=ws://")
        })
        .await;
        clear(&mut user).await;
        line(&mut user, "add krakn").await;
        user.sees_text("no such target: krakn; did you mean kraken?").await;
        clear(&mut user).await;
        line(&mut user, &format!("add 'orders={url}' -s \"业 务\" --set reconnect.base=50ms")).await;
        orders.hears(&sub("业 务")).await;
        user.sees("both, and the old selection", |screen| {
            screen.contains("2 feeds live") && screen.contains("▸ ● market") && screen.contains("added orders")
        })
        .await;
        orders.say(Message::text(r#"{"service":"业 务","x":"of orders"}"#));
        user.press("j").await;
        user.sees_text("of orders").await;
        // It asks first, and holds what was selected.
        line(&mut user, ":remove").await;
        user.sees_text("Watch it no more?").await;
        user.press("n").await;
        line(&mut user, ":remove orders").await;
        user.sees_text("Watch it no more?").await;
        user.press("y").await;
        assert_eq!(orders.hears("close 1000").await, 1, "it ends in order");
        user.sees("the other selected, and nothing of the old one", |screen| {
            screen.contains("1 feed live") && screen.contains("─ market · ") && !screen.contains("of orders")
        })
        .await;
        user.sees_text("removed orders").await;
        assert!(market.heard.try_recv().is_err(), "nothing happened to the other link");
        // Its name is free again.
        line(&mut user, &format!(":add orders={url} -s a")).await;
        assert_eq!(orders.hears(&sub("a")).await, 2);
        user.sees("it again", |screen| screen.contains("2 feeds live") && !screen.contains("orders#2")).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
    assert_eq!(one.hears("close 1000").await, 1);
    assert_eq!(other.hears("close 1000").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_line_keeps_secret_is_not_shown() {
    let mut server = quiet().await;
    let file = File::new("");
    let (_, supply) = begin_empty(&file.path);
    let url = server.url().replace("ws://", "ws://me:hunter2@");
    let server = &mut server;
    let end = sit_supplied(Vec::new(), (100, 30), supply, async move |mut user: User| {
        user.sees_text(":add ws://HOST/PATH").await;
        line(&mut user, &format!(":add {url}?token=s3cr3t -s a")).await;
        server.hears(&sub("a")).await;
        user.sees_text("1 feed live").await;
        let shown = user.screen.text();
        assert!(!shown.contains("hunter2") && !shown.contains("s3cr3t"), "{shown}");
        // Nor does the line come back by a key.
        user.press(":").await;
        user.does(Input::Key(KeyEvent::from(KeyCode::Up))).await;
        user.frames(2).await;
        let shown = user.screen.text();
        assert!(!shown.contains("hunter2") && !shown.contains("s3cr3t"), "{shown}");
        user.does(Input::Key(KeyEvent::from(KeyCode::Esc))).await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// As the demo begins: the file is there, and its feeds are not watched.
fn begin_empty(config: &Path) -> (Vec<FeedPlan>, Supply) {
    let args = Targets { config: Some(config.to_owned()), ..Targets::default() };
    let config = plan::config(args.config.as_deref()).unwrap();
    let roster = Roster::new(&args, false, SEED, &[]);
    (Vec::new(), Supply::new(Books::new(roster, Screen::default(), &config, Allowance::default())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_read_again_changes_what_it_says_and_nothing_else() {
    let (mut kept, mut changed) = (quiet().await, quiet().await);
    let (mut gone, mut new) = (quiet().await, quiet().await);
    let same = table("kept", &kept, "services = ['a']");
    let file = File::new(&format!(
        "{same}{}{}",
        table("changed", &changed, "services = ['a']"),
        table("gone", &gone, "services = ['a']")
    ));
    let (feeds, supply) = begin(&file.path, &[]);
    let after = format!(
        "# a word\n[ui]\nlang = 'zh-CN'\n[filter]\nbig = 'size>1k'\n{}{}\n{same}",
        table("new", &new, "services = ['b']"),
        table("changed", &changed, "services = ['a', 'b']"),
    );
    let (kept, changed, gone, new) = (&mut kept, &mut changed, &mut gone, &mut new);
    let end = sit_supplied(feeds, (100, 30), supply, async move |mut user: User| {
        for server in [&mut *kept, &mut *changed, &mut *gone] {
            server.hears(&sub("a")).await;
        }
        user.sees_text("3 feeds live").await;
        user.press("j").await;
        user.sees_text("▸ ● changed").await;
        file.write(&after);
        line(&mut user, ":reload").await;
        assert_eq!(gone.hears("close 1000").await, 1);
        assert_eq!(changed.hears("close 1000").await, 1);
        assert_eq!(changed.hears(&sub("b")).await, 2, "after the goodbye");
        new.hears(&sub("b")).await;
        user.sees_text("已重新加载：新增 1，移除 1，替换 1，未变 1").await;
        user.sees("its row, its selection, and the new language", |screen| {
            screen.contains("3 个数据源正常") && screen.contains("▸ ● changed") && !screen.contains("gone")
        })
        .await;
        let rows: Vec<_> = ["kept", "changed", "new"].map(|name| user.screen.text().find(name).unwrap()).into();
        assert!(rows.is_sorted(), "{}", user.screen.text());
        assert!(kept.heard.try_recv().is_err(), "the link that nothing changed is the old one");
        // The same again is no change, and what is switched off ends.
        line(&mut user, ":reload").await;
        user.sees_text("已重新加载：新增 0，移除 0，替换 0，未变 3").await;
        let off = after.replace("services = ['b']", "services = ['b']\nenabled = false").replace("zh-CN", "en");
        file.write(&off);
        line(&mut user, ":reload").await;
        assert_eq!(new.hears("close 1000").await, 1);
        user.sees_text("reloaded: 0 added, 1 removed, 0 replaced, 2 untouched").await;
        // It may be named all the same, and then stays.
        line(&mut user, ":add new").await;
        assert_eq!(new.hears(&sub("b")).await, 2);
        line(&mut user, ":reload").await;
        user.sees_text("reloaded: 0 added, 0 removed, 0 replaced, 3 untouched").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistake_in_the_file_changes_nothing_and_is_told_in_full() {
    let mut server = quiet().await;
    let good = table("market", &server, "services = ['a']");
    let file = File::new(&good);
    let (feeds, supply) = begin(&file.path, &[]);
    let server = &mut server;
    let end = sit_supplied(feeds, (100, 30), supply, async move |mut user: User| {
        server.hears(&sub("a")).await;
        let bad =
            format!("{good}\n[feed.x]\nurl = 'ws://h'\nprofil = 'raw'\n[ui]\nlang = \"\\u001b[31m\"\ncolour = true\n");
        file.write(&bad);
        line(&mut user, ":reload").await;
        user.sees("all of it, and the first in a line", |screen| {
            screen.contains("not reloaded, nothing changed")
                && screen.contains("did you mean `profile`?")
                && screen.contains("it is called `color`")
                && screen.contains(" config.toml:9:1: unknown key `profil`; did you mean `profile`? (and 2 more)")
        })
        .await;
        assert!(!user.screen.text().contains('\u{1b}'));
        user.press("q").await;
        user.sees("the feed as it was", |screen| screen.contains("1 feed live") && !screen.contains("profil")).await;
        assert!(server.heard.try_recv().is_err());
        // A file that is not there ends nothing either.
        std::fs::remove_file(&file.path).unwrap();
        line(&mut user, ":reload").await;
        user.sees_text("cannot read the configuration").await;
        user.press("q").await;
        file.write(&good);
        line(&mut user, ":reload").await;
        user.sees_text("reloaded: 0 added, 0 removed, 0 replaced, 1 untouched").await;
        // The last one may go.
        file.write(&good.replace("[feed", "[ui]\nutc = true\n[feed").replace("services", "enabled = false\nservices"));
        line(&mut user, ":reload").await;
        server.hears("close 1000").await;
        user.sees_text(":add ws://HOST/PATH").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// What a client sends to log in.
async fn login(server: &mut FeedServer) -> String {
    loop {
        let (_, text) = server.next().await;
        if text.contains("\"login\"") {
            return text;
        }
    }
}

/// A profile that reads a variable is not used before somebody says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_without_consent() {
    let mut server = quiet().await;
    let file = File::new("");
    let profile = file.path.with_file_name("mine.toml");
    // A variable that every machine has.
    let text = "schema = 1\nname = 'mine'\nextends = 'sub-heartbeat'\nenv = ['PATH']\n\
                [[handshake]]\nsend = '{\"type\":\"login\",\"service\":\"${env.PATH}\"}'\n";
    std::fs::write(&profile, text).unwrap();
    let (_, supply) = begin_empty(&file.path);
    let add = format!(":add {} -p {} -s a", server.url(), profile.display());
    let server = &mut server;
    let end = sit_supplied(Vec::new(), (110, 30), supply, async move |mut user: User| {
        user.press(&add).await;
        enter(&mut user).await;
        user.sees("what it wants", |screen| {
            screen.contains("The profile mine wants, for 127.0.0.1")
                && screen.contains("to read the environment variable PATH and send it there")
                && screen.contains("o once")
        })
        .await;
        user.press("n").await;
        user.sees("the line, to be mended", |screen| screen.contains("not allowed") && screen.contains("-s a█")).await;
        assert!(server.heard.try_recv().is_err(), "nothing was dialed");
        // By an option, as on the command line.
        user.press(" --allow-env PATH").await;
        enter(&mut user).await;
        assert!(login(server).await.contains(&std::env::var("PATH").unwrap()));
        user.sees_text("1 feed live").await;
        line(&mut user, ":remove").await;
        user.press("y").await;
        server.hears("close 1000").await;
        // Or by an answer, for once.
        user.press(&add).await;
        enter(&mut user).await;
        user.sees_text("o once").await;
        user.press("o").await;
        login(server).await;
        user.sees_text("1 feed live").await;
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

/// Whoever brings feeds may be late, and may be overtaken.
struct Errands {
    asked: mpsc::Sender<Errand>,
    brought: mpsc::Receiver<Delivery>,
    gone: mpsc::Sender<FeedId>,
}

impl Supplier for Errands {
    fn send(&mut self, errand: Errand) {
        self.asked.try_send(errand).unwrap();
    }

    async fn next(&mut self) -> Delivery {
        match self.brought.recv().await {
            Some(delivery) => delivery,
            None => std::future::pending().await,
        }
    }

    fn gone(&mut self, feed: FeedId) {
        self.gone.try_send(feed).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_late_finds_what_is_there() {
    let server = quiet().await;
    let plan = |id, name| feed(id, name, &server.url(), "sub-heartbeat", &["a"], &["reconnect.base=50ms"]);
    let (asked, mut errands) = mpsc::channel(8);
    let (bring, brought) = mpsc::channel(8);
    let (gone, mut left) = mpsc::channel(8);
    let supplier = Errands { asked, brought, gone };
    let feeds = vec![plan(0, "one"), plan(1, "two")];
    let (third, fourth) = (plan(5, "late"), plan(6, "last"));
    let end = sit_supplied(feeds, (100, 30), supplier, async move |mut user: User| {
        user.sees_text("2 feeds live").await;
        line(&mut user, ":reload").await;
        assert_eq!(errands.recv().await, Some(Errand::Reload));
        user.sees_text("reading").await;
        line(&mut user, ":remove one").await;
        user.press("y").await;
        assert_eq!(left.recv().await, Some(FeedId(0)));
        // It was planned while the feed was there.
        let changes =
            vec![Change::Replace(FeedId(0), Box::new(third)), Change::End(FeedId(0)), Change::Start(Box::new(fourth))];
        let outcome = Outcome::Reloaded { tally: Tally::default(), notes: vec!["a note".to_owned()] };
        bring.send(Delivery { changes, dress: None, frame: None, outcome }).await.ok().unwrap();
        assert_eq!(left.recv().await, Some(FeedId(5)), "nobody began it");
        user.sees_text("reloaded: 1 added, 0 removed, 0 replaced, 1 untouched; a note").await;
        user.sees("who is there", |screen| {
            screen.contains("2 feeds live") && screen.contains("last") && !screen.contains("late")
        })
        .await;
        // While somebody types, the answer comes to the last line, and the text stays.
        line(&mut user, ":add x").await;
        assert_eq!(errands.recv().await, Some(Errand::Add("x".to_owned())));
        user.does(Input::Key(KeyEvent::from(KeyCode::Esc))).await;
        user.press("s").await;
        user.press("y").await;
        let demand = wirebeat::app::coming::Demand {
            profile: "p".to_owned(),
            host: "h".to_owned(),
            plain: true,
            wants: vec![wirebeat::app::coming::Want::File("/etc/passwd".to_owned())],
        };
        let outcome = Outcome::Asks(vec![demand]);
        bring.send(Delivery { changes: Vec::new(), dress: None, frame: None, outcome }).await.ok().unwrap();
        user.sees_text("the profile p asks for your consent").await;
        user.press("y").await;
        user.sees_text("yy").await;
        assert!(errands.try_recv().is_err(), "nobody said yes");
        user.does(Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL))).await;
    })
    .await;
    assert_eq!(end, End::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_comes_and_goes_often_leaves_nothing_behind() {
    let mut server = FeedServer::start(Manners::default()).await;
    let file = File::new("");
    let (_, supply) = begin_empty(&file.path);
    let url = server.url();
    let server = &mut server;
    let end = sit_supplied(Vec::new(), (100, 30), supply, async move |mut user: User| {
        for round in 1..=8 {
            line(&mut user, &format!(":add x={url} -s a")).await;
            assert_eq!(server.hears(&sub("a")).await, round);
            user.sees("its data", |screen| screen.contains("1 feed live") && screen.contains("\"n\":")).await;
            line(&mut user, ":remove").await;
            user.press("y").await;
            user.sees("an empty screen", |screen| screen.contains(":add ws://HOST/PATH") && !screen.contains("\"n\":"))
                .await;
        }
        user.press("q").await;
    })
    .await;
    assert_eq!(end, End::Quit);
}
