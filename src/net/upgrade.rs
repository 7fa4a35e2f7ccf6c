//! The opening handshake (RFC 6455, section 4.1): the request made by tungstenite, the answer read by us.
