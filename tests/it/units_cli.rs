//! How `jicai rule` reads and writes its records.

use std::io::{self, Read};

use jicai::cli::rule::records::{CHUNK, Record, Records};
use proptest::prelude::*;

/// Gives a few bytes at a time, as a pipe may.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        let (now, later) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

fn ours(input: &[u8], step: usize) -> Vec<Vec<Vec<u8>>> {
    let mut records = Records::new(Trickle(input, step));
    let (mut record, mut all) = (Record::default(), Vec::new());
    while records.read(&mut record).unwrap() {
        all.push(record.iter().map(<[u8]>::to_vec).collect());
    }
    all
}

fn theirs(input: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    reader.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
}

#[test]
fn a_record_may_be_longer_than_the_buffer() {
    let long = "x".repeat(3 * CHUNK);
    for input in [format!("a,b\n{long},1\nc,d\n"), format!("a,b\n\"{long},\n\",1\nc,d")] {
        assert_eq!(ours(input.as_bytes(), 1 << 20), theirs(input.as_bytes()));
    }
}

#[test]
fn a_mark_in_the_middle_is_kept() {
    assert_eq!(ours("a\n\u{feff}\"b\"\n".as_bytes(), 9)[1], vec!["\u{feff}\"b\"".as_bytes().to_vec()]);
}

proptest! {
    /// Whatever the text, the records are those of the csv crate; and written they are read the same.
    #[test]
    fn records_are_those_of_the_csv_crate(input in "[ab,\"\r\n\u{e9}]{0,60}", step in 1_usize..70) {
        let records = ours(input.as_bytes(), step);
        prop_assert_eq!(&records, &theirs(input.as_bytes()));
        let mut reader = Records::new(input.as_bytes());
        let mut record = Record::default();
        for fields in records {
            prop_assert!(reader.read(&mut record).unwrap());
            let mut out = Vec::new();
            record.write(&mut out, record.width());
            out.extend(b",end\n");
            let mut wanted = fields;
            wanted.push(b"end".to_vec());
            prop_assert_eq!(theirs(&out), vec![wanted]);
        }
    }
}
