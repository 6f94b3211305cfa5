//! Service role transform-internal
