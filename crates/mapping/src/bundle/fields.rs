//! Custom fields: what of a partner's case goes into which field of X, and which fields of X may speak to a partner.

use crate::read::{Reader, Table, shown};

/// What a case of a partner can give to a field of X, beside `ext.<name>`.
pub(crate) const SOURCES: [&str; 27] = [
    "case_id",
    "subject",
    "title",
    "description",
    "severity",
    "category",
    "sub_category",
    "language",
    "requested_resolution_at",
    "documents",
    "contact",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.role",
    "transaction.standard",
    "transaction.set_id",
    "transaction.interchange_control",
    "transaction.group_control",
    "transaction.set_control",
    "transaction.network_reference",
    "partner.id",
    "partner.name",
    "partner.group",
    "partner.duns",
    "partner.vendor_number",
    "partner.edi_addresses",
];

/// What a shared extra field of X can become for the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    ResolutionNote,
    ResolutionCode,
    StatusReason,
    Question,
    /// The outcome of a discrepancy, line by line.
    LineOutcomes,
    /// What settles a discrepancy.
    Settlement,
    /// Types of the documents that are wanted as evidence.
    Evidence,
    /// What the review of a document came to, and about which version.
    Decision,
    /// That a document of the house's own is shared, and which version.
    Share,
    /// The next four are what a document of the house's own belongs to.
    Order,
    Invoice,
    Shipment,
    ParentCase,
}

impl Use {
    pub(crate) const ALL: [(&'static str, Self); 13] = [
        ("resolution_note", Self::ResolutionNote),
        ("resolution_code", Self::ResolutionCode),
        ("status_reason", Self::StatusReason),
        ("question", Self::Question),
        ("line_outcomes", Self::LineOutcomes),
        ("settlement", Self::Settlement),
        ("evidence", Self::Evidence),
        ("decision", Self::Decision),
        ("share", Self::Share),
        ("order", Self::Order),
        ("invoice", Self::Invoice),
        ("shipment", Self::Shipment),
        ("parent_case", Self::ParentCase),
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::ResolutionNote => "resolution_note",
            Self::ResolutionCode => "resolution_code",
            Self::StatusReason => "status_reason",
            Self::Question => "question",
            Self::LineOutcomes => "line_outcomes",
            Self::Settlement => "settlement",
            Self::Evidence => "evidence",
            Self::Decision => "decision",
            Self::Share => "share",
            Self::Order => "order",
            Self::Invoice => "invoice",
            Self::Shipment => "shipment",
            Self::ParentCase => "parent_case",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct FieldIn {
    pub(crate) source: String,
    pub(crate) internal: String,
}

#[derive(Clone, Debug)]
pub(crate) struct FieldOut {
    /// Name in the `ext` of X's events.
    pub(crate) internal: String,
    pub(crate) to: Use,
    /// The operator's grant; without it the line only documents that the field stays inside.
    pub(crate) share: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) into: Vec<FieldIn>,
    pub(crate) out: Vec<FieldOut>,
}

impl Fields {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        Self { into: fields_in(reader, "fields-in.csv", &SOURCES), out: fields_out(reader) }
    }

    /// X's fields for a partner's field; a bundle may name several.
    pub(crate) fn internal_for(&self, source: &str) -> impl Iterator<Item = &str> {
        self.into.iter().filter(move |f| f.source == source).map(|f| f.internal.as_str())
    }
}

/// What of a partner's record goes into which field of X.
pub(crate) fn fields_in(reader: &mut Reader<'_>, file: &str, sources: &[&str]) -> Vec<FieldIn> {
    let Some(text) = reader.optional(file) else { return Vec::new() };
    let table = Table::parse(reader, file, text, &["partner", "internal"], &|_| false, "partner,internal");
    table.unique(reader, &|row| table.cell(row, "internal").to_owned());
    let mut out = Vec::new();
    for row in &table.rows {
        let (source, internal) = (table.cell(row, "partner"), table.cell(row, "internal"));
        let extra = source.strip_prefix("ext.").is_some_and(|name| !name.is_empty());
        if !extra && !sources.contains(&source) {
            let what = format!("`{}` is not a field of a partner's record", shown(source));
            reader.fault(file, row.line, what, format!("known: {}, ext.<name>", sources.join(", ")));
        }
        if internal.is_empty() {
            reader.fault(file, row.line, "the field of the case system is empty", "name it as the case system does");
        }
        out.push(FieldIn { source: source.to_owned(), internal: internal.to_owned() });
    }
    out
}

/// Words in the names of fields that no operator can grant: who works on it inside, findings, money and blame.
const NEVER: [&str; 22] = [
    "owner",
    "queue",
    "priority",
    "requestor",
    "watcher",
    "admincc",
    "assignee",
    "assignment group",
    "impact",
    "urgency",
    "finding",
    "root cause",
    "cost",
    "margin",
    "score",
    "rating",
    "sanction",
    "fraud",
    "legal hold",
    "chargeback",
    "tolerance",
    "escalation",
];

/// `cf.Root Cause (draft)` as well as `owner`: whole words of the name, whatever the case.
fn never_shared(name: &str) -> bool {
    let name = name.strip_prefix("cf.").unwrap_or(name).to_lowercase().replace(['_', '-'], " ");
    NEVER.iter().any(|word| format!(" {name} ").contains(&format!(" {word} ")))
}

fn fields_out(reader: &mut Reader<'_>) -> Vec<FieldOut> {
    let file = "fields-out.csv";
    let Some(text) = reader.optional(file) else { return Vec::new() };
    let table = Table::parse(reader, file, text, &["internal", "to", "share"], &|_| false, "internal,to,share");
    table.unique(reader, &|row| format!("{},{}", table.cell(row, "internal"), table.cell(row, "to")));
    let mut out = Vec::new();
    for row in &table.rows {
        let (internal, word) = (table.cell(row, "internal"), table.cell(row, "to"));
        if internal.is_empty() {
            reader.fault(file, row.line, "the field of the case system is empty", "name it as its events do");
        }
        let share = match table.cell(row, "share") {
            "true" => true,
            "false" => false,
            other => {
                let what = format!("share is `{}`", shown(other));
                reader.fault(file, row.line, what, "write true to let partners see it, false to keep it inside");
                false
            }
        };
        if share && never_shared(internal) {
            let what = format!("`{}` is never for partners", shown(internal));
            reader.fault(
                file,
                row.line,
                what,
                "write false: agents copy what a partner may read into a field of its own",
            );
        }
        match Use::ALL.iter().find(|(known, _)| *known == word) {
            Some((_, to)) => out.push(FieldOut { internal: internal.to_owned(), to: *to, share }),
            None => {
                let known: Vec<_> = Use::ALL.iter().map(|(w, _)| *w).collect();
                let what = format!("`{}` is nothing a partner is told", shown(word));
                reader.fault(file, row.line, what, format!("known: {}", known.join(", ")));
            }
        }
    }
    out
}
