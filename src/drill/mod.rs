//! A drill: faults on purpose, one after the other, and a report card of how each was noticed and survived. The client
//! that is graded is our own session, or somebody else's program; a relay stands between it and its server in either case.

mod card;
mod case;
mod client;
mod exam;
mod finding;
mod grade;
mod picture;
mod report;
mod rules;
mod timing;
mod words;
mod world;

pub use self::card::{Card, Row, Verdict, head, row, totals};
pub use self::case::{Case, Expect, Hold, scripted, usual};
pub use self::client::Program;
pub use self::exam::{End, Exam, Wiring};
pub use self::finding::Finding;
pub use self::grade::{Graded, Grader, Measured};
pub use self::report::{Form, text, write};
pub use self::rules::{BUDGETS, BeatRule, Budgets, Rules, budget};
pub use self::words::finding as sentence;
