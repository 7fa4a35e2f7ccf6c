//! The hands of a session.

pub mod dial;
mod refusal;
pub mod target;
pub mod tls;
pub mod transport;
pub mod upgrade;
pub mod walker;
