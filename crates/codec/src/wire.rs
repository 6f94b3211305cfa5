/// Bytes of one datum at most, the five bytes of the wire format not counted.
pub const MAX_DATUM: usize = 1 << 20;
