//! Walks over a request before it is decoded. The codec reserves memory for as many elements as an array claims to
//! have; here every element must be there, and there may not be too many.
//!
//! A shape is a string: `b` `h` `i` `l` are integers of 1, 2, 4 and 8 bytes, `s` a string, `y` bytes, `[..]` an array;
//! in flexible versions `S` is a string, `{..}` an array, `t` tagged fields.

/// Elements of all arrays of one request.
const ELEMENTS: usize = 100_000;

struct Walk<'a> {
    rest: &'a [u8],
    elements: usize,
}

/// What follows the shape; `None` where the bytes do not fit it.
pub fn walk<'a>(shape: &str, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let mut walk = Walk { rest: bytes, elements: ELEMENTS };
    walk.over(shape.as_bytes())?;
    Some(walk.rest)
}

impl Walk<'_> {
    fn over(&mut self, mut shape: &[u8]) -> Option<()> {
        while let Some((kind, after)) = shape.split_first() {
            shape = after;
            match kind {
                b'b' => self.skip(1)?,
                b'h' => self.skip(2)?,
                b'i' => self.skip(4)?,
                b'l' => self.skip(8)?,
                b's' => {
                    let length = i16::from_be_bytes(self.take()?);
                    self.skip(usize::try_from(length.max(0)).ok()?)?;
                }
                b'y' => {
                    let length = i32::from_be_bytes(self.take()?);
                    self.skip(usize::try_from(length.max(0)).ok()?)?;
                }
                b'S' => {
                    let length = self.varint()?.saturating_sub(1);
                    self.skip(length)?;
                }
                b't' => {
                    for _ in 0..self.varint()? {
                        self.spend()?;
                        self.varint()?;
                        let length = self.varint()?;
                        self.skip(length)?;
                    }
                }
                b'[' | b'{' => {
                    let count = if *kind == b'[' {
                        usize::try_from(i32::from_be_bytes(self.take()?).max(0)).ok()?
                    } else {
                        self.varint()?.saturating_sub(1)
                    };
                    let end = closing(shape)?;
                    for _ in 0..count {
                        self.spend()?;
                        self.over(&shape[..end])?;
                    }
                    shape = &shape[end + 1..];
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn spend(&mut self) -> Option<()> {
        self.elements = self.elements.checked_sub(1)?;
        Some(())
    }
    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = self.take()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

fn closing(shape: &[u8]) -> Option<usize> {
    let mut depth = 0;
    for (at, kind) in shape.iter().enumerate() {
        match kind {
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return Some(at),
            b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_walked_over_and_the_rest_is_left() {
        let bytes = [0, 0, 0, 2, 0, 1, b'a', 0xff, 0xff, 9, 8];
        assert_eq!(walk("[s]b", &bytes), Some(&[8_u8][..]));
        assert_eq!(walk("{S{i}t}b", &[2, 2, b'a', 2, 0, 0, 0, 1, 1, 0, 1, 7, 5]), Some(&[][..]));
    }

    #[test]
    fn arrays_that_claim_more_than_there_is_are_refused() {
        assert_eq!(walk("[s]", &[0x7f, 0xff, 0xff, 0xff, 0, 0]), None);
        assert_eq!(walk("{S}", &[0xff, 0xff, 0xff, 0xff, 0x0f, 1]), None);
        let many = [&200_000_i32.to_be_bytes()[..], &[0; 400_000]].concat();
        assert_eq!(walk("[h]", &many), None, "too many, though they are there");
    }
}
