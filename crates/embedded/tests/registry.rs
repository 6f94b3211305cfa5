//! The registry through the pipeline's own client: what `causeway schemas apply` does, and reading it back.

use codec::{RegistryConfig, contract};
use embedded::{Broker, Options, Running};
use std::path::Path;

fn started(folder: &Path) -> Running {
    let loopback = ([127, 0, 0, 1], 0).into();
    let options = Options { folder: folder.to_owned(), kafka: loopback, registry: loopback, ..Options::default() };
    Broker::start(options).expect("the broker starts")
}

#[tokio::test]
async fn the_contract_is_registered_once_and_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path());
    let first = contract::register_all(&RegistryConfig::at(running.registry_url())).await.unwrap();
    assert_eq!(first.subjects.len(), contract::subjects().len());
    assert!(first.subjects.iter().all(|(_, applied, _)| *applied == contract::Applied::Registered));
    running.stop().await.unwrap();
    let running = started(folder.path());
    let again = contract::register_all(&RegistryConfig::at(running.registry_url())).await.unwrap();
    assert!(again.subjects.iter().all(|(_, applied, _)| *applied == contract::Applied::Unchanged));
    let ids = |report: &contract::Report| report.subjects.iter().map(|(_, _, id)| *id).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&first));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn every_schema_is_fetched_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path());
    let config = RegistryConfig::at(running.registry_url());
    let report = contract::register_all(&config).await.unwrap();
    let codec = codec::Codec::new(config).unwrap();
    for (_, _, id) in report.subjects {
        codec.fetch(id).await.unwrap();
    }
    assert!(codec.fetch(9_999).await.is_err());
    running.stop().await.unwrap();
}
