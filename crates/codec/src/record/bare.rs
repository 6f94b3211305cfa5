//! Records of the compacted topics: without an envelope.

use super::sealed::Sealed;
use crate::wire::{Reader, WriteError};
use domain::{BundleVersion, CursorRecord};
use std::sync::LazyLock;

const CURSOR: &str = "causeway.ingest.cursors.Cursor";
const BUNDLE: &str = "causeway.mapping.bundles.BundleVersion";

impl Sealed for CursorRecord {
    fn schema(&self) -> (&'static str, Option<usize>) {
        static INDEX: LazyLock<Option<usize>> = LazyLock::new(|| crate::embedded::index_of(CURSOR));
        (CURSOR, *INDEX)
    }
    fn names() -> &'static [&'static str] {
        &[CURSOR]
    }
    fn write(&self, index: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        crate::wire::write(index, self, out)
    }
    fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>> {
        (name == CURSOR).then(|| reader.read())
    }
    fn out_of_range(&self) -> Option<&'static str> {
        None
    }
}

impl Sealed for BundleVersion {
    fn schema(&self) -> (&'static str, Option<usize>) {
        static INDEX: LazyLock<Option<usize>> = LazyLock::new(|| crate::embedded::index_of(BUNDLE));
        (BUNDLE, *INDEX)
    }
    fn names() -> &'static [&'static str] {
        &[BUNDLE]
    }
    fn write(&self, index: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        crate::wire::write(index, self, out)
    }
    fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>> {
        (name == BUNDLE).then(|| reader.read())
    }
    fn out_of_range(&self) -> Option<&'static str> {
        (self.version < 0).then_some("version is negative")
    }
}
