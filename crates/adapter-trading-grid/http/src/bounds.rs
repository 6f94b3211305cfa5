//! Limits on JSON that came from outside, checked on its bytes before anything is built from them.

/// Nested objects and arrays.
const DEPTH: usize = 32;
/// Values and members, counted by the characters that separate or open them.
const NODES: usize = 10_000;

/// Names the limit that is broken. Does not check that the bytes are JSON: the parser does.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let (mut depth, mut nodes, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in bytes {
        if in_string {
            (in_string, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => (depth, nodes) = (depth + 1, nodes + 1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => nodes += 1,
            _ => {}
        }
        if depth > DEPTH {
            return Err("nested too deeply");
        }
        if nodes > NODES {
            return Err("too many values");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn depth_and_number_of_values_are_bounded_and_text_does_not_count() {
        assert!(check(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
        assert!(check("[".repeat(33).as_bytes()).is_err());
        assert!(check(format!("[{}1]", "1,".repeat(10_000)).as_bytes()).is_err());
        let text = serde_json::to_string(&format!("\\\"{}", "[,".repeat(20_000))).unwrap();
        assert!(check(text.as_bytes()).is_ok());
    }
}
