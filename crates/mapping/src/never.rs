//! What no text for a partner holds, in any house: accounts in full, secrets, traces of programs.

use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that stand beside a secret, not in talk about one.
const SECRETS: [&str; 11] = [
    "private key-----",
    "password=",
    "passwd=",
    "pwd=",
    "client_secret",
    "api_key=",
    "apikey=",
    "aws_secret_access_key",
    "authorization: bearer",
    "authorization: basic",
    "x-api-key:",
];
/// Words of programs that failed.
const TRACES: [&str; 10] = [
    "traceback (most recent call last)",
    "exception in thread \"",
    "' panicked at ",
    "stack backtrace:",
    "goroutine 1 [",
    "caused by: java",
    "\n\tat ",
    "\n   at system.",
    "ora-00600",
    "nullpointerexception",
];

static INSIDE: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(SECRETS.iter().chain(&TRACES)).ok());

/// The reason to withhold a text: `secret` or `trace`. Where the words cannot be searched for, nothing leaves.
pub(crate) fn inside(text: &str) -> Option<&'static str> {
    let Some(words) = INSIDE.as_ref() else { return Some("secret") };
    match words.find(text) {
        Some(hit) if hit.pattern().as_usize() < SECRETS.len() => Some("secret"),
        Some(_) => Some("trace"),
        None => text.lines().any(is_frame).then_some("trace"),
    }
}

/// `at com.example.Case.close(Case.java:42)`, `File "case.py", line 3`.
fn is_frame(line: &str) -> bool {
    let line = line.trim();
    let java = line.strip_prefix("at ").is_some_and(|rest| {
        rest.ends_with(')') && rest.split_once('(').is_some_and(|(name, _)| name.contains('.') && !name.contains(' '))
    });
    java || (line.starts_with("File \"") && line.contains("\", line "))
}

/// Numbers of bank accounts (IBAN, ISO 13616) and cards (ISO/IEC 7812), told by their check digits; in order and apart.
pub(crate) fn accounts(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let range = if begins && bytes[at].is_ascii_alphanumeric() {
            iban(bytes, at).or_else(|| card(bytes, at))
        } else {
            None
        };
        at = range.as_ref().map_or(at + 1, |range| range.end);
        found.extend(range);
    }
    found
}

/// Letters and digits from here on, single blanks or dashes between them left out, with the end of each.
fn run(bytes: &[u8], at: usize, most: usize, fits: fn(u8) -> bool) -> Vec<(u8, usize)> {
    let mut out: Vec<(u8, usize)> = Vec::new();
    for (i, byte) in bytes.iter().enumerate().skip(at) {
        if fits(*byte) {
            out.push((byte.to_ascii_uppercase(), i + 1));
        } else if !matches!(byte, b' ' | b'-' | b'.') || out.last().is_none_or(|(_, end)| *end != i) {
            break;
        }
        if out.len() == most {
            break;
        }
    }
    out
}

fn iban(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let head = bytes.get(at..at + 4)?;
    if !(head[..2].iter().all(u8::is_ascii_alphabetic) && head[2..].iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let run = run(bytes, at, 34, |b| b.is_ascii_alphanumeric());
    // The words that follow may look like more of it: the longest that checks.
    (15..=run.len()).rev().find_map(|len| {
        let (all, end) = (&run[..len], run[len - 1].1);
        let whole = bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric());
        let rest = all[4..].iter().chain(&all[..4]).fold(0_u32, |rest, (byte, _)| match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            other => (rest * 100 + u32::from(other - b'A') + 10) % 97,
        });
        (whole && rest == 1).then_some(at..end)
    })
}

fn card(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    // Networks begin with 3 to 6; SSCCs and GTINs, which check by another rule, mostly do not pass this one.
    if !(b'3'..=b'6').contains(&bytes[at]) {
        return None;
    }
    let run = run(bytes, at, 20, |b| b.is_ascii_digit());
    let end = run.last()?.1;
    let whole = bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric());
    let sum: u32 = run
        .iter()
        .rev()
        .enumerate()
        .map(|(i, (byte, _))| {
            let digit = u32::from(byte - b'0') * if i % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    (whole && (15..=16).contains(&run.len()) && sum.is_multiple_of(10)).then_some(at..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> Vec<&str> {
        accounts(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn accounts_are_told_by_their_check_digits() {
        assert_eq!(masked("pay DE89 3704 0044 0532 0130 00 now"), ["DE89 3704 0044 0532 0130 00"]);
        assert_eq!(masked("GB82WEST12345698765432"), ["GB82WEST12345698765432"]);
        assert_eq!(masked("card 4111-1111-1111-1111."), ["4111-1111-1111-1111"]);
        let none: [&str; 0] = [];
        for text in
            ["DE89 3704 0044 0532 0130 01", "order 4500001234567", "SSCC 340123450000000018", "4111 1111 1111 1112", ""]
        {
            assert_eq!(masked(text), none, "{text}");
        }
    }

    #[test]
    fn secrets_and_traces_are_told_from_talk_about_them() {
        assert_eq!(inside("-----BEGIN RSA PRIVATE KEY-----"), Some("secret"));
        assert_eq!(inside("use PASSWORD=hunter2"), Some("secret"));
        assert_eq!(inside("it said\n    at com.example.Case.close(Case.java:42)"), Some("trace"));
        assert_eq!(inside("Traceback (most recent call last):"), Some("trace"));
        for text in ["We arrive at the dock (gate 4)", "at 10.30 (local time)", "please renew your password", ""] {
            assert_eq!(inside(text), None, "{text}");
        }
    }
}
