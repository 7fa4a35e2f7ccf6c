//! Feeds of the configuration file, and what is wrong with it.

use super::*;

#[test]
fn a_feed_of_the_file_gets_all_it_asks_for() {
    let text = "[feed.a]\nurl='wss://h/x?t=${env.CARGO_PKG_NAME}'\nprofile='sub-heartbeat'\nservices=['one','two']\n\
        set={'heartbeat.after'='7s'}\nheaders={X='v ${env.CARGO_PKG_NAME}'}\nsubprotocols=['p']\ninsecure=true\n\
        [feed.a.service.two]\nstale='3s'\nenabled=false\n[feed.a.service.three]\n";
    let (plans, notes) = planned(&["a"], text).unwrap();
    let plan = &plans[0];
    assert_eq!(notes, Vec::<String>::new());
    assert_eq!(plan.info.url, "wss://h/x?t=***");
    assert_eq!(plan.info.services, ["one", "two", "three"]);
    let on: Vec<_> = plan.session.services.iter().map(|spec| spec.enabled).collect();
    assert_eq!(on, [true, false, true]);
    assert_eq!(plan.session.services[1].stale, Some(Stale::After(std::time::Duration::from_secs(3))));
    assert_eq!(plan.info.beat.unwrap().after, std::time::Duration::from_secs(7));
    assert_eq!(plan.target.header("X"), Some("v wirebeat"));
    assert_eq!(plan.target.subprotocols(), ["p"]);
    assert!(plan.target.tls.insecure);
}

#[test]
fn what_is_wrong_with_a_feed_is_shown_in_its_file() {
    let text = "[feed.a]\nurl='ws://h/${env.WIREBEAT_NO_SUCH}'\nheaders={X='Bearer ${env.WIREBEAT_NEITHER}'}\n\
        ca_file='none.pem'\nservices=['x']\n[feed.a.service.x]\nstael='5s'\n\
        [feed.b]\nurl='ws://h'\nprofile='sub-hartbeat'\n[feed.c]\nurl='ws://h'\nset={'heartbeat.aftre'='5s'}\n\
        [feed.d]\nurl='ws://h:99999'\nprofile='none.toml'\n[feed.e]\nprofile='none.toml'\n";
    let wrong = refused(
        &[],
        text,
        &[
            "/etc/c.toml:2:13",
            "WIREBEAT_NO_SUCH is not set",
            "/etc/c.toml:3:20",
            "WIREBEAT_NEITHER is not set",
            "/etc/c.toml:4:9",
            "none.pem",
            "/etc/c.toml:7:1",
            "did you mean `stale`?",
            "/etc/c.toml:10:9",
            "did you mean sub-heartbeat?",
            "/etc/c.toml:13:17",
            "did you mean `after`?",
            "/etc/c.toml:15:5",
            "/etc/c.toml:16:9",
            "/etc/c.toml:18:9",
        ],
    );
    assert!(!wrong.contains("--set"), "{wrong}");
    assert_eq!(names(&["b"], &text.replace("hartbeat", "heartbeat")), ["b"], "the others are not asked for");
}

#[test]
fn paths_of_a_file_are_relative_to_it() {
    let (dir, path) = file("config.toml", "[feed.a]\nurl='ws://h/${file.sub/key}'\nprofile='sub/p.toml'\n");
    fs::create_dir(dir.path().join("sub")).unwrap();
    fs::write(dir.path().join("sub/key"), "k\n").unwrap();
    fs::write(dir.path().join("sub/p.toml"), "schema=1\nname='near'\nextends='raw'\n").unwrap();
    let config = crate::plan::config(Some(&path)).unwrap();
    let plan = feeds(&args(&[]), &config, 1, &mut Vec::new()).unwrap().remove(0);
    assert_eq!((plan.info.profile.as_str(), plan.target.path()), ("near", "/k"));
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let told = |path: &std::path::Path| crate::plan::config(Some(path)).map(|_| ()).unwrap_err().0;
    assert!(told("/none/such.toml".as_ref()).contains("cannot read the configuration: /none/such.toml: No such file"));
    assert!(told("/".as_ref()).contains("it is a directory"));
    let (_dir, path) = file("c.toml", b"\n\n# \xff");
    assert!(told(&path).contains("c.toml:3: it is not UTF-8 text"));
    let (_dir, path) = file("c.toml", vec![b'\n'; 10 << 20]);
    assert!(told(&path).contains("it is longer than"));
    let (_dir, path) = file("c.toml", "[feed.a]\nurl = 'wss://h/?token=CANARY77' x\n[fed]\n");
    let wrong = told(&path);
    assert!(wrong.contains("c.toml:2") && !wrong.contains("CANARY77"), "{wrong}");
}
