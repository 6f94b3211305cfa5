//! Lists dead letters and sends them back.
