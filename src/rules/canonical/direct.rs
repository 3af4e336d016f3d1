//! The canonical text of a row, written while it is walked: by way of a `Value` each member would be copied twice before.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{Display, Write};

use serde::Serialize;
use serde::ser::{
    Error, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct,
    Serializer,
};

use super::{MAX_SAFE, NotCanonical, by_code_units, string};

/// The canonical text of anything that serde writes as JSON: the same as of its `Value`. Enums with content are not taken.
pub fn canonical_of(row: &impl Serialize) -> Result<String, NotCanonical> {
    let mut out = String::with_capacity(TYPICAL);
    row.serialize(Writer(&mut out))?;
    Ok(out)
}

impl Error for NotCanonical {
    fn custom<T: Display>(what: T) -> Self {
        Self::Other(what.to_string())
    }
}

type Done = Result<(), NotCanonical>;

/// Bytes that most rows come to, so that their text is not moved while it grows.
const TYPICAL: usize = 1024;

struct Writer<'a>(&'a mut String);

impl Writer<'_> {
    fn whole<T: TryInto<i64> + Display + Copy>(self, number: T) -> Done {
        match number.try_into() {
            Ok(whole) if whole.unsigned_abs() <= MAX_SAFE => self.plain(whole),
            _ => Err(NotCanonical::Number(number.to_string())),
        }
    }

    /// Writing text cannot fail.
    fn plain(self, value: impl Display) -> Done {
        write!(self.0, "{value}").map_err(NotCanonical::custom)
    }
}

fn no_enum<T>() -> Result<T, NotCanonical> {
    Err(NotCanonical::custom("an enum with content has no canonical form here"))
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = NotCanonical;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = Impossible<(), NotCanonical>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), NotCanonical>;

    fn serialize_bool(self, value: bool) -> Done {
        self.plain(value)
    }
    fn serialize_i8(self, value: i8) -> Done {
        self.whole(value)
    }
    fn serialize_i16(self, value: i16) -> Done {
        self.whole(value)
    }
    fn serialize_i32(self, value: i32) -> Done {
        self.whole(value)
    }
    fn serialize_i64(self, value: i64) -> Done {
        self.whole(value)
    }
    fn serialize_u8(self, value: u8) -> Done {
        self.whole(value)
    }
    fn serialize_u16(self, value: u16) -> Done {
        self.whole(value)
    }
    fn serialize_u32(self, value: u32) -> Done {
        self.whole(value)
    }
    fn serialize_u64(self, value: u64) -> Done {
        self.whole(value)
    }
    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Done {
        Err(NotCanonical::Number(serde_json::Value::from(value).to_string()))
    }
    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Done {
        string(value, self.0);
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.collect_seq(value)
    }
    fn serialize_none(self) -> Done {
        self.plain("null")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Done {
        self.plain("null")
    }
    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.plain("null")
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Done {
        no_enum()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, NotCanonical> {
        self.0.push('[');
        Ok(List { out: self.0, is_first: true })
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'a>, NotCanonical> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, NotCanonical> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NotCanonical> {
        no_enum()
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, NotCanonical> {
        self.serialize_struct("", 0)
    }
    fn serialize_struct(self, _: &'static str, members: usize) -> Result<Members<'a>, NotCanonical> {
        self.0.push('{');
        Ok(Members { begin: self.0.len(), out: self.0, members: Vec::with_capacity(members) })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NotCanonical> {
        no_enum()
    }
}

/// An array that is being written.
struct List<'a> {
    out: &'a mut String,
    is_first: bool,
}

impl SerializeSeq for List<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(',');
        }
        value.serialize(Writer(self.out))
    }
    fn end(self) -> Done {
        self.out.push(']');
        Ok(())
    }
}

impl SerializeTuple for List<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Done {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Done {
        SerializeSeq::end(self)
    }
}

/// An object that is being written: its members as they come, put in their order at its end.
struct Members<'a> {
    out: &'a mut String,
    begin: usize,
    members: Vec<Member>,
}

/// A member, and where its text begins.
struct Member {
    /// The first eight bytes of the name, which mostly decide: names are compared some hundred times a row.
    start: u64,
    name: Cow<'static, str>,
    begin: usize,
}

impl Member {
    fn new(name: Cow<'static, str>, begin: usize) -> Self {
        let mut start = [0; 8];
        start.iter_mut().zip(name.bytes()).for_each(|(to, byte)| *to = byte);
        Self { start: u64::from_be_bytes(start), name, begin }
    }

    fn compare(&self, other: &Self, is_ascii: bool) -> Ordering {
        match is_ascii {
            true => self.start.cmp(&other.start).then_with(|| self.name.cmp(&other.name)),
            false => by_code_units(&self.name, &other.name),
        }
    }
}

impl Members<'_> {
    fn name(&mut self, name: Cow<'static, str>) {
        let begin = self.out.len();
        string(&name, self.out);
        self.out.push(':');
        self.members.push(Member::new(name, begin));
    }

    fn finish(self) -> Done {
        let ends = self.members.iter().skip(1).map(|next| next.begin).chain([self.out.len()]);
        let mut order: Vec<(&Member, usize)> = self.members.iter().zip(ends).collect();
        let is_ascii = self.members.iter().all(|member| member.name.is_ascii());
        order.sort_unstable_by(|(one, _), (two, _)| one.compare(two, is_ascii));
        let mut sorted = String::with_capacity(self.out.len() - self.begin + order.len() + 1);
        for (n, (member, end)) in order.into_iter().enumerate() {
            if n > 0 {
                sorted.push(',');
            }
            sorted.push_str(self.out.get(member.begin..end).unwrap_or_default());
        }
        sorted.push('}');
        self.out.truncate(self.begin);
        self.out.push_str(&sorted);
        Ok(())
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.name(Cow::Borrowed(name));
        value.serialize(Writer(self.out))
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        match serde_json::to_value(key).map_err(NotCanonical::custom)? {
            serde_json::Value::String(name) => self.name(Cow::Owned(name)),
            other => self.name(Cow::Owned(other.to_string())),
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Writer(self.out))
    }
    fn end(self) -> Done {
        self.finish()
    }
}
