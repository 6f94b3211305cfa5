//! Which Rust type is which record of the contract. Adding an event or command is one line in its use case's group and
//! one `.avsc`; the compiler asks for the line, a test for the schema.

mod bare;
mod commands;
mod events;
mod outcome;
mod service_level;

use crate::wire::{Reader, WriteError};
use domain::{Meta, Visibility};
use serde::{Deserialize, Serialize};

/// A record of the contract: [`domain::Envelope`] of an event, command or outcome, or a compacted topic's record.
pub trait Record: sealed::Sealed {}

impl<T: sealed::Sealed> Record for T {}

pub(crate) mod sealed {
    use super::*;

    pub trait Sealed: Sized {
        /// Full name of the record's schema and its position among the embedded ones.
        fn schema(&self) -> (&'static str, Option<usize>);
        /// Full names of all records of this type.
        fn names() -> &'static [&'static str];
        fn write(&self, index: usize, out: &mut Vec<u8>) -> Result<(), WriteError>;
        /// `None` where no variant has this name.
        fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>>;
        /// A text that a reader would mark less strictly than it is marked now: it must not be written.
        fn widened(&self, _audience: &dyn Fn(&'static str) -> Visibility) -> Option<&'static str> {
            None
        }
        /// Marks what was read with the stricter of the record's visibility and the field's audience.
        fn mark(&mut self, _audience: &dyn Fn(&'static str) -> Visibility) {}
        /// Values outside their range, by what is wrong with them.
        fn out_of_range(&self) -> Option<&'static str>;
    }
}

/// A record as it lies on the wire.
#[derive(Serialize)]
pub(crate) struct Whole<'a, P> {
    pub meta: &'a Meta,
    pub payload: &'a P,
}

#[derive(Deserialize)]
pub(crate) struct Read<P> {
    pub meta: Meta,
    pub payload: P,
}

pub(crate) fn meta_out_of_range(meta: &Meta) -> Option<&'static str> {
    if meta.mapping_version < 0 {
        return Some("mapping_version is negative");
    }
    match &meta.cause {
        Some(cause) if cause.partition < 0 || cause.offset < 0 => Some("cause is negative"),
        Some(_) | None => None,
    }
}

/// `schema` and `write` of an envelope whose payload is an enum within an enum; a group for each use case.
macro_rules! write_variants {
    ($(($namespace:literal, [$outer:ident $case:ident], $inner:ident, { $($variant:ident($payload:ty)),+ $(,)? })),+) => {
        fn schema(&self) -> (&'static str, Option<usize>) {
            use std::sync::LazyLock;
            match &self.payload {
                $($($outer::$case($inner::$variant(_)) => {
                    const NAME: &str = concat!($namespace, ".", stringify!($variant));
                    static INDEX: LazyLock<Option<usize>> = LazyLock::new(|| $crate::embedded::index_of(NAME));
                    (NAME, *INDEX)
                })+)+
            }
        }

        fn names() -> &'static [&'static str] {
            &[$($(concat!($namespace, ".", stringify!($variant))),+),+]
        }

        fn write(&self, index: usize, out: &mut Vec<u8>) -> Result<(), $crate::wire::WriteError> {
            match &self.payload {
                $($($outer::$case($inner::$variant(payload)) => {
                    $crate::wire::write(index, &$crate::record::Whole { meta: &self.meta, payload }, out)
                })+)+
            }
        }
    };
}

/// The record with this name, read into its variant.
macro_rules! read_variants {
    ($name:expr, $reader:expr,
        $(($namespace:literal, [$outer:ident $case:ident], $inner:ident, { $($variant:ident($payload:ty)),+ $(,)? })),+
    ) => {
        match $name {
            $($(concat!($namespace, ".", stringify!($variant)) => Some(
                $reader.read::<$crate::record::Read<$payload>>().map(|read| domain::Envelope {
                    meta: read.meta,
                    payload: $outer::$case($inner::$variant(read.payload.into())),
                }),
            ),)+)+
            _ => None,
        }
    };
}

/// Both, where a record is read as it is written.
macro_rules! variants {
    ($($group:tt),+) => {
        $crate::record::write_variants!($($group),+);

        fn read(name: &str, reader: &$crate::wire::Reader<'_>) -> Option<Result<Self, String>> {
            $crate::record::read_variants!(name, reader, $($group),+)
        }
    };
}
pub(crate) use {read_variants, variants, write_variants};

#[cfg(test)]
mod tests {
    use super::sealed::Sealed;
    use domain::*;

    #[test]
    fn every_variant_has_exactly_one_schema_and_every_schema_a_variant() {
        let mut names: Vec<&str> = [
            Envelope::<PartnerEvent>::names(),
            Envelope::<InternalEvent>::names(),
            Envelope::<InternalCommand>::names(),
            Envelope::<PartnerCommand>::names(),
            Envelope::<Outcome>::names(),
            Envelope::<ServiceLevelEvent>::names(),
            CursorRecord::names(),
            BundleVersion::names(),
        ]
        .concat();
        names.sort_unstable();
        let mut schemas: Vec<&str> = crate::embedded::SOURCES.iter().map(|source| source.name).collect();
        schemas.sort_unstable();
        assert_eq!(names, schemas);
    }
}
