//! What is set up: queues, statuses with their moves, custom fields, users. The same as `deploy/rt` gives to Request
//! Tracker, so that `deploy/bundles/rt` fits both; a test holds them against its files.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const QUEUES: [&str; 11] = [
    "Partner Cases",
    "Partner Problems",
    "Partner Onboarding",
    "Partner Compliance",
    "Partner Receiving",
    "Partner Shipments",
    "Partner Orders",
    "Partner Invoices",
    "Partner Triage",
    "Partner Documents",
    "Partner Restricted Documents",
];

/// A status, and what it may become. Staying is no move.
pub const STATUSES: [(&str, &[&str]); 9] = [
    ("new", &["open", WAITING, "stalled", "resolved", "rejected", "cancelled", "deleted"]),
    ("open", &[WAITING, "stalled", "resolved", "rejected", "cancelled", "deleted"]),
    (WAITING, &["open", "stalled", "resolved", "rejected", "cancelled", "deleted"]),
    ("stalled", &["open", WAITING, "resolved", "rejected", "cancelled", "deleted"]),
    // What is resolved waits for the partner's word: accepted is closed, contested is open again.
    ("resolved", &["open", WAITING, "closed", "cancelled"]),
    ("closed", &["open"]),
    ("rejected", &["open", "deleted"]),
    ("cancelled", &["open", "deleted"]),
    ("deleted", &["open"]),
];

/// The status in which the partner holds the ball.
pub const WAITING: &str = "waiting-partner";

/// What a ticket may be made with.
pub const INITIAL: [&str; 2] = ["new", "open"];

/// Nothing more is to be done; an answer may open it again, see [`Rules::reply_opens`].
pub const INACTIVE: [&str; 5] = ["resolved", "closed", "rejected", "cancelled", "deleted"];

/// Custom fields, each with the values it takes; an empty list takes any text.
pub const FIELDS: [(&str, &[&str]); 49] = [
    ("TG Severity", &[]),
    ("TG Category", &[]),
    ("TG Document Ref", &[]),
    ("TG Contact", &[]),
    ("TG Partner Status", &[]),
    ("TG Partner Name", &[]),
    ("Case Type", &["transaction-issue", "order-mismatch", "shipment-delay", "quantity", "invoice", "edi-failure"]),
    // Never leaves the house.
    ("Root Cause", &[]),
    ("Corrective Action", &[]),
    ("Resolution Code", &[]),
    // Shared only where the bundle grants it.
    ("Resolution Note", &[]),
    // Which rules a ticket follows.
    ("TG Use Case", &[]),
    ("TG Discrepancy Kind", &[]),
    ("TG Site", &[]),
    ("TG Claim", &[]),
    ("TG Lines", &[]),
    ("TG Dispute Deadline", &[]),
    ("TG Links", &[]),
    ("TG Escalation", &[]),
    // For the partner, where the bundle grants them.
    ("TG Line Outcomes", &[]),
    ("TG Evidence Wanted", &[]),
    ("TG Settlement Ref", &[]),
    // Of documents; what people search by, then what a version says.
    ("TG Document Type", &[]),
    ("TG Order No", &[]),
    ("TG Invoice No", &[]),
    ("TG Shipment No", &[]),
    ("TG Document Version", &[]),
    ("TG Valid From", &[]),
    ("TG Valid Until", &[]),
    ("TG Document File", &[]),
    ("TG Parent Case", &[]),
    // What reviewers write, for the partner where the bundle grants it.
    ("TG Decision", &[]),
    // What agents write to share a document of the house's own.
    ("TG Share", &[]),
    // What each source inside says; these never leave the house.
    ("Finding ERP", &[]),
    ("Finding WMS", &[]),
    ("Finding TMS", &[]),
    ("Finding POD", &[]),
    // Of a programme and of its tasks, see `domain::onboarding::Record`.
    ("TG Programme", &[]),
    ("TG Target Live", &[]),
    ("TG Milestones", &[]),
    ("TG Readiness", &[]),
    ("TG Blockers", &[]),
    ("TG Public Reason", &[]),
    ("TG Owner Side", &["PARTNER", "HOST"]),
    ("TG Mandatory", &["yes", "no"]),
    ("TG Document Type", &[]),
    ("TG Depends On", &[]),
    ("TG Shown To Partner", &["yes", "no"]),
    ("TG Instructions", &[]),
];

/// What a link may say about the two ends.
pub const LINKS: [&str; 5] = ["refers-to", "depends-on", "member-of", "duplicate-of", "documented-by"];

pub fn is_status(status: &str) -> bool {
    STATUSES.iter().any(|(name, _)| *name == status)
}

pub fn may_become(from: &str, to: &str) -> bool {
    STATUSES.iter().any(|(name, moves)| *name == from && moves.contains(&to))
}

/// What a user is to this system, and may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The pipeline acting for the house: reads everything, writes notes, fields and statuses. It cannot reply, so that
    /// a mistake of its own never reaches a partner.
    Pipeline,
    /// The pipeline speaking for partners: makes tickets and replies, and never sees a note.
    PartnerVoice,
    /// A person at a desk.
    Agent,
    /// This system itself.
    System,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    pub role: Role,
}

impl Author {
    pub fn system() -> Self {
        Self { name: "system".to_owned(), role: Role::System }
    }
}

/// What the rules depend on beside the tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Who may own a ticket.
    pub owners: BTreeSet<String>,
    /// As Request Tracker does by a scrip of its own: an answer opens a ticket that is not being worked on, a
    /// partner's answer to a new one excepted.
    pub reply_opens: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn deployed(file: &str) -> String {
        std::fs::read_to_string(format!("{}/../../deploy/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn statuses_and_moves_are_those_that_request_tracker_is_given() {
        let text = deployed("rt/lifecycle.pm");
        let moves = text.split("transitions => {").nth(1).unwrap().split("},").next().unwrap();
        let mut there = BTreeMap::new();
        for line in moves.lines().filter(|l| l.contains("=>")) {
            let (from, to) = line.split_once("=>").unwrap();
            let to = to.split("qw(").nth(1).unwrap().split(')').next().unwrap();
            let to: BTreeSet<String> = to.split_whitespace().map(str::to_owned).collect();
            there.insert(from.trim().trim_matches('\'').to_owned(), to);
        }
        let owned = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<_>>();
        let mut here: BTreeMap<_, _> = STATUSES.iter().map(|(from, to)| ((*from).to_owned(), owned(to))).collect();
        here.insert(String::new(), owned(&INITIAL));
        assert_eq!(here, there);
    }

    #[test]
    fn queues_and_fields_are_those_that_request_tracker_is_given() {
        let text = deployed("rt/seed.pl");
        for name in QUEUES {
            assert!(text.contains(&format!("'{name}'")), "{name}");
        }
        let listed = text.split("for my $wanted (").nth(1).unwrap().split("\n) {").next().unwrap();
        let there: BTreeSet<&str> =
            listed.lines().filter_map(|l| l.trim().strip_prefix("[ '")?.split('\'').next()).collect();
        // What ties a ticket to its subject is a property of the ticket here, not a custom field.
        let tied = ["TG Case Id", "TG Partner Id", "TG Task Of"];
        let here: BTreeSet<&str> = FIELDS.iter().map(|(name, _)| *name).chain(tied).collect();
        assert_eq!(here, there);
    }

    #[test]
    fn the_starter_bundle_names_nothing_that_is_not_set_up() {
        let first = |file: &str, column: usize| -> BTreeSet<String> {
            let text = deployed(&format!("bundles/rt/{file}"));
            let rows = text.lines().filter(|l| !l.starts_with('#')).skip(1);
            rows.filter_map(|l| l.split(',').nth(column).map(str::to_owned)).collect()
        };
        for status in first("statuses.csv", 0).into_iter().filter(|s| s != "-") {
            assert!(is_status(&status), "{status}");
        }
        for status in first("status-writes.csv", 1) {
            assert!(is_status(&status), "{status}");
        }
        for field in first("fields-in.csv", 1) {
            assert!(FIELDS.iter().any(|(name, _)| *name == field), "{field}");
        }
        let roles = ["ingest", "sink"].map(|role| deployed(&format!("config/{role}-internal.toml")));
        for queue in first("routes.csv", 4)
            .into_iter()
            .chain(first("discrepancy/routes.csv", 6))
            .chain(first("document/routes.csv", 4))
        {
            assert!(QUEUES.contains(&queue.as_str()), "{queue}");
            assert!(roles.iter().all(|config| config.contains(&format!("\"{queue}\""))), "nobody listens to {queue}");
        }
        for status in first("discrepancy/statuses.csv", 0).into_iter().filter(|s| s != "-") {
            assert!(is_status(&status), "{status}");
        }
        for status in first("document/statuses.csv", 0).into_iter().filter(|s| s != "-") {
            assert!(is_status(&status), "{status}");
        }
        for field in first("discrepancy/fields-in.csv", 1).into_iter().chain(first("document/fields-in.csv", 1)) {
            assert!(FIELDS.iter().any(|(name, _)| *name == field), "{field}");
        }
    }
}
