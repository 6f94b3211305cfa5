//! Confluent wire format (magic byte 0, schema id as four bytes big-endian, Avro datum) and the limits on a datum.

use crate::{DecodeError, embedded};
use serde::{Serialize, de::DeserializeOwned};
use serde_avro_fast::Schema;
use serde_avro_fast::de::{DeserializerConfig, DeserializerState, read::SliceRead};
use serde_avro_fast::ser::SerializerConfig;
use std::cell::RefCell;
use std::io::BufRead;

/// Bytes of one datum at most, the five bytes of the wire format not counted.
pub const MAX_DATUM: usize = 1 << 20;
/// Items of one array or map at most: a count of two bytes must not cost a second.
const MAX_ITEMS: usize = 10_000;
/// Nesting of one datum at most; our own schemas need six.
const MAX_DEPTH: usize = 16;

pub type WriteError = serde_avro_fast::ser::SerError;

pub(crate) fn head(id: u32) -> [u8; 5] {
    let [a, b, c, d] = id.to_be_bytes();
    [0, a, b, c, d]
}

/// The schema id and the datum.
pub(crate) fn split(bytes: &[u8]) -> Result<(u32, &[u8]), DecodeError> {
    match bytes {
        [0, a, b, c, d, datum @ ..] if datum.len() <= MAX_DATUM => Ok((u32::from_be_bytes([*a, *b, *c, *d]), datum)),
        [0, _, _, _, _, datum @ ..] => Err(DecodeError::TooLarge { size: datum.len() }),
        [0, ..] | [] => Err(DecodeError::Framing { reason: "shorter than five bytes" }),
        [_, ..] => Err(DecodeError::Framing { reason: "the first byte is not 0" }),
    }
}

thread_local! {
    /// Serializer buffers by embedded schema, reused for every record of a thread.
    static BUFFERS: RefCell<Vec<Option<SerializerConfig<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// Appends one datum.
pub(crate) fn write<T: Serialize>(index: usize, value: &T, out: &mut Vec<u8>) -> Result<(), WriteError> {
    use serde::ser::Error;
    let embedded = embedded::ALL.get(index).ok_or_else(|| WriteError::custom("no such schema"))?;
    BUFFERS.with(|buffers| {
        let mut buffers = buffers.try_borrow_mut().map_err(WriteError::custom)?;
        if buffers.len() <= index {
            buffers.resize_with(embedded::ALL.len(), || None);
        }
        let config = buffers[index].get_or_insert_with(|| SerializerConfig::new(&embedded.schema));
        let written = serde_avro_fast::to_datum(value, &mut *out, config).map(|_| ());
        if written.is_err() {
            // A config that stopped half way may hold parts of the record.
            buffers[index] = None;
        }
        written
    })
}

/// One datum and the schema it was written with.
pub struct Reader<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) datum: &'a [u8],
}

impl Reader<'_> {
    /// The whole datum and nothing behind it. The reason holds no value of the datum.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        let mut config = DeserializerConfig::new(self.schema);
        config.max_seq_size = MAX_ITEMS;
        config.allowed_depth = MAX_DEPTH;
        let mut state = DeserializerState::with_config(SliceRead::new(self.datum), config);
        let value = T::deserialize(state.deserializer()).map_err(|error| without_values(&error.to_string()))?;
        match state.into_reader().fill_buf() {
            Ok([]) => Ok(value),
            Ok(_) | Err(_) => Err("bytes are left behind the datum".to_owned()),
        }
    }
}

/// serde quotes the value it refuses; a reason is for operators, so what is quoted goes, from the first quote to the
/// last. Names of fields that are missing are ours and stay.
fn without_values(reason: &str) -> String {
    if reason.starts_with("missing field `") && reason.len() < 80 {
        return reason.to_owned();
    }
    let quote = |c: char| c == '`' || c == '"';
    match (reason.find(quote), reason.rfind(quote)) {
        (Some(first), Some(last)) if first < last => format!("{}<value>{}", &reason[..first], &reason[last + 1..]),
        (Some(first), _) => format!("{}<value>", &reason[..first]),
        (None, _) => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_never_quotes_a_value() {
        assert_eq!(without_values("missing field `title`"), "missing field `title`");
        assert_eq!(without_values("invalid subject `a`b\"`: a rule"), "invalid subject <value>: a rule");
        assert_eq!(
            without_values("invalid type: string \"x\", expected i64"),
            "invalid type: string <value>, expected i64"
        );
        assert_eq!(without_values("odd ` one"), "odd <value>");
    }

    #[test]
    fn a_number_beyond_32_bits_is_refused_and_not_narrowed_whether_written_as_int_or_as_long() {
        #[derive(Debug, serde::Deserialize)]
        struct Narrow {
            x: i32,
        }
        // Zigzag varint of 2^32 + 1.
        let datum = [0x82, 0x80, 0x80, 0x80, 0x20];
        let read = |kind: &str| {
            let text = format!(r#"{{"type":"record","name":"R","fields":[{{"name":"x","type":"{kind}"}}]}}"#);
            Reader { schema: &text.parse().unwrap(), datum: &datum }.read::<Narrow>().map(|narrow| narrow.x)
        };
        assert!(read("int").is_err());
        assert!(read("long").is_err());
    }

    #[test]
    fn only_magic_zero_and_an_id_make_a_frame() {
        assert!(matches!(split(&[0, 0, 0, 1, 2, 9]), Ok((258, [9]))));
        assert!(matches!(split(&[]), Err(DecodeError::Framing { .. })));
        assert!(matches!(split(&[0, 0, 0, 1]), Err(DecodeError::Framing { .. })));
        assert!(matches!(split(&[1, 0, 0, 0, 1, 0]), Err(DecodeError::Framing { .. })));
        assert!(matches!(split(&vec![0; MAX_DATUM + 6]), Err(DecodeError::TooLarge { .. })));
    }
}
