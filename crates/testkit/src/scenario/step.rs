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
    /// Waited for before the next step is taken; without it the next one follows at once.
    pub then: Option<Expect>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Partner(Partner),
    Agent(Agent),
}

/// What a partner's user does in the community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partner {
    Opens(Box<Open>),
    Comments { text: String, format: String },
    ChangesDetails { field: String, value: String, reason: String },
    Withdraws { reason: String },
    Accepts { text: String },
    Rejects { text: String },
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
    ChangesPriority {
        to: String,
    },
    /// A ticket that no partner's case led to.
    OpensOwnTicket {
        title: String,
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
