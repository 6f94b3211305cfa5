//! `[held]`: how agents are told that something they did has not reached the partner, and what mends it.

/// What a bundle does not say is said in English. `{detail}` is the value that was not understood.
pub(super) const OF_HOLDS: [(&str, &str); 35] = [
    ("note", "The partner has not received {what}: {reason} It waits in the list of dead letters, class HOLD."),
    // What was done, by the event that told of it.
    ("status-changed", "the change of status"),
    ("public-comment-added", "your reply"),
    ("comment-added", "your reply"),
    ("information-required", "your question"),
    ("resolved", "the proposed resolution"),
    ("closed", "the closing of this case"),
    ("reopened", "the reopening of this case"),
    ("merged", "the word that this case has ended"),
    ("review-decided", "the decision"),
    ("started", "this programme"),
    ("programme-changed", "the change of this programme"),
    ("task-published", "this task"),
    ("task-changed", "the change of this task"),
    ("task-status-changed", "the change of this task's status"),
    ("milestones-changed", "the milestones"),
    ("this", "what was done here"),
    // Why, by the reason of the hold.
    ("another-partner", "it names another partner. Say it again in other words."),
    ("secret", "it holds a password, a key or the like. Say it again in other words."),
    ("trace", "it holds the trace of a program. Say it again in other words."),
    ("unknown-status", "the status {detail} has no meaning in the bundle. An operator adds it."),
    ("held-status", "the bundle holds back the status {detail}."),
    ("no-transition", "the partner's record cannot go from {detail}."),
    ("unknown-resolution-code", "the code {detail} has no meaning in the bundle. An operator adds it."),
    ("held-code", "the bundle holds back the code {detail}."),
    ("unknown-format", "its format {detail} is not known."),
    ("unknown-partner", "{detail} is not a partner of this link. An operator adds it."),
    ("partner-not-valid", "{detail} is not served any more, or not yet."),
    ("environment", "test and production do not meet on this link ({detail})."),
    ("decision", "the decision cannot be read: {detail}. Write the field again."),
    ("line-outcomes", "the outcomes cannot be read: {detail}. Mend the field, then set the status to open and back."),
    (
        "unknown-programme",
        "the programme {detail} has no meaning in the bundle. An operator adds it, or mend the field.",
    ),
    (
        "unknown-milestone",
        "the milestone {detail} has no meaning in the bundle. An operator adds it, or mend the field.",
    ),
    ("bad-date", "{detail} is no date. Write it as 2026-12-31."),
    ("other", "{word}: {detail}."),
];
