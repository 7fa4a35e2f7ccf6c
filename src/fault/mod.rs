//! What can go wrong with a feed on purpose: how it is written down ([`Script`], [`parse_command`]), where it is asked
//! for ([`Desk`]), and which stand at a moment ([`Standing`]). Nothing here carries one out.

mod command;
mod desk;
pub mod garbage;
mod script;
mod standing;

pub use crate::event::fault::{Cut, Edit, Fault, Garbage};
pub use crate::profile::duration::parse as parse_duration;
pub use command::parse_command;
pub use desk::{Desk, DeskError, FaultId};
pub use script::{Script, ScriptError, ScriptErrors, Step, same_feed};
pub use standing::{Active, MOST, Standing};

/// What those who hold the links of a feed are told to do to them.
#[derive(Clone, Debug, PartialEq)]
pub enum Injection {
    /// These stand from now on, instead of those before.
    Stands(Standing),
    /// The links that are open end.
    Cut(Cut),
}
