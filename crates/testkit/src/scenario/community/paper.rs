//! A document at the community, plainly: the same life as the contract's, version by version.

use super::Refused;
use crate::scenario::step::{file_line, taken};
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
    /// Of one that the house shares.
    pub(super) subject: Option<domain::Subject>,
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
            subject: None,
        };
        (paper, E::Shared(Box::new(settled)))
    }

    /// Of a restricted document the house's words are not repeated; that there are some is all that is seen.
    pub(super) fn says(&self, text: &str) -> bool {
        let restricted = matches!(self.shared.type_code.as_str(), "W9" | "W8BENE" | "BANK_FORM");
        self.comments.iter().any(|(who, said)| said == text || (restricted && *who != self.partner))
    }

    pub(super) fn act(&mut self, act: &Partner) -> Result<Option<E>, Refused> {
        let is_readers = matches!(act, Partner::Comments { .. } | Partner::Views);
        if self.status.is_final() || (self.subject.is_some() && !is_readers) {
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
            C::Publish(_) => return Err(Refused),
            C::PublishVersion(c) => self.publish_version(c)?,
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

    /// Why it does not take a newer version of the house, in the words of the contract.
    fn why_not(&self, c: &domain::document::PublishVersion) -> Option<&'static str> {
        if self.subject.is_none() {
            Some("forbidden")
        } else if !self.status.may_be_replaced() {
            Some("transition-refused")
        } else if c.version_no != self.seen.version + 1 {
            Some("version-not-next")
        } else if c.file.sha256 == self.shared.file.sha256 {
            Some("same-bytes")
        } else {
            None
        }
    }

    fn publish_version(&mut self, c: &domain::document::PublishVersion) -> Result<(), Refused> {
        let file = c.file.bare().map_name(|()| c.file.file_name.get().clone());
        if self.why_not(c).is_some() {
            return Err(Refused);
        }
        self.shared.file = file;
        self.shared.valid_to = text(c.valid_to.as_ref());
        self.label.clone_from(c.label.get());
        self.reason.clear();
        (self.seen.version, self.seen.offered) = (c.version_no, c.version_no);
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
        let shared = &self.shared;
        let reference = |one: &domain::issue::DocumentRef| format!("{} {}", one.type_code, one.number);
        view.document = DocumentView {
            title: shared.title.clone(),
            references: shared.references.iter().map(reference).collect(),
            file: file_line(&shared.file.file_name, &shared.file.sha256),
            valid_to: shared.valid_to.clone(),
            ..self.seen.clone()
        };
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

impl super::Community {
    /// A document of the house's own; the second one of a subject is the first.
    pub(in crate::scenario) fn publish(
        &mut self,
        native: &str,
        partner: &str,
        subject: &domain::Subject,
        c: &domain::document::Publish,
    ) {
        if self.space_of(subject).is_some() {
            return;
        }
        let reference = |one: &domain::document::outward::PublicReference| domain::issue::DocumentRef {
            type_code: one.type_code.clone(),
            number: one.number.get().clone(),
            issue_date: String::new(),
        };
        let shared = SharedDocument {
            title: c.title.get().clone(),
            description: text(c.note.as_ref()),
            type_code: c.type_code.get().clone(),
            type_list: c.type_list.clone(),
            references: c.references.iter().map(reference).collect(),
            case_id: text(c.case_id.as_ref()),
            file: c.file.bare().map_name(|()| c.file.file_name.get().clone()),
            valid_to: text(c.valid_to.as_ref()),
            ..SharedDocument::default()
        };
        let paper = Paper {
            id: native.to_owned(),
            partner: partner.to_owned(),
            status: S::Available,
            shared,
            label: c.label.get().clone(),
            reason: String::new(),
            reference: String::new(),
            comments: Vec::new(),
            seen: DocumentView { version: 1, offered: 1, ..DocumentView::default() },
            subject: Some(subject.clone()),
        };
        self.cases.push(super::Record::Paper(Box::new(paper)));
    }
}

impl super::Record {
    pub(in crate::scenario) fn why_not(&self, c: &domain::document::PublishVersion) -> Option<&'static str> {
        match self {
            Self::Paper(paper) => paper.why_not(c),
            Self::Case(_) | Self::Dispute(_) | Self::Space(_) => None,
        }
    }
}
