//! The profiles that come with the program, embedded in it. What is in them is data: nothing here reads it.

use super::diagnostic::Source;

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/profiles/", $name, ".toml")))),*]
    };
}

/// Every file of `assets/profiles`, by name; a test holds that none is forgotten.
const FILES: &[(&str, &str)] = files! {
    "actioncable"
    "alpaca"
    "binance"
    "bitfinex"
    "bitmex"
    "bitstamp"
    "bybit"
    "cdp"
    "centrifugo"
    "coinbase-advanced"
    "coinbase-exchange"
    "demo"
    "deribit"
    "dingtalk"
    "discord"
    "ethereum"
    "faye"
    "finnhub"
    "graphql-transport-ws"
    "homeassistant"
    "htx"
    "hyperliquid"
    "irc"
    "jetstream"
    "kraken"
    "kucoin"
    "mastodon"
    "mattermost"
    "meteor"
    "mqtt"
    "nats"
    "nostr"
    "obs"
    "ocpp"
    "okx"
    "phoenix"
    "pusher"
    "raw"
    "signalr"
    "slack"
    "socketcluster"
    "socketio"
    "solana"
    "stomp"
    "sub-heartbeat"
    "wamp"
};

/// The text of one of them.
pub fn find(name: &str) -> Option<Source> {
    let (name, text) = FILES.iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("bundled:{name}"), *text))
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}
