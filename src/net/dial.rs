//! From a URL to an open WebSocket, each step timed and with a deadline.
