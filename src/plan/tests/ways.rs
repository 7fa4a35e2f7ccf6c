//! Proxies, certificates and sockets, as options and in the file.

use super::*;
use crate::net::proxy::{Environment, Proxies};
use crate::net::target::Host;

/// The proxy that a feed takes, as errors name it. Those that ask the environment say so.
fn proxy(plan: &FeedPlan) -> String {
    match &plan.target.proxies {
        Proxies::None => "none".to_owned(),
        Proxies::Given(proxy) => proxy.to_string(),
        Proxies::Environment(_) => "environment".to_owned(),
    }
}

#[test]
fn a_proxy_is_asked_for_by_option_file_or_environment() {
    assert_eq!(proxy(&plans(&["ws://h"])[0]), "environment");
    assert_eq!(proxy(&plans(&["ws://h", "--proxy", "none"])[0]), "none");
    let given = plans(&["ws://h", "ws://i", "--proxy", "socks5://u:${env.CARGO_PKG_NAME}@p:1"]);
    assert!(given.iter().all(|plan| proxy(plan) == "socks5://p:1 (from --proxy)"));
    let file = "[defaults]\nproxy='http://p:1'\n[feed.a]\nurl='ws://h'\n[feed.b]\nurl='ws://h'\nproxy='none'\n";
    let of = |words: &[&str]| planned(words, file).unwrap().0.iter().map(proxy).collect::<Vec<_>>();
    assert_eq!(of(&[]), ["http://p:1 (from the configuration)", "none"]);
    assert_eq!(of(&["--proxy", "https://q"]), ["https://q:443 (from --proxy)"; 2]);
    assert_eq!(of(&["--proxy", "none"]), ["none"; 2]);
}

#[test]
fn a_wrong_proxy_is_told_where_it_stands_and_no_password_with_it() {
    let told = refused(&["ws://h", "--proxy", "ftp://u:CANARY77@h"], "", &["--proxy: a proxy is http://"]);
    assert!(!told.contains("CANARY77"), "{told}");
    refused(&["ws://h", "--proxy", "http://p:99999"], "", &["--proxy: the port of the proxy"]);
    refused(&["ws://h", "--proxy", "http://${env.WIREBEAT_NO_SUCH}"], "", &["--proxy: ", "is not set"]);
    let file = "[feed.a]\nurl='ws://h'\nproxy='socks4://u:CANARY77@h'\n";
    let told = refused(&[], file, &["/etc/c.toml:3", "a proxy is http://"]);
    assert!(!told.contains("CANARY77"), "{told}");
}

#[test]
fn a_proxy_that_is_of_no_use_or_no_secret_earns_a_note() {
    let notes = |words: &[&str]| planned(words, "").unwrap().1;
    assert!(notes(&["wss://h", "--proxy", "http://u:${env.CARGO_PKG_NAME}@p"]).is_empty());
    let told = notes(&["wss://h", "--proxy", "http://u:CANARY77@p"]);
    assert!(told.len() == 1 && told[0].contains("plain sight") && !told[0].contains("CANARY77"), "{told:?}");
    let told = notes(&["ws://127.0.0.1:9/x", "ws://a.localhost", "ws://h", "--proxy", "http://p"]);
    assert!(told.len() == 1 && told[0].contains("not used for 127.0.0.1:9, a.localhost: "), "{told:?}");
    assert!(notes(&["ws://localhost", "--proxy", "none"]).is_empty());
    let told = planned(&[], "[feed.a]\nurl='ws://h'\nproxy='http://u:CANARY77@p'\n").unwrap().1;
    assert!(told.len() == 1 && told[0].contains("the proxy of a in /etc/c.toml"), "{told:?}");
}

#[test]
fn files_of_certificates_are_read_before_anything_runs() {
    for (options, parts) in [
        (&["--client-cert", "/none/c.pem"][..], &["--client-cert: /none/c.pem: "][..]),
        (&["--client-key", "/none/c.key"], &["--client-key: a key without a client certificate"]),
        (&["--ca-file", "/none/ca.pem"], &["--ca-file: /none/ca.pem: "]),
        (&["--server-name", "a b"], &["--server-name: no name or IP address"]),
    ] {
        refused(&[&["wss://h"], options].concat(), "", parts);
        refused(&[&["market"], options].concat(), TWO, &["applies to URL targets"]);
    }
    refused(&["wss://h", "wss://i", "--server-name", "x"], "", &["are for one host"]);
    refused(&[], "[feed.a]\nurl='wss://h'\nclient_cert='none/c.pem'\n", &["/etc/c.toml:3", "none/c.pem: "]);
    refused(&[], "[feed.a]\nurl='wss://h'\nserver_name='a b'\n", &["/etc/c.toml:3", "no name or IP address"]);
    let plan = plans(&["wss://10.0.0.1", "--server-name", "feed.example"]).remove(0);
    assert_eq!(plan.target.tls.server_name.as_deref(), Some("feed.example"));
    let named = planned(&[], "[feed.a]\nurl='wss://h'\nserver_name='feed.example'\n").unwrap().0.remove(0);
    assert_eq!(named.target.tls.server_name.as_deref(), Some("feed.example"));

    let key = rcgen::KeyPair::generate().unwrap();
    let cert = rcgen::CertificateParams::new(vec!["me".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (_dir, both) = file("me.pem", format!("{}{}", cert.pem(), key.serialize_pem()));
    let plan = plans(&["wss://h", "--client-cert", both.to_str().unwrap()]).remove(0);
    assert_eq!(plan.target.tls.client_cert, Some(both));
}

#[test]
fn a_unix_socket_is_a_target() {
    let plan = plans(&["ws+unix:///run/app.sock:/ws?token=${env.CARGO_PKG_NAME}"]).remove(0);
    assert_eq!(plan.target.host(), &Host::Socket("/run/app.sock".to_owned()));
    assert_eq!(plan.info.url, "ws+unix:///run/app.sock:/ws?token=***");
    assert_eq!(plan.info.name, "/run/app.sock:/ws");
    assert_eq!(names(&["ws+unix:/run/app.sock", "a=ws+unix:/run/app.sock:/x"], ""), ["/run/app.sock", "a"]);
    let told = planned(&["ws+unix:///run/app.sock:/?token=CANARY77"], "").unwrap().1;
    assert!(told.len() == 1 && told[0].contains("plain sight") && !told[0].contains("CANARY77"), "{told:?}");
    let file = "[feed.a]\nurl='ws+unix:///run/a.sock:/ws'\n";
    assert_eq!(planned(&[], file).unwrap().0[0].info.url, "ws+unix:///run/a.sock:/ws");
    let told = refused(&["ws+unix:run/x:/?token=CANARY77"], "", &["ws+unix:///PATH/TO/SOCKET:/PATH"]);
    assert!(!told.contains("CANARY77"), "{told}");
}

/// A variable that names no proxy is an error where it would be used, and nowhere else.
#[test]
fn the_environment_is_asked_for_each_target() {
    let environment = Environment::read(|name| (name == "https_proxy").then(|| "ftp://u:CANARY77@h".to_owned()));
    let proxies = Proxies::Environment(Arc::new(environment));
    let plan = plans(&["wss://h"]).remove(0);
    let target = plan.target.with_proxies(proxies.clone());
    let told = target.proxies.choose(true, target.host(), 443).unwrap_err();
    assert!(told.starts_with("https_proxy: a proxy is") && !told.contains("CANARY77"), "{told}");
    assert_eq!(proxies.choose(false, target.host(), 80), Ok(None));
}
