//! Names, labels, and what becomes of wishes.

use std::collections::HashSet;

use crossterm::event::KeyCode::{self, Char, Enter, Esc};
use proptest::prelude::*;

use super::*;
use crate::app::looking::Look;

fn stroke(text: &str) -> Stroke {
    Stroke::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

fn wish(mode: Mode, name: &str, keys: &str) -> Wish {
    let action = action(mode, name).unwrap_or_else(|| panic!("{name} in {mode:?}"));
    Wish { mode, action, keys: keys.split_whitespace().map(stroke).collect() }
}

fn main(wishes: &[(&str, &str)]) -> Result<Keymap, Vec<Clash>> {
    let wishes: Vec<_> = wishes.iter().map(|(name, keys)| wish(Main, name, keys)).collect();
    Keymap::new(&wishes)
}

fn means(keymap: &Keymap, mode: Mode, key: &str) -> Option<Action> {
    keymap.lookup(mode, stroke(key).event())
}

#[test]
fn every_action_has_a_name_that_is_its_own() {
    for mode in Mode::ALL {
        let mut known = HashSet::new();
        for (name, action) in named(mode) {
            assert!(known.insert(name), "{name} is two actions in {mode:?}");
            assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
            assert_eq!(super::action(mode, name), Some(action), "{name}");
        }
        for key in keys_in(mode).filter(|key| !matches!(key.action, Action::Toggle(_))) {
            let home = if EVERYWHERE.iter().any(|known| known.action == key.action) { Main } else { mode };
            assert!(named(home).any(|(_, action)| action == key.action), "{:?} in {mode:?}", key.action);
        }
    }
    let screens: Vec<_> = Mode::ALL.into_iter().filter_map(Mode::name).collect();
    assert_eq!(screens.iter().collect::<HashSet<_>>().len(), Mode::ALL.len() - 1);
    for screen in screens {
        assert_eq!(action(Main, screen), None, "{screen} cannot be a table and an action of [keys]");
    }
}

#[test]
fn labels_are_what_a_user_may_write() {
    for key in Mode::ALL.into_iter().flat_map(keys_in) {
        let is_group = matches!(key.action, Action::Toggle(_));
        assert!(is_group || key.label == bound::stroke(key).to_string(), "{} of {:?}", key.label, key.action);
    }
}

#[test]
fn without_a_wish_all_is_as_the_tables_say() {
    let keymap = Keymap::default();
    for mode in Mode::ALL {
        for key in keys_in(mode) {
            assert_eq!(keymap.lookup(mode, KeyEvent::new(key.code, key.modifiers)), Some(key.action), "{key:?}");
        }
        assert_eq!(keymap.keys(mode).count(), keys_in(mode).count());
    }
    assert_eq!(keymap.label(Main, Action::Toggle(0)), "1-9");
}

#[test]
fn a_wish_takes_the_place_of_the_keys_before() {
    let keymap = main(&[("freeze", "P ctrl-f"), ("mute", "")]).unwrap();
    assert_eq!(means(&keymap, Main, "P"), Some(Action::Freeze));
    assert_eq!(means(&keymap, Main, "ctrl-f"), Some(Action::Freeze));
    for gone in ["f", "p", "m"] {
        assert_eq!(means(&keymap, Main, gone), None, "{gone}");
    }
    assert_eq!(keymap.label(Main, Action::Freeze), "P");
    assert_eq!(keymap.label(Main, Action::Mute), "");
    let told: Vec<_> = keymap.entries(Main, Lang::En);
    assert!(told.contains(&("P ctrl-f".to_owned(), "freeze the view; the feed goes on")));
    assert!(!told.iter().any(|(_, help)| help.starts_with("mute")), "{told:?}");
}

#[test]
fn a_default_gives_way_where_it_has_another_key_or_is_spoken_of() {
    let keymap = main(&[("zoom", "f")]).unwrap();
    assert_eq!(means(&keymap, Main, "f"), Some(Action::Zoom));
    assert_eq!(keymap.label(Main, Action::Freeze), "p", "its other key");
    let keymap = main(&[("zoom", "o"), ("sort", "z")]).unwrap();
    assert_eq!(means(&keymap, Main, "z"), Some(Action::Sort));
    let zoom = Action::Zoom;
    let Clash::Last { at, mode, lost, free } = main(&[("zoom", "z o")]).unwrap_err()[0] else { panic!("{zoom:?}") };
    assert_eq!((at, mode, lost), (Place { wish: 0, key: 1 }, Main, Action::Sort));
    assert_eq!(free, Some(stroke("O")));
}

#[test]
fn what_must_stay_stays() {
    for (name, key, is) in [
        ("zoom", "ctrl-c", Action::Quit),
        ("zoom", "?", Action::Help),
        ("zoom", "esc", Action::Leave),
        ("zoom", "3", Action::Toggle(2)),
        ("suspend", "enter", Action::Keep),
    ] {
        let clashes = main(&[(name, key)]).unwrap_err();
        assert!(matches!(clashes.first(), Some(Clash::Fixed { is: known, .. }) if *known == is), "{key}: {clashes:?}");
    }
    let keymap = main(&[("quit", ""), ("open-help", "f2"), ("leave", "backspace")]).unwrap();
    for mode in Mode::ALL {
        assert_eq!(means(&keymap, mode, "ctrl-c"), Some(Action::Quit));
        assert!(means(&keymap, mode, "esc").is_some(), "{mode:?}");
    }
    assert_eq!(means(&keymap, Main, "?"), Some(Action::Help));
    assert_eq!(keymap.label(Main, Action::Help), "f2", "the user's comes first");
    assert_eq!(means(&keymap, Mode::Inspect, "f2"), Some(Action::Help));
    let typed = Keymap::new(&[wish(Mode::Typing, "keep", "y")]).unwrap_err();
    assert!(matches!(typed[..], [Clash::Letter { mode: Mode::Typing, .. }]), "{typed:?}");
}

#[test]
fn one_key_for_two_wishes_is_a_clash_and_told_once() {
    let at = |wish| Place { wish, key: 0 };
    let clashes = main(&[("up", "e"), ("down", "e")]).unwrap_err();
    assert_eq!(clashes, [Clash::Twice { at: at(1), first: at(0) }]);
    assert!(main(&[("zoom", "Z Z")]).is_ok());
    // Several screens are several places.
    let own = [wish(Main, "zoom", "J"), wish(Mode::Inspect, "next-message", "alt-j"), wish(Mode::Latest, "sort", "J")];
    assert!(Keymap::new(&own).is_ok());
}

#[test]
fn a_wish_for_the_main_screen_goes_for_the_others() {
    let keymap = main(&[("down", "e ↓"), ("half-page-up", "U")]).unwrap();
    for mode in [Main, Mode::Outages, Mode::Outage, Mode::Inspect, Mode::Latest, Mode::Columns, Mode::Faults] {
        assert_eq!(means(&keymap, mode, "e"), Some(Action::Move(Step::Down)), "{mode:?}");
        assert_ne!(means(&keymap, mode, "j"), Some(Action::Move(Step::Down)), "{mode:?}");
    }
    for typed in [Mode::Typing, Mode::Palette, Mode::Draft, Mode::FaultLine] {
        assert_eq!(means(&keymap, typed, "e"), None, "{typed:?}");
    }
    let both = [wish(Main, "down", "e"), wish(Mode::Inspect, "down", "s")];
    let keymap = Keymap::new(&both).unwrap();
    assert_eq!(means(&keymap, Mode::Inspect, "e"), None);
    assert_eq!(means(&keymap, Mode::Inspect, "s"), Some(Action::Move(Step::Down)));
    // On another screen a default may be in the way.
    let clashes = main(&[("down", "y")]).unwrap_err();
    let Clash::Last { mode: Mode::Inspect, lost, .. } = clashes[0] else { panic!("{clashes:?}") };
    assert_eq!(lost, Action::Look(Look::CopyValue));
}

#[test]
fn what_opens_a_screen_closes_it_again() {
    let keymap = main(&[("open-outages", "T"), ("open-latest", "q f3"), ("quit", "Q")]).unwrap();
    assert_eq!(means(&keymap, Mode::Outages, "T"), Some(Action::Close));
    assert_eq!(means(&keymap, Mode::Outages, "t"), None);
    assert_eq!(means(&keymap, Mode::Latest, "q"), Some(Action::Close));
    assert_eq!(means(&keymap, Mode::Latest, "f3"), Some(Action::Close));
    assert_eq!(means(&keymap, Mode::Latest, "v"), None);
    // Where the key has a meaning of its own, that one stays.
    let keymap = main(&[("open-columns", "y")]).unwrap();
    assert_eq!(means(&keymap, Mode::Columns, "y"), Some(Action::Look(Look::CopyColumns)));
}

#[test]
fn a_screen_tells_its_groups_whatever_is_gone() {
    let keymap = main(&[("down", ""), ("up", "")]).unwrap();
    let told = keymap.entries(Mode::Outages, Lang::En);
    assert!(told.contains(&("enter".to_owned(), "the whole of it")), "{told:?}");
    assert!(told.iter().any(|(labels, help)| labels.starts_with("pgdn pgup") && *help == "select"), "{told:?}");
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let actions: Vec<_> =
        Mode::ALL.into_iter().flat_map(|mode| named(mode).map(move |(_, action)| (mode, action))).collect();
    let keys: Vec<_> = "a b c e f j k n q t x z A F J T ? 1 / : space esc enter tab f1 f5 ctrl-c ctrl-f alt-x ↓ home"
        .split(' ')
        .map(stroke)
        .collect();
    let wish = (prop::sample::select(actions), prop::collection::vec(prop::sample::select(keys), 0..3));
    prop::collection::vec(wish, 0..6).prop_map(|wishes| {
        let mut known = HashSet::new();
        let wishes = wishes.into_iter().map(|((mode, action), keys)| Wish { mode, action, keys });
        wishes.filter(|wish| known.insert((wish.mode, wish.action))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_is_wished_no_key_means_two_things_and_every_screen_has_a_way_out(wishes in wishes()) {
        let keymap = match Keymap::new(&wishes) {
            Ok(keymap) => keymap,
            Err(clashes) => {
                for clash in clashes {
                    // What is proposed can be had.
                    let Clash::Last { at, mode, lost, free: Some(free) } = clash else { continue };
                    let more = Wish { mode, action: lost, keys: vec![free] };
                    let wishes: Vec<_> = wishes.iter().cloned().chain([more]).collect();
                    for clash in Keymap::new(&wishes).err().into_iter().flatten() {
                        // Screens where text is typed have keys of their own, and a word of their own to lose them.
                        let again = matches!(clash, Clash::Last { lost: other, mode: there, .. } if (other, there) == (lost, mode));
                        prop_assert!(clash.at().wish != wishes.len() - 1, "{:?} of {:?}", clash, wishes);
                        prop_assert!(clash.at() != at || !again, "{:?} of {:?}", clash, wishes);
                    }
                }
                return Ok(());
            }
        };
        for mode in Mode::ALL {
            let keys: Vec<_> = keymap.keys(mode).collect();
            let mut known = HashSet::new();
            for key in &keys {
                prop_assert!(known.insert(key.stroke), "{} in {:?}", key.stroke, mode);
                prop_assert!(!(mode.is_typed() && key.stroke.types()), "{} in {:?}", key.stroke, mode);
            }
            prop_assert_eq!(means(&keymap, mode, "ctrl-c"), Some(Action::Quit));
            let default = Keymap::default();
            let fixed: &[KeyCode] = if mode.is_typed() { &[Esc, Enter] } else { &[Esc] };
            for code in fixed {
                let key = KeyEvent::from(*code);
                prop_assert_eq!(keymap.lookup(mode, key), default.lookup(mode, key), "{:?} {:?}", code, mode);
            }
            for row in keys_in(mode) {
                let spoken_of = wishes.iter().any(|wish| wish.action == row.action);
                prop_assert!(spoken_of || keys.iter().any(|key| key.action == row.action), "{:?} {:?}", row, mode);
            }
            for wish in wishes.iter().filter(|wish| wish.mode == mode) {
                for key in &wish.keys {
                    prop_assert!(keys.iter().any(|known| known.stroke == *key && known.action == wish.action));
                }
            }
        }
        prop_assert_eq!(keymap.lookup(Main, KeyEvent::from(Char('?'))), Some(Action::Help));
    }
}
