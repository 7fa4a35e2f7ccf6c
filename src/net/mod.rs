//! The hands of a session.

pub mod dial;
pub mod tls;
pub mod upgrade;
pub mod walker;
