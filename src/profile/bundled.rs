//! The profiles that come with the program.
