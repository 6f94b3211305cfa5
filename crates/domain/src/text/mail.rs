//! What somebody wrote now, without the older mails that a mail program put below it and without the signature.
//!
//! Own code: what parses mail in Rust (mail-parser and others) reads its envelope, not the habits of quoting in its text.

/// Lines after which everything is an older mail. In lower case, dashes and stars around them left off.
const ORIGINALS: [&str; 11] = [
    "original message",
    "original appointment",
    "forwarded message",
    "begin forwarded message:",
    "ursprüngliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht:",
    "message d'origine",
    "mensaje original",
    "messaggio originale",
];
/// First and last words of the line above a quoted mail.
const INTRODUCTIONS: [(&str, &[&str]); 6] = [
    ("on ", &["wrote:"]),
    ("am ", &["schrieb:", ":"]),
    ("le ", &["a écrit :", "a écrit:"]),
    ("el ", &["escribió:"]),
    ("il ", &["ha scritto:"]),
    ("op ", &["schreef:", ":"]),
];
/// First words of the head of a quoted mail: who, then when.
const FROM: [&str; 4] = ["from:", "von:", "de :", "de:"];
const SENT: [&str; 7] = ["sent:", "date:", "gesendet:", "datum:", "envoyé :", "enviado:", "fecha:"];
/// More than any mail needs; each takes at least a line.
const PASSES: usize = 16;
/// Lines that the mail program adds below what was written.
const GADGETS: [&str; 6] = [
    "sent from my ",
    "von meinem iphone gesendet",
    "gesendet von meinem ",
    "gesendet mit der ",
    "diese nachricht wurde von meinem ",
    "get outlook for ",
];

/// The text without quoted mails and signature; empty where nothing else was said.
///
/// Lines with `>` go wherever they stand, so that answers between quoted lines stay. Below an introduction without such
/// lines, and below the head of an older mail, everything goes.
pub fn without_quotes(text: &str) -> String {
    let mut text = text.to_owned();
    // What stood apart may make an introduction once the lines between are gone.
    for _ in 0..PASSES {
        if !may_quote(&text) {
            break;
        }
        let next = one_pass(&text);
        if next.len() == text.len() {
            break;
        }
        text = next;
    }
    text
}

fn one_pass(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if is_signature(line) || begins_older(&lines[at..]) {
            break;
        }
        if let Some(taken) = introduction(&lines[at..]) {
            let next = lines[at + taken..].iter().find(|line| !line.trim().is_empty());
            if next.is_none_or(|line| is_quoted(line)) {
                at += taken;
                continue;
            }
            break;
        }
        if !is_quoted(line) {
            kept.push(line);
        }
        at += 1;
    }
    if kept.len() == lines.len() && !kept.last().is_some_and(|line| is_gadget(line)) {
        return text.to_owned();
    }
    while kept.last().is_some_and(|line| bare(line).is_empty() || is_gadget(line)) {
        kept.pop();
    }
    kept.join("\n")
}

/// Cheap: most texts quote nothing.
fn may_quote(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with(['>', '-', '_', '*', '\u{ff1e}'])
            || line.trim_end().ends_with(':')
            || line.contains(':')
            || is_gadget(line)
    })
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with(['>', '\u{ff1e}'])
}

/// As RFC 3676 has it, with or without the blank; in quoted-printable and some editors also with an underscore.
fn is_signature(line: &str) -> bool {
    matches!(line.trim_start_matches('\u{feff}'), "-- " | "--" | "--\u{a0}" | "-- \r")
}

fn is_gadget(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    GADGETS.iter().any(|gadget| line.starts_with(gadget))
}

/// Without the dashes, stars and blanks around it.
fn bare(line: &str) -> String {
    line.trim_matches(|c: char| matches!(c, '-' | '_' | '*' | '=') || c.is_whitespace()).to_lowercase()
}

/// Does an older mail begin here, without any mark on its lines?
fn begins_older(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|line| bare(line)) else { return false };
    if ORIGINALS.contains(&first.as_str()) {
        return true;
    }
    let begins = |line: &str, words: &[&str]| words.iter().any(|word| line.starts_with(word));
    begins(&first, &FROM) && lines.iter().skip(1).take(4).any(|line| begins(&bare(line), &SENT))
}

/// Lines that introduce a quoted mail: one, or up to three where the mail program has broken it.
fn introduction(lines: &[&str]) -> Option<usize> {
    let mut said = String::new();
    for (at, line) in lines.iter().take(3).enumerate() {
        if at > 0 {
            said.push(' ');
        }
        said.push_str(line.trim());
        let low = said.to_lowercase();
        let (_, ends) = INTRODUCTIONS.iter().find(|(begin, _)| low.starts_with(begin))?;
        // Where the last word alone says little, there has to be a writer and a date as well.
        let plain = low.contains("schrieb") || low.contains("schreef");
        let ends = ends.iter().any(|end| low.ends_with(end) && (*end != ":" || plain));
        if ends && low.contains(|c: char| c.is_ascii_digit() || c == '@') {
            return Some(at + 1);
        }
        if said.len() > 400 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_quotes;

    const OLD: &str = "the cost is 12, do not tell them";

    #[test]
    fn what_was_said_stays_and_every_older_mail_goes() {
        for quote in [
            format!("On Mon, 3 Jun 2026 at 10:00, Ann Smith <ann@host.example> wrote:\n> {OLD}\n> > {OLD}"),
            format!("On Mon, 3 Jun 2026 at 10:00, Ann Smith\n<ann@host.example> wrote:\n\n{OLD}"),
            format!("Am 03.06.2026 um 10:00 schrieb Ann Schmidt <ann@host.example>:\n> {OLD}"),
            format!("Am 03.06.2026 um 10:00 schrieb Ann:\n\n{OLD}"),
            format!("-----Original Message-----\nFrom: Ann\n{OLD}"),
            format!("-----Ursprüngliche Nachricht-----\nVon: Ann\n{OLD}"),
            format!("________________________________\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\n{OLD}"),
            format!("*Von:* Ann\n*Gesendet:* Montag\n*An:* Bob\n\n{OLD}"),
            format!("Le lun. 3 juin 2026 à 10:00, Ann <a@b.example> a écrit :\n> {OLD}"),
            format!("---------- Forwarded message ---------\n{OLD}"),
            format!("-- \nAnn Smith, desk 4\n{OLD}"),
            format!("--\nAnn Smith\n{OLD}"),
        ] {
            let text = format!("We found it.\nIt ships on 5 June: two pallets.\n\n{quote}\n");
            assert_eq!(without_quotes(&text), "We found it.\nIt ships on 5 June: two pallets.", "{quote}");
        }
    }

    #[test]
    fn answers_between_quoted_lines_stay() {
        let text = "On 3 June 2026 Bob wrote:\n> is it there?\nYes.\n> and the other?\nNo.";
        assert_eq!(without_quotes(text), "Yes.\nNo.");
    }

    #[test]
    fn plain_words_are_left_alone() {
        for text in [
            "On Monday we ship:\n- two pallets\n- one box",
            "From: Rotterdam to Hamburg\nBy truck",
            "Am Montag: zwei Paletten",
            "a -- b\n\nc",
            "  kept as it is \n",
            "",
        ] {
            assert_eq!(without_quotes(text).trim_end(), text.trim_end(), "{text}");
        }
        assert_eq!(without_quotes("> all of it"), "");
    }

    proptest::proptest! {
        #[test]
        fn a_second_pass_takes_nothing_more(text in "((> |-- |On 3 |wrote:|From: |Sent: |-----Original Message-----|a|\n| ){0,30})") {
            let once = without_quotes(&text);
            proptest::prop_assert_eq!(without_quotes(&once), once);
        }

        /// One canonical form: what was taken over once and comes round again is the same text, so it changes nothing.
        #[test]
        fn a_text_of_a_page_that_went_round_is_the_same(
            html in "(<p>|</p>|<br>|<blockquote>|</blockquote>|<li>|<div class=gmail_signature>|-- |&gt; |wrote:|On 3 |a b|\n){0,30}"
        ) {
            let canonical = without_quotes(&crate::text::plain_of_html(&html));
            proptest::prop_assert_eq!(without_quotes(&canonical), canonical);
        }
    }
}
