//! A place that is known only when a program has named it, and what each dial of a feed makes of that.

use std::sync::Arc;

use super::{Target, TargetError};
use crate::session::{Call, To};

impl Target {
    /// What every dial of a feed takes along whose URL `program` names. It is nowhere; `url`: as it is written.
    pub fn named_by(program: &str, url: &str) -> Result<Self, TargetError> {
        let nowhere = Self::parse("wss://nowhere.invalid")?;
        let unnamed = Some((format!("the server that {program} names"), url.to_owned()));
        Ok(Self { unnamed, ..nowhere })
    }

    /// The same dial to the place of this URL.
    fn at(&self, url: &str) -> Result<Self, TargetError> {
        let mut there = Self::parse(url)?;
        let own = there.headers.drain(..).filter(|(name, _)| self.header(name).is_none());
        let headers = self.headers.iter().cloned().chain(own).collect();
        let (secure, host, port, path, shown) = (there.secure, there.host, there.port, there.path, there.shown);
        Ok(Self { secure, host, port, path, shown, headers, unnamed: None, ..self.clone() })
    }
}

/// Where the dials of a feed go.
#[derive(Debug)]
pub struct Places {
    usual: Arc<Target>,
    /// Where the latest went that was no attempt to resume.
    last: Arc<Target>,
}

impl Places {
    pub fn new(target: Target) -> Self {
        let usual = Arc::new(target);
        Self { last: Arc::clone(&usual), usual }
    }

    /// Where this one goes.
    pub fn of(&mut self, call: Call) -> Result<Arc<Target>, TargetError> {
        let target = match call.to {
            To::Usual => Target::clone(&self.usual),
            To::Named(url) => self.usual.at(&url)?,
            // A place that is none of the feed's gets nothing of it: the session is resumed where it began, or not at all.
            To::Resumed(url) => return Ok(self.last.moved(&url).map_or_else(|| Arc::clone(&self.last), Arc::new)),
        };
        let mut target = target.hiding(call.hidden);
        for (name, value) in call.headers {
            // What the user asked for themselves stands.
            if self.usual.header(&name).is_none() && !self.usual.withholds(&name) {
                target = target.with_header(&name, &value)?;
            }
        }
        self.last = Arc::new(target);
        Ok(Arc::clone(&self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Gen;

    fn call(to: To) -> Call {
        Call { link: Gen(1), to, headers: vec![("X-Key".into(), "k".into())], hidden: vec!["SECRET".into()] }
    }

    #[test]
    fn a_named_place_takes_along_what_the_feed_has() {
        let base = Target::named_by("feed-url", "${v.url}").unwrap().with_header("X-Own", "1").unwrap();
        assert_eq!((base.masked(), base.authority()), ("${v.url}".into(), "the server that feed-url names".into()));
        let mut places = Places::new(base.with_subprotocol("v1").unwrap());
        let there = places.of(call(To::Named("ws://u:p@127.0.0.1:9/x?token=abcdef".into()))).unwrap();
        assert_eq!(there.masked(), "ws://127.0.0.1:9/x?token=***");
        assert_eq!(there.scrub("no SECRET, no abcdef".into()), "no ***, no ***");
        let names: Vec<_> = there.headers().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, there.subprotocols()), (vec!["X-Own", "Authorization", "X-Key"], &["v1".to_owned()][..]));
        // A session is resumed near the server that was named last, and nowhere else.
        let resumed = |places: &mut Places, url: &str| places.of(call(To::Resumed(url.into()))).unwrap().masked();
        assert_eq!(resumed(&mut places, "ws://127.0.0.1:10/r"), "ws://127.0.0.1:10/r");
        assert_eq!(resumed(&mut places, "wss://evil.example/r"), "ws://127.0.0.1:9/x?token=***");
    }

    #[test]
    fn a_header_that_the_user_gave_or_took_away_stays_so() {
        let base = Target::parse("wss://h/").unwrap();
        let mut own = Places::new(base.clone().with_header("x-key", "mine").unwrap());
        assert_eq!(own.of(call(To::Usual)).unwrap().headers(), [("x-key".to_owned(), "mine".to_owned())]);
        let mut without = Places::new(base.withholding(&["X-KEY".to_owned()]));
        assert_eq!(without.of(call(To::Usual)).unwrap().headers(), []);
    }

    #[test]
    fn what_is_no_url_is_told_without_it() {
        let mut places = Places::new(Target::named_by("feed-url", "${v.url}").unwrap());
        for url in ["", "SECRET", "ftp://SECRET", "ws://h/SECRET x", "ws://h:SECRET/"] {
            let error = places.of(call(To::Named(url.into()))).unwrap_err().to_string();
            assert!(!error.contains("SECRET"), "{error}");
        }
    }
}
