//! Service role ingest-internal
