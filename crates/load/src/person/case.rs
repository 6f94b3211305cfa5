//! What a person remembers of a case of its own.

/// How it is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is left open.
    Talk,
    Withdraw,
    Resolve,
}

#[derive(Clone, Debug)]
pub struct Case {
    /// At the community.
    pub id: String,
    /// The position of its partner in the plan.
    pub partner: usize,
    pub ticket: Option<String>,
    /// The newest change of the ticket that this person made.
    pub newest: u64,
    /// Acts until the end begins.
    pub left: usize,
    pub end: End,
    pub proposed: bool,
    pub rejected: bool,
    /// How often this person looked in vain.
    pub looks: u32,
}
