//! What the checker is told of the link: which words of the two systems agree. Nothing else of the mapping matters.

/// Defaults are those of the starter bundle for Request Tracker, which the simulated case system speaks too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What an external id begins with; the rest is the case's id at the community.
    pub subject_prefix: String,
    /// A status of the case system, and the statuses at the community that agree with it.
    pub statuses: Vec<(String, Vec<String>)>,
    /// Statuses at the community that may be passed on the way to another.
    pub passing: Vec<String>,
    /// A change at the community (by its kind there), the status it may cause in the case system.
    pub answers: Vec<Answer>,
    /// Whether every change of status in the case system must show at the community, also one that a later one
    /// overwrote.
    pub every_status: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: String,
    pub status: String,
    /// Whether it must: where this is a person's last word on the case, the case system has to be there.
    pub must: bool,
}

impl Default for Rules {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let statuses: [(&str, &[&str]); 8] = [
            ("new", &["submitted", "acknowledged"]),
            ("open", &["in-progress"]),
            ("waiting-partner", &["pending-partner"]),
            ("stalled", &["on-hold"]),
            ("resolved", &["resolved"]),
            ("closed", &["closed"]),
            ("rejected", &["rejected", "cancelled"]),
            ("cancelled", &["cancelled"]),
        ];
        let answers = [
            ("withdrawn", "cancelled", true),
            ("resolution-accepted", "closed", true),
            ("resolution-rejected", "open", true),
            ("comment-added", "open", false),
        ];
        Self {
            subject_prefix: "case/tg/".to_owned(),
            statuses: statuses.iter().map(|(is, agree)| ((*is).to_owned(), words(agree))).collect(),
            passing: words(&["acknowledged", "in-progress"]),
            answers: answers
                .iter()
                .map(|(kind, status, must)| Answer {
                    kind: (*kind).to_owned(),
                    status: (*status).to_owned(),
                    must: *must,
                })
                .collect(),
            every_status: true,
        }
    }
}

impl Rules {
    /// What agrees with a status of the case system; empty for one that says nothing to the partner.
    pub fn agreeing(&self, internal: &str) -> &[String] {
        self.statuses.iter().find(|(is, _)| is == internal).map_or(&[], |(_, agree)| agree)
    }
}
