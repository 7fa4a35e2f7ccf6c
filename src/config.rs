//! The user's file.
