//! What the profiles of market feeds say for a service that is named as on the command line.
//!
//! What they make of frames is said in the profiles themselves, and tested in `golden.rs`.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use wirebeat::plan;
use wirebeat::profile::build::load;
use wirebeat::profile::template::{Scope, Template};
use wirebeat::profile::{IdForm, Profile, bundled};

/// A profile, a service, what asks for it and what leaves it. The request is the first, the server's id of it is 89.
const ASKED: &[(&str, &str, &str, &str)] = &[
    ("alpaca", "bars:*", r#"{"action":"subscribe","bars":["*"]}"#, r#"{"action":"unsubscribe","bars":["*"]}"#),
    (
        "binance",
        "btcusdt@trade",
        r#"{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}"#,
        r#"{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":1}"#,
    ),
    (
        "bitfinex",
        "trades:tBTCUSD",
        r#"{"event":"subscribe","channel":"trades","symbol":"tBTCUSD"}"#,
        r#"{"event":"unsubscribe","chanId":89}"#,
    ),
    (
        "bitmex",
        "trade:XBTUSD",
        r#"{"op":"subscribe","args":["trade:XBTUSD"]}"#,
        r#"{"op":"unsubscribe","args":["trade:XBTUSD"]}"#,
    ),
    (
        "bitstamp",
        "live_trades_btcusd",
        r#"{"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}}"#,
        r#"{"event":"bts:unsubscribe","data":{"channel":"live_trades_btcusd"}}"#,
    ),
    (
        "bybit",
        "publicTrade.BTCUSDT",
        r#"{"req_id":"1","op":"subscribe","args":["publicTrade.BTCUSDT"]}"#,
        r#"{"req_id":"1","op":"unsubscribe","args":["publicTrade.BTCUSDT"]}"#,
    ),
    (
        "coinbase-advanced",
        "level2:BTC-USD",
        r#"{"type":"subscribe","product_ids":["BTC-USD"],"channel":"level2"}"#,
        r#"{"type":"unsubscribe","product_ids":["BTC-USD"],"channel":"level2"}"#,
    ),
    (
        "coinbase-exchange",
        "matches:ETH-USD",
        r#"{"type":"subscribe","product_ids":["ETH-USD"],"channels":["matches","heartbeat"]}"#,
        r#"{"type":"unsubscribe","product_ids":["ETH-USD"],"channels":["matches"]}"#,
    ),
    (
        "deribit",
        "trades.BTC-PERPETUAL.100ms",
        r#"{"jsonrpc":"2.0","id":1,"method":"public/subscribe","params":{"channels":["trades.BTC-PERPETUAL.100ms"]}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"public/unsubscribe","params":{"channels":["trades.BTC-PERPETUAL.100ms"]}}"#,
    ),
    (
        "ethereum",
        "newHeads",
        r#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"eth_unsubscribe","params":[89]}"#,
    ),
    (
        "finnhub",
        "BINANCE:BTCUSDT",
        r#"{"type":"subscribe","symbol":"BINANCE:BTCUSDT"}"#,
        r#"{"type":"unsubscribe","symbol":"BINANCE:BTCUSDT"}"#,
    ),
    (
        "htx",
        "market.btcusdt.trade.detail",
        r#"{"sub":"market.btcusdt.trade.detail","id":"1"}"#,
        r#"{"unsub":"market.btcusdt.trade.detail","id":"1"}"#,
    ),
    (
        "hyperliquid",
        "trades:BTC",
        r#"{"method":"subscribe","subscription":{"type":"trades","coin":"BTC"}}"#,
        r#"{"method":"unsubscribe","subscription":{"type":"trades","coin":"BTC"}}"#,
    ),
    (
        "jetstream",
        "app.bsky.feed.post",
        r#"{"type":"options_update","payload":{"wantedCollections":["app.bsky.feed.post"],"wantedDids":[],"maxMessageSizeBytes":0}}"#,
        r#"{"type":"options_update","payload":{"wantedCollections":["invalid.wirebeat.nothing"],"wantedDids":[],"maxMessageSizeBytes":0}}"#,
    ),
    (
        "kraken",
        "trade:BTC/USD",
        r#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":1}"#,
        r#"{"method":"unsubscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":1}"#,
    ),
    (
        "kucoin",
        "market/ticker:BTC-USDT",
        r#"{"id":"1","type":"subscribe","topic":"/market/ticker:BTC-USDT","privateChannel":false,"response":true}"#,
        r#"{"id":"1","type":"unsubscribe","topic":"/market/ticker:BTC-USDT","privateChannel":false,"response":true}"#,
    ),
    (
        "okx",
        "tickers:BTC-USDT",
        r#"{"id":"1","op":"subscribe","args":[{"channel":"tickers","instId":"BTC-USDT"}]}"#,
        r#"{"id":"1","op":"unsubscribe","args":[{"channel":"tickers","instId":"BTC-USDT"}]}"#,
    ),
    (
        "solana",
        "slot",
        r#"{"jsonrpc":"2.0","id":1,"method":"slotSubscribe","params":[]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"slotUnsubscribe","params":[89]}"#,
    ),
];

fn profile(name: &str) -> Profile {
    load(bundled::find(name).unwrap(), &bundled::find, &[]).unwrap()
}

#[test]
fn a_service_is_asked_for_by_its_short_name() {
    for (name, service, sub, unsub) in ASKED {
        let profile = profile(name);
        let spec = plan::service(&profile, service).unwrap();
        assert_eq!(spec.name, *service);
        let (sub_ask, unsub_ask) = (profile.subscribe.as_ref().unwrap(), profile.unsubscribe.as_ref().unwrap());
        let id = if sub_ask.id == IdForm::Text { r#""1""# } else { "1" };
        let said = |template: &Template, args: Option<&str>| {
            let service = Some((spec.name.as_str(), &spec.params));
            let scope =
                Scope { service, id: Some(id), sub_id: Some(id), sub_sid: Some("89"), args, ..Scope::default() };
            template.render(&scope).unwrap().text
        };
        let share = sub_ask.arg.as_ref().map(|arg| format!("[{}]", said(arg, None)));
        assert_eq!(said(&sub_ask.frame, share.as_deref()), *sub, "{name}");
        assert_eq!(said(&unsub_ask.frame, share.as_deref()), *unsub, "{name}");
    }
}

#[test]
fn what_is_switched_on_by_itself_can_be_asked_for() {
    for (name, ..) in ASKED {
        let profile = profile(name);
        let own: Vec<_> = profile.services.iter().map(|service| &service.name).collect();
        // Whoever has no address in the profile names the services with it.
        assert_eq!(own.is_empty(), profile.endpoint.url.is_none(), "{name}");
        for service in own {
            assert!(plan::service(&profile, service).is_ok(), "{name} {service}");
        }
    }
}

#[test]
fn two_services_are_told_apart_by_their_keys() {
    for (name, ..) in ASKED {
        let profile = profile(name);
        let mut keys = BTreeMap::new();
        for spec in &profile.services {
            let scope = Scope { service: Some((&spec.name, &spec.params)), ..Scope::default() };
            let key = profile.route.service.as_ref().map_or(spec.name.clone(), |key| key.render(&scope).unwrap().text);
            assert_eq!(keys.insert(key, &spec.name), None, "{name}");
        }
    }
}
