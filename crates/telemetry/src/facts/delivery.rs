//! What becomes of records: read, mapped, written, called, settled.

use super::kind::facts;

facts! {
    /// Handed to the rules. One emit per batch.
    RecordsConsumed<'a> { topic: &'a str } { count: u64 }
        => Counter "causeway_records_consumed_total" "Records handed to the rules";
    /// Acknowledged by the broker.
    RecordsProduced<'a> { topic: &'a str } { count: u64 }
        => Counter "causeway_records_produced_total" "Records acknowledged by the broker";
    /// Commands that a transformer made.
    Mapped<'a> { topic: &'a str } { count: u64 }
        => Counter "causeway_commands_mapped_total" "Commands made from facts read on the topic";
    /// Left out on purpose, by a named rule.
    Skipped<'a> { topic: &'a str, rule: &'a str } {}
        => Counter "causeway_records_skipped_total" "Records left out by a named rule";
    /// A value that the bundle does not know; kept as a dead letter of class HOLD.
    Held<'a> { topic: &'a str, reason: &'a str } {}
        => Counter "causeway_records_held_total" "Records held until the bundle knows them",
        log warn "held: redrive once the bundle knows it" { partition: i32, offset: i64 } shows [topic, reason, partition, offset];
    /// `class` is one of a few words.
    DeadLettered<'a> { topic: &'a str, class: &'a str } {}
        => Counter "causeway_dead_letters_total" "Records written whole to the dead letters",
        log error "dead-lettered" { partition: i32, offset: i64, reason: &'a str } shows [topic, class, partition, offset, reason];
    /// `topic` is the one that was read.
    TransactionCommitted<'a> { topic: &'a str } { seconds: f64 }
        => Histogram "causeway_transaction_seconds" "From begin to the end of commit";
    TransactionAborted<'a> { topic: &'a str, cause: &'a str } {}
        => Counter "causeway_transactions_aborted_total" "Transactions aborted and read again",
        log warn "transaction aborted, reading again" { detail: &'a str } shows [topic, cause, detail];
    /// One call on a target. `result`: applied, not-applied, unknown, refused, condition, misconfigured.
    CallMade<'a> { system: &'a str, kind: &'a str, result: &'a str } { seconds: f64 }
        => Histogram "causeway_call_seconds" "Calls on a target by kind of command and result";
    /// One look whether a call took effect. `result`: applied, absent, undecidable, failed.
    LookMade<'a> { system: &'a str, kind: &'a str, result: &'a str } {}
        => Counter "causeway_looks_total" "Looks at a target after an unknown outcome";
    OutcomeWritten<'a> { topic: &'a str, outcome: &'a str } {}
        => Counter "causeway_outcomes_written_total" "Outcomes written by kind";
    /// A change that was our own write coming back. `by`: effect, marker, value.
    EchoesAbsorbed<'a> { system: &'a str, by: &'a str } { count: u64 }
        => Counter "causeway_echoes_absorbed_total" "Changes recognised as our own writes";
    /// Changes that the feed's system said and that were published as events.
    ChangesPublished<'a> { system: &'a str } { count: u64 }
        => Counter "causeway_changes_published_total" "Changes published as events";
    /// A command that was given up after long trying; it waits for a person.
    CommandParked<'a> { system: &'a str, kind: &'a str } {}
        => Counter "causeway_commands_parked_total" "Commands given up after the promised time",
        log error "command parked: a person must act" { subject: &'a str } shows [system, kind, subject];
    /// Counted by the rules of delivery: duplicate, lower-mapping-version.
    RuleCounted<'a> { topic: &'a str, rule: &'a str } {}
        => Counter "causeway_rule_hits_total" "Deliveries answered by a rule without a call";
    /// How far the oldest unprocessed record is behind; 0 where there is none.
    LagSeconds<'a> { topic: &'a str, partition: i32 } { seconds: f64 }
        => Gauge "causeway_consumer_lag_seconds" "Age of the oldest record not processed yet";
    /// Unix time of the last advance of a position.
    LastProgress<'a> { topic: &'a str, partition: i32 } { unix_seconds: f64 }
        => Gauge "causeway_last_progress_timestamp_seconds" "When the position last advanced";
    WaitingSubjects<'a> { system: &'a str, partition: i32 } { count: u64 }
        => Gauge "causeway_waiting_subjects" "Subjects whose first command waits for its next attempt";
    /// A change that our own user made and none of our commands explains, published as news. Now and then that is a person
    /// who uses our account; many at once are an echo that is not recognised, and soon a loop.
    OwnNews<'a> { system: &'a str } {}
        => Counter "causeway_own_news_total" "Changes by our own user published as news",
        log warn "a change by our own user that no command explains" { subject: &'a str } shows [system, subject];
    /// A second record of one subject, made by a request that took effect after everybody had given it up. `what`: closed,
    /// or left for a person because somebody had worked on it.
    SecondRecords<'a> { system: &'a str, what: &'a str } { count: u64 }
        => Counter "causeway_second_records_total" "Second records of a subject found by the second look",
        log error "a second record of one subject was found" { subject: &'a str } shows [system, what, subject];
    /// A command that was about to reach a partner or an environment that is not its own; nothing was written. Every one is
    /// a mistake in a bundle, in the log or in this code.
    IsolationRefused<'a> { system: &'a str, reason: &'a str } {}
        => Counter "causeway_isolation_refusals_total" "Commands refused because they would have reached another partner",
        log error "a command for another partner was refused" { subject: &'a str } shows [system, reason, subject];
    /// 1 while the target fails everybody and is only tried now and then.
    CircuitOpen<'a> { system: &'a str } { open: u64 }
        => Gauge "causeway_target_circuit_open" "1 while the target is away and calls wait";
    CircuitOpened<'a> { system: &'a str } {}
        => Counter "causeway_target_circuit_opened_total" "Times that calls were held back because the target failed everybody",
        log warn "the target fails everybody: calls wait, one tries now and then" {} shows [system];
    ParkedCommands<'a> { system: &'a str, partition: i32 } { count: u64 }
        => Gauge "causeway_parked_commands" "Commands that wait for a person";
    HeldChanges<'a> { system: &'a str } { count: u64 }
        => Gauge "causeway_held_changes" "Changes of a feed whose meaning is not known yet";
}
