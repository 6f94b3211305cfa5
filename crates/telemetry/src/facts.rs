//! One struct per observable fact. `emit` writes the metric and, where a person should know, a log line.
//!
//! Names follow Prometheus: prefix `causeway_`, base units as suffix, `_total` on counters, timestamps rather than
//! ages. Labels never hold a subject, a partner, a user, a file or an exception's text: their number stays small.

mod delivery;
mod files;
mod kind;
mod service;

pub use delivery::*;
pub use files::*;
pub use kind::{Described, Kind};
pub use service::*;

/// Every metric there is, in the order of this crate; for documentation and for tests of dashboards.
pub fn catalogue() -> Vec<Described> {
    [delivery::described(), files::described(), service::described()].concat()
}

/// The catalogue as a Markdown table.
pub fn markdown() -> String {
    let mut table = String::from("| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n");
    for metric in catalogue() {
        let (name, kind, labels, help) = (metric.name, metric.kind.as_str(), metric.labels.join(", "), metric.help);
        table.push_str(&format!("| `{name}` | {kind} | {labels} | {help} |\n"));
    }
    table
}

/// All metrics in Prometheus' text format. Facts that never happened are present at zero only where they have no label.
pub fn render() -> String {
    kind::render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_follows_the_rules_and_is_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for metric in catalogue() {
            assert!(metric.name.starts_with("causeway_"), "{}", metric.name);
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
            if metric.kind == Kind::Histogram {
                assert!(metric.name.ends_with("_seconds"), "{}", metric.name);
            }
            assert!(!metric.help.is_empty() && !metric.help.contains('|'));
            assert!(seen.insert(metric.name), "{} twice", metric.name);
            for label in metric.labels {
                assert!(!["subject", "partner", "partner_id", "user", "file"].contains(label), "{label}");
            }
        }
    }

    #[test]
    fn an_emitted_fact_is_rendered_with_its_labels() {
        RecordsConsumed { topic: "facts-test", count: 3 }.emit();
        RecordsConsumed { topic: "facts-test", count: 4 }.emit();
        LagSeconds { topic: "facts-test", partition: 2, seconds: 1.5 }.emit();
        TransactionCommitted { topic: "facts-test", seconds: 0.004 }.emit();
        let text = render();
        assert!(text.contains("causeway_records_consumed_total{topic=\"facts-test\"} 7\n"), "{text}");
        assert!(text.contains("causeway_consumer_lag_seconds{partition=\"2\",topic=\"facts-test\"} 1.5\n"), "{text}");
        assert!(text.contains("causeway_transaction_seconds_count{topic=\"facts-test\"} 1\n"), "{text}");
    }

    #[test]
    fn the_table_names_every_metric() {
        assert_eq!(markdown().lines().count(), catalogue().len() + 2);
    }
}
