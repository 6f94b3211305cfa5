//! The workload: what partners say, as ingest would have written it. The same bytes for the same number, always.

use crate::error::{BenchError, wrong};
use codec::{Codec, headers};
use domain::issue::{CommentAdded, Contact, DocumentRef, Opened, PartnerEvent as E, TransactionRef};
use domain::{
    Actor, Envelope, Environment, MessageId, Meta, NativeId, PartnerEvent, PartnerId, Side, Subject, SubjectKind,
    SystemId, Timestamp, Visibility,
};
use std::collections::BTreeMap;

pub const TOPIC: &str = "partner.events";
/// One issue is opened, then commented on four times.
pub const PER_CASE: u64 = 5;
/// 2026-01-05T09:00:00Z; one event a second from there.
const BEGIN: i64 = 1_767_603_600_000;

const CATEGORIES: [&str; 4] = ["INVOICE", "ORDER", "EDI_TECHNICAL", "MASTER_DATA"];
const SEVERITIES: [&str; 3] = ["MINOR", "MAJOR", "CRITICAL"];
const SAID: [&str; 4] = [
    "The corrected invoice was sent again this morning under the same number; please confirm that it has arrived.",
    "We have checked with our warehouse: 48 cartons left the dock on Friday, the despatch advice says 46. The carrier \
     counted 48 as well, the signed papers are attached to the delivery in the community.",
    "<p>Any news on this? Our payment run is on <b>Thursday</b> &amp; the amount is blocked until then.</p>",
    "Understood, thank you.",
];

/// As ingest writes it to the log.
pub struct Encoded {
    pub key: String,
    pub value: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
}

/// Event number `n` of the workload: of every five one opens a case, four comment on it.
pub fn event(n: u64) -> Result<Envelope<PartnerEvent>, BenchError> {
    let (case, step) = (n / PER_CASE, n % PER_CASE);
    let payload = PartnerEvent::Issue(if step == 0 { opened(case) } else { comment(case, step) });
    let invalid = |error: domain::InvalidName| BenchError::Wrong(error.to_string());
    let system = SystemId::new("tg").map_err(invalid)?;
    let native = NativeId::new(format!("CS-{case:08}")).map_err(invalid)?;
    let subject = Subject::new(SubjectKind::Case, &system, &native);
    let at = Timestamp(BEGIN + i64::try_from(n).unwrap_or(i64::MAX / 2_000) * 1_000);
    let meta = Meta {
        id: MessageId::of_event(&system, native.as_str(), &format!("{step}"), &subject),
        subject,
        system,
        partner_id: Some(PartnerId::new("ACME").map_err(invalid)?),
        kind: payload.kind().to_owned(),
        occurred_at: at,
        recorded_at: at.plus_millis(1_700),
        source_version: format!("{}", step + 1),
        causation_id: None,
        actor: Actor { id: "ann.lee@acme.example".to_owned(), side: Side::Partner },
        visibility: Visibility::Partner,
        environment: Environment::Production,
        ext: BTreeMap::from([("plant".to_owned(), format!("P{:03}", case % 40))]),
        mapping_version: 0,
        cause: None,
    };
    Ok(Envelope { meta, payload })
}

/// Encoded, with the headers that ingest gives it.
pub fn encoded(codec: &Codec, n: u64) -> Result<Encoded, BenchError> {
    let event = event(n)?;
    let mut value = Vec::with_capacity(768);
    codec.encode(TOPIC, &event, &mut value)?;
    if value.len() < 100 {
        return wrong(format!("event {n} has only {} bytes", value.len()));
    }
    Ok(Encoded { key: event.meta.subject.as_str().to_owned(), value, headers: headers::cloud_event(&event.meta) })
}

fn pick(list: &[&str], n: u64) -> String {
    list.get(usize::try_from(n).unwrap_or(0) % list.len()).copied().unwrap_or_default().to_owned()
}

fn opened(case: u64) -> E {
    let number = format!("90{:07}", case % 10_000_000);
    E::Opened(Box::new(Opened {
        title: format!("Invoice {number} was rejected: total differs from the order"),
        description: format!(
            "Our invoice {number} was rejected with code 24. The total on the invoice is 12,480.00 EUR, the order \
             confirmation says 12,408.00 EUR. Line 3 was delivered in two parts, which your system seems to count \
             once. Please check, the goods have been received."
        ),
        severity: pick(&SEVERITIES, case),
        category: pick(&CATEGORIES, case),
        sub_category: String::new(),
        contact: Contact {
            name: "Ann Lee".to_owned(),
            email: "ann.lee@acme.example".to_owned(),
            phone: "+49 30 1234567".to_owned(),
            language: "en".to_owned(),
            role: "accounts receivable".to_owned(),
        },
        documents: vec![
            DocumentRef { type_code: "380".to_owned(), number, issue_date: "2026-01-02".to_owned() },
            DocumentRef {
                type_code: "220".to_owned(),
                number: format!("45{:08}", case % 100_000_000),
                issue_date: "2025-12-11".to_owned(),
            },
        ],
        transaction: Some(TransactionRef {
            standard: "X12".to_owned(),
            set_id: "810".to_owned(),
            direction: "inbound".to_owned(),
            sender: "01:123456789".to_owned(),
            receiver: "ZZ:HOSTEDI".to_owned(),
            interchange_control: format!("{:09}", case % 1_000_000_000),
            group_control: format!("{}", case % 10_000),
            set_control: "0001".to_owned(),
            network_reference: String::new(),
        }),
        requested_resolution_at: Some(Timestamp(BEGIN + 86_400_000)),
        language: "en".to_owned(),
        files: Vec::new(),
    }))
}

fn comment(case: u64, step: u64) -> E {
    let text = pick(&SAID, case + step);
    let format = if text.starts_with('<') { "html" } else { "plain" }.to_owned();
    E::CommentAdded(CommentAdded {
        note_id: format!("N-{case}-{step}"),
        author: "Ann Lee".to_owned(),
        text,
        format,
        case_status: String::new(),
        files: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_survives_its_bytes_and_leads_to_commands_under_the_starter_bundle() {
        let (codec, bundle) = (Codec::offline(), crate::kafka::bundle().unwrap());
        for n in 0..100 {
            let encoded = encoded(&codec, n).unwrap();
            let read: Envelope<PartnerEvent> = codec.decode(TOPIC, &encoded.value).unwrap();
            assert_eq!(read, event(n).unwrap());
            let cause = domain::Cause { topic: TOPIC.to_owned(), partition: 0, offset: 1 };
            let mapped = mapping::to_internal(&bundle, &domain::Fact::event(read), &cause);
            assert_eq!((mapped.held, mapped.skipped.is_empty()), (None, true), "event {n}");
            assert_eq!(mapped.commands.len(), if n % PER_CASE == 0 { 1 } else { 2 }, "event {n}");
        }
    }
}
