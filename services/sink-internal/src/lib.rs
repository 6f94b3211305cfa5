//! Service role sink-internal
