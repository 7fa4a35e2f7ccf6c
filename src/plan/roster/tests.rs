//! What a line or a file makes of feeds that run already.

use std::path::PathBuf;

use super::*;
use crate::cli;

struct House {
    dir: tempfile::TempDir,
    roster: Roster,
}

const TWO: &str = "[feed.a]\nurl = 'ws://a.example/'\nservices = ['x']\n[feed.b]\nurl = 'ws://b.example/'\n";

impl House {
    /// As the program begins with this file and these words.
    fn new(toml: &str, words: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), toml).unwrap();
        let targets = words.iter().map(|&word| word.to_owned()).collect();
        let args = Targets { config: Some(dir.path().join("config.toml")), targets, ..Targets::default() };
        let config = files::config(args.config.as_deref()).unwrap();
        let plans = super::super::feeds(&args, &config, 1, &mut Vec::new()).unwrap();
        Self { roster: Roster::new(&args, words.is_empty(), 1, &plans), dir }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    fn write(&self, toml: &str) {
        std::fs::write(self.file(), toml).unwrap();
    }

    fn add(&mut self, line: &str) -> Result<Vec<String>, String> {
        let words = cli::targets(line)?;
        let changes = self.roster.add(&words, &mut Vec::new()).map_err(|wrong| wrong.0)?;
        self.roster.enter(&changes, true);
        Ok(told(&changes))
    }

    fn reload(&mut self) -> Result<Vec<String>, String> {
        let (_, changes) = self.roster.reload(&mut Vec::new()).map_err(|wrong| wrong.0)?;
        self.roster.enter(&changes, false);
        Ok(told(&changes))
    }
}

fn told(changes: &[Change]) -> Vec<String> {
    let plan = |plan: &FeedPlan| format!("{} {}", plan.info.id.0, plan.info.name);
    let one = |change: &Change| match change {
        Change::Start(it) => format!("+{}", plan(it)),
        Change::End(id) => format!("-{}", id.0),
        Change::Replace(old, it) => format!("{}>{}", old.0, plan(it)),
    };
    changes.iter().map(one).collect()
}

#[test]
fn a_file_that_says_the_same_in_other_words_changes_nothing() {
    let mut house = House::new(TWO, &[]);
    assert_eq!(house.reload().unwrap(), [""; 0]);
    house.write(
        "# what\n[ui]\nutc = true\n[defaults]\nprofile = 'raw'\n[feed.\"b\"]\nurl = \"ws://b.example/\"\n\n\
         [feed.a]\nservices = [\"x\"]\nprofile = 'sub-heartbeat'\nurl = \"ws://a.example/\"\n",
    );
    assert_eq!(house.reload().unwrap(), [""; 0]);
}

#[test]
fn everything_that_a_feed_goes_by_makes_it_another() {
    let base = "[feed.a]\nurl = 'ws://a.example/'\nservices = ['x']\nprofile = 'sub-heartbeat'\n";
    for change in [
        base.replace("a.example/", "a.example/y"),
        base.replace("a.example", "me@a.example"),
        base.replace("['x']", "['x', 'y']"),
        base.replace("'sub-heartbeat'", "'demo'"),
        format!("{base}set = {{ 'heartbeat.after' = '21s' }}\n"),
        format!("{base}headers = {{ Origin = 'https://o.example' }}\n"),
        format!("{base}subprotocols = ['p']\n"),
        format!("{base}insecure = true\n"),
        format!("{base}proxy = 'http://p.example:1'\n"),
        format!("{base}[feed.a.service.x]\nstale = '9s'\n"),
        format!("{base}[defaults]\nset = {{ 'reconnect.base' = '77ms' }}\n"),
    ] {
        let mut house = House::new(base, &[]);
        house.write(&change);
        assert_eq!(house.reload().unwrap(), ["0>1 a"], "{change}");
        assert_eq!(house.reload().unwrap(), [""; 0], "again: {change}");
    }
}

#[test]
fn a_profile_of_the_users_own_is_read_again_too() {
    let profile = |pattern: &str| {
        format!(
            "schema = 1\nname = 'p'\nextends = 'sub-heartbeat'\ndoc = ['x']\n\
             [[rule]]\nkind = 'notice'\nwhen = {{ '/t' = {{ re = '{pattern}' }} }}\n"
        )
    };
    let mut house = House::new("", &[]);
    let file = house.dir.path().join("p.toml");
    std::fs::write(&file, profile("^a")).unwrap();
    house.write("[feed.a]\nurl = 'ws://a.example/'\nprofile = './p.toml'\n");
    assert_eq!(house.reload().unwrap(), ["+0 a"]);
    std::fs::write(&file, format!("# a word\n{}", profile("^a").replace("['x']", "['y']"))).unwrap();
    assert_eq!(house.reload().unwrap(), [""; 0]);
    std::fs::write(&file, profile("^b")).unwrap();
    assert_eq!(house.reload().unwrap(), ["0>1 a"]);
}

#[test]
fn a_secret_that_changed_makes_it_another() {
    let mut house = House::new("", &["x=ws://x.example/"]);
    let secret = house.dir.path().join("token");
    std::fs::write(&secret, "one").unwrap();
    house.write("[feed.a]\nurl = 'ws://a.example/?t=${file.token}'\n");
    assert_eq!(house.reload().unwrap(), [""; 0], "the command line named what is watched");
    assert_eq!(house.add("a").unwrap(), ["+1 a"]);
    assert_eq!(house.reload().unwrap(), [""; 0]);
    std::fs::write(&secret, "two").unwrap();
    assert_eq!(house.reload().unwrap(), ["1>2 a"]);
}

#[test]
fn numbers_are_never_given_twice_and_names_are_free_again() {
    let mut house = House::new(TWO, &[]);
    assert_eq!(house.add("a=ws://c.example").unwrap(), ["+2 a#2"]);
    house.roster.strike(FeedId(2));
    house.roster.strike(FeedId(0));
    assert_eq!(house.add("a=ws://c.example").unwrap(), ["+3 a"]);
    // The file still has it, so that it comes back; its name is taken meanwhile.
    assert_eq!(house.reload().unwrap(), ["+4 a#2"]);
    assert_eq!(house.add("ws://d.example/p ws://d.example/p").unwrap(), ["+5 d.example/p", "+6 d.example/p#2"]);
}

#[test]
fn what_goes_from_the_file_ends_and_what_was_named_stays() {
    let off = format!("{TWO}[feed.off]\nurl = 'ws://off.example/'\nenabled = false\n");
    let mut house = House::new(&off, &[]);
    assert_eq!(house.add("off").unwrap(), ["+2 off"]);
    assert_eq!(house.add("ws://given.example").unwrap(), ["+3 given.example"]);
    assert_eq!(house.reload().unwrap(), [""; 0]);
    house.write(&off.replace("off.example/", "off.example/2").replace("[feed.b]", "[feed.new]"));
    assert_eq!(house.reload().unwrap(), ["-1", "2>4 off", "+5 new"]);
    house.write("[ui]\nutc = true\n");
    assert_eq!(house.reload().unwrap(), ["-0", "-5"]);
    house.write(TWO);
    assert_eq!(house.reload().unwrap(), ["+6 a", "+7 b"]);
}

#[test]
fn feeds_of_the_command_line_are_no_business_of_the_file() {
    let mut house = House::new(TWO, &["b", "ws://x.example"]);
    house.write(&TWO.replace("[feed.a]", "[feed.c]"));
    assert_eq!(house.reload().unwrap(), [""; 0]);
    house.write(&TWO.replace("b.example", "c.example"));
    assert_eq!(house.reload().unwrap(), ["0>2 b"], "but for what it says of one that was named");
    house.write("");
    assert_eq!(house.reload().unwrap(), [""; 0]);
}

#[test]
fn what_is_wrong_changes_nothing() {
    let mut house = House::new(TWO, &[]);
    house.write(&TWO.replace("[feed.b]", "[feed.b]\nprofile = 'nope'"));
    assert!(house.reload().unwrap_err().contains("no such profile: nope"));
    house.write("[feed");
    assert!(house.reload().is_err() && house.add("a").is_err());
    std::fs::remove_file(house.file()).unwrap();
    assert!(house.reload().is_err());
    house.write(TWO);
    assert_eq!(house.reload().unwrap(), [""; 0]);
    for (line, told) in [
        ("a -s x", "-s applies to URL targets, and a is a feed of"),
        ("ws://one.example ws://two.example -s x", "are for one host"),
        ("aa", "did you mean a?"),
        ("ws://u.example/${env.NO_SUCH_VARIABLE}", "NO_SUCH_VARIABLE is not set"),
        ("ws://x.example:99999", "ws://x.example:99999"),
    ] {
        let wrong = house.add(line).unwrap_err();
        assert!(wrong.contains(told), "{line}: {wrong}");
    }
}

#[test]
fn the_proxy_of_the_command_line_is_for_all() {
    let mut house = House::new(TWO, &[]);
    house.roster.args.proxy = Some("http://p.example:1".to_owned());
    house.add("ws://x.example").unwrap();
    house.add("ws://y.example --proxy none").unwrap();
    let proxies: Vec<_> = house.roster.plans().skip(2).map(|plan| format!("{:?}", plan.target.proxies)).collect();
    assert!(proxies[0].contains("p.example") && !proxies[1].contains("p.example"), "{proxies:?}");
}
