//! Reads single commands again that are no longer in memory: one client for the whole process, some records ahead,
//! because whoever asks for one offset of a backlog soon asks for the next.

use super::read::{self, Raw};
use crate::client;
use crate::config::KafkaConfig;
use crate::entry::{Backoff, Shutdown, StartError};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Bytes read ahead and kept.
const AHEAD: usize = 1 << 20;
/// How long one answer may take before the question is asked anew.
const PATIENCE: Duration = Duration::from_secs(30);

struct Question {
    partition: i32,
    offset: i64,
    answer: oneshot::Sender<Option<Raw>>,
}

/// Asks; cheap to share. The thread ends with the last of these or with the process.
#[derive(Clone)]
pub(crate) struct Again {
    questions: mpsc::Sender<Question>,
}

impl Again {
    pub fn start(config: &KafkaConfig, role: &str, topic: &str, shutdown: &Shutdown) -> Result<Self, StartError> {
        let (questions, asked) = mpsc::channel::<Question>();
        let (config, role, topic) = (config.clone(), role.to_owned(), topic.to_owned());
        let shutdown = shutdown.clone();
        std::thread::Builder::new()
            .name("again".to_owned())
            .spawn(move || {
                let mut reader: Option<Reader> = None;
                let mut backoff = Backoff::default();
                for Question { partition, offset, answer } in asked {
                    while !answer.is_closed() {
                        // Made when it is first needed: most processes never read anything again.
                        let made = reader.take().map_or_else(|| Reader::new(&config, &role, &topic), Ok);
                        match made.and_then(|mut made| Ok((made.read(partition, offset)?, made))) {
                            Ok((raw, made)) => {
                                reader = Some(made);
                                backoff = Backoff::default();
                                let _ = answer.send(raw);
                                break;
                            }
                            // What is being settled in a shutdown still gets its first answer.
                            Err(_) if shutdown.has_begun() => break,
                            Err(error) => {
                                tracing::info!(partition, offset, %error, "reading a command again, trying on");
                                std::thread::park_timeout(backoff.delay());
                            }
                        }
                    }
                }
            })
            .map_err(|_| StartError::Worker("reader"))?;
        Ok(Self { questions })
    }

    /// `None` where the log no longer has it; an error where the process ends.
    pub async fn read(&self, partition: i32, offset: i64) -> Result<Option<Raw>, StartError> {
        let (answer, heard) = oneshot::channel();
        let gone = || StartError::Worker("reader");
        self.questions.send(Question { partition, offset, answer }).map_err(|_| gone())?;
        heard.await.map_err(|_| gone())
    }
}

struct Reader {
    consumer: BaseConsumer<client::Reader>,
    topic: String,
    /// Where the consumer stands: the next offset that it gives.
    position: Option<(i32, i64)>,
    /// Of the current partition only.
    ahead: BTreeMap<i64, Raw>,
}

impl Reader {
    fn new(config: &KafkaConfig, role: &str, topic: &str) -> Result<Self, KafkaError> {
        let consumer = client::finite_reader(config, role).create_with_context(client::Reader)?;
        Ok(Self { consumer, topic: topic.to_owned(), position: None, ahead: BTreeMap::new() })
    }

    fn read(&mut self, partition: i32, offset: i64) -> Result<Option<Raw>, KafkaError> {
        match self.position {
            Some((at, next)) if at == partition => {
                if let Some(raw) = self.ahead.remove(&offset) {
                    return Ok(Some(raw));
                }
                if offset != next {
                    self.go_to(partition, offset)?;
                }
            }
            Some(_) | None => self.go_to(partition, offset)?,
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.consumer.poll(Duration::from_millis(200)) {
                Some(Ok(message)) => {
                    let (found, raw) = (message.offset(), read::raw(&message));
                    self.position = Some((partition, found + 1));
                    if found == offset {
                        self.read_ahead();
                        return Ok(Some(raw));
                    }
                    // Something later in its place; anything earlier is on the way to it.
                    if found > offset {
                        return Ok(None);
                    }
                }
                // The end of what may be read, which can lie before a record that is on the log, as after a change of the
                // leader. Gone is only what is below the beginning.
                Some(Err(KafkaError::PartitionEOF(_))) => {
                    let (begin, _) = self.consumer.fetch_watermarks(&self.topic, partition, PATIENCE)?;
                    if offset < begin {
                        return Ok(None);
                    }
                }
                Some(Err(error)) if client::is_passing(&error) => {}
                Some(Err(error)) => return Err(error),
                None => {}
            }
        }
        Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))
    }

    fn go_to(&mut self, partition: i32, offset: i64) -> Result<(), KafkaError> {
        self.ahead.clear();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic, partition, Offset::Offset(offset))?;
        self.consumer.assign(&list)?;
        self.position = Some((partition, offset));
        Ok(())
    }

    /// What has arrived together with it.
    fn read_ahead(&mut self) {
        let mut bytes = 0;
        while bytes < AHEAD
            && let Some(Ok(message)) = self.consumer.poll(Duration::ZERO)
        {
            let raw = read::raw(&message);
            bytes += raw.payload.len() + raw.key.len();
            self.position = Some((raw.partition, raw.offset + 1));
            self.ahead.insert(raw.offset, raw);
        }
    }
}
