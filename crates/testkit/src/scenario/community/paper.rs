//! A document at the community, plainly: the same life as the contract's, version by version.

use super::Refused;
use crate::scenario::step::taken;
use crate::scenario::{DocumentView, Partner, Share, View, decision_line, newer_version};
use domain::document::{PartnerCommand as C, PartnerEvent as E, SharedDocument, VersionAdded};
use domain::issue::{CommentAdded, Withdrawn};
use domain::{DocumentStatus as S, FileClaim};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(in crate::scenario) struct Paper {
    pub(super) id: String,
    pub(super) partner: String,
    /// Of the newest version.
    pub(super) status: S,
    shared: SharedDocument,
    label: String,
    reason: String,
    reference: String,
    /// By whom, what.
    comments: Vec<(String, String)>,
    seen: DocumentView,
}

/// Texts of scenarios are checked where they are written: what is none of the contract's is a mistake of the file.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("not as the contract says it: {error}"))
}

fn text(text: Option<&domain::Shared<String>>) -> String {
    text.map(|text| text.get().clone()).unwrap_or_default()
}

impl Paper {
    pub(super) fn shared(id: String, share: &Share) -> (Self, E) {
        let shared: SharedDocument = read(share.to_contract());
        let settled = SharedDocument { file: taken(shared.file.clone(), &id, 1), ..shared.clone() };
        let paper = Self {
            id,
            partner: share.by.clone(),
            status: S::Uploaded,
            shared,
            label: String::new(),
            reason: String::new(),
            reference: String::new(),
            comments: Vec::new(),
            seen: DocumentView { version: 1, ..DocumentView::default() },
        };
        (paper, E::Shared(Box::new(settled)))
    }

    /// Of a restricted document the house's words are not repeated; that there are some is all that is seen.
    pub(super) fn says(&self, text: &str) -> bool {
        let restricted = matches!(self.shared.type_code.as_str(), "W9" | "W8BENE" | "BANK_FORM");
        self.comments.iter().any(|(who, said)| said == text || (restricted && *who != self.partner))
    }

    pub(super) fn act(&mut self, act: &Partner) -> Result<Option<E>, Refused> {
        if self.status.is_final() {
            return Err(Refused);
        }
        Ok(Some(match act {
            Partner::RevisesComment { .. } | Partner::SendsFiles { .. } => return Err(Refused),
            Partner::Comments { text, format } => {
                let author = self.partner.clone();
                self.comments.push((author.clone(), text.clone()));
                E::CommentAdded(CommentAdded {
                    note_id: format!("{}-n{}", self.id, self.comments.len()),
                    author,
                    text: text.clone(),
                    format: format.clone(),
                    case_status: self.status.as_str().to_owned(),
                    files: Vec::new(),
                })
            }
            Partner::AddsVersion { file, note, valid_to } => {
                E::VersionAdded(self.newer(&newer_version(file, note, valid_to))?)
            }
            Partner::Withdraws { reason } => {
                self.step(S::Withdrawn)?;
                self.seen.offered = 0;
                E::Withdrawn(Withdrawn { reason: reason.clone() })
            }
            // The community keeps it, and no feed makes an event of it.
            Partner::Views => return Ok(None),
            Partner::Opens(_)
            | Partner::Raises(_)
            | Partner::Shares(_)
            | Partner::ChangesDetails { .. }
            | Partner::Accepts { .. }
            | Partner::Rejects { .. }
            | Partner::CorrectsLine { .. }
            | Partner::GivesEvidence { .. }
            | Partner::Confirms { .. }
            | Partner::Contests { .. }
            | Partner::LetsTheOfferLapse
            | Partner::AcceptsInvitation { .. }
            | Partner::DeclinesInvitation { .. }
            | Partner::LetsTheInvitationExpire
            | Partner::Submits { .. }
            | Partner::Asks { .. } => return Err(Refused),
        }))
    }

    fn newer(&mut self, body: &Value) -> Result<VersionAdded, Refused> {
        let file: FileClaim = read(body["file"].clone());
        let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if !self.status.may_be_replaced() || file.sha256 == self.shared.file.sha256 {
            return Err(Refused);
        }
        let added = VersionAdded {
            version_no: self.seen.version + 1,
            type_code: self.shared.type_code.clone(),
            type_list: self.shared.type_list.clone(),
            references: self.shared.references.clone(),
            prior_sha256: self.shared.file.sha256.clone(),
            change_note: word("change_note"),
            valid_from: String::new(),
            valid_to: word("valid_to"),
            file: taken(file.clone(), &self.id, self.seen.version + 1),
        };
        (self.shared.file, self.status) = (file, S::Uploaded);
        (self.label, self.reason) = (String::new(), String::new());
        let offered = self.seen.offered;
        self.seen = DocumentView { version: added.version_no, offered, ..DocumentView::default() };
        Ok(added)
    }

    pub(super) fn has_moved_on(&self, command: &C) -> bool {
        command.concerns_nobody(Some(self.seen.offered).filter(|version| *version > 0), self.seen.version)
    }

    /// Staying where it is is allowed.
    fn step(&mut self, to: S) -> Result<(), Refused> {
        if self.status != to && !self.status.may_become(to) {
            return Err(Refused);
        }
        self.status = to;
        Ok(())
    }

    pub(super) fn is_newest(&self, version_no: i64) -> bool {
        [0, self.seen.version].contains(&version_no)
    }

    fn newest(&self, version_no: i64) -> Result<(), Refused> {
        if self.is_newest(version_no) { Ok(()) } else { Err(Refused) }
    }

    pub(super) fn obey(&mut self, command: &C) -> Result<(), Refused> {
        match command {
            C::Acknowledge(c) => {
                if matches!(self.status, S::Uploaded | S::Scanning) {
                    self.status = S::Available;
                }
                if let Some(reference) = &c.reference {
                    self.reference.clone_from(reference.get());
                }
            }
            C::SetStatus(c) => {
                if c.status == S::Expired && c.version_no == self.seen.offered && c.version_no != self.seen.version {
                    self.seen.offered = 0;
                    return Ok(());
                }
                self.newest(c.version_no)?;
                if c.status == S::Expired {
                    self.step(S::Expired)?;
                } else if c.status.has_its_own_word() || self.status.path(c.status).is_none() {
                    return Err(Refused);
                }
                self.status = c.status;
                if matches!(c.status, S::Withdrawn | S::Expired) {
                    self.seen.offered = 0;
                }
                self.label.clone_from(c.label.get());
                self.reason = text(c.reason.as_ref());
                self.seen.code = text(c.status_code.as_ref());
            }
            C::PostComment(c) => self.comments.push((text(c.author_label.as_ref()), c.text.get().clone())),
            C::Decide(_) => self.decide(command)?,
            C::RejectFile(c) => {
                self.newest(c.version_no)?;
                self.step(S::Quarantined)?;
                self.label.clone_from(c.label.get());
                self.reason.clone_from(c.text.get());
            }
            C::RequestRenewal(c) => {
                self.newest(c.version_no)?;
                self.step(S::Expiring)?;
                self.label.clone_from(c.label.get());
                self.seen.renewal.clone_from(c.text.get());
            }
        }
        Ok(())
    }

    fn decide(&mut self, command: &C) -> Result<(), Refused> {
        let C::Decide(c) = command.clone().map_text(domain::Shared::into_inner) else { return Err(Refused) };
        self.newest(c.version_no)?;
        let status = S::of_decision(&c.decision).filter(|_| c.mistake().is_none()).ok_or(Refused)?;
        self.status.path(S::UnderReview).ok_or(Refused)?;
        self.status = status;
        let is_offered = self.seen.offered == c.version_no;
        if status.is_offered() {
            self.seen.offered = c.version_no;
        } else if is_offered {
            self.seen.offered = 0;
        }
        (self.label, self.reason) = (c.label, c.comment.unwrap_or_default());
        self.seen.decision = decision_line(&c.decision, c.version_no, &c.reason_code.unwrap_or_default());
        let line = |one: domain::document::Correction<String>| {
            format!("{} {}", one.term, one.value.unwrap_or_default()).trim_end().to_owned()
        };
        self.seen.corrections = c.corrections.into_iter().map(line).collect();
        self.seen.code = c.status_code.unwrap_or_default();
        Ok(())
    }

    pub(super) fn show(&self, view: &mut View) {
        self.status.as_str().clone_into(&mut view.status);
        view.label.clone_from(&self.label);
        view.reason.clone_from(&self.reason);
        view.reference.clone_from(&self.reference);
        view.comments = self.comments.iter().map(|(author, text)| format!("{author}: {text}")).collect();
        view.document = self.seen.clone();
    }
}

impl super::Community {
    /// A new document, and what is said of it.
    pub(in crate::scenario) fn share(&mut self, share: &crate::scenario::Share) -> (usize, domain::PartnerEvent) {
        let (paper, event) = Paper::shared(format!("C{}", self.cases.len() + 1), share);
        self.cases.push(super::Record::Paper(Box::new(paper)));
        (self.cases.len() - 1, domain::PartnerEvent::Document(event))
    }
}
