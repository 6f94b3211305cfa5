//! HTML to plain text. RT's editor writes HTML and RT stores it as given, scripts included; a partner gets words only.
//!
//! Not a parser of HTML: everything between `<` and `>` goes, what stands inside elements that are not shown goes with
//! them, and what is left over is text, never markup.

/// Elements whose content nobody sees.
const UNSEEN: [&str; 7] = ["script", "style", "head", "title", "template", "noscript", "textarea"];
const BLOCKS: [&str; 17] =
    ["p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"];

pub fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        words(&rest[..open], &mut out);
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = end_of_tag(rest) else {
            rest = "";
            break;
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        if UNSEEN.contains(&name.as_str()) && !closing && !tag.ends_with('/') {
            rest = skip_element(rest, &name);
        } else if BLOCKS.contains(&name.as_str()) {
            let trimmed = out.trim_end_matches(' ').len();
            out.truncate(trimmed);
            if !out.is_empty() && (!out.ends_with('\n') || (name == "br" && !out.ends_with("\n\n"))) {
                out.push('\n');
            }
            if name == "li" && !closing {
                out.push_str("- ");
            }
        }
    }
    words(rest, &mut out);
    out.trim().to_owned()
}

/// The `>` that ends the tag, not one inside a quoted attribute.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (i, b) in text.bytes().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(i),
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), b) if q == b => quote = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

/// Past the closing tag of the element; without one, past everything.
fn skip_element<'a>(text: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let at = text.as_bytes().windows(closing.len()).position(|w| w.eq_ignore_ascii_case(closing.as_bytes()));
    at.and_then(|at| text[at..].find('>').map(|end| &text[at + end + 1..])).unwrap_or("")
}

/// Text with white space folded and entities decoded.
fn words(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, len) = if c == '&' { entity(rest) } else { (c, c.len_utf8()) };
        rest = &rest[len..];
        if !c.is_whitespace() && !(c.is_control()) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

fn entity(text: &str) -> (char, usize) {
    let plain = ('&', 1);
    let Some(end) = text.bytes().take(12).position(|b| b == b';') else { return plain };
    let c = match &text[1..end] {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "euro" => Some('€'),
        "hellip" => Some('…'),
        other => match other.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            }
            .and_then(char::from_u32),
            None => None,
        },
    };
    c.map_or(plain, |c| (c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn an_agents_reply_becomes_its_words() {
        let html = "<p>Dear&nbsp;partner,</p>\n<p>the file is <b>5&nbsp;&lt;&nbsp;6&#8364;</b>.<br />Bye</p><ul><li>a</li><li>b</li></ul>";
        assert_eq!(to_text(html), "Dear partner,\nthe file is 5 < 6€.\nBye\n- a\n- b");
    }

    #[test]
    fn what_is_not_shown_is_not_said() {
        let html = "a<script>alert('</p>')</script><!-- internal: their credit is bad --><STYLE>x</STYLE >b<img alt='>' src=x onerror=y>c";
        assert_eq!(to_text(html), "abc");
        assert_eq!(to_text("a<script>never closed"), "a");
        assert_eq!(to_text("a<!-- never closed"), "a");
        assert_eq!(to_text("a < b"), "a");
        assert_eq!(to_text("&lt;script&gt; &bogus; & &#xD800;"), "<script> &bogus; & &#xD800;");
    }

    #[test]
    fn any_bytes_are_survived() {
        for text in ["<", "&", "&#", "é<é>é&é;", "<a href=\"", "</", "<!---->x", "&#x;"] {
            let _ = to_text(text);
        }
    }
}
