use super::{compatible, subjects};
use crate::{RegistryConfig, RegistryError};
use std::fmt;

const LEVEL: &str = "FULL_TRANSITIVE";

/// What was done with a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    Registered,
    Unchanged,
}

/// What `causeway schemas apply` did, subject by subject; `Display` is what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Subject, what was done, and the schema's id.
    pub subjects: Vec<(String, Applied, u32)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (subject, applied, id) in &self.subjects {
            let word = match applied {
                Applied::Registered => "registered",
                Applied::Unchanged => "unchanged",
            };
            writeln!(f, "{word:<10} {id:>6}  {subject}")?;
        }
        let registered = self.subjects.iter().filter(|(_, applied, _)| *applied == Applied::Registered).count();
        write!(f, "{} subjects at {LEVEL}, {registered} schemas registered", self.subjects.len())
    }
}

/// Brings the registry up to the contract: compatibility FULL_TRANSITIVE, then the schemas. Safe to repeat.
///
/// All subjects are checked, by our own judgement, before anything is registered, so that a refused change leaves the
/// registry as it was but for the compatibility level.
pub async fn register_all(config: &RegistryConfig) -> Result<Report, RegistryError> {
    let registry = config.open().map_err(|mistakes| RegistryError::Refused {
        reason: mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    })?;
    let subjects = subjects();
    let mut known = Vec::with_capacity(subjects.len());
    for entry in &subjects {
        match registry.lookup(&entry.subject, entry.schema).await {
            // Versions after it are a newer program's business.
            Ok(id) => {
                known.push(Some(id));
                continue;
            }
            Err(RegistryError::NotRegistered { .. }) => known.push(None),
            Err(error) => return Err(error),
        }
        for (version, text) in registry.versions(&entry.subject).await? {
            if let Some(reason) = compatible::problem(entry.schema, &text) {
                return Err(RegistryError::Incompatible { subject: entry.subject.clone(), version, reason });
            }
        }
    }
    let mut report = Report { subjects: Vec::with_capacity(subjects.len()) };
    for (entry, id) in subjects.iter().zip(known) {
        registry.set_compatibility(&entry.subject, LEVEL).await?;
        let (applied, id) = match id {
            Some(id) => (Applied::Unchanged, id),
            None => (Applied::Registered, registry.register(&entry.subject, entry.schema).await?),
        };
        tracing::info!(subject = entry.subject, id, ?applied, "schema");
        report.subjects.push((entry.subject.clone(), applied, id));
    }
    Ok(report)
}
