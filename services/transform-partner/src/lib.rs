//! Service role transform-partner
