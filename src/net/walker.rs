//! A byte layer under tungstenite that reads frame headers only.
