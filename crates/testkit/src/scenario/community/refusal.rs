//! How the community names what it does not take, in the codes of its contract: agents read them in a note.

use super::Record;
use domain::{DiscrepancyStatus, PartnerCommand, discrepancy, document};

const OTHER: &str = "transition-refused";

/// Of a command that was refused.
pub(in crate::scenario) fn code(record: &Record, command: &PartnerCommand) -> &'static str {
    match (record, command) {
        (Record::Paper(paper), PartnerCommand::Document(command)) if !paper.is_newest(version(command)) => {
            "version-not-newest"
        }
        (Record::Dispute(dispute), PartnerCommand::Discrepancy(discrepancy::PartnerCommand::ProposeOutcome(_)))
            if dispute.status.may_become(DiscrepancyStatus::OutcomeProposed) =>
        {
            "outcome-incomplete"
        }
        (Record::Case(_) | Record::Dispute(_) | Record::Space(_) | Record::Paper(_), _) => OTHER,
    }
}

/// 0 where it is about the document as a whole.
const fn version(command: &document::PartnerCommand) -> i64 {
    use document::PartnerCommand as C;
    match command {
        // Of the house's own a version is published, and refused in words of its own.
        C::Acknowledge(_) | C::PostComment(_) | C::Publish(_) | C::PublishVersion(_) => 0,
        C::SetStatus(c) => c.version_no,
        C::Decide(c) => c.version_no,
        C::RejectFile(c) => c.version_no,
        C::RequestRenewal(c) => c.version_no,
    }
}
