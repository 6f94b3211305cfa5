use super::{Common, tokens};
use ports::Mistake;
use serde::Deserialize;
use simulators::community::Options;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

/// Who may call the simulated community.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    /// The pipeline's.
    host: String,
    /// Token by partner id.
    #[serde(default)]
    partners: BTreeMap<String, String>,
}

pub fn options(listen: SocketAddr, token_file: &Path, common: Common) -> Result<Options, Mistake> {
    let tokens: Tokens = tokens(token_file)?;
    Ok(Options {
        page: common.page(listen)?,
        hook: common.hook()?,
        folder: common.data,
        host_token: tokens.host,
        partners: tokens.partners.into_iter().map(|(partner, token)| (token, partner)).collect(),
        environment: "P".to_owned(),
        control: true,
    })
}
