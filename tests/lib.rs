//! See `architecture` and `real`.
