//! Service role ingest-partner
