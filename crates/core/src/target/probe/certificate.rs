//! When a certificate expires: the one thing of an X.509 certificate that is wanted here, read from its DER (RFC 5280,
//! section 4.1). That the certificate is a good one is for the TLS library to say.

use chrono::{Datelike, NaiveDateTime};

use crate::schema::Timestamp;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, explicit: the version of the certificate, left out by the oldest.
const VERSION: u8 = 0xA0;

/// The end of a certificate's validity; `None` if the bytes are no certificate.
pub(super) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = expect(SEQUENCE, certificate)?;
    let (mut rest, _) = expect(SEQUENCE, certificate)?;
    if rest.first() == Some(&VERSION) {
        (_, _, rest) = element(rest)?;
    }
    // Serial number, algorithm of the signature, issuer.
    for _ in 0..3 {
        (_, _, rest) = element(rest)?;
    }
    let (validity, _) = expect(SEQUENCE, rest)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// The contents of the first element, which has to be of this tag, and what follows it.
fn expect(wanted: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    element(bytes).filter(|&(tag, ..)| tag == wanted).map(|(_, contents, rest)| (contents, rest))
}

/// The tag and the contents of the first element, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match length {
        ..=0x7F => (usize::from(length), rest),
        // The length stands in so many bytes; four are more than any certificate needs.
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
            (digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let moment = match tag {
        UTC_TIME => {
            // Two digits of a year are one from 1950 to 2049; chrono's are from 1970 on.
            let moment = NaiveDateTime::parse_from_str(text, "%y%m%d%H%M%SZ").ok()?;
            if ("50".."70").contains(&text) { moment.with_year(moment.year() - 100)? } else { moment }
        }
        GENERALIZED_TIME => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%SZ").ok()?,
        _ => return None,
    };
    Some(Timestamp::from(moment.and_utc()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certificate(year: i32, month: u8, day: u8, names: usize) -> Vec<u8> {
        let names: Vec<_> = (0..names).map(|number| format!("host-{number}.example")).collect();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(1960, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, month, day);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_of_both_ways_to_write_a_time() {
        for (year, month, day) in [(2026, 12, 31), (2049, 12, 31), (2050, 1, 1), (9999, 12, 31), (1969, 7, 20)] {
            let expected = format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z");
            for names in [1, 10, 100] {
                let read = not_after(&certificate(year, month, day, names)).map(|at| at.to_string());
                assert_eq!(read.as_deref(), Some(expected.as_str()), "{names} names");
            }
        }
    }

    #[test]
    fn what_is_cut_short_is_no_certificate() {
        let whole = certificate(2030, 1, 1, 1);
        for length in 0..whole.len() {
            assert_eq!(not_after(&whole[..length]), None, "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = not_after(&bytes);
        }

        /// Where a byte is wrong, there is a time or none, and never a panic.
        #[test]
        fn a_broken_certificate_is_read_or_not(place in 0..400_usize, byte in any::<u8>()) {
            let mut broken = certificate(2030, 1, 1, 1);
            let place = place % broken.len();
            broken[place] = byte;
            let _ = not_after(&broken);
        }
    }
}
