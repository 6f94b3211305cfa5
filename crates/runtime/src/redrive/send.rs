use super::again::{self, attempts, outcomes_of};
use super::{DeadLetter, Letters, RESOLVES};
use crate::client;
use crate::dead_letter::{CLASS, MAPPING_VERSION, PLACE, REASON, SERVICE, topic_of};
use crate::entry::{Shutdown, StartError, prepare_topics};
use crate::history::Part;
use crate::record::{Output, REDRIVES, cause_text, with_headers};
use crate::transaction::{Batch, Transactions};
use codec::contract;
use domain::MessageId;
use rdkafka::message::{BorrowedMessage, Headers, Message, OwnedHeaders};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Headers that a record gained by being a dead letter.
const OURS: [&str; 6] = [CLASS, REASON, SERVICE, MAPPING_VERSION, PLACE, REDRIVES];
/// Letters and bytes of one transaction: far below its timeout, and all that is held of the letters' bytes at once.
const CHUNK: usize = 500;
const CHUNK_BYTES: usize = 4 << 20;

/// A letter that stays where it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsendable {
    pub letter: DeadLetter,
    pub why: String,
}

/// What became of the letters that were to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redriven {
    pub sent: usize,
    pub left: Vec<Unsendable>,
}

impl Letters<'_> {
    /// Makes this the one redrive: whoever else is at it is fenced, and what it left half done is undone. To be called
    /// before [`Letters::list`], so that no letter goes back twice.
    pub fn take_over(&mut self) -> Result<(), StartError> {
        Ok(self.transactions().prepare()?)
    }

    fn transactions(&mut self) -> &mut Transactions {
        let config = self.config;
        self.transactions.get_or_insert_with(|| {
            let id = format!("{}.redrive", config.application);
            Transactions::new(client::transactional_producer(config, "redrive", &id))
        })
    }

    /// Sends the letters back in the order given and marks each as sent, chunk by chunk; a chunk is sent whole or not at
    /// all. `progress` hears how many have been dealt with. `by` is noted in commands that are asked for again.
    pub fn send(
        &mut self,
        letters: &[DeadLetter],
        by: &str,
        mut progress: impl FnMut(usize),
    ) -> Result<Redriven, StartError> {
        let made = self.attempts(letters)?;
        let mut redriven = Redriven::default();
        let mut dealt = 0;
        for chunk in chunks(letters) {
            let records = self.records(chunk, &made, by, &mut redriven)?;
            if !records.is_empty() {
                redriven.sent += records.len() / 2;
                self.transactions().commit(&Batch { records, inputs: None })?;
            }
            dealt += chunk.len();
            progress(dealt);
        }
        Ok(redriven)
    }

    /// Attempts made so far of the refused commands among the letters.
    fn attempts(&self, letters: &[DeadLetter]) -> Result<HashMap<MessageId, i32>, StartError> {
        let mut all = HashMap::new();
        for source in ["internal.commands", "partner.commands"] {
            let refused = || letters.iter().filter(|letter| letter.source == source && letter.is_refused());
            let (Some(codec), Some(outcomes)) = (self.codec, outcomes_of(source)) else { continue };
            let wanted: BTreeSet<MessageId> = refused().filter_map(|letter| letter.id).collect();
            if wanted.is_empty() {
                continue;
            }
            let (topics, never) = ([source], Shutdown::new());
            tokio::runtime::Handle::current().block_on(prepare_topics(codec, &topics, &never))?;
            let partitions = refused().map(|letter| letter.place.partition).collect();
            all.extend(attempts(&self.history, codec, outcomes, &partitions, &wanted)?);
        }
        Ok(all)
    }

    /// The records of a chunk, each followed by its mark, in the chunk's order.
    fn records(
        &self,
        chunk: &[DeadLetter],
        made: &HashMap<MessageId, i32>,
        by: &str,
        redriven: &mut Redriven,
    ) -> Result<Vec<Output>, StartError> {
        let mut bodies: BTreeMap<(i32, i64), Output> = BTreeMap::new();
        let wanted: BTreeMap<(i32, i64), &DeadLetter> =
            chunk.iter().map(|letter| ((letter.place.partition, letter.place.offset), letter)).collect();
        let mut left: BTreeMap<(i32, i64), String> = BTreeMap::new();
        if let Some(first) = chunk.first() {
            self.history.read(&first.place.topic, &parts(&wanted), |message| {
                let place = (message.partition(), message.offset());
                let Some(letter) = wanted.get(&place) else { return Ok(()) };
                match self.payload(letter, message, made, by)? {
                    Ok(payload) => {
                        bodies.insert(place, back(letter, message, payload));
                    }
                    Err(why) => {
                        left.insert(place, why);
                    }
                }
                Ok(())
            })?;
        }
        let mut records = Vec::with_capacity(chunk.len() * 2);
        for letter in chunk {
            let place = (letter.place.partition, letter.place.offset);
            match bodies.remove(&place) {
                Some(body) => {
                    let mark = mark(letter, &body.key)?;
                    records.extend([body, mark]);
                }
                None => {
                    let why = left.remove(&place).unwrap_or_else(|| "is no longer on the log".to_owned());
                    redriven.left.push(Unsendable { letter: letter.clone(), why });
                }
            }
        }
        Ok(records)
    }

    /// The bytes as they lie; of a refused command those that ask for another attempt.
    fn payload(
        &self,
        letter: &DeadLetter,
        message: &BorrowedMessage<'_>,
        made: &HashMap<MessageId, i32>,
        by: &str,
    ) -> Result<Result<Vec<u8>, String>, StartError> {
        let bytes = message.payload().unwrap_or_default();
        if !letter.is_refused() {
            return Ok(Ok(bytes.to_vec()));
        }
        let (Some(codec), Some(id)) = (self.codec, letter.id) else {
            return Ok(Err("a refused command without an id in its headers".to_owned()));
        };
        let attempt = made.get(&id).copied().unwrap_or(0).saturating_add(1);
        let asked = again::ask_again(codec, letter.source, bytes, attempt, by)?;
        Ok(asked.map_err(|error| crate::service::chain(&error)))
    }
}

/// Of one source topic each, so that one read serves it.
fn chunks(letters: &[DeadLetter]) -> impl Iterator<Item = &[DeadLetter]> {
    let mut rest = letters;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let mut bytes = 0;
        let fits = |letter: &&DeadLetter| {
            bytes += letter.size;
            letter.source == first.source && (bytes <= CHUNK_BYTES || letter.place == first.place)
        };
        let count = rest.iter().take(CHUNK).take_while(fits).count();
        let (chunk, behind) = rest.split_at(count);
        rest = behind;
        Some(chunk)
    })
}

/// What has to be read of each partition to see all of these.
fn parts(wanted: &BTreeMap<(i32, i64), &DeadLetter>) -> Vec<Part> {
    let mut parts: BTreeMap<i32, Part> = BTreeMap::new();
    for (partition, offset) in wanted.keys() {
        let part = parts.entry(*partition).or_insert(Part { partition: *partition, from: *offset, until: None });
        // In order of the offset.
        part.until = Some(offset.saturating_add(1));
    }
    parts.into_values().collect()
}

/// The record as it was before it became a dead letter, with its first cause and the count of its journeys.
fn back(letter: &DeadLetter, message: &BorrowedMessage<'_>, payload: Vec<u8>) -> Output {
    let mut headers = OwnedHeaders::new();
    for header in message.headers().into_iter().flat_map(Headers::iter).filter(|h| !OURS.contains(&h.key)) {
        headers = headers.insert(header);
    }
    let headers = with_headers(headers, [(REDRIVES, letter.redrives.saturating_add(1).to_string())]);
    Output { topic: letter.source, key: message.key().unwrap_or_default().to_vec(), payload, headers }
}

fn mark(letter: &DeadLetter, key: &[u8]) -> Result<Output, StartError> {
    let name = topic_of(letter.source);
    let topic = contract::topics().get(&name).ok_or(StartError::MissingTopic { topic: name })?;
    let headers = with_headers(OwnedHeaders::new(), [(RESOLVES, cause_text(&letter.place))]);
    Ok(Output { topic: &topic.name, key: key.to_vec(), payload: Vec::new(), headers })
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;

    #[test]
    fn a_chunk_is_of_one_topic_and_bounded_in_number_and_bytes() {
        let sized = |size: usize, source: &'static str, at: i64| DeadLetter { size, source, ..letter(at, None) };
        let mut letters: Vec<_> = (0..1_200).map(|at| sized(10, "partner.events", at)).collect();
        letters.extend((0..3).map(|at| sized(CHUNK_BYTES / 2 + 1, "partner.outcomes", at)));
        letters.push(sized(CHUNK_BYTES * 2, "partner.outcomes", 9));
        let sizes: Vec<usize> = chunks(&letters).map(<[DeadLetter]>::len).collect();
        assert_eq!(sizes, [500, 500, 200, 1, 1, 1, 1]);
    }

    #[test]
    fn a_read_spans_the_wanted_places_and_no_more() {
        let letters = [letter(7, None), letter(4, None)];
        let wanted = letters.iter().map(|l| ((l.place.partition, l.place.offset), l)).collect();
        assert_eq!(parts(&wanted), [Part { partition: 3, from: 4, until: Some(8) }]);
    }
}
