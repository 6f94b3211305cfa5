//! Who there is and what they do.

/// A load, the same for the same seed as far as the systems answer alike.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Part of every token: lower-case letters and digits, another one for every run on the same systems.
    pub run: String,
    pub seed: u64,
    pub partners: Vec<Partner>,
    /// How many work at the same time; each has cases of its own, at both sides.
    pub people: usize,
    /// Acts a second, of all together; 0 for as fast as they are answered.
    pub rate: u32,
    /// How many cases each keeps open at a time.
    pub cases_each: usize,
    /// How many acts a case lives for.
    pub acts_each: usize,
    /// How long one act is asked for again before the load gives up with an error.
    pub patience: std::time::Duration,
    pub mix: Mix,
    pub words: Mapped,
}

/// A partner with its bearer token at the community.
#[derive(Clone)]
pub struct Partner {
    pub id: String,
    pub token: String,
}

impl std::fmt::Debug for Partner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Partner").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How often each kind of act is chosen in an open case, against the others.
#[derive(Clone, Debug)]
pub struct Mix {
    pub comment: u32,
    /// A field that the partner masters.
    pub contact: u32,
    /// A field that it does not.
    pub suggest: u32,
    pub reply: u32,
    /// An internal note with a canary.
    pub note: u32,
    /// An internal field with a canary.
    pub root_cause: u32,
    /// To being worked on, or at rest.
    pub status: u32,
    /// To waiting for the partner.
    pub question: u32,
    /// Of a hundred cases: how many are withdrawn in the end, how many resolved, and of a hundred resolutions how many
    /// are rejected.
    pub withdrawn: u32,
    pub resolved: u32,
    pub rejected: u32,
}

/// What the link makes of what a partner says on opening; the checker compares it with the ticket.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// What external ids begin with.
    pub subject_prefix: String,
    /// The partner's code and the ticket's value.
    pub severities: Vec<(String, String)>,
    pub categories: Vec<(String, String)>,
    pub severity_field: String,
    pub category_field: String,
    pub contact_field: String,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            comment: 30,
            contact: 6,
            suggest: 4,
            reply: 25,
            note: 12,
            root_cause: 4,
            status: 8,
            question: 4,
            withdrawn: 12,
            resolved: 30,
            rejected: 30,
        }
    }
}

impl Mix {
    /// Without the acts by which an agent and a partner move one case at the same time: no question that a comment
    /// already under way answers, no rejection that arrives after the next resolution.
    pub fn apart() -> Self {
        Self { question: 0, rejected: 0, ..Self::default() }
    }
}

impl Default for Mapped {
    /// The starter bundle.
    fn default() -> Self {
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Self {
            subject_prefix: "case/tg/".to_owned(),
            severities: pairs(&[("CRITICAL", "critical"), ("MAJOR", "major"), ("MINOR", "minor")]),
            categories: pairs(&[
                ("ORDER", "order-mismatch"),
                ("SHIPMENT", "shipment-delay"),
                ("INVOICE", "invoice-dispute"),
                ("EDI_TECHNICAL", "edi-failure"),
            ]),
            severity_field: "TG Severity".to_owned(),
            category_field: "TG Category".to_owned(),
            contact_field: "TG Contact".to_owned(),
        }
    }
}

impl Plan {
    /// An ordinary one.
    pub fn new(run: &str, seed: u64, partners: Vec<Partner>) -> Self {
        Self {
            run: run.to_owned(),
            seed,
            partners,
            people: 8,
            rate: 0,
            cases_each: 6,
            acts_each: 14,
            patience: std::time::Duration::from_secs(300),
            mix: Mix::default(),
            words: Mapped::default(),
        }
    }
}
