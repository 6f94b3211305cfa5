//! Proves before the first command that RT is the one that was meant. Reads only.

use crate::api::Api;
use crate::config::Ready;
use crate::http::{Failure, User};
use ports::{Mistake, Unfit};

/// The external id of the ticket that `deploy/rt/seed.pl` makes. RT finds nothing, with status 200, for a misspelt
/// field: only a search that must have a hit proves the field.
const CANARY: &str = "causeway-canary";

/// RT's version, or everything that is wrong. `prefix` as for [`crate::Config::check`].
pub async fn preflight(ready: &Ready, prefix: &str) -> Result<String, Unfit> {
    let key = |name: &str| format!("{prefix}.{name}");
    let api = Api::new(ready.clone())
        .map_err(|e| Unfit::Wrong(vec![Mistake::new(key("url"), format!("no HTTP client: {e}"), "see the cause")]))?;
    let by = || api.default_deadline();
    let mut mistakes = Vec::new();
    let mut version = String::new();
    for (user, name, file) in
        [(User::Sync, &ready.sync_user, "sync_token_file"), (User::Partner, &ready.partner_user, "partner_token_file")]
    {
        match api.about(user, by()).await {
            Ok(about) => version = about.version,
            Err(Failure::Status { status: 401, .. }) => {
                mistakes.push(Mistake::new(
                    key(file),
                    "RT does not accept the token",
                    "make a new one with deploy/rt/seed.pl",
                ));
            }
            Err(error) => {
                told(&error)?;
                let problem = format!("RT does not answer {name}: {error}");
                mistakes.push(Mistake::new(key("url"), problem, "give RT's address, and see that it runs"));
            }
        }
    }
    if !mistakes.is_empty() {
        return Err(Unfit::Wrong(mistakes));
    }
    if !version.starts_with("5.") {
        mistakes.push(Mistake::new(key("url"), format!("RT {version} is not known here"), "use RT 5"));
    }
    queues(&api, &key, &mut mistakes).await?;
    canary(&api, &key, &mut mistakes).await?;
    if mistakes.is_empty() { Ok(version) } else { Err(Unfit::Wrong(mistakes)) }
}

/// Passes where RT said something; a server that is away or overloaded says nothing of its set-up.
fn told(failure: &Failure) -> Result<(), Unfit> {
    match failure {
        Failure::Status { status: 400..=428 | 430..=499, .. } | Failure::Unusable(_) => Ok(()),
        Failure::Status { .. } | Failure::Merged(_) | Failure::NotSent(_) | Failure::Unclear(_) => {
            Err(Unfit::Silent(failure.to_string()))
        }
    }
}

async fn queues(api: &Api, key: &(dyn Fn(&str) -> String + Sync), mistakes: &mut Vec<Mistake>) -> Result<(), Unfit> {
    let ready = &api.ready;
    for name in &ready.queues {
        for (user, who) in [(User::Sync, &ready.sync_user), (User::Partner, &ready.partner_user)] {
            let queue = match api.queue(user, name, api.default_deadline()).await {
                Ok(queue) => queue,
                Err(error) => {
                    told(&error)?;
                    let problem = format!("`{name}` cannot be seen by {who}: {error}");
                    mistakes.push(Mistake::new(key("queues"), problem, "make it, or grant SeeQueue"));
                    continue;
                }
            };
            for (setting, field) in
                [("external_id_field", &ready.external_id_field), ("partner_id_field", &ready.partner_id_field)]
            {
                if !queue.ticket_custom_fields.iter().any(|f| f.name == *field) {
                    let problem = format!("`{field}` is not on queue `{name}`, or {who} may not see it");
                    mistakes.push(Mistake::new(
                        key(setting),
                        problem,
                        "add the field to the queue, or grant SeeCustomField",
                    ));
                }
            }
        }
    }
    Ok(())
}

/// The canary also shows the rights: RT lists under a ticket what the asking user may do with it. ModifyTicket
/// does not show there (only where the lifecycle names actions): the first refused write tells.
async fn canary(api: &Api, key: &(dyn Fn(&str) -> String + Sync), mistakes: &mut Vec<Mistake>) -> Result<(), Unfit> {
    let ready = &api.ready;
    let found = match api.by_external_id(CANARY, api.default_deadline()).await {
        Ok(hits) => hits.into_iter().next(),
        Err(error) => {
            told(&error)?;
            mistakes.push(Mistake::new(key("external_id_field"), format!("search failed: {error}"), "see RT's log"));
            return Ok(());
        }
    };
    let Some(found) = found else {
        let problem = format!("no ticket has `{CANARY}` in `{}`", ready.external_id_field);
        mistakes.push(Mistake::new(key("external_id_field"), problem, "correct the name, or run deploy/rt/seed.pl"));
        return Ok(());
    };
    for (user, setting, verb) in [(User::Sync, "sync_user", "comment"), (User::Partner, "partner_user", "correspond")] {
        match api.ticket(user, found.id, api.default_deadline()).await {
            Ok(ticket) => {
                if !ticket.links.iter().any(|link| link.kind == verb) {
                    let problem = format!("may not {verb} on ticket {}", found.id);
                    let fix = "grant CommentOnTicket to the sync user, ReplyToTicket to the partner user";
                    mistakes.push(Mistake::new(key(setting), problem, fix));
                }
            }
            Err(error) => {
                told(&error)?;
                mistakes.push(Mistake::new(
                    key(setting),
                    format!("cannot see the canary: {error}"),
                    "grant ShowTicket",
                ));
            }
        }
    }
    Ok(())
}
