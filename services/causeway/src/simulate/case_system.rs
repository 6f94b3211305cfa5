use super::{Common, tokens};
use ports::Mistake;
use serde::Deserialize;
use simulators::case_system::{Options, User};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

/// Who may call the simulated case system.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    /// The pipeline's own user.
    sync: String,
    /// The pipeline's user that speaks for partners.
    partner: String,
    /// Token by name.
    #[serde(default)]
    agents: BTreeMap<String, String>,
}

pub fn options(listen: SocketAddr, token_file: &Path, reply_opens: bool, common: Common) -> Result<Options, Mistake> {
    let tokens: Tokens = tokens(token_file)?;
    let user = |name: &str, token: String| User { name: name.to_owned(), token };
    let (pipeline, partner_voice) = (user("causeway-sync", tokens.sync), user("causeway-partner", tokens.partner));
    let agents: Vec<User> = tokens.agents.into_iter().map(|(name, token)| User { name, token }).collect();
    let all: Vec<&str> = agents.iter().chain([&pipeline, &partner_voice]).map(|user| user.token.as_str()).collect();
    // The token alone says who asks.
    if all.iter().any(|token| token.is_empty()) || all.iter().collect::<BTreeSet<_>>().len() < all.len() {
        return Err(Mistake::new("--tokens", "a token is empty, or two users have the same", "give each its own"));
    }
    Ok(Options {
        page: common.page(listen)?,
        hook: common.hook()?,
        folder: common.data,
        pipeline,
        partner_voice,
        agents,
        environment: "P".to_owned(),
        control: true,
        reply_opens,
    })
}
