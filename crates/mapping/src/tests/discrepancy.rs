//! What a bundle says of discrepancies, and what is refused of it.

use super::faults::broken;
use super::*;
use crate::{to_internal, to_partner};
use domain::discrepancy::{InternalEvent, PartnerEvent, Raised};
use domain::issue::StatusChanged;

#[test]
fn a_mistake_in_the_folder_is_named_with_file_line_and_remedy() {
    let mut missing = Vec::new();
    for (file, old, new, line, what) in [
        ("bundle.toml", "rounds = 2", "rounds = 0", 0, "`discrepancy.rounds` is not from 1 to 20"),
        (
            "bundle.toml",
            "confirm_days = 14",
            "confirm_days = \"x\"",
            0,
            "`discrepancy.confirm_days` is not a whole number",
        ),
        ("bundle.toml", "escalation_field = \"TG Escalation\"", "", 0, "`discrepancy.escalation_field` is missing"),
        ("discrepancy/statuses.csv", "open,under-investigation", "open,in-progress", 5, "is not a discrepancy status"),
        ("discrepancy/statuses.csv", "-,contested,,\n", "", 0, "no status of the case system means `contested`"),
        ("discrepancy/status-writes.csv", "settle,closed", "settle,open", 6, "`open` cannot be written by `settle`"),
        ("discrepancy/routes.csv", "*,*,*,*,*,*,Partner Triage,30\n", "", 0, "no last line that fits everything"),
        ("discrepancy/routes.csv", "DAMAGED|QUALITY", "DAMAGED|BROKEN", 5, "`BROKEN` is not a known kind"),
        ("discrepancy/routes.csv", "10000..", "10000,00..", 3, "cells under"),
        ("discrepancy/routes.csv", "10000..", "1e4..", 3, "is not a range of numbers"),
        ("discrepancy/kinds.csv", "X12-412,02,QTY_SHORT", "X12-999,02,QTY_SHORT", 5, "`X12-999` is not a code list"),
        (
            "discrepancy/kinds.csv",
            "X12-412,02,QTY_SHORT",
            "X12-412,02,SHORT",
            5,
            "`SHORT` is not a kind of discrepancy",
        ),
        ("discrepancy/kinds.csv", "X12-412,02,", "X12-412,01,", 5, "`X12-412,01` is already on line 4"),
        ("discrepancy/decisions.csv", "PARTIAL,PARTIAL\n", "", 0, "decision `PARTIAL` has no line"),
        ("discrepancy/remedies.csv", "RESHIP,RESHIP", "RESHIP,SHIP", 10, "`SHIP` is not a remedy"),
        ("discrepancy/fields-in.csv", "claim,TG", "claims,TG", 7, "`claims` is not a field of a partner's record"),
        ("discrepancy/links.csv", "https://carrier.example/", "https://{partner}/", 8, "is not an address"),
        ("discrepancy/links.csv", "sscc,*", "pallet,*", 7, "nothing of a discrepancy is called `pallet`"),
        ("texts/de.toml", "contested = ", "disputed = ", 1, "no status uses the label `disputed`"),
        ("texts/en.toml", "[discrepancy-what]", "[discrepancy-word]", 0, "`[discrepancy-what]` is missing"),
    ] {
        let faults = broken(file, old, new);
        let at = |f: &crate::Fault| f.line == line || line < 2;
        if !faults.iter().any(|f| f.file == file && f.what.contains(what) && at(f) && !f.mend.is_empty()) {
            let shown: Vec<_> = faults.iter().map(ToString::to_string).collect();
            missing.push(format!("{file}: `{old}` to `{new}` should give `{what}` on {line}:\n{}", shown.join("\n")));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n\n"));
}

/// Without `[discrepancy]` the folder explains nothing: it must go as well.
fn without_discrepancies() -> Bundle {
    let mut files = starter_files();
    files.retain(|path, _| !path.contains("discrepancy"));
    for (path, text) in &mut files {
        if path == "bundle.toml" {
            let (before, rest) = text.split_once("# Discrepancies:").unwrap();
            *text = format!("{before}# Onboarding:{}", rest.split_once("# Onboarding:").unwrap().1);
        }
        if path.starts_with("texts/") {
            let parts = text.split("\n[").filter(|part| !part.starts_with("discrepancy-"));
            *text = parts.collect::<Vec<_>>().join("\n[");
        }
    }
    Bundle::from_files(files).unwrap()
}

#[test]
fn a_link_without_discrepancies_holds_them() {
    let bundle = without_discrepancies();
    let raised = domain::PartnerEvent::Discrepancy(PartnerEvent::Raised(Box::<Raised>::default()));
    let mapped = to_internal(&bundle, &fact(meta("tg", "raised"), raised), &cause("partner.events", 1));
    assert_eq!(mapped.held.unwrap().reason, "no-discrepancies");
}

/// Every pair of statuses of X: whatever an agent does, the house takes no step that is the partner's.
#[test]
fn no_move_of_an_agent_speaks_for_the_partner() {
    let statuses = ["new", "open", "stalled", "waiting-partner", "resolved", "closed", "rejected", "cancelled"];
    let mut spoken = 0;
    for from in statuses {
        for to in statuses {
            let changed = StatusChanged {
                from: from.to_owned(),
                to: to.to_owned(),
                reason: domain::Marked::default(),
                expected_resolution_at: None,
            };
            let event = domain::InternalEvent::Discrepancy(InternalEvent::StatusChanged(changed));
            let mapped = to_partner(&STARTER, &fact(meta("rt", "status"), event), &cause("internal.events", 1));
            for command in &mapped.commands {
                let domain::PartnerCommand::Discrepancy(command) = &command.payload else { panic!("{command:?}") };
                spoken += 1;
                if let domain::discrepancy::PartnerCommand::SetStatus(set) = command {
                    assert!(!set.status.is_partners(), "{from} to {to}: {set:?}");
                }
            }
        }
    }
    assert!(spoken > 40, "{spoken} commands");
}
