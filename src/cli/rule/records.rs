//! Reads and writes CSV records, most of them at the speed of memory.
//!
//! A line without quotes and without a bare carriage return is a record as it stands: it is split at its commas
//! and, when it is written again, copied as a whole. Every other record is left to csv-core.

use std::io::{self, Read};
use std::ops::Range;

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// Bytes that are asked for at once.
pub const CHUNK: usize = 128 * 1024;

/// One record: its text, and where the fields lie in it.
#[derive(Default)]
pub struct Record {
    text: Vec<u8>,
    fields: Vec<Range<usize>>,
    /// The text is the whole line, commas included, and needs no quotes.
    plain: bool,
}

impl Record {
    /// Number of fields.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    pub fn get(&self, n: usize) -> Option<&[u8]> {
        self.text.get(self.fields.get(n)?.clone())
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.fields.iter().map(|field| self.text.get(field.clone()).unwrap_or_default())
    }

    /// The first field that is not UTF-8.
    pub fn not_utf8(&self) -> Option<usize> {
        // A line is UTF-8 exactly if each of its fields is, for no comma is part of a longer character.
        if self.text.is_ascii() || (self.plain && std::str::from_utf8(&self.text).is_ok()) {
            return None;
        }
        self.iter().position(|field| std::str::from_utf8(field).is_err())
    }

    /// Appends `width` fields, cut or padded, without the end of the line.
    pub fn write(&self, out: &mut Vec<u8>, width: usize) {
        if self.plain && self.width() == width {
            return out.extend_from_slice(&self.text);
        }
        for n in 0..width {
            if n > 0 {
                out.push(b',');
            }
            write_field(out, self.get(n).unwrap_or_default());
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    /// Takes a line that needs no unquoting.
    fn take_line(&mut self, line: &[u8]) {
        self.clear();
        self.plain = true;
        self.text.extend_from_slice(line);
        let mut start = 0;
        for comma in memchr_iter(b',', line) {
            self.fields.push(start..comma);
            start = comma + 1;
        }
        self.fields.push(start..line.len());
    }
}

/// Appends a field, in quotes only where it needs them.
pub(super) fn write_field(out: &mut Vec<u8>, field: &[u8]) {
    if memchr3(b'"', b',', b'\n', field).is_none() && memchr(b'\r', field).is_none() {
        return out.extend_from_slice(field);
    }
    out.push(b'"');
    for &byte in field {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// The records of an input.
pub struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    /// What was read and not yet used.
    unread: Range<usize>,
    /// Nothing more will come.
    ended: bool,
    core: csv_core::Reader,
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Self {
        let mut core = csv_core::Reader::new();
        // It takes a byte-order mark away from the first record that it sees, wherever that is in our input.
        let _ = core.read_record(b"x\n", &mut [0; 2], &mut [0; 2]);
        Records { input, buffer: vec![0; CHUNK], unread: 0..0, ended: false, core }
    }

    /// Reads the next record; false at the end. Empty lines are passed over.
    pub fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        let mut searched = 0;
        loop {
            let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
            let found = memchr(b'\n', unread.get(searched..).unwrap_or_default());
            let line = match found {
                Some(end) => unread.get(..searched + end).unwrap_or_default(),
                None if self.ended && unread.is_empty() => return Ok(false),
                None if self.ended => unread,
                None => {
                    searched = unread.len();
                    self.fill()?;
                    continue;
                }
            };
            let used = line.len() + usize::from(found.is_some());
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if memchr2(b'"', b'\r', line).is_some() {
                return self.read_quoted(record);
            }
            let empty = line.is_empty();
            record.take_line(line);
            self.unread.start += used;
            searched = 0;
            if !empty {
                return Ok(true);
            }
        }
    }

    /// Reads a record with quotes, whose fields may hold commas and line ends.
    fn read_quoted(&mut self, record: &mut Record) -> io::Result<bool> {
        record.clear();
        record.plain = false;
        let (mut ends, mut text_len, mut end_count) = (vec![0; 16], 0, 0);
        record.text.resize(256, 0);
        loop {
            if self.unread.is_empty() && !self.ended {
                self.fill()?;
            }
            let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
            let text = record.text.get_mut(text_len..).unwrap_or_default();
            let free = ends.get_mut(end_count..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(unread, text, free);
            self.unread.start += read;
            text_len += written;
            end_count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => record.text.resize(record.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    record.text.truncate(text_len);
                    let mut start = 0;
                    for &end in ends.iter().take(end_count) {
                        record.fields.push(start..end);
                        start = end;
                    }
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    /// Reads more behind what is unread.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        if self.buffer.len() - self.unread.end < CHUNK / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let free = self.buffer.get_mut(self.unread.end..).unwrap_or_default();
        let count = loop {
            match self.input.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.unread.end += count;
        self.ended = count == 0;
        Ok(())
    }
}
