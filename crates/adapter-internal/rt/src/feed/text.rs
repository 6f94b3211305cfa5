//! The text of a message: its first part without a file name, plain text before HTML, which is made plain; the other
//! parts are its files.

use crate::api::Api;
use crate::http::Failure;
use crate::wire::Attachment;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Of the part as RT stores it. Larger ones are no comment that a partner could read.
const MAX_TEXT: u64 = 256 * 1024;

pub enum Text {
    Plain(String),
    /// A message of files only.
    None,
    /// Why it cannot be carried.
    Unusable(String),
}

/// What a message says, and the files that came with it.
pub async fn read(api: &Api, row: u64) -> Result<(Text, Vec<Attachment>), Failure> {
    let parts = api.parts(row, api.default_deadline()).await?;
    let text = text(api, &parts).await?;
    Ok((text, parts.into_iter().filter(is_file).collect()))
}

/// A part with a name, or with bytes that nobody can read as text. RT gives a message of files alone a body without name
/// and bytes, of type `application/octet-stream`.
fn is_file(part: &Attachment) -> bool {
    let kind = part.content_type.to_ascii_lowercase();
    let is_empty = part.content_length.parse() == Ok(0_u64);
    let is_text = ["text/", "multipart/", "message/"].iter().any(|text| kind.starts_with(text));
    !part.filename.is_empty() || !(is_empty || is_text)
}

/// The files alone.
pub async fn files(api: &Api, row: u64) -> Result<Vec<Attachment>, Failure> {
    let parts = api.parts(row, api.default_deadline()).await?;
    Ok(parts.into_iter().filter(is_file).collect())
}

async fn text(api: &Api, parts: &[Attachment]) -> Result<Text, Failure> {
    let of = |kind: &str| parts.iter().find(|p| p.filename.is_empty() && p.content_type.eq_ignore_ascii_case(kind));
    let (part, is_html) = match (of("text/plain"), of("text/html")) {
        (Some(part), _) => (part, false),
        (None, Some(part)) => (part, true),
        (None, None) => return Ok(Text::None),
    };
    if part.content_length.parse::<u64>().unwrap_or(0) > MAX_TEXT {
        return Ok(Text::Unusable(format!("the text of {} bytes is longer than {MAX_TEXT}", part.content_length)));
    }
    let whole = api.part(part.id, api.default_deadline()).await?;
    // RT breaks base64 into lines.
    let packed: String = whole.content.split_ascii_whitespace().collect();
    let Ok(bytes) = STANDARD.decode(packed) else { return Ok(Text::Unusable("the text is not base64".into())) };
    let text = String::from_utf8_lossy(&bytes);
    let text = if is_html { domain::text::plain_of_html(&text) } else { text.replace("\r\n", "\n") };
    let text = text.trim_end().to_owned();
    Ok(if text.is_empty() { Text::None } else { Text::Plain(text) })
}
