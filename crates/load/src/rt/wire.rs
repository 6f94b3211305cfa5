//! RT's rows, as far as they are read here. RT writes numbers as text in one place and as numbers in the next.

use serde_json::Value;

/// One transaction of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub id: u64,
    pub kind: String,
    pub creator: String,
    /// Of a custom field its number.
    pub field: String,
    pub old: String,
    pub new: String,
}

impl Row {
    pub fn of(item: &Value) -> Option<Self> {
        let creator = &item["Creator"];
        Some(Self {
            id: word(&item["id"]).parse().ok()?,
            kind: word(&item["Type"]),
            creator: word(creator.get("id").unwrap_or(creator)),
            field: word(&item["Field"]),
            old: word(&item["OldValue"]),
            new: word(&item["NewValue"]),
        })
    }
}

/// A text, or a number as its text; nothing as an empty one.
pub fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_come_as_text_or_as_numbers_and_a_creator_as_an_object_or_a_name() {
        let row = json!({"id": "17", "Type": "Status", "Creator": {"id": "agent1"}, "NewValue": "open", "Field": 3});
        let row = Row::of(&row).unwrap();
        assert_eq!((row.id, row.creator.as_str(), row.new.as_str(), row.field.as_str()), (17, "agent1", "open", "3"));
        assert_eq!(Row::of(&json!({"id": 18, "Creator": "root"})).unwrap().creator, "root");
        assert_eq!(Row::of(&json!({"Type": "Status"})), None);
    }
}
