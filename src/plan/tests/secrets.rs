//! Placeholders, secrets and headers: what is filled in, and what is shown of it.

use super::*;

#[test]
fn placeholders_are_filled_in_and_masked() {
    let plan = plans(&["n=ws://h/${env.CARGO_PKG_NAME}/x?a=${env.CARGO_PKG_NAME}"]).remove(0);
    assert_eq!(plan.target.path(), "/wirebeat/x?a=wirebeat");
    assert_eq!(plan.info.url, "ws://h/***/x?a=***");
    assert_eq!(names(&["ws://h/${env.CARGO_PKG_NAME}"], ""), ["h/***"]);
    let (_dir, path) = file("url", "wss://host:7/secret-path\n");
    let plan = plans(&[&format!("${{file.{}}}", path.display())]).remove(0);
    assert_eq!((plan.info.name.as_str(), plan.info.url.as_str()), ("host:7/***", "wss://host:7/***"));
    assert_eq!(plan.target.path(), "/secret-path");
    assert_eq!(plans(&["ws://h/${env.WIREBEAT_NO_SUCH|z}"])[0].target.path(), "/z");
    refused(&["ws://h/${env.WIREBEAT_NO_SUCH}"], "", &["variable WIREBEAT_NO_SUCH is not set"]);
    refused(&["ws://h/${file./none/such}"], "", &["/none/such: No such file"]);
    refused(&["ws://h/${file./}"], "", &["it is a directory"]);
    refused(&["ws://h/${evn.X}"], "", &["unknown placeholder", "${env.NAME} and ${file.PATH} work here"]);
    refused(&["ws://h/${s.name}"], "", &["only ${env.NAME} and ${file.PATH}"]);
}

#[test]
fn a_secret_in_the_command_line_earns_a_note() {
    let notes = |url: &str| planned(&[url], "").unwrap().1;
    let told = notes("wss://u:CANARY77@h/?token=CANARY77");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("plain sight") && !told[0].contains("CANARY77"), "{told:?}");
    assert!(notes("wss://h/?token=${env.CARGO_PKG_NAME}").is_empty());
    assert!(notes("wss://h/?x=1").is_empty());
    let literal = "[feed.a]\nurl='wss://h/?token=CANARY77'\n[feed.b]\nurl='wss://h/?token=${env.CARGO_PKG_NAME}'\n";
    let told = planned(&[], literal).unwrap().1;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("the url of a in /etc/c.toml") && !told[0].contains("CANARY77"), "{told:?}");
}

#[test]
fn a_secret_in_a_service_is_said_and_not_shown() {
    let (_dir, path) = file("secret", "a,b=c:d\"e");
    let service = format!("x:service=${{file.{}}}", path.display());
    let profile = "schema=1\nname='p'\n[subscribe]\nframe='{\"sub\":\"${s.name}\",\"p\":\"${s.service|}\"}'\n";
    let (_dir2, profile) = file("p.toml", profile);
    let words = ["ws://h", "-p", profile.to_str().unwrap(), "-s", &service, "-s", "key-${env.CARGO_PKG_NAME}"];
    let plan = plans(&words).remove(0);
    assert_eq!(plan.info.services, ["x", "key-${env.CARGO_PKG_NAME}"]);
    let [x, key] = plan.session.services.as_slice() else { panic!("two services") };
    assert_eq!(x.params["service"], "a,b=c:d\"e", "nothing in a secret is taken for syntax");
    assert_eq!(key.said.as_deref(), Some("key-wirebeat"));
    assert!(plan.session.secrets.put.contains(&"a,b=c:d\\\"e".to_owned()));
    assert!(plan.session.secrets.put.contains(&VALUE.to_owned()));
    assert_eq!(std::env::var(SET).as_deref(), Ok(VALUE));
}

#[test]
fn headers_come_from_arguments_and_files() {
    let (_dir, path) = file("headers", "# mine\nX-One: 1\n\n  X-Two:  ${env.CARGO_PKG_NAME}\r\n");
    let at = format!("@{}", path.display());
    let plan = plans(&["ws://h", "-H", &at, "-H", "X-Three: a:b"]).remove(0);
    let header = |name| plan.target.header(name);
    assert_eq!((header("x-one"), header("x-two"), header("x-three")), (Some("1"), Some(VALUE), Some("a:b")));
    let (_dir, whole) = file("whole", "X-Whole: CANARY77\n");
    let plan = plans(&["ws://h", "-H", &format!("${{file.{}}}", whole.display())]).remove(0);
    assert_eq!(plan.target.header("x-whole"), Some("CANARY77"));
    assert!(!format!("{:?}", plan.info).contains("CANARY77"));

    let (_dir, path) = file("headers", "X-One: 1\nCANARY77\nUpgrade: CANARY77\n");
    let at = format!("@{}", path.display());
    let wrong =
        refused(&["ws://h", "-H", &at, "-H", "CANARY77", "-H", "a b: CANARY77"], "", &["headers:2: ", "no colon"]);
    assert!(!wrong.contains("CANARY77"), "{wrong}");
    let wrong =
        refused(&["ws://h", "-H", "Upgrade: CANARY77", "-H", "a b: CANARY77"], "", &["belongs to the handshake"]);
    assert!(wrong.contains("letters, digits and hyphens") && !wrong.contains("CANARY77"), "{wrong}");
    refused(&["ws://h", "-H", "@/none/such"], "", &["cannot read the headers of /none/such: No such file"]);
    refused(&["ws://h", "-H", "@/"], "", &["it is a directory"]);
    refused(&["ws://h", "--ca-file", "/none/such"], "", &["--ca-file: /none/such: "]);
    refused(&["ws://h", "--subprotocol", "a b"], "", &["--subprotocol: a subprotocol is one word"]);
}
