//! Service role sink-partner
