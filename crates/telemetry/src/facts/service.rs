//! What the services themselves go through: restores, assignments, hooks, feeds, the registry.

use super::kind::facts;

facts! {
    /// A cache was rebuilt from the log.
    Restored<'a> { store: &'a str } { seconds: f64 }
        => Histogram "causeway_restore_seconds" "Rebuilding a cache from the log",
        log info "restored from the log" { partition: i32, records: u64 } shows [store, seconds, partition, records];
    AssignedPartitions<'a> { topic: &'a str } { count: u64 }
        => Gauge "causeway_assigned_partitions" "Partitions this process owns";
    Rebalanced<'a> { topic: &'a str } {}
        => Counter "causeway_rebalances_total" "Changes of the assignment",
        log info "assignment changed" { assigned: u64 } shows [topic, assigned];
    /// Another owner took over: this one stops calling.
    Deposed<'a> { topic: &'a str, partition: i32 } {}
        => Counter "causeway_deposed_total" "Ownership lost to a newer owner of the partition",
        log warn "deposed by a newer owner" {} shows [topic, partition];
    /// The sender is told nothing of the reason.
    HookRejected<'a> { system: &'a str, reason: &'a str } {}
        => Counter "causeway_hooks_rejected_total" "Hooks that were not accepted",
        log warn "hook rejected" {} shows [system, reason];
    HookAccepted<'a> { system: &'a str } {}
        => Counter "causeway_hooks_accepted_total" "Hooks that woke the poller";
    /// `result`: page, empty, unavailable, cursor-lost, misconfigured.
    FeedRead<'a> { system: &'a str, result: &'a str } { seconds: f64 }
        => Histogram "causeway_feed_read_seconds" "Reading one page of a change feed";
    FeedFailed<'a> { system: &'a str, cause: &'a str } {}
        => Counter "causeway_feed_failures_total" "Pages of a change feed that could not be read",
        log warn "change feed could not be read" { reason: &'a str } shows [system, cause, reason];
    /// `operation`: fetch, lookup. `result`: ok, not-found, unavailable, refused.
    RegistryAsked<'a> { operation: &'a str, result: &'a str } {}
        => Counter "causeway_schema_registry_requests_total" "Requests to the schema registry";
    TimersRunning { partition: i32 } { count: u64 }
        => Gauge "causeway_timers_running" "Subjects with something that will be due";
    /// Nothing is said while a partition is being restored.
    TimersOverdue { partition: i32 } { seconds: f64 }
        => Gauge "causeway_timers_overdue_seconds" "By how much the oldest of what is due is late";
    /// `rule` is a row of the bundle.
    TimerFired<'a> { timer: &'a str, rule: &'a str } { seconds: f64 }
        => Histogram "causeway_timer_delay_seconds" "From when something was due until it was said";
    BundleLoaded<'a> { link: &'a str } { version: f64 }
        => Gauge "causeway_bundle_version" "Version of the mapping bundle in use",
        log info "bundle loaded" { digest: &'a str } shows [link, version, digest];
    Started<'a> { service: &'a str, version: &'a str } { one: f64 }
        => Gauge "causeway_build_info" "Always 1; joins other metrics to the version",
        log info "started" {} shows [service, version];
}
