//! Asked once, remembered for that host and those words, refused without a terminal.

use std::fs;
use std::path::Path;

use super::*;
use crate::profile::build::load;
use crate::profile::diagnostic::Source as Text;

const TOML: &str = "schema = 1\nname = 'p'\nenv = ['TOKEN']\n[endpoint]\nurl = 'wss://h/?t=${env.TOKEN}'\n";

fn profile(text: &str) -> Profile {
    load(Text::new("p.toml", text), &|_| None, &[]).unwrap()
}

fn wanted() -> Vec<Need> {
    needs(&profile(TOML), "h:443", false)
}

fn answer(needs: &[Need], file: &Path, answer: Option<&str>) -> (Result<(), Refused>, Vec<String>) {
    let mut asked = Vec::new();
    let mut ask = |question: &str| {
        asked.push(question.to_owned());
        Ok(answer.unwrap_or_default().to_owned())
    };
    let ask: Option<Ask<'_>> = if answer.is_some() { Some(&mut ask) } else { None };
    let settled = settle_with(needs, &Allowance::default(), Some(file.to_owned()), ask);
    (settled, asked)
}

#[test]
fn a_profile_needs_the_variables_of_its_templates() {
    let wanted = wanted();
    assert_eq!(wanted.len(), 1);
    assert_eq!(wanted[0].what, What::Env("TOKEN".into()));
    assert_eq!((&*wanted[0].host, &*wanted[0].profile), ("h:443", "p"));
    assert!(needs(&profile("schema = 1\n[endpoint]\nurl = 'wss://h/'\n"), "h:443", false).is_empty());
}

#[test]
fn a_yes_is_asked_for_once_and_only_for_that_host_and_those_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/wirebeat/consent.json");
    let (settled, asked) = answer(&wanted(), &file, Some("y\n"));
    assert_eq!(settled, Ok(()));
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("TOKEN") && asked[0].contains("h:443") && asked[0].contains("profile p"), "{asked:?}");
    assert_eq!(answer(&wanted(), &file, None), (Ok(()), Vec::new()));

    let elsewhere = needs(&profile(TOML), "other:443", false);
    assert!(answer(&elsewhere, &file, None).0.is_err());
    let changed = needs(&profile(&TOML.replace("?t=", "?key=")), "h:443", false);
    assert!(answer(&changed, &file, None).0.is_err());
    // The other answers stay when one is added.
    assert_eq!(answer(&elsewhere, &file, Some("yes")).0, Ok(()));
    assert_eq!(answer(&wanted(), &file, None).0, Ok(()));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left lying about");
}

#[test]
fn once_is_not_remembered_and_no_is_no() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("consent.json");
    assert_eq!(answer(&wanted(), &file, Some("once")).0, Ok(()));
    assert_eq!(answer(&wanted(), &file, Some("O")).1.len(), 1);
    for no in ["", "n", "maybe", "\u{1b}[A"] {
        let Refused(words) = answer(&wanted(), &file, Some(no)).0.unwrap_err();
        assert!(words.contains("not allowed"), "{words}");
    }
    assert!(!file.exists());
}

#[test]
fn without_a_terminal_the_option_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let Refused(words) = answer(&wanted(), &folder.path().join("c"), None).0.unwrap_err();
    assert!(words.contains("--allow-env TOKEN") && words.contains("--yes"), "{words}");
    let mut all = wanted();
    let other = |what| Need { what, ..all[0].clone() };
    let others = [What::File("/run/key".into()), What::Command("./sign\\ it a b".into()), What::Takeover("you".into())];
    let others: Vec<_> = others.into_iter().map(other).collect();
    all.extend(others);
    let Refused(words) = answer(&all, &folder.path().join("c"), None).0.unwrap_err();
    for option in ["--allow-file /run/key", "--allow-command ./sign\\ it", "--allow-takeover"] {
        assert!(words.contains(option), "{words}");
    }
    let allowance = Allowance {
        env: vec!["TOKEN".into()],
        files: vec!["/run/key".into()],
        commands: vec!["./sign\\ it".into()],
        takeover: true,
        everything: false,
    };
    assert_eq!(settle_with(&all, &allowance, None, None), Ok(()));
    let most = Allowance { takeover: false, ..allowance };
    assert!(settle_with(&all, &most, None, None).is_err());
    let everything = Allowance { everything: true, ..Allowance::default() };
    assert_eq!(settle_with(&all, &everything, None, None), Ok(()));
}

#[test]
fn what_goes_in_plain_sight_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let plain = needs(&profile(TOML), "h:80", true);
    let (_, asked) = answer(&plain, &folder.path().join("c"), Some("n"));
    assert!(asked[0].contains("not encrypted"), "{asked:?}");
}

#[test]
fn a_takeover_says_whom() {
    let mut profile = profile(TOML);
    profile.about.exclusive = Some("the one client that\u{1b}[2J is connected".into());
    let folder = tempfile::tempdir().unwrap();
    let (_, asked) = answer(&needs(&profile, "h:443", false), &folder.path().join("c"), Some("n"));
    assert!(asked[0].contains("the one client that") && !asked[0].contains('\u{1b}'), "{asked:?}");
}

#[cfg(unix)]
#[test]
fn the_file_is_ours_alone_and_one_that_is_not_has_no_answers() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("consent.json");
    answer(&wanted(), &file, Some("y")).0.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o622)).unwrap();
    assert!(answer(&wanted(), &file, None).0.is_err());
}

#[test]
fn a_broken_file_has_no_answers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("consent.json");
    answer(&wanted(), &file, Some("y")).0.unwrap();
    let whole = fs::read_to_string(&file).unwrap();
    for broken in ["", "{}", "[]", &whole.replace("\"schema\": 1", "\"schema\": 2"), &whole[..whole.len() / 2]] {
        fs::write(&file, broken).unwrap();
        assert!(answer(&wanted(), &file, None).0.is_err(), "{broken}");
    }
}
