//! Plain text from what people write: total, bounded, never longer than it has to be.

mod html;
mod mail;
mod seen;

pub use html::plain_of_html;
pub use mail::without_quotes;
pub use seen::is_hidden;

/// At most `max` characters; where it was longer it ends in `marker`, so that nobody takes a part for the whole.
pub fn cut(text: &str, max: usize, marker: &str) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let marker: String = marker.chars().take(max).collect();
    let keep = max - marker.chars().count();
    text.chars().take(keep).chain(marker.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_says_so_and_keeps_its_bound() {
        assert_eq!(cut("äöü", 3, "…"), "äöü");
        assert_eq!(cut("äöüß", 3, "…"), "äö…");
        assert_eq!(cut("abcdef", 2, "[cut]"), "[c");
    }
}
