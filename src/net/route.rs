//! Whether this machine has a way out: a default route, as the system tells. It asks nobody on the network.

/// `None`: this system does not tell.
#[cfg(target_os = "linux")]
pub fn has_default() -> Option<bool> {
    let (v4, v6) = (std::fs::read_to_string("/proc/net/route"), std::fs::read_to_string("/proc/net/ipv6_route"));
    let known = v4.is_ok() || v6.is_ok();
    known.then(|| v4.is_ok_and(|table| has_v4(&table)) || v6.is_ok_and(|table| has_v6(&table)))
}

#[cfg(not(target_os = "linux"))]
pub fn has_default() -> Option<bool> {
    None
}

/// Up, and with a gateway or a device of its own, by the flags of `route(8)`.
const UP: u32 = 1;
const REJECT: u32 = 0x0200;

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask ..`, in hex.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has such a table"))]
fn has_v4(table: &str) -> bool {
    table.lines().skip(1).any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let zero = |at: usize| fields.get(at).is_some_and(|field| *field == "00000000");
        zero(1) && zero(7) && fields.get(3).is_some_and(|flags| leads_out(flags))
    })
}

/// `destination prefix source prefix next-hop metric refs use flags device`, in hex.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has such a table"))]
fn has_v6(table: &str) -> bool {
    table.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [destination, prefix, _, _, _, _, _, _, flags, device] = fields.as_slice() else { return false };
        *prefix == "00" && destination.bytes().all(|b| b == b'0') && *device != "lo" && leads_out(flags)
    })
}

fn leads_out(flags: &str) -> bool {
    u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & UP != 0 && flags & REJECT == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

    #[test]
    fn a_default_route_is_found_and_a_network_is_none() {
        let lan = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        let out = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        let rejected = "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n";
        assert!(has_v4(&format!("{HEAD}{lan}{out}")));
        for table in [String::new(), HEAD.to_owned(), format!("{HEAD}{lan}"), format!("{HEAD}{rejected}")] {
            assert!(!has_v4(&table), "{table}");
        }
    }

    #[test]
    fn the_loopbacks_unreachable_default_is_none() {
        let zero = "0".repeat(32);
        let line = |flags: &str, device: &str| {
            format!(
                "{zero} 00 {zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 {flags} {device}\n"
            )
        };
        assert!(has_v6(&line("00000003", "eth0")));
        assert!(!has_v6(&line("00200200", "lo")));
        assert!(!has_v6(&line("00000200", "eth0")));
        assert!(!has_v6("nonsense\n"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_tells() {
        assert!(has_default().is_some());
    }
}
