//! HTML to the text that a reader of the page sees.
//!
//! A browser's own parser (html5ever, by way of `scraper`) builds the tree: where an element begins and ends in broken
//! markup is exactly what hides or shows a text, and every short way to it has let something through.

use scraper::node::Element;
use scraper::{Html, Node};
use std::collections::BTreeSet;

/// Elements whose content is for machines, hidden from the reader, or struck out by a tracked change.
const UNSEEN: [&str; 14] = [
    "script", "style", "head", "title", "template", "noscript", "svg", "math", "textarea", "select", "object",
    "iframe", "audio", "del",
];
/// Elements that begin a new line.
const LINES: [&str; 18] = [
    "br",
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "hr",
    "section",
];
/// What mail programs wrap an older mail in.
const QUOTES: [&str; 6] =
    ["gmail_quote", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "divrplyfwdmsg", "zmail_extra"];
const SIGNATURES: [&str; 4] = ["gmail_signature", "moz-signature", "signature", "message-cite-signature"];
/// Declarations that hide, without blanks and in lower case.
const HIDING: [&str; 16] = [
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "mso-hide:all",
    "font-size:0",
    "font-size:1px",
    "max-height:0",
    "max-width:0",
    "opacity:0;",
    "opacity:0.0",
    "color:transparent",
    "color:white",
    "color:#fff",
    "color:rgb(255,255,255)",
    "text-indent:-",
    "left:-",
];
/// Tags that are looked at; a text with more is cut before the next. The parser's work grows with their square.
const MAX_TAGS: usize = 10_000;

/// The text a reader of the HTML would see, line by line; quoted mail as lines that begin with `> `, a signature after a
/// line `-- `. Comments, scripts, and what styles hide are gone; what only looks like a tag (`a < b`) stays.
pub fn plain_of_html(html: &str) -> String {
    let end = html.match_indices('<').nth(MAX_TAGS).map_or(html.len(), |(at, _)| at);
    let page = Html::parse_fragment(&html[..end]);
    let hidden = Hidden::of(&page);
    let mut out = Lines::default();
    let (mut unseen, mut quoted) = (0_usize, 0_usize);
    for edge in page.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Element(element) if unseen > 0 || hidden.hides(element) => unseen += 1,
                Node::Element(element) => quoted = open(&mut out, element, quoted),
                Node::Text(text) if unseen == 0 => out.push(text, quoted > 0),
                Node::Text(_)
                | Node::Document
                | Node::Fragment
                | Node::Doctype(_)
                | Node::Comment(_)
                | Node::ProcessingInstruction(_) => {}
            },
            ego_tree::iter::Edge::Close(node) => match node.value() {
                Node::Element(_) if unseen > 0 => unseen -= 1,
                Node::Element(element) => {
                    if LINES.contains(&element.name()) && element.name() != "br" {
                        out.end();
                    }
                    quoted -= usize::from(quoted > 0 && is_quote(element));
                }
                Node::Text(_)
                | Node::Document
                | Node::Fragment
                | Node::Doctype(_)
                | Node::Comment(_)
                | Node::ProcessingInstruction(_) => {}
            },
        }
    }
    out.finish()
}

fn open(out: &mut Lines, element: &Element, quoted: usize) -> usize {
    if LINES.contains(&element.name()) {
        out.end();
    }
    if element.name() == "li" {
        out.push("- ", quoted > 0);
    }
    if is_quote(element) {
        out.end();
        return quoted + 1;
    }
    if names(element).any(|name| SIGNATURES.contains(&name.as_str())) {
        out.signature();
    }
    quoted
}

fn names(element: &Element) -> impl Iterator<Item = String> {
    element.classes().chain(element.id()).map(str::to_ascii_lowercase)
}

fn is_quote(element: &Element) -> bool {
    element.name() == "blockquote" || names(element).any(|name| QUOTES.contains(&name.as_str()))
}

fn hides(style: &str) -> bool {
    let style: String =
        style.chars().filter(|c| !c.is_whitespace()).chain([';']).collect::<String>().to_ascii_lowercase();
    // Bright letters on a ground of their own can be read.
    let grounded = style.contains("background");
    HIDING.iter().any(|hiding| {
        let bright = hiding.starts_with("color:w") || hiding.starts_with("color:#") || hiding.starts_with("color:r");
        let whole = style.match_indices(hiding).any(|(at, _)| {
            let before = style[..at].chars().next_back();
            let after = style[at + hiding.len()..].chars().next();
            // `background-color:white` is no colour of letters, `font-size:0.9em` no size of nothing.
            let fits = !hiding.ends_with('0') || !matches!(after, Some('.' | '0'..='9'));
            !matches!(before, Some('-' | 'a'..='z')) && fits
        });
        whole && !(bright && grounded)
    })
}

/// What the page's own style sheets hide: names of classes, ids and elements.
#[derive(Default)]
struct Hidden(BTreeSet<String>);

impl Hidden {
    fn of(page: &Html) -> Self {
        let mut names = BTreeSet::new();
        for node in page.tree.root().descendants() {
            if node.value().as_element().is_none_or(|element| element.name() != "style") {
                continue;
            }
            for sheet in node.children().filter_map(|child| child.value().as_text()) {
                for (selectors, declarations) in sheet.split('}').filter_map(|rule| rule.split_once('{')) {
                    if hides(declarations) {
                        let words = selectors.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
                        names.extend(words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase));
                    }
                }
            }
        }
        Self(names)
    }

    fn hides(&self, element: &Element) -> bool {
        UNSEEN.contains(&element.name())
            || element.attr("hidden").is_some()
            || element.attr("style").is_some_and(hides)
            || (!self.0.is_empty()
                && (self.0.contains(element.name()) || names(element).any(|name| self.0.contains(&name))))
    }
}

/// Lines of a text while it is read.
#[derive(Default)]
struct Lines {
    text: String,
    line: String,
    quoted: bool,
    empty: usize,
}

impl Lines {
    fn push(&mut self, text: &str, quoted: bool) {
        if quoted != self.quoted && !self.line.trim().is_empty() {
            self.end();
        }
        self.quoted = quoted;
        self.line.push_str(text);
    }

    /// Runs of blanks become one, runs of empty lines become one.
    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut words = line.split_whitespace().peekable();
        let nothing = words.peek().is_none();
        self.empty = if nothing { self.empty + 1 } else { 0 };
        if nothing && (self.text.is_empty() || self.empty > 1) {
            return;
        }
        if self.quoted && !nothing {
            self.text.push_str("> ");
        }
        for (at, word) in words.enumerate() {
            if at > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
        self.text.push('\n');
    }

    fn signature(&mut self) {
        self.end();
        self.text.push_str("-- \n");
    }

    fn finish(mut self) -> String {
        self.end();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
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
            ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
            ("a<del>struck</del>b<script>never closed", "ab"),
            ("", ""),
        ] {
            assert_eq!(plain_of_html(html), plain, "{html}");
        }
    }

    #[test]
    fn what_is_hidden_on_the_page_is_hidden_from_the_text() {
        for hidden in [
            "<span style='display:none'>SECRET</span>",
            "<span style='DISPLAY : none;'>a<div>SECRET</span>SECRET</div>",
            "<p hidden>SECRET</p>",
            "<font style=\"font-size: 0px\">SECRET</font>",
            "<span style='color: #ffffff'>SECRET</span>",
            "<div style='position:absolute; left:-9999px'>SECRET</div>",
            "<style>.x, #y { display: none }</style><i class='x'>SECRET</i><b id=Y>SECRET</b>",
            "<span style='mso-hide:all'>SECRET</span>",
            "<template>SECRET</template><svg><text>SECRET</text></svg>",
            "<div style='opacity:0'>SECRET</div>",
        ] {
            let plain = plain_of_html(&format!("seen {hidden} too"));
            assert!(!plain.contains("SECRET") && plain.contains("seen"), "{hidden}: {plain}");
        }
        let shown = "<p style='background:#000;color:#fff'>seen</p><b style='background-color:white'>seen</b>\
            <i style='font-size:0.9em'>seen</i>";
        assert_eq!(plain_of_html(shown).matches("seen").count(), 3);
    }

    #[test]
    fn quoted_mail_and_a_signature_keep_their_marks() {
        let html = "<p>Yes.</p><blockquote type=cite>an older<br>mail</blockquote><div class=gmail_signature>Ann</div>";
        assert_eq!(plain_of_html(html), "Yes.\n\n> an older\n> mail\n\n-- \nAnn");
    }

    #[test]
    fn very_many_tags_are_cut_and_not_worked_through() {
        let html = format!("{}tail", "<b><p>x".repeat(MAX_TAGS));
        assert!(!plain_of_html(&html).contains("tail"));
    }

    proptest::proptest! {
        #[test]
        fn it_is_total_and_grows_little(text in "[<>/&;#a-z\"' !-]{0,60}|\\PC{0,60}") {
            proptest::prop_assert!(plain_of_html(&text).len() <= 3 * text.len());
        }
    }
}
