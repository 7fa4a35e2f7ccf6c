//! Take and give back the terminal.
