//! When to judge: once both systems have come to rest.

use checker::{CheckError, Internal, Journals, Source, Verdict, check};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long nothing may be written before what is missing is called missing, and how long a clean verdict must hold.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Since the journals grew last.
    pub missing: Duration,
    /// A second effect or an echo may still come.
    pub quiet: Duration,
    /// In all, however much is written.
    pub at_most: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { missing: Duration::from_secs(180), quiet: Duration::from_secs(3), at_most: Duration::from_secs(900) }
    }
}

fn size(journals: &Journals) -> u64 {
    let internal = match &journals.internal {
        Internal::Desk(source) | Internal::Observed(source) => source,
    };
    let all = journals.people.iter().chain([&journals.community, internal]);
    let size = |source: &Source| match source {
        Source::File(path) => std::fs::metadata(path).map_or(0, |data| data.len()),
        Source::Memory(_, bytes) => bytes.len() as u64,
    };
    all.map(size).sum()
}

/// Judges again and again while the systems come to rest; the last verdict.
pub async fn judged(journals: &Journals, patience: Patience) -> Result<Verdict, CheckError> {
    let mut looks = interval(Duration::from_millis(250));
    let began = Instant::now();
    let (mut grown, mut before) = (began, size(journals));
    loop {
        looks.tick().await;
        let now = size(journals);
        if now != before {
            (grown, before) = (Instant::now(), now);
        }
        let over = began.elapsed() > patience.at_most;
        if grown.elapsed() < patience.quiet && !over {
            continue;
        }
        let all = journals.clone();
        let verdict = tokio::task::spawn_blocking(move || check(&all)).await;
        let verdict = verdict.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
        if verdict.is_clean() || over || grown.elapsed() > patience.missing {
            return Ok(verdict);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use checker::Rules;

    fn journals(lines: [&str; 3]) -> Journals {
        let source = |name: &str, lines: &str| Source::Memory(name.to_owned(), lines.as_bytes().to_vec());
        let [people, community, desk] = lines;
        Journals {
            people: vec![source("people", people)],
            community: source("community", community),
            internal: Internal::Desk(source("desk", desk)),
            rules: Rules::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clean_verdict_has_to_hold_for_a_while_and_a_missing_effect_is_waited_for() {
        let patience = Patience::default();
        let note = concat!(
            r#"{"line":"done","token":"act-r-1","side":"internal","partner":"A","subject":"C-1","kind":"status","#,
            r#""native":"1"}"#,
            "\n"
        );
        let change = concat!(
            r#"{"changes":[{"id":1,"ticket_id":1,"kind":"created","payload":{"external_id":"case/tg/C-1","#,
            r#""status":"new"},"author":{"role":"agent"}}]}"#,
            "\n"
        );
        let began = Instant::now();
        let verdict = judged(&journals([note, "", change]), patience).await.unwrap();
        assert!(verdict.is_clean(), "{verdict}");
        assert!(began.elapsed() >= patience.quiet && began.elapsed() < patience.missing);
        let began = Instant::now();
        let verdict = judged(&journals([note, "", ""]), patience).await.unwrap();
        assert_eq!(verdict.found[&checker::Kind::Lost], 1, "{verdict}");
        assert!(began.elapsed() >= patience.missing);
    }
}
