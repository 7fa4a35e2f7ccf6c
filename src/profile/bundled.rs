//! The profiles that come with the program, embedded in it. What is in them is data: nothing here reads it.

use super::diagnostic::Source;

const FILES: [(&str, &str); 27] = [
    ("sub-heartbeat", include_str!("../../assets/profiles/sub-heartbeat.toml")),
    ("raw", include_str!("../../assets/profiles/raw.toml")),
    ("demo", include_str!("../../assets/profiles/demo.toml")),
    ("graphql-transport-ws", include_str!("../../assets/profiles/graphql-transport-ws.toml")),
    ("socketio", include_str!("../../assets/profiles/socketio.toml")),
    ("nats", include_str!("../../assets/profiles/nats.toml")),
    ("nostr", include_str!("../../assets/profiles/nostr.toml")),
    ("faye", include_str!("../../assets/profiles/faye.toml")),
    ("actioncable", include_str!("../../assets/profiles/actioncable.toml")),
    ("ocpp", include_str!("../../assets/profiles/ocpp.toml")),
    ("cdp", include_str!("../../assets/profiles/cdp.toml")),
    ("homeassistant", include_str!("../../assets/profiles/homeassistant.toml")),
    ("socketcluster", include_str!("../../assets/profiles/socketcluster.toml")),
    ("mqtt", include_str!("../../assets/profiles/mqtt.toml")),
    ("irc", include_str!("../../assets/profiles/irc.toml")),
    ("discord", include_str!("../../assets/profiles/discord.toml")),
    ("slack", include_str!("../../assets/profiles/slack.toml")),
    ("mattermost", include_str!("../../assets/profiles/mattermost.toml")),
    ("phoenix", include_str!("../../assets/profiles/phoenix.toml")),
    ("signalr", include_str!("../../assets/profiles/signalr.toml")),
    ("stomp", include_str!("../../assets/profiles/stomp.toml")),
    ("pusher", include_str!("../../assets/profiles/pusher.toml")),
    ("centrifugo", include_str!("../../assets/profiles/centrifugo.toml")),
    ("mastodon", include_str!("../../assets/profiles/mastodon.toml")),
    ("meteor", include_str!("../../assets/profiles/meteor.toml")),
    ("obs", include_str!("../../assets/profiles/obs.toml")),
    ("wamp", include_str!("../../assets/profiles/wamp.toml")),
];

/// The text of one of them.
pub fn find(name: &str) -> Option<Source> {
    let (name, text) = FILES.into_iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("bundled:{name}"), text))
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().map(|(name, _)| name)
}
