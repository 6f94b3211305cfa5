//! Characters that carry something a reader cannot see.

/// Controls, zero-width characters, marks that turn the direction of reading, and tags: text can hide behind them. Line
/// breaks and tabs are seen; the joiners that Persian, Indic scripts and pictures need are kept.
pub fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' | '\u{200c}' | '\u{200d}' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn a_text_in_tag_characters_is_hidden_and_plain_words_are_not() {
        assert!("\u{e0041}\u{e0042}\u{200b}\u{202e}\u{7}".chars().all(is_hidden));
        assert!(!"Größe 5 → 6\n\t日本語 👩\u{200d}🔧".chars().any(is_hidden));
    }
}
