//! wirebeat watches WebSocket feeds and says what happens to them.
//!
//! The map of the house, and who may import whom (`tests/tidy.rs` holds it to the code):
//!
//! | room | what it is | may import |
//! |---|---|---|
//! | [`text`], [`time`] | the one sanitiser and words for numbers; time as a number and the one clock | std, small crates |
//! | [`event`] | the words that all rooms share | `text`, `time` |
//! | [`profile`] | what a server expects, as data | `event` and above |
//! | [`fault`] | what can go wrong on purpose, and scripts of it | `profile`, `event` and above |
//! | [`say`] | structured causes and states to sentences | `event` and above |
//! | [`session`] | the life of one feed, without a socket, a clock or a task | `profile`, `event` and above |
//! | [`net`] | its hands: dial, link, the one `select!`, the teller | `session`, `fault` and above, tokio |
//! | [`app`] | what the screen knows | `event`, `fault`, `say` and above, crossterm's key types |
//! | [`ui`] | the screen as a function | `app` (read only), ratatui |
//! | [`log`] | diagnostics of the program itself, as lines | `say`, `event` and above |
//! | [`cli`], [`config`] | arguments and the user's file, checked | `profile`, `event`, `app`'s key names |
//! | [`consent`] | what a profile may take of this machine, asked once | `profile`, `text` |
//! | [`relay`] | faults between clients of others and their server | `net`, `session` and above |
//! | [`plan`], [`launch`], [`run`], [`term`], [`headless`], [`demo`], [`profiling`], [`verbs`] | what joins them | what they join |

pub mod app;
pub mod cli;
pub mod config;
pub mod consent;
pub mod demo;
pub mod drill;
pub mod event;
pub mod fault;
pub mod headless;
pub mod launch;
pub mod log;
pub mod net;
pub mod plan;
pub mod profile;
pub mod profiling;
pub mod relay;
pub mod run;
pub mod say;
pub mod session;
pub mod term;
pub mod text;
pub mod time;
pub mod ui;
pub mod verbs;
