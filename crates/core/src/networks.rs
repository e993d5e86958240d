//! Networks, and which addresses may be asked at the wish of whoever uses the API.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// Some networks: `10.0.0.0/8, ::1`, parted by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address lies in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks = self.0.iter().map(ToString::to_string).collect::<Vec<_>>();
        f.write_str(&networks.join(","))
    }
}

impl FromStr for Networks {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        let networks = text.split(',').map(|part| network(part.trim())).collect::<Result<_, _>>();
        networks.map(Self).map_err(|_| "networks such as 10.0.0.0/8 or ::1, parted by commas")
    }
}

/// Which addresses may be asked that arrived through the API. What the operator's own files name is trusted, and not
/// looked at.
///
/// Private networks are allowed: a team's servers live there. The host itself, its link, the metadata services of clouds
/// and what is no host's address are not, unless the operator lists them. An IPv6 address that carries an IPv4 one is
/// judged by that, too: it may lead there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    allowed: Networks,
}

impl AddressPolicy {
    /// The policy that allows these networks, too.
    pub const fn allowing(allowed: Networks) -> Self {
        Self { allowed }
    }

    /// Asks whether an address may be asked.
    ///
    /// # Errors
    /// [`Refused`] says why not.
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        if self.allowed.contain(address) {
            return Ok(());
        }
        let refused = match address {
            IpAddr::V4(address) => refused_v4(address),
            IpAddr::V6(address) => refused_v6(address).or_else(|| {
                let mut carried = carried(address).into_iter().flatten();
                carried.find_map(|inside| refused_v4(inside).filter(|_| !self.allowed.contain(inside.into())))
            }),
        };
        refused.map_or(Ok(()), |kind| Err(Refused { address, kind }))
    }
}

/// The metadata services of clouds that lie outside of the link: Alibaba's, Azure's, Oracle's.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
/// The same in IPv6: those of AWS (of machines and of containers), Google and Scaleway.
const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

/// What sort of address it is, if that may not be asked.
fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        _ if METADATA_V4.contains(&address) => Some("a cloud's metadata service"),
        [127, ..] => Some("the host itself"),
        [169, 254, ..] => Some("link-local, where clouds have their metadata service"),
        [0, ..] => Some("unspecified"),
        [255, 255, 255, 255] => Some("the broadcast address"),
        [224..=239, ..] => Some("a multicast group"),
        [240..=255, ..] => Some("reserved"),
        _ => None,
    }
}

/// The same for IPv6, regardless of what it carries.
fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address {
        _ if METADATA_V6.contains(&address) => Some("a cloud's metadata service"),
        Ipv6Addr::LOCALHOST => Some("the host itself"),
        Ipv6Addr::UNSPECIFIED => Some("unspecified"),
        _ if address.is_unicast_link_local() => Some("link-local"),
        _ if address.is_multicast() => Some("a multicast group"),
        _ => None,
    }
}

/// The IPv4 addresses that an IPv6 address carries: of a Teredo client that and its server's.
fn carried(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let segments = address.segments();
    let at = |position: usize| {
        let [[a, b], [c, d]] = [segments[position].to_be_bytes(), segments[position + 1].to_be_bytes()];
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // Mapped and compatible, translated (SIIT); NAT64 with the well-known prefix, and with that for local use.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..]
        | [0x64, 0xff9b, 1, ..] => [Some(at(6)), None],
        // 6to4.
        [0x2002, ..] => [Some(at(1)), None],
        // Teredo hides the client's from routers that would rewrite it.
        [0x2001, 0, ..] => [Some(Ipv4Addr::from_bits(!at(6).to_bits())), Some(at(2))],
        _ => [None, None],
    }
}

/// An address that may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The address.
    pub address: IpAddr,
    /// What sort of address it is.
    pub kind: &'static str,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is refused: it is {}; ADDRESS_ALLOW may list it", self.address, self.kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(policy: &AddressPolicy, address: &str) -> Option<&'static str> {
        policy.check(address.parse().unwrap()).err().map(|refused| refused.kind)
    }

    #[test]
    fn where_a_team_has_its_servers_may_be_asked() {
        for address in [
            "8.8.8.8",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "100.64.0.1",
            "1.0.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "223.255.255.255",
            "168.63.129.15",
            "2001:4860:4860::8888",
            "fd12:3456::1",
            "fc00::1",
            "fd00:ec2::255",
            "fec0::1",
            "::ffff:10.0.0.1",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(kind(&AddressPolicy::default(), address), None, "{address}");
        }
    }

    #[test]
    fn the_host_its_link_and_what_is_no_host_may_not() {
        let policy = AddressPolicy::default();
        for (addresses, wanted) in [
            (&["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "::127.0.0.1"][..], "the host itself"),
            (&["64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1"], "the host itself"),
            // A Teredo client's address is written with all its bits turned; here it is 127.0.0.1.
            (&["2001:0:808:808:0:0:80ff:fffe", "2001:0:7f00:1:0:0:f7f7:f7f7"], "the host itself"),
            (
                &["169.254.0.0", "169.254.169.254", "169.254.255.255"],
                "link-local, where clouds have their metadata service",
            ),
            (&["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"], "link-local, where clouds have their metadata service"),
            (&["fe80::1", "fe80::", "febf:ffff::"], "link-local"),
            (
                &["100.100.100.200", "168.63.129.16", "192.0.0.192", "::ffff:100.100.100.200"],
                "a cloud's metadata service",
            ),
            (&["fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42"], "a cloud's metadata service"),
            (&["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "::2"], "unspecified"),
            (&["224.0.0.1", "239.255.255.255", "ff02::1", "ff00::"], "a multicast group"),
            (&["255.255.255.255", "::ffff:255.255.255.255"], "the broadcast address"),
            (&["240.0.0.0", "255.255.255.254"], "reserved"),
        ] {
            for address in addresses {
                assert_eq!(kind(&policy, address), Some(wanted), "{address}");
            }
        }
    }

    #[test]
    fn what_the_operator_lists_may_be_asked() {
        let policy = AddressPolicy::allowing("127.0.0.0/8, ::1, fe80::/10".parse().unwrap());
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::7"] {
            assert_eq!(kind(&policy, address), None, "{address}");
        }
        assert!(kind(&policy, "169.254.169.254").is_some() && kind(&policy, "::").is_some());
        let refused = AddressPolicy::default().check([127, 0, 0, 1].into()).unwrap_err();
        assert_eq!(refused.to_string(), "127.0.0.1 is refused: it is the host itself; ADDRESS_ALLOW may list it");
    }

    #[test]
    fn networks_are_parted_by_commas() {
        let networks: Networks = "10.0.0.0/8, ::1".parse().unwrap();
        assert!(networks.contain([10, 1, 2, 3].into()) && networks.contain(Ipv6Addr::LOCALHOST.into()));
        assert!(!networks.contain([11, 0, 0, 0].into()) && !networks.is_empty() && Networks::default().is_empty());
        for text in ["", "10.0.0.0/33", "10.0.0.0/8,", "localhost", "10.0.0"] {
            assert!(text.parse::<Networks>().is_err(), "{text}");
        }
    }

    /// The ranges as numbers, written down apart from the code.
    fn is_refused(address: Ipv4Addr) -> bool {
        let ranges = [
            (0x0000_0000, 0x00ff_ffff),
            (0x7f00_0000, 0x7fff_ffff),
            (0xa9fe_0000, 0xa9fe_ffff),
            (0xe000_0000, 0xffff_ffff),
            (0x6464_64c8, 0x6464_64c8),
            (0xa83f_8110, 0xa83f_8110),
            (0xc000_00c0, 0xc000_00c0),
        ];
        ranges.iter().any(|&(first, last)| (first..=last).contains(&address.to_bits()))
    }

    /// Any address, those at the edges of the ranges often.
    fn addresses() -> impl Strategy<Value = Ipv4Addr> {
        let edges =
            prop::sample::select(vec![0x0100_0000, 0x7f00_0000, 0x8000_0000, 0xa9fe_0000, 0xa9ff_0000, 0xe000_0000]);
        let near = (edges, -2..=2_i32).prop_map(|(edge, off): (u32, i32)| edge.wrapping_add_signed(off));
        prop_oneof![any::<u32>(), near].prop_map(Ipv4Addr::from_bits)
    }

    proptest! {
        #[test]
        fn an_address_is_judged_as_the_ranges_say_however_it_is_carried(inside in addresses()) {
            let policy = AddressPolicy::default();
            let bits = u128::from(inside.to_bits());
            prop_assert_eq!(policy.check(inside.into()).is_err(), is_refused(inside));
            for carrier in [
                0xffff_0000_0000 | bits,
                0xffff_0000_0000_0000 | bits,
                (0x0064_ff9b << 96) | bits,
                (0x0064_ff9b_0001 << 80) | bits,
                (0x2002 << 112) | (bits << 80),
                // A server of 8.8.8.8, and a client that is it.
                (0x2001_0000_0808_0808 << 64) | (!bits & 0xffff_ffff),
                (0x2001_0000 << 96) | (bits << 64) | (!0x0808_0808 & 0xffff_ffff),
            ] {
                let carrier = Ipv6Addr::from_bits(carrier);
                prop_assert_eq!(policy.check(carrier.into()).is_err(), is_refused(inside), "{}", carrier);
            }
        }

        #[test]
        fn what_is_listed_is_always_allowed(address in any::<u128>()) {
            let address = IpAddr::from(Ipv6Addr::from_bits(address));
            let policy = AddressPolicy::allowing(address.to_string().parse().unwrap());
            prop_assert!(policy.check(address).is_ok());
        }
    }
}
