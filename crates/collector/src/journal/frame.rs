//! How a segment is written: a header that names the version, then records, each behind its length and a checksum.

/// How each segment begins. Another way to write gets another number.
pub(super) const HEADER: &[u8] = b"unistatus-journal 1\n";

/// The length and the checksum, each of 32 bits, the lowest byte first.
const PREFIX: usize = 8;

/// What is in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its records, up to the first one that is not whole.
    pub(super) records: Vec<Vec<u8>>,
    /// How many bytes are good: the header and those records.
    pub(super) good: usize,
}

/// Appends a record to bytes of a segment. `None` if it is longer than its length can be told.
pub(super) fn encode(record: &[u8], segment: &mut Vec<u8>) -> Option<()> {
    let length = u32::try_from(record.len()).ok()?.to_le_bytes();
    segment.extend_from_slice(&length);
    segment.extend_from_slice(&checksum(length, record));
    segment.extend_from_slice(record);
    Some(())
}

/// Reads a segment; `None` if it is none of this version.
pub(super) fn decode(segment: &[u8]) -> Option<Segment> {
    let Some(mut rest) = segment.strip_prefix(HEADER) else {
        // The end may have come in the middle of the header.
        return HEADER.starts_with(segment).then_some(Segment { records: Vec::new(), good: 0 });
    };
    let mut records = Vec::new();
    while let Some((record, behind)) = first(rest) {
        records.push(record.to_vec());
        rest = behind;
    }
    Some(Segment { records, good: segment.len() - rest.len() })
}

/// The first record, and what is behind it. `None` if none is whole.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX>()?;
    let [l0, l1, l2, l3, sum @ ..] = *prefix;
    let length = [l0, l1, l2, l3];
    let (record, behind) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(length)).ok()?)?;
    (sum == checksum(length, record)).then_some((record, behind))
}

/// The CRC-32 of a record and its length: zeros, which a file may end with after a loss of power, are no record.
fn checksum(length: [u8; 4], record: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(record);
    hasher.finalize().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn segment(records: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for record in records {
            encode(record, &mut bytes).unwrap();
        }
        bytes
    }

    fn any_records() -> impl Strategy<Value = Vec<Vec<u8>>> {
        vec(vec(any::<u8>(), 0..40), 0..12)
    }

    #[test]
    fn zeros_and_other_versions_are_no_records() {
        let mut bytes = segment(&[b"one".to_vec()]);
        let good = bytes.len();
        bytes.extend([0; 64]);
        assert_eq!(decode(&bytes), Some(Segment { records: vec![b"one".to_vec()], good }));
        assert_eq!(decode(b"unistatus-journal 2\n"), None);
        assert_eq!(decode(b"something else, longer than that"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_a_cut_at_any_byte_costs_what_is_behind_it(records in any_records()) {
            let bytes = segment(&records);
            prop_assert_eq!(decode(&bytes), Some(Segment { records: records.clone(), good: bytes.len() }));
            let mut ends = vec![0];
            ends.extend((0..=records.len()).map(|count| segment(&records[..count]).len()));
            for cut in 0..bytes.len() {
                let good = ends.iter().copied().filter(|&end| end <= cut).max().unwrap();
                let whole = ends.iter().filter(|&&end| end <= cut).count().saturating_sub(2);
                let expected = Segment { records: records[..whole].to_vec(), good };
                prop_assert_eq!(decode(&bytes[..cut]), Some(expected), "cut at {}", cut);
            }
        }

        #[test]
        fn a_flipped_bit_costs_its_record_and_what_is_behind_it(
            records in any_records(),
            place in any::<prop::sample::Index>(),
            bit in 0..8_u32,
        ) {
            let mut bytes = segment(&records);
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            if place < HEADER.len() {
                prop_assert_eq!(decode(&bytes), None);
            } else {
                let before = (0..records.len()).rfind(|&count| segment(&records[..count]).len() <= place).unwrap();
                let expected = Segment { records: records[..before].to_vec(), good: segment(&records[..before]).len() };
                prop_assert_eq!(decode(&bytes), Some(expected));
            }
        }
    }
}
