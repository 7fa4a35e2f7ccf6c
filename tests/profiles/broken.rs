//! Broken profiles: the one thing that is wrong with each, its line, and the help that it gets.

use super::{file, read, shown, wrong};

/// The only thing that is wrong: its line, its message, its help.
#[track_caller]
fn one(text: &str) -> (usize, String, String) {
    let mut told = wrong(text);
    assert_eq!(told.len(), 1, "{}", shown(&told));
    let told = told.remove(0);
    (told.line_and_column().0, told.message, told.help.unwrap_or_default())
}

#[track_caller]
pub(super) fn tells(text: &str, line: usize, message: &str, help: &str) {
    let found = one(text);
    assert_eq!(found.0, line, "{found:?}");
    assert!(found.1.contains(message) && found.2.contains(help), "{found:?}");
}

#[test]
fn unknown_names_get_the_nearest() {
    tells(
        "[heartbeat]\nafter='1s'\nws_pign=true\nws_ping=true\n",
        4,
        "unknown key `ws_pign`",
        "did you mean `ws_ping`?",
    );
    tells("[[rule]]\nwhen={}\nkind='pnog'\n", 4, "unknown kind `pnog`", "did you mean `pong`?");
    tells("[[rule]]\nmatch={}\nwhen={}\nkind='pong'\n", 3, "unknown key `match`", "it is called `when`");
    tells("extends='sub-hartbeat'\n", 2, "there is no profile `sub-hartbeat`", "did you mean `sub-heartbeat`?");
    tells("[heartbeat]\nafter='1s'\nws_ping=true\nrx_timeout='5s'\n", 5, "unknown key", "[receive] timeout");
    tells("zzz=1\n", 2, "unknown key `zzz`", "known here: schema, extends, name");
    tells("[subscribe]\nframe='1'\nlive_on='akc'\n", 4, "unknown live_on `akc`", "did you mean `ack`?");
    tells("[[test]]\nframe='x'\nrows=[{kind='data',sevice='a'}]\n", 4, "unknown key `sevice`", "`service`");
}

#[test]
fn values_are_of_their_type_and_range() {
    tells("name=5\n", 2, "expected text, found an integer", "");
    tells("[heartbeat]\nafter=30\nws_ping=true\n", 3, "needs a unit", "\"30s\"");
    tells("[heartbeat]\nafter='8d'\nws_ping=true\n", 3, "`8d` is no duration", "longer than 7d");
    tells("[heartbeat]\nafter='0s'\nws_ping=true\n", 3, "a duration of nothing", "1ms");
    tells("[heartbeat]\nafter='1s'\nws_ping=true\ntimeout='0s'\n", 5, "a duration of nothing", "");
    tells("[reconnect]\njitter=1.5\n", 3, "`jitter` is out of range", "0 to 1");
    tells("[reconnect]\nfactor=0.5\n", 3, "`factor` is out of range", "1 to 100");
    tells("[reconnect]\nfactor=nan\n", 3, "`factor` is out of range", "");
    tells("[reconnect]\nbase='10s'\nmax='5s'\n", 4, "the longest wait is shorter than the first", "10s");
    tells("[limits]\nservices=70000\n", 3, "`services` is out of range", "65535");
    tells("[limits]\nmessage='lots'\n", 3, "no size", "16 MiB");
    tells("[[close.rule]]\ncodes=['4099-4000']\naction='stop'\n", 3, "no close codes", "1000 to 4999");
    tells("[[close.rule]]\ncodes=1000\n", 2, "`action` is missing", "retry");
    tells("[stale]\nafter='learnt'\n", 3, "unknown word `learnt`", "did you mean `learned`?");
    tells("[service.a]\nlevels=[1]\n", 3, "a list is no parameter", "text, a number");
    tells("[service.a]\nname='b'\n", 3, "called like its table", "it is `a`");
    tells("[time]\nat='ts'\n", 3, "no JSON pointer", "is `/ts` meant?");
    tells("[time]\nunit='ms'\n", 2, "`at` is missing", "/ts");
    tells("[[sequence]]\nat='/n'\nrule='monotonic'\nstep=2\n", 5, "have no step", "");
    tells("[codec]\nsplit=''\n", 3, "an empty separator", "");
    tells("heartbeat='30s'\n", 2, "expected a table, found text", "");
    tells("n=99999999999999999999999999999999999999999999\n", 2, "too large", "");
}

#[test]
fn conditions_are_checked() {
    let rule = |when: &str| format!("[[rule]]\nkind='data'\nwhen={when}\n");
    tells(&rule("{'@/type'='x'}"), 4, "there are no items", "codec.each");
    tells("[codec]\nnested=['@/x']\n", 3, "there are no items", "each = ");
    tells("[codec]\nnested=['/list/*/x']\n", 3, "has a `*`", "each = \"/list\" and nested = [\"@/x\"]");
    tells("[[sequence]]\nat='/n'\nscope='conn'\n", 4, "unknown scope `conn`", "\"${/symbol}\"");
    tells("[heartbeat]\nafter='5s'\nsend='ping'\n", 4, "`ping` is not JSON", "`send_text`");
    tells("[subscribe]\nframe='JOIN ${s.name}'\n", 3, "is not JSON", "`frame_text`");
    tells("[subscribe]\nframe='{\"a\":\"${s.name\"}'\n", 3, "is no placeholder", "`}` missing");
    tells("extends='none/such.toml'\n", 2, "there is no profile `none/such.toml`", "beside");
    tells(&rule("{'type'='x'}"), 4, "`type`", "a JSON pointer like \"/type\"");
    tells(&rule("{'#txt'='x'}"), 4, "`#txt`", "#text, #form, #prefix.NAME or @key");
    tells(&rule("{'#form'='xml'}"), 4, "unknown form", "json, text or binary");
    tells(&rule("{'/a'={re='('}}"), 4, "no regular expression: unclosed group", "docs.rs/regex");
    tells(&rule("{'/a'={re='(a{1000}){1000}'}}"), 4, "no regular expression", "");
    tells(&rule("{'/a'={exists=true,not=1}}"), 4, "says one thing", "exists, not, null and re");
    tells(&rule("{'/a'={exist=true}}"), 4, "", "exists");
    tells(&rule("{'/a'=[]}"), 4, "never matches", "");
    tells(&rule("{'/a'=[[1]]}"), 4, "expected text, a number", "");
    let good =
        "{'/a'='x','/b'=[1,2.50,true,'y'],'/c/-1'={exists=false},'/d'={not=0x10},'/e'={null=true},'#text'={re='^p'}}";
    let profile = read(file(&rule(good)), &[]).unwrap();
    insta::assert_snapshot!(format!("{:?}", profile.rules[0].when.0.iter().map(|(_, test)| test).collect::<Vec<_>>()), @r#"[AnyOf([Text("x")]), AnyOf([Number("1"), Number("2.50"), Bool(true), Text("y")]), Exists(false), Not(Number("16")), AnyOf([Null]), Like(Regex("^p"))]"#);
}

#[test]
fn templates_take_only_what_is_there() {
    let beat = |send: &str| format!("[heartbeat]\nafter='1s'\nsend='{send}'\n");
    tells(&beat("{\"a\":${s.name}}"), 4, "`${s.name}` is not known in a heartbeat", "${s.name|DEFAULT}");
    tells(&beat("{\"a\":${v.x}}"), 4, "no rule or step captures `x`", "capture = { x = \"/pointer\" }");
    tells(&beat("[${env.HOME}]"), 4, "`HOME` is not named", "env = [\"HOME\"]");
    tells(&beat("[${file./etc/passwd}]"), 4, "`${file./etc/passwd}` is not known", "your own configuration");
    tells(&beat("[${guid}]"), 4, "unknown placeholder `${guid}`", "did you mean `${uuid}`?");
    tells(&beat("[${id}"), 4, "not JSON", "whole JSON value");
    tells(&beat("[${id]"), 4, "`${` is never closed", "$${");
    tells("[route]\nmessage='${@/s}'\n", 3, "there are no items", "codec.each");
    tells("[time]\nat='@/s'\n", 3, "there are no items", "codec.each");
    tells("[route]\nservice='${/s}'\n", 3, "is not known in route.service", "${s.PARAM}");
    tells("[subscribe]\nframe='[${/x}]'\n", 3, "is not known in [subscribe]", "${s.name}");
    tells("[endpoint]\nurl='wss://x/${id}'\n", 3, "is not known in [endpoint]", "${env.NAME}");
    let captures =
        "[[rule]]\nwhen={}\nkind='hello'\ncapture={session='/s'}\n[heartbeat]\nafter='1s'\nsend='[${v.sesion}]'\n";
    tells(captures, 8, "no rule or step captures `sesion`", "did you mean `${v.session}`?");
    let service = "[subscribe]\nframe='[\"${s.channel}\"]'\n[service.x]\nchanel='a'\n";
    tells(service, 4, "service `x` has no `channel`", "is `chanel` meant to be it?");
    // A default makes up for what is not there, and a listed variable may be read.
    assert!(read(file("env=['T']\n[heartbeat]\nafter='1s'\nsend='[${s.name|1},${env.T}]'\n"), &[]).is_ok());
}

#[test]
fn the_parts_of_a_profile_fit_each_other() {
    tells("[subscribe]\nframe='1'\nlive_on='ack'\n", 4, "no rule makes one", "kind = \"ack\"");
    tells(
        "[heartbeat]\nafter='1s'\nsend='1'\ntimeout='1s'\nalive_on='answer'\n",
        6,
        "no rule makes a pong",
        "kind = \"pong\"",
    );
    assert!(read(file("[heartbeat]\nafter='1s'\nws_ping=true\ntimeout='1s'\nalive_on='answer'\n"), &[]).is_ok());
    tells("[heartbeat]\nafter='1s'\nws_ping=true\nalive_on='any'\n", 5, "no answer is waited for", "timeout");
    tells("[heartbeat]\nafter='1s'\n", 2, "`send` is missing", "ws_ping = true");
    tells("[heartbeat]\nws_ping=true\n", 2, "`after` is missing", "30s");
    tells("[heartbeat]\nafter='1s'\nevery='1s'\nws_ping=true\n", 4, "are the same", "keep one");
    tells("[heartbeat]\nafter='1s'\nsend='1'\nws_ping=true\n", 5, "both given", "keep one");
    tells("[heartbeat]\nafter='1s'\nsend='1'\nsend_text='1'\n", 5, "both given", "keep one");
    tells("[unsubscribe]\nlive_on='ack'\nframe='1'\n", 3, "unknown key `live_on`", "");
    // One mistake is told once: a rule that is broken may have been the one that is needed.
    tells("[subscribe]\nframe='1'\nlive_on='ack'\n[[rule]]\nwhen={}\nkind='akc'\n", 7, "unknown kind", "ack");
}

#[test]
fn an_endpoint_is_checked() {
    tells("[endpoint]\nurl='ftp://x'\n", 3, "no WebSocket address", "ws:// or wss://");
    tells("[endpoint]\nurl='localhost:80'\n", 3, "no WebSocket address", "");
    tells("[endpoint.headers]\n'a b'='x'\n", 3, "no name of a header", "");
    tells("[endpoint.headers]\nUpgrade='x'\n", 3, "part of the WebSocket handshake", "");
    tells("[endpoint.headers]\nSec-WebSocket-Protocol='x'\n", 3, "made from the subprotocols", "endpoint.subprotocols");
    tells("[endpoint.headers]\nX=\"a\\r\\nb\"\n", 3, "no line breaks", "");
    let good =
        "env=['T']\n[endpoint]\nurl='wss://x/?t=${env.T}'\nsubprotocols=['a','b']\nheaders={Origin='https://x'}\n";
    let profile = read(file(good), &[]).unwrap();
    assert_eq!(profile.endpoint.subprotocols, ["a", "b"]);
    assert_eq!(profile.endpoint.headers[0].0, "Origin");
    assert_eq!(profile.name, "mine");
}
