mod paper;
mod programme;

pub use paper::{File, NewPaper, Share, decision_line, file_line, file_line_of, hash_of, newer_version, taken};
pub use programme::{NewProgramme, NewTask, TaskLine, day, readiness_line};

use super::Expect;

/// What a scenario calls a case.
pub type Case = String;

/// One thing that one person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of the step in its file.
    pub line: usize,
    pub case: Case,
    pub act: Act,
    /// The community does not take it from its partner.
    pub refused: bool,
    /// Taken before anybody has heard of the step before it.
    pub crosses: bool,
    /// Waited for before the next step is taken; without it the next one follows at once.
    pub then: Option<Expect>,
}

impl Step {
    /// The partner that makes a new record with this step.
    pub fn opens_as(&self) -> Option<&str> {
        match &self.act {
            Act::Partner(act) => act.opens_as(),
            Act::Agent(Agent::StartsProgramme(programme)) => Some(&programme.by),
            Act::Agent(Agent::BeginsDocument(paper)) => Some(&paper.by),
            Act::Agent(_) | Act::Time { .. } => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Partner(Partner),
    Agent(Agent),
    /// Nobody does anything for so many milliseconds.
    Time {
        passes: i64,
    },
}

/// What a partner's user does in the community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partner {
    Opens(Box<Open>),
    Comments {
        text: String,
        format: String,
    },
    ChangesDetails {
        field: String,
        value: String,
        reason: String,
    },
    /// Its own comment of that text, or without a new one takes it away.
    RevisesComment {
        from: String,
        to: Option<String>,
    },
    Withdraws {
        reason: String,
    },
    Accepts {
        text: String,
    },
    Rejects {
        text: String,
    },
    /// A comment with files, each as `proof.pdf 12000`: its name and its size in bytes.
    SendsFiles {
        text: String,
        files: Vec<String>,
    },
    /// The next ones are about discrepancies.
    Raises(Box<Raise>),
    CorrectsLine {
        line: String,
        reason: String,
    },
    GivesEvidence {
        text: String,
        document: String,
    },
    Confirms {
        text: String,
    },
    /// Lines as `2 three came`: what the partner says of each that it contests.
    Contests {
        text: String,
        lines: Vec<String>,
    },
    /// The time for an answer passes.
    LetsTheOfferLapse,
    /// The next ones are about an onboarding.
    AcceptsInvitation {
        contact: String,
        text: String,
    },
    DeclinesInvitation {
        text: String,
    },
    LetsTheInvitationExpire,
    Submits {
        task: String,
        text: String,
        document: String,
    },
    /// Without a task about the programme.
    Asks {
        task: String,
        text: String,
    },
    /// The next ones are about documents.
    Shares(Box<Share>),
    AddsVersion {
        file: File,
        note: String,
        valid_to: String,
    },
    /// Looks at it, and no more.
    Views,
}

impl Act {
    /// With the case that a new document belongs to named as its system names it.
    #[must_use]
    pub fn belonging(mut self, subject: impl Fn(&str) -> Option<domain::Subject>) -> Self {
        match &mut self {
            Self::Partner(Partner::Shares(share)) => {
                if let Some(case) = subject(&share.parent) {
                    case.native().clone_into(&mut share.parent);
                }
            }
            Self::Agent(Agent::BeginsDocument(new)) => {
                if let Some(case) = subject(&new.parent) {
                    case.as_str().clone_into(&mut new.parent);
                }
            }
            Self::Partner(_) | Self::Agent(_) | Self::Time { .. } => {}
        }
        self
    }
}

impl Partner {
    /// Who makes a new record with it; `None` where it acts on one.
    pub fn opens_as(&self) -> Option<&str> {
        match self {
            Self::Opens(open) => Some(&open.by),
            Self::Raises(raise) => Some(&raise.by),
            Self::Shares(share) => Some(&share.by),
            Self::Comments { .. }
            | Self::SendsFiles { .. }
            | Self::ChangesDetails { .. }
            | Self::RevisesComment { .. }
            | Self::Withdraws { .. }
            | Self::Accepts { .. }
            | Self::Rejects { .. }
            | Self::CorrectsLine { .. }
            | Self::GivesEvidence { .. }
            | Self::Confirms { .. }
            | Self::Contests { .. }
            | Self::LetsTheOfferLapse
            | Self::AcceptsInvitation { .. }
            | Self::DeclinesInvitation { .. }
            | Self::LetsTheInvitationExpire
            | Self::Submits { .. }
            | Self::Asks { .. }
            | Self::AddsVersion { .. }
            | Self::Views => None,
        }
    }

    /// Answers what is on offer, and so waits for an offer.
    pub const fn answers(&self) -> bool {
        matches!(
            self,
            Self::Accepts { .. }
                | Self::Rejects { .. }
                | Self::Confirms { .. }
                | Self::Contests { .. }
                | Self::LetsTheOfferLapse
        )
    }
}

/// A discrepancy. Lines as `1 ordered=10 received=8 uom=EA`, with the names of the contract's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raise {
    pub by: String,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub code: String,
    pub code_list: String,
    pub site: String,
    /// UNTDID 1001 type and number, as `220 4500001`.
    pub document: String,
    pub amount: String,
    pub lines: Vec<String>,
}

impl Raise {
    /// As the contract says it; the same for every level.
    pub fn to_contract(&self) -> serde_json::Value {
        let mut raised = serde_json::json!({
            "title": self.title,
            "description": self.description,
            "kind": self.kind,
            "code": self.code,
            "code_list": self.code_list,
            "site": self.site,
            "documents": document(&self.document).into_iter().collect::<Vec<_>>(),
            "lines": self.lines.iter().map(|text| line(text)).collect::<Vec<_>>(),
        });
        if !self.amount.is_empty() {
            raised["claim_amount"] = self.amount.as_str().into();
            raised["claim_currency"] = "EUR".into();
        }
        raised
    }
}

/// Files as a feed names them once ingest has taken their bytes: those above 100 MB were withheld.
pub fn claims(files: &[String]) -> Vec<domain::FileClaim> {
    let claim = |file: &String| {
        let (name, size) = file.rsplit_once(' ').unwrap_or((file, "1"));
        let named =
            domain::FileClaim::named(name, name.to_owned(), "application/octet-stream", size.parse().unwrap_or(1));
        if named.size > LIMIT {
            let withheld = domain::file::withheld::OVERSIZE.to_owned();
            return domain::FileClaim { withheld, limit: LIMIT, ..named };
        }
        domain::FileClaim { sha256: domain::ContentHash::of_bytes(file.as_bytes()).to_string(), ..named }
    };
    files.iter().map(claim).collect()
}

/// What the link takes where nothing else is configured.
pub(super) const LIMIT: i64 = 100_000_000;

/// `POD 88` as a reference to a document; nothing for an empty text.
pub fn document(text: &str) -> Option<serde_json::Value> {
    let (kind, number) = text.split_once(' ')?;
    Some(serde_json::json!({ "type_code": kind, "number": number }))
}

/// `1 ordered=10 received=8 uom=EA` as a line of the contract.
pub fn line(text: &str) -> serde_json::Value {
    let mut words = text.split_whitespace();
    let mut line = serde_json::json!({ "line_no": words.next().unwrap_or_default() });
    for (name, value) in words.filter_map(|word| word.split_once('=')) {
        line[name] = value.into();
    }
    line
}

/// `2 three came` as a partner's word about a line of an outcome that it does not agree to.
pub fn contested(text: &str) -> serde_json::Value {
    let (line_no, comment) = text.split_once(' ').unwrap_or((text, ""));
    serde_json::json!({ "line_no": line_no, "agreed": false, "comment": comment })
}

/// `1 PARTIAL 8 EA 2.50 EUR CREDIT_AMOUNT`: what a partner sees of one line of an outcome.
pub fn outcome_line(line: &domain::discrepancy::LineOutcome<String>) -> String {
    let optional = [&line.quantity, &line.uom, &line.amount, &line.currency, &line.date, &line.remedy, &line.reason];
    let words = [&line.line_no, &line.decision].into_iter().chain(optional.into_iter().flatten());
    words.chain(&line.reference).map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub by: String,
    pub title: String,
    pub description: String,
    pub severity: String,
    pub category: String,
    pub document: String,
}

/// What an agent does in the case system. Agents wait for the ticket of a case before they act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    Replies {
        text: String,
    },
    /// A public reply with files, as those of a partner.
    SendsFiles {
        text: String,
        files: Vec<String>,
    },
    /// The canary is put into the text.
    Notes {
        text: String,
    },
    /// `reason` is text that the case system holds for the partner.
    SetsStatus {
        to: String,
        reason: String,
    },
    /// The canary is put into the value unless it is `shared`.
    SetsField {
        field: String,
        value: String,
        shared: bool,
    },
    Assigns {
        to: String,
    },
    /// Puts the ticket into that of another case.
    Merges {
        into: Case,
    },
    ChangesPriority {
        to: String,
    },
    /// Time is told to the case system's side: a version of a document expires in so many days, or has expired.
    HearsOfExpiry {
        version: i64,
        valid_to: String,
        days_left: i64,
    },
    /// A ticket that no partner's case led to.
    OpensOwnTicket {
        title: String,
        /// In the house's own words, such as `discrepancy`; an issue where nothing is said.
        use_case: String,
    },
    StartsProgramme(Box<NewProgramme>),
    AddsTask(Box<NewTask>),
    /// A ticket of the house's own, for a document that is to be shared; nobody hears of it.
    BeginsDocument(Box<NewPaper>),
    /// A public reply with the file of a version that is to be shared.
    PutsFile {
        text: String,
        file: File,
    },
    /// At the ticket of a task instead of the programme's.
    AtTask {
        task: String,
        act: Box<Self>,
    },
    /// The next four are said by case systems that have a word for them; Request Tracker has statuses only.
    RequiresInformation {
        question: String,
    },
    Resolves {
        note: String,
        code: String,
    },
    Closes,
    Reopens {
        reason: String,
    },
}
