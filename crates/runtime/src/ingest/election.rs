//! Which instance polls: the one that Kafka gives the partition of `ingest.cursors` to.

use super::CURSORS;
use crate::client;
use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What happens to the group ends the wait at once; only a shutdown waits for its end.
const ROUND: Duration = Duration::from_millis(500);

pub struct Election {
    owner: Arc<AtomicBool>,
    decided: Arc<AtomicBool>,
}

struct Member {
    owner: Arc<AtomicBool>,
    decided: Arc<AtomicBool>,
}

impl ClientContext for Member {}
impl ConsumerContext for Member {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance
            && list.count() > 0
        {
            self.owner.store(false, Ordering::Release);
        }
    }
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            if list.elements().iter().any(|e| e.partition() == 0) {
                self.owner.store(true, Ordering::Release);
            }
            self.decided.store(true, Ordering::Release);
        }
    }
}

impl Election {
    pub fn start(config: &KafkaConfig, name: &str, shutdown: &Shutdown) -> Result<Self, StartError> {
        let (owner, decided) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut settings = client::group_consumer(config, name);
        // The records are of no interest here, only the assignment is.
        settings.set("auto.offset.reset", "latest");
        let consumer: BaseConsumer<Member> =
            settings.create_with_context(Member { owner: owner.clone(), decided: decided.clone() })?;
        consumer.subscribe(&[CURSORS])?;
        let (flag, shutdown) = (owner.clone(), shutdown.clone());
        std::thread::Builder::new()
            .name("election".to_owned())
            .spawn(move || {
                while !shutdown.has_begun() {
                    if let Some(Err(error)) = consumer.poll(ROUND)
                        && !client::is_passing(&error)
                    {
                        tracing::error!(%error, "election failed");
                        break;
                    }
                }
                flag.store(false, Ordering::Release);
                consumer.unsubscribe();
                drop(consumer);
            })
            .map_err(|_| StartError::Worker("election"))?;
        Ok(Self { owner, decided })
    }

    /// Another instance polls; this one is ready to take over.
    pub fn stands_by(&self) -> bool {
        self.decided.load(Ordering::Acquire) && !self.is_owner()
    }

    pub fn is_owner(&self) -> bool {
        self.owner.load(Ordering::Acquire)
    }
}
