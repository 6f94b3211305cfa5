//! The bytes in an attachment's JSON, decoded as they come: RT sends them as base64 in the member `Content`, and 20 MB
//! of file would be 27 MB of text to hold.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest name of a member that is told apart; others are only passed over.
const NAME: usize = 16;

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    Text,
    Content,
    Done,
}

/// Reads the JSON piece by piece and gives the decoded bytes of `Content` of the outermost object.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    escaped: bool,
    depth: usize,
    /// The text read last, where it may be a name.
    text: Vec<u8>,
    /// A colon followed it: what comes next is its value.
    named: bool,
    packed: Vec<u8>,
}

impl Decoder {
    /// What the piece adds. The words of an error hold no byte of it.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, &'static str> {
        for byte in piece {
            match self.state {
                State::Between => self.between(*byte),
                State::Text => self.in_text(*byte),
                State::Content => self.in_content(*byte)?,
                State::Done => break,
            }
        }
        let whole = if self.state == State::Done { self.packed.len() } else { self.packed.len() / 4 * 4 };
        let rest = self.packed.split_off(whole);
        let packed = std::mem::replace(&mut self.packed, rest);
        STANDARD.decode(packed).map_err(|_| "the content is not base64")
    }

    /// The content was there, and to its end.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'"' if self.named && self.depth == 1 && self.text == b"Content" => self.state = State::Content,
            b'"' => {
                self.state = State::Text;
                self.text.clear();
            }
            b':' => self.named = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.named = false;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b',' => {
                self.named = false;
                self.text.clear();
            }
            _ => {}
        }
    }

    fn in_text(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.state = State::Between;
            return;
        }
        if self.text.len() <= NAME {
            self.text.push(byte);
        }
    }

    fn in_content(&mut self, byte: u8) -> Result<(), &'static str> {
        if std::mem::take(&mut self.escaped) {
            return match byte {
                b'n' | b'r' | b't' => Ok(()),
                b'/' => {
                    self.packed.push(byte);
                    Ok(())
                }
                _ => Err("the content is not base64"),
            };
        }
        match byte {
            b'"' => self.state = State::Done,
            b'\\' => self.escaped = true,
            byte if byte.is_ascii_whitespace() => {}
            byte => self.packed.push(byte),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(json: &str, piece: usize) -> Result<(Vec<u8>, bool), &'static str> {
        let mut decoder = Decoder::default();
        let mut bytes = Vec::new();
        for piece in json.as_bytes().chunks(piece) {
            bytes.extend(decoder.push(piece)?);
        }
        Ok((bytes, decoder.is_done()))
    }

    #[test]
    fn the_content_is_the_same_however_it_was_cut_and_wherever_it_stands() {
        let file: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let packed: String = STANDARD
            .encode(&file)
            .as_bytes()
            .chunks(76)
            .map(|l| format!("{}\\n", String::from_utf8_lossy(l)))
            .collect();
        let slashed = packed.replace('/', "\\/");
        for packed in [&packed, &slashed] {
            let json = format!(
                r#"{{"Headers":"X: \"Content\":\"no\"\n","a":{{"Content":"bm8="}},"Content" : "{packed}","ContentType":"x"}}"#
            );
            serde_json::from_str::<serde_json::Value>(&json).unwrap();
            for piece in [1, 3, 7, 4096, 100_000] {
                assert_eq!(decoded(&json, piece), Ok((file.clone(), true)), "{piece}");
            }
        }
    }

    #[test]
    fn a_cut_is_told_from_an_end_and_what_is_no_base64_is_refused() {
        assert!(!decoded(r#"{"Content":"QUJD"#, 5).unwrap().1);
        assert!(!decoded(r#"{"Content":null}"#, 5).unwrap().1);
        assert!(!decoded(r#"["Content","QUJD"]"#, 5).unwrap().1);
        assert!(decoded(r#"{"Content":"QU\u0041D"}"#, 5).is_err());
        assert!(decoded(r#"{"Content":"QUJ"}"#, 5).is_err());
    }
}
