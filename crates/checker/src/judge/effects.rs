//! What the pipeline wrote: effects, echoes, leaks, and what nobody asked for; and at the end what is missing.

use super::case::index;
use super::{At, Case, Judge, Known, Taken, strings};
use crate::act::{Effect, Side};
use crate::finding::Kind;
use crate::observed::{Author, Observed, What};
use crate::token::{is_canary, tokens};

impl Judge<'_> {
    /// Whatever stands anywhere in a line at the community can be read by its partner.
    pub fn look_for_leaks(&mut self, side: Side, at: At, observed: &[Observed], raw: &str) {
        let Some(line) = observed.first().filter(|_| side == Side::Partner) else { return };
        if line.author == Author::Ours {
            self.verdict.look(Kind::Leaked, 1);
        }
        let mut said: Vec<&str> = Vec::new();
        for (_, token) in tokens(raw) {
            self.verdict.work += 1;
            if said.contains(&token) {
                continue;
            }
            let foreign = self.acts.find(token).and_then(|act| self.acts.get(act));
            let foreign = foreign.filter(|known| known.act.partner != line.partner).map(|k| k.act.partner.clone());
            if is_canary(token) {
                said.push(token);
                self.find(Kind::Leaked, at, &line.subject, token, "what must stay inside is at the community");
            } else if let Some(owner) = foreign {
                said.push(token);
                let detail = format!("what belongs to {owner} is shown to {}", line.partner);
                self.find(Kind::Leaked, at, &line.subject, token, detail);
            }
        }
    }

    /// The pipeline wrote something.
    pub(super) fn wrote(&mut self, side: Side, at: At, o: &Observed, seen: &[&str]) {
        self.verdict.look(Kind::Echoed, 1);
        self.verdict.look(Kind::Uncaused, 1);
        let is_text = matches!(o.what, What::Created { .. } | What::Said { .. });
        let case = self.case(&o.subject);
        let another_ticket = matches!(o.what, What::Created { .. }) && !case.tickets.is_empty();
        if seen.is_empty() && is_text && !another_ticket {
            case.plain_of_ours[index(side)].push(at);
        }
        for token in seen {
            let Some(act) = self.acts.find(token) else {
                if !is_canary(token) {
                    self.strange.push(((*token).to_owned(), o.subject.clone(), at));
                }
                continue;
            };
            let Some(known) = self.acts.get_mut(act) else { continue };
            if known.act.side != side {
                self.effect(act, side, at, o);
            } else if !is_canary(token) && known.act.subject == o.subject && !known.echoed {
                known.echoed = true;
                self.find_act(Kind::Echoed, act, Some(at), "it came back to where it was said");
            } else if known.act.subject != o.subject && (side == Side::Internal || known.act.partner == o.partner) {
                self.find_act(Kind::Misplaced, act, Some(at), format!("it turned up on {}", o.subject));
            }
        }
    }

    fn effect(&mut self, act: usize, side: Side, at: At, o: &Observed) {
        let Some(known) = self.acts.get_mut(act) else { return };
        if known.act.subject.is_empty() {
            known.act.subject.clone_from(&o.subject);
        }
        if side == Side::Partner && (known.act.partner != o.partner || is_canary(&known.act.token)) {
            // Said as a leak.
            known.elsewhere = true;
            return;
        }
        if known.act.subject != o.subject {
            let first = !std::mem::replace(&mut known.elsewhere, true);
            if first {
                self.find_act(Kind::Misplaced, act, Some(at), format!("its effect is on {}", o.subject));
            }
            return;
        }
        let shows = match &o.what {
            What::Created { .. } => Effect::Created,
            What::Said { .. } => Effect::Said,
            What::Noted { .. } => Effect::Noted,
            What::Status { .. } => Effect::Status,
            What::Field { name, .. } if known.act.fields.contains_key(name) => Effect::Field,
            What::Field { .. } | What::Other { .. } => Effect::None,
        };
        // Elsewhere it is a mention, in a note about the act for instance.
        if shows != known.act.effect || shows == Effect::None {
            return;
        }
        known.effects += 1;
        let again = known.effects > 1;
        known.last_effect = Some(at);
        self.verdict.look(Kind::Duplicated, 1);
        self.verdict.look(Kind::Misplaced, 1);
        if !again {
            self.case(&o.subject).effects[index(side)].push((act, at));
        }
        self.compare(act, at, o);
    }

    /// Byte for byte, and field for field.
    fn compare(&mut self, act: usize, at: At, o: &Observed) {
        let Some(known) = self.acts.get(act) else { return };
        let mut compared = 0;
        let missing = known.act.texts.iter().find(|digest| {
            let stands = strings(&o.what).into_iter().any(|text| {
                let own = tokens(text).filter(|(_, token)| *token == known.act.token).take(8);
                own.into_iter().any(|(start, _)| {
                    compared += 1;
                    digest.stands_at(text, start)
                })
            });
            !stands
        });
        let mut torn = missing.map(|digest| format!("its text of {} bytes is not there whole", digest.bytes));
        let value = |name: &str| match &o.what {
            What::Created { fields, .. } => fields.get(name).cloned(),
            What::Field { name: is, to } if is == name => Some(to.clone()),
            // Each field is a change of its own.
            What::Field { .. } => known.act.fields.get(name).cloned(),
            What::Said { .. } | What::Noted { .. } | What::Status { .. } | What::Other { .. } => None,
        };
        for (name, wanted) in &known.act.fields {
            compared += 1;
            if torn.is_none() && value(name).as_ref() != Some(wanted) {
                torn = Some(format!("field `{name}` is not what was said"));
            }
        }
        self.verdict.look(Kind::Torn, compared.max(1));
        if let Some(detail) = torn {
            self.find_act(Kind::Torn, act, Some(at), detail);
        }
    }

    pub(super) fn judge_acts(&mut self) {
        for act in 0..self.acts.len() {
            self.verdict.work += 1;
            self.judge_act(act);
        }
    }

    fn judge_act(&mut self, at: usize) {
        let Some(known) = self.acts.get(at) else { return };
        let Known { act, taken, origins, effects, .. } = known;
        let (taken, origins, effects, effect, last) = (*taken, *origins, *effects, act.effect, known.last_effect);
        let unreadable = self.unreadable.contains(&act.token);
        let (moves, elsewhere) = (known.moves, known.elsewhere);
        // By its token or by its id; a bare act without an id cannot be found again.
        let can_be_seen = !act.texts.is_empty() || !act.native.is_empty();
        self.verdict.canaries += u64::from(is_canary(&act.token));
        self.verdict.acts += u64::from(taken == Taken::Yes);
        if taken == Taken::No && origins > 0 {
            let first = known.first;
            self.find_act(Kind::Uncaused, at, first, "settled as not taken, and yet it is there");
            return;
        }
        if taken == Taken::Yes && can_be_seen {
            self.verdict.look(Kind::Lost, 1);
            if origins == 0 && !unreadable {
                self.find_act(Kind::Lost, at, None, "accepted, and not in the journal of its own system");
                return;
            }
        }
        if origins > 1 {
            self.find_act(Kind::Duplicated, at, None, format!("done {origins} times in its own system"));
        }
        if taken != Taken::Yes && origins == 0 || effect == Effect::None {
            return;
        }
        self.verdict.look(if effect == Effect::Field { Kind::Dropped } else { Kind::Lost }, 1);
        if effects > origins.max(1) {
            self.find_act(Kind::Duplicated, at, last, format!("its effect is there {effects} times"));
        }
        if effects == 0 && !elsewhere && !unreadable {
            self.missing(at, effect, moves);
        }
    }

    fn missing(&mut self, at: usize, effect: Effect, moves: bool) {
        let Some(known) = self.acts.get(at) else { return };
        let (subject, side) = (known.act.subject.clone(), known.act.side);
        let overwritten = {
            let newest = &self.case(&subject).newest_of_field;
            !newest.is_empty() && newest.values().all(|newest| *newest != at)
        };
        let case = self.case(&subject);
        let by_partner = case.steps[0].iter().any(|s| s.author == Author::Person && s.status == "cancelled");
        let no_ticket = case.tickets.is_empty();
        let (opened, opens) = (case.opening.is_some(), case.opening == Some(at));
        case.statuses_said |= moves;
        match effect {
            // The case as a whole is what is lost.
            _ if no_ticket && side == Side::Partner && opened && !opens => {}
            Effect::Field if overwritten => self.verdict.overwritten += 1,
            Effect::Field => self.find_act(Kind::Dropped, at, None, "the other side never had this value"),
            Effect::Status if by_partner => self.verdict.conflicts += 1,
            Effect::Created => self.find_act(Kind::Lost, at, None, "the case has no ticket"),
            Effect::Said | Effect::Noted | Effect::Status | Effect::None => {
                self.find_act(Kind::Lost, at, None, "it has no effect on the other side");
            }
        }
    }

    /// Effects of one case and direction follow the order in which the acts stand in their own system's journal.
    pub(super) fn judge_order(&mut self, case: &Case) {
        for effects in &case.effects {
            self.verdict.look(Kind::Reordered, effects.len().saturating_sub(1) as u64);
            let mut newest: Option<(u64, usize)> = None;
            for (act, at) in effects {
                let Some(ordinal) = self.acts.get(*act).and_then(|known| known.ordinal) else { continue };
                match newest {
                    Some((before, other)) if before > ordinal => {
                        let other = self.acts.get(other).map(|k| k.act.token.clone()).unwrap_or_default();
                        self.find_act(Kind::Reordered, *act, Some(*at), format!("it came after {other}"));
                    }
                    _ => newest = Some((ordinal, *act)),
                }
            }
        }
    }

    /// Texts without a token: as many as people wrote, on the other side.
    pub(super) fn judge_plain(&mut self, subject: &str, case: &Case) {
        for (ours, said) in case.plain_of_ours.iter().zip(case.plain_of_people.iter().rev()) {
            for at in ours.iter().skip(*said) {
                self.find(Kind::Uncaused, *at, subject, "", "a text that is nobody's");
            }
        }
    }

    pub(super) fn judge_tickets(&mut self, subject: &str, case: &Case) {
        let said = case.opening.and_then(|act| self.acts.get(act)).is_some_and(|known| known.effects > 1);
        if let Some((ticket, at)) = case.tickets.get(1).filter(|_| !said) {
            self.find(Kind::Duplicated, *at, subject, "", format!("ticket {ticket} is its second one"));
        }
    }
}
