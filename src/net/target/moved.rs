//! Where a server may send us to: the check of an address that came from a server, not from the user.

use super::{Host, Target};

impl Target {
    /// The same dial to another place, where a server sends us to resume a session. Headers and subprotocols go there too, so
    /// it must be of the same kind: as secure as this one, and a host of the same domain. `None` else.
    pub fn moved(&self, url: &str) -> Option<Self> {
        let there = Self::parse(url).ok()?;
        if (self.secure && !there.secure) || !same_domain(&self.host, &there.host) {
            return None;
        }
        let (secure, host, port, path, shown) = (there.secure, there.host, there.port, there.path, there.shown);
        Some(Self { secure, host, port, path, shown, ..self.clone() })
    }
}

/// Whether two hosts are the same, or their names end in the same two labels (three in `co.uk` and its like).
fn same_domain(one: &Host, other: &Host) -> bool {
    let domain = |name: &str| {
        let name = name.strip_suffix('.').unwrap_or(name);
        let lengths: Vec<_> = name.rsplit('.').take(2).map(str::len).collect();
        let wanted = if matches!(lengths[..], [2, ..=3]) { 3 } else { 2 };
        let labels: Vec<_> = name.rsplit('.').take(wanted).map(str::to_owned).collect();
        (labels.len() == wanted).then_some(labels)
    };
    match (one, other) {
        (Host::Name(one), Host::Name(other)) => {
            one == other || domain(one).zip(domain(other)).is_some_and(|(one, other)| one == other)
        }
        (Host::Ip(one), Host::Ip(other)) => one == other,
        // A path of this machine is nothing that a server may send us to.
        (Host::Name(_), Host::Ip(_)) | (Host::Ip(_), Host::Name(_)) | (Host::Socket(_), _) | (_, Host::Socket(_)) => {
            false
        }
    }
}
