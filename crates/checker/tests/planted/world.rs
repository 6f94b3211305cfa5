//! A tiny model of a pipeline that makes no mistake, and the journals it would leave.

use checker::{Act, Digest, Effect, Internal, Journals, Line, Rules, Side, Source, Verdict, check};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct World {
    pub people: Vec<Value>,
    pub community: Vec<Value>,
    pub desk: Vec<Value>,
    number: u64,
    cases: BTreeMap<String, Case>,
}

struct Case {
    partner: String,
    ticket: u64,
    status: &'static str,
    ticket_status: &'static str,
    comments: u64,
}

/// One act with where its lines are.
#[derive(Clone, Debug)]
pub struct Done {
    pub token: String,
    pub case: String,
}

impl World {
    fn token(&mut self, head: &str) -> String {
        self.number += 1;
        format!("{head}-t1-{}", self.number)
    }

    fn journal(&mut self, case: &str, side: Side, kind: &str, token: &str, effect: Effect, texts: &[&str]) {
        let partner = self.cases[case].partner.clone();
        let native = match side {
            Side::Partner => format!("CH-{}", self.community.len()),
            Side::Internal => self.desk.len().to_string(),
        };
        let texts = texts.iter().map(|text| Digest::of(text)).collect();
        let (token, subject, kind) = (token.to_owned(), case.to_owned(), kind.to_owned());
        let act = Act { token, side, partner, subject, kind, native, effect, texts, fields: BTreeMap::new() };
        self.people.push(serde_json::to_value(Line::Done(act)).unwrap());
    }

    /// A change at the community, after which the case is at its status.
    pub fn at_community(&mut self, case: &str, by: &str, kind: &str, payload: Value) {
        let there = &self.cases[case];
        let id = format!("CH-{}", self.community.len() + 1);
        self.community.push(json!({"scope": by, "fingerprint": "00", "change": {
            "id": id, "case_id": case, "partner_id": there.partner, "kind": kind, "payload": payload,
            "actor": {"id": by, "side": by}, "status": there.status, "version": 1, "occurred_at": 0, "environment": "P",
        }}));
    }

    pub fn in_desk(&mut self, case: &str, role: &str, kind: &str, payload: Value) {
        let id = self.desk.len() + 1;
        self.desk.push(json!({"changes": [{
            "id": id, "ticket_id": self.cases[case].ticket, "kind": kind, "payload": payload,
            "author": {"name": role, "role": role}, "at": 0, "environment": "P",
        }]}));
    }

    fn ticket(&mut self, case: &str, to: &'static str, role: &str) {
        let from = std::mem::replace(&mut self.cases.get_mut(case).unwrap().ticket_status, to);
        self.in_desk(case, role, "status-changed", json!({"from": from, "to": to}));
    }

    fn tell(&mut self, case: &str, to: &'static str) {
        let from = std::mem::replace(&mut self.cases.get_mut(case).unwrap().status, to);
        let payload = json!({"from": from, "to": to, "label": to, "reason": "", "expected_resolution_at": null});
        self.at_community(case, "host", "status-changed", payload);
    }

    pub fn open(&mut self, partner: &str) -> Done {
        let (token, case) = (self.token("act"), format!("C-{}", self.cases.len() + 1));
        let ticket = self.cases.len() as u64 + 100;
        let (partner, status, ticket_status) = (partner.to_owned(), "submitted", "new");
        self.cases.insert(case.clone(), Case { partner: partner.clone(), ticket, status, ticket_status, comments: 0 });
        let (title, text) = (format!("{token} an invoice"), format!("{token} what is wrong with it: everything"));
        let opened = json!({"title": title, "description": text, "severity": "MAJOR", "category": "INVOICE"});
        self.at_community(&case, "partner", "opened", opened);
        self.journal(&case, Side::Partner, "open", &token, Effect::Created, &[&title, &text]);
        let line = self.people.last_mut().unwrap();
        line["fields"] = json!({"TG Severity": "major"});
        let created = json!({"queue": "Q", "title": format!("[{partner}] {title}"), "status": "new", "priority": 50,
            "owner": "", "external_id": format!("case/tg/{case}"), "partner_id": partner,
            "fields": {"TG Severity": "major"}, "description": format!("{text}\n\nContact: Ann"), "requestor": partner});
        self.in_desk(&case, "partner-voice", "created", created);
        self.cases.get_mut(&case).unwrap().status = "acknowledged";
        self.at_community(&case, "host", "acknowledged", json!({"reference": ticket.to_string()}));
        Done { token, case }
    }

    pub fn comment(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let text = format!("{token} any news, Grüße");
        self.cases.get_mut(case).unwrap().comments += 1;
        self.at_community(case, "partner", "comment-added", json!({"note_id": "n", "text": text, "format": "plain"}));
        self.journal(case, Side::Partner, "comment", &token, Effect::Said, &[&text]);
        self.in_desk(case, "partner-voice", "replied", json!({"text": text, "on_behalf_of": "Ann"}));
        Done { token, case: case.to_owned() }
    }

    pub fn contact(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let name = format!("{token} Ann");
        let changes = json!({"changes": [{"field": "contact", "old": "", "new": name}], "reason": ""});
        self.at_community(case, "partner", "details-changed", changes);
        self.journal(case, Side::Partner, "contact", &token, Effect::Field, &[&name]);
        self.people.last_mut().unwrap()["fields"] = json!({"TG Contact": name});
        self.in_desk(case, "pipeline", "field-changed", json!({"field": "TG Contact", "from": "", "to": name}));
        Done { token, case: case.to_owned() }
    }

    pub fn withdraw(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let reason = format!("{token} it was found");
        self.cases.get_mut(case).unwrap().status = "cancelled";
        self.at_community(case, "partner", "withdrawn", json!({"reason": reason}));
        self.journal(case, Side::Partner, "withdraw", &token, Effect::Noted, &[&reason]);
        self.in_desk(case, "pipeline", "noted", json!({"text": format!("The partner withdrew this case: {reason}")}));
        self.ticket(case, "cancelled", "pipeline");
        Done { token, case: case.to_owned() }
    }

    pub fn reply(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let text = format!("{token} we look into it");
        self.in_desk(case, "agent", "replied", json!({"text": text}));
        self.journal(case, Side::Internal, "reply", &token, Effect::Said, &[&text]);
        self.posted(case, &text);
        Done { token, case: case.to_owned() }
    }

    pub fn posted(&mut self, case: &str, text: &str) {
        self.at_community(case, "host", "comment-posted", json!({"note_id": "n", "text": text, "note_key": "k"}));
    }

    pub fn note(&mut self, case: &str) -> Done {
        let token = self.token("canary");
        let text = format!("{token} it was our fault");
        self.in_desk(case, "agent", "noted", json!({"text": text}));
        self.journal(case, Side::Internal, "note", &token, Effect::None, &[&text]);
        Done { token, case: case.to_owned() }
    }

    pub fn status(&mut self, case: &str, to: &'static str, told: &'static str) -> Done {
        let token = self.token("act");
        self.ticket(case, to, "agent");
        self.journal(case, Side::Internal, "status", &token, Effect::None, &[]);
        self.tell(case, told);
        Done { token, case: case.to_owned() }
    }

    pub fn resolve(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let note = format!("{token} credit issued");
        self.in_desk(case, "agent", "field-changed", json!({"field": "Resolution Note", "from": "", "to": note}));
        self.ticket(case, "resolved", "agent");
        self.journal(case, Side::Internal, "resolve", &token, Effect::Status, &[&note]);
        self.cases.get_mut(case).unwrap().status = "resolved";
        self.at_community(
            case,
            "host",
            "resolution-proposed",
            json!({"resolution_version": "1", "code": "", "note": note}),
        );
        Done { token, case: case.to_owned() }
    }

    pub fn accept(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let comment = format!("{token} thanks");
        self.at_community(
            case,
            "partner",
            "resolution-accepted",
            json!({"resolution_version": "1", "comment": comment}),
        );
        self.journal(case, Side::Partner, "accept", &token, Effect::Noted, &[&comment]);
        self.in_desk(case, "pipeline", "noted", json!({"text": format!("The partner accepted: {comment}")}));
        self.ticket(case, "closed", "pipeline");
        self.cases.get_mut(case).unwrap().status = "closed";
        self.at_community(case, "host", "closed", json!({"closure": "partner-accepted", "text": "closed"}));
        Done { token, case: case.to_owned() }
    }

    pub fn reject(&mut self, case: &str) -> Done {
        let token = self.token("act");
        let comment = format!("{token} not yet");
        self.cases.get_mut(case).unwrap().status = "in-progress";
        let payload = json!({"resolution_version": "1", "comment": comment});
        self.at_community(case, "partner", "resolution-rejected", payload);
        self.journal(case, Side::Partner, "reject", &token, Effect::Said, &[&comment]);
        self.in_desk(case, "partner-voice", "replied", json!({"text": comment}));
        self.ticket(case, "open", "pipeline");
        Done { token, case: case.to_owned() }
    }

    /// Four cases of two partners with every act there is.
    pub fn ordinary() -> Self {
        let mut world = Self::default();
        for partner in ["ACME", "GLOBEX", "ACME", "GLOBEX"] {
            let case = world.open(partner).case;
            world.comment(&case);
            world.comment(&case);
            world.note(&case);
            world.reply(&case);
            world.reply(&case);
            world.status(&case, "open", "in-progress");
            world.status(&case, "stalled", "on-hold");
            world.contact(&case);
            world.contact(&case);
        }
        world.withdraw("C-2");
        world.status("C-3", "open", "in-progress");
        world.resolve("C-3");
        world.accept("C-3");
        world
    }

    /// The position of the one line of the pipeline's that holds the token.
    pub fn effect(lines: &[Value], token: &str) -> usize {
        let ours = |line: &Value| {
            let text = line.to_string();
            let by_us = ["\"side\":\"host\"", "\"role\":\"pipeline\"", "\"role\":\"partner-voice\""];
            by_us.iter().any(|by| text.contains(by)) && checker::tokens(&text).any(|(_, t)| t == token)
        };
        lines.iter().position(ours).unwrap_or_else(|| panic!("nothing of ours holds {token}"))
    }

    fn bytes(lines: &[Value]) -> Vec<u8> {
        lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
    }

    pub fn journals(&self) -> Journals {
        let source = |name: &str, lines: &[Value]| Source::Memory(name.to_owned(), Self::bytes(lines));
        Journals {
            people: vec![source("people", &self.people)],
            community: source("community", &self.community),
            internal: Internal::Desk(source("desk", &self.desk)),
            rules: Rules::default(),
        }
    }

    pub fn judged(&self) -> Verdict {
        check(&self.journals()).unwrap()
    }
}
