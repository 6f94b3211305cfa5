//! Plain text from what people write: total, bounded, never longer than it has to be.

/// At most `max` characters; where it was longer it ends in `marker`, so that nobody takes a part for the whole.
pub fn cut(text: &str, max: usize, marker: &str) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let marker: String = marker.chars().take(max).collect();
    let keep = max - marker.chars().count();
    text.chars().take(keep).chain(marker.chars()).collect()
}

/// Elements whose content is for machines or hidden from the reader.
const UNSEEN: [&str; 7] = ["script", "style", "head", "title", "template", "noscript", "svg"];
/// Elements that begin a new line.
const LINES: [&str; 13] = ["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"];

/// The text a reader of the HTML would see. Tags, comments and the content of scripts and styles go; what only looks
/// like a tag (`a < b`) stays. An unclosed tag, comment or script swallows the rest: it would have hidden it.
pub fn plain_of_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        push_text(&mut out, &rest[..at]);
        let found = &rest[at..];
        rest = if found.starts_with('&') { entity(&mut out, found) } else { tag(&mut out, found) };
    }
    push_text(&mut out, rest);
    tidy(&out)
}

fn push_text(out: &mut String, text: &str) {
    out.extend(text.chars().map(|c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c }));
}

/// `found` begins with `<`; returns what follows the tag.
fn tag<'a>(out: &mut String, found: &'a str) -> &'a str {
    if let Some(comment) = found.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let body = &found[1..];
    let closing = body.starts_with('/');
    let name_at = usize::from(closing);
    if !body[name_at..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        out.push('<');
        return body;
    }
    let Some(end) = tag_end(body) else { return "" };
    let name: String =
        body[name_at..end].chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let after = &body[end + 1..];
    if LINES.contains(&name.as_str()) {
        out.push('\n');
    }
    if !closing && UNSEEN.contains(&name.as_str()) && !body[..end].ends_with('/') {
        return after_element(after, &name);
    }
    after
}

/// Index of the `>` that ends a tag, past quoted attribute values.
fn tag_end(body: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in body.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// What follows `</name ... >`.
fn after_element<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut rest = rest;
    while let Some(at) = rest.find("</") {
        let close = &rest[at + 2..];
        let named = close.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name));
        if named && !close[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return close.find('>').map_or("", |end| &close[end + 1..]);
        }
        rest = close;
    }
    ""
}

/// `found` begins with `&`; returns what follows the entity, or what follows the `&` where it is none.
fn entity<'a>(out: &mut String, found: &'a str) -> &'a str {
    let end = found.bytes().take(12).position(|b| b == b';');
    let value = end.and_then(|end| match &found[1..end] {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        name => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')
        }
    });
    match (end, value) {
        (Some(end), Some(value)) => {
            out.push(value);
            &found[end + 1..]
        }
        _ => {
            out.push('&');
            &found[1..]
        }
    }
}

/// Runs of blanks become one, runs of empty lines become one.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split('\n') {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(out.is_empty() && line.is_empty()) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_the_plain_text_sees_what_a_reader_of_the_page_saw() {
        for (html, plain) in [
            ("<p>Ship&#101;d &amp; paid</p><p>a &lt; b</p>", "Shiped & paid\n\na < b"),
            ("one<br/>two<BR>three", "one\ntwo\nthree"),
            ("x<script>alert('</p>')</script>y", "xy"),
            ("x<!-- cost 12 -->y<style>p{}</style >z", "xyz"),
            ("<a title=\"a > b\" href='x'>link</a>", "link"),
            ("5 < 6 & 7 &nosuch; &#xZZ;", "5 < 6 & 7 &nosuch; &#xZZ;"),
            ("kept <b", "kept"),
            ("", ""),
        ] {
            assert_eq!(plain_of_html(html), plain, "{html}");
        }
    }

    #[test]
    fn a_cut_text_says_so_and_keeps_its_bound() {
        assert_eq!(cut("äöü", 3, "…"), "äöü");
        assert_eq!(cut("äöüß", 3, "…"), "äö…");
        assert_eq!(cut("abcdef", 2, "[cut]"), "[c");
    }

    proptest::proptest! {
        #[test]
        fn stripping_is_total_and_never_yields_a_tag_it_was_given(text in "[<>/&;#a-z\"' !-]{0,60}|\\PC{0,60}") {
            let plain = plain_of_html(&text);
            proptest::prop_assert!(plain.len() <= text.len());
        }
    }
}
