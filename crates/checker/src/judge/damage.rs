//! Lines that cannot be read. What they may have said is neither believed nor missed.

use super::{At, Judge};
use crate::finding::Kind;
use crate::token::tokens;

impl Judge<'_> {
    pub fn damaged(&mut self, at: At, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let mut first = String::new();
        for (_, token) in tokens(&text) {
            if first.is_empty() {
                token.clone_into(&mut first);
            }
            self.unreadable.insert(token.to_owned());
        }
        let subject = self.subject_in(&text);
        if !subject.is_empty() {
            self.case(&subject).statuses_said = true;
        }
        self.verdict.look(Kind::Torn, 1);
        self.find(Kind::Torn, at, &subject, &first, "the line is damaged");
    }

    /// The case that the remains of a line name.
    fn subject_in(&self, text: &str) -> String {
        let quoted = |name: &str| text.split_once(name)?.1.split_once('"').map(|(id, _)| id.to_owned());
        let ticket = || {
            let after = text.split_once("\"ticket_id\":")?.1;
            let id: String = after.chars().take_while(char::is_ascii_digit).collect();
            self.records.get(&id).cloned()
        };
        quoted("\"case_id\":\"").or_else(|| quoted("\"subject\":\"")).or_else(ticket).unwrap_or_default()
    }
}
