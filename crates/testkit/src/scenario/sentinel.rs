//! "Nothing crossed" cannot be waited for. So after a scenario's last step something crosses that must: a sentinel.
//! What was said before it in the same direction about the same case has arrived by then, or never will.

const TEXT: &str = "sentinel";

/// The `number`th of a scenario.
pub fn text(number: usize) -> String {
    format!("{TEXT} {number}")
}

/// Of a message's text, with or without its author before it.
pub fn is_one(line: &str) -> bool {
    line.rsplit(": ").next().is_some_and(|text| text.starts_with(TEXT))
}
