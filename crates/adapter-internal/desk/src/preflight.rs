//! Proves before the first command that the case system is the one that was meant. Reads only.

use crate::api::Api;
use crate::config::Ready;
use crate::http::{Failure, User};
use domain::Environment;
use ports::{Mistake, Unfit};

/// The case system's version, or everything that is wrong. `prefix` as for [`crate::Config::check`].
pub async fn preflight(ready: &Ready, prefix: &str) -> Result<String, Unfit> {
    let key = |name: &str| format!("{prefix}.{name}");
    let api = Api::new(ready.clone())
        .map_err(|e| Unfit::Wrong(vec![Mistake::new(key("url"), format!("no HTTP client: {e}"), "see the cause")]))?;
    let (mut mistakes, mut version) = (Vec::new(), String::new());
    for (user, name, role, setting, file) in [
        (User::Sync, &ready.sync_user, "pipeline", "sync_user", "sync_token_file"),
        (User::Partner, &ready.partner_user, "partner-voice", "partner_user", "partner_token_file"),
    ] {
        let setup = match api.setup(user).await {
            Ok(setup) => setup,
            Err(Failure::Status { status: 401, .. }) => {
                let problem = "the case system does not accept the token";
                mistakes.push(Mistake::new(key(file), problem, "give both the same token"));
                continue;
            }
            Err(error @ (Failure::NotSent(_) | Failure::Unclear(_) | Failure::Status { status: 429 | 500.., .. })) => {
                return Err(Unfit::Silent(error.to_string()));
            }
            Err(error) => {
                let problem = format!("no usable answer: {error}");
                mistakes.push(Mistake::new(key("url"), problem, "give its address, and see that it runs"));
                continue;
            }
        };
        if setup.you.name != *name {
            let problem = format!("the token is that of `{}`", setup.you.name);
            mistakes.push(Mistake::new(key(setting), problem, "our own writes are known by this name: write it"));
        }
        if setup.you.role != role {
            let problem = format!("the token's user is `{}` and not `{role}`", setup.you.role);
            mistakes.push(Mistake::new(key(file), problem, "are the two tokens mixed up"));
        }
        if user == User::Sync {
            for queue in ready.queues.iter().filter(|q| !setup.queues.contains(q)) {
                mistakes.push(Mistake::new(key("queues"), format!("there is no queue `{queue}`"), "leave it out"));
            }
            let there = if setup.environment == "P" { Environment::Production } else { Environment::Test };
            if there != ready.environment {
                let problem = "not what the case system says of itself";
                mistakes.push(Mistake::new(key("environment"), problem, "write what it says"));
            }
        }
        version = setup.version;
    }
    if mistakes.is_empty() { Ok(version) } else { Err(Unfit::Wrong(mistakes)) }
}
