//! What makes a text recognisable wherever it turns up: `act-<run>-<number>` and `canary-<run>-<number>`, the run in
//! lower-case letters and digits.

/// Every token in a text with its place, in order.
pub fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = text.match_indices('-').filter_map(|(dash, _)| {
        let head = ["canary", "act"].into_iter().find(|head| text.get(..dash).is_some_and(|t| t.ends_with(head)))?;
        let start = dash - head.len();
        let before = text.get(..start)?;
        // In the raw text of JSON the letter before it may belong to a line break.
        let escape = [r"\n", r"\r", r"\t"].into_iter().any(|escape| before.ends_with(escape));
        let before = before.chars().next_back().filter(|_| !escape);
        (!before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-')).then_some((start, dash + 1))
    });
    starts.filter_map(|(start, after)| {
        let rest = text.get(after..)?;
        let run = rest.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).count();
        let number = rest.get(run..)?.strip_prefix('-')?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let end = after + run + 1 + digits;
        (run > 0 && digits > 0).then(|| text.get(start..end).map(|token| (start, token))).flatten()
    })
}

/// Whether the token marks what must stay in the house.
pub fn is_canary(token: &str) -> bool {
    token.starts_with("canary-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        tokens(text).map(|(_, token)| token).collect()
    }

    #[test]
    fn tokens_are_found_whole_and_only_they() {
        assert_eq!(found("Re: act-a1-12, (canary-a1-3) act-a1-120."), ["act-a1-12", "canary-a1-3", "act-a1-120"]);
        assert_eq!(found(r#"{"text":"act-a1-7\nmore"}"#), ["act-a1-7"]);
        assert_eq!(found(r#"{"text":"ok\n-- \nact-a1-7\tcanary-a1-8"}"#), ["act-a1-7", "canary-a1-8"]);
        assert_eq!(found("fact-a-1 act-A-1 act--1 act-a- act-a re-act-a-1"), [""; 0]);
        assert_eq!(found("größe act-r-1"), ["act-r-1"]);
    }
}
