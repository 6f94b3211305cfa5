//! What RT sends, as far as we read it. RT writes numbers as text in one place and as numbers in the next.

use serde::{Deserialize, Deserializer, Serialize};

/// Text, or a number as its text; nothing as an empty text.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    use serde_json::Value;
    Ok(match Value::deserialize(deserializer)? {
        Value::String(s) => s,
        Value::Number(n) => n.to_string(),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    })
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    text(deserializer)?.parse().map_err(|_| serde::de::Error::custom("an id is not a number"))
}

/// A single object, or the bare value of it in some listings.
fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ref, D::Error> {
    use serde_json::Value;
    let of = |v: &Value| match v {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let value = Value::deserialize(deserializer)?;
    Ok(match value.as_object() {
        Some(o) => Ref { id: o.get("id").map(of).unwrap_or_default(), name: o.get("Name").map(of).unwrap_or_default() },
        None => Ref { id: of(&value), name: String::new() },
    })
}

/// A user by name; a queue by number, with its name where it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ref {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Collection<T> {
    pub items: Vec<T>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct CustomField {
    #[serde(deserialize_with = "text")]
    pub id: String,
    pub name: String,
    /// Texts; images and binaries are objects and are not read.
    #[serde(default)]
    pub values: Vec<serde_json::Value>,
}

impl CustomField {
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(serde_json::Value::as_str)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ticket {
    #[serde(rename = "id", deserialize_with = "id")]
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub subject: String,
    /// RFC 3339; the beginning of 1970 where none is set.
    #[serde(default, deserialize_with = "text")]
    pub due: String,
    #[serde(default, deserialize_with = "text")]
    pub status: String,
    #[serde(default, deserialize_with = "text")]
    pub priority: String,
    #[serde(default, deserialize_with = "reference")]
    pub queue: Ref,
    #[serde(default, deserialize_with = "reference")]
    pub owner: Ref,
    #[serde(default)]
    pub custom_fields: Vec<CustomField>,
    /// Id of the newest transaction; only where the ticket was read alone.
    #[serde(skip)]
    pub version: String,
    #[serde(default, rename = "_hyperlinks")]
    pub links: Vec<Link>,
}

impl Ticket {
    pub fn field(&self, name: &str) -> Option<&CustomField> {
        self.custom_fields.iter().find(|f| f.name == name)
    }
    /// The single value of a field; empty where it has none.
    pub fn value(&self, name: &str) -> &str {
        self.field(name).and_then(|f| f.texts().next()).unwrap_or_default()
    }
    /// Newest transaction id that was there when the ticket was read.
    pub fn newest(&self) -> u64 {
        self.version.trim_matches('"').parse().unwrap_or(0)
    }
}

/// RT lists here what the asking user may do next, and the tickets that this one is linked to.
#[derive(Clone, Debug, Deserialize)]
pub struct Link {
    #[serde(default, rename = "ref")]
    pub kind: String,
    /// Of the other ticket, where it is a link to one.
    #[serde(default, deserialize_with = "text")]
    pub id: String,
}

/// One transaction of a ticket.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row {
    #[serde(rename = "id", deserialize_with = "id")]
    pub id: u64,
    #[serde(deserialize_with = "id")]
    pub object_id: u64,
    #[serde(default, deserialize_with = "text")]
    pub r#type: String,
    #[serde(default, deserialize_with = "text")]
    pub field: String,
    #[serde(default, deserialize_with = "text")]
    pub old_value: String,
    #[serde(default, deserialize_with = "text")]
    pub new_value: String,
    /// Of a message: its subject and a line feed, in the same INSERT.
    #[serde(default, deserialize_with = "text")]
    pub data: String,
    #[serde(default, deserialize_with = "reference")]
    pub creator: Ref,
    #[serde(default, deserialize_with = "text")]
    pub created: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attachment {
    #[serde(rename = "id", deserialize_with = "id")]
    pub id: u64,
    #[serde(default, deserialize_with = "text")]
    pub content_type: String,
    #[serde(default, deserialize_with = "text")]
    pub content_length: String,
    #[serde(default, deserialize_with = "text")]
    pub filename: String,
    /// Base64, only where one attachment was read alone.
    #[serde(default, deserialize_with = "text")]
    pub content: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Queue {
    #[serde(default)]
    pub ticket_custom_fields: Vec<Named>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    #[serde(default)]
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserRecord {
    #[serde(default, deserialize_with = "text")]
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct About {
    #[serde(default, deserialize_with = "text")]
    pub version: String,
}
