//! Calls that `rdkafka` does not make, or not in the way that is to be refused: request by request, without a socket.

use super::{key_of, serve};
use crate::batch::{self, Head};
use crate::core::{Core, Peer, text};
use crate::faults::Faults;
use crate::options::{Durability, Limits};
use crate::state::State;
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request};

struct Raw {
    core: Core,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Raw {
    /// With a topic `t` of one partition.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), Durability::System, Limits::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let raw = Self { core: Core::new(state, Limits::default(), Faults::default()), runtime, _folder: folder };
        let new = create_topics_request::CreatableTopic::default()
            .with_name(name())
            .with_num_partitions(1)
            .with_replication_factor(1);
        raw.ask(&CreateTopicsRequest::default().with_topics(vec![new]), 4);
        raw
    }

    fn bytes(&self, frame: Bytes) -> Option<Bytes> {
        let reached = ([127, 0, 0, 1], 9092).into();
        let mut peer = Peer { client: String::new(), host: String::new(), reached };
        assert!(key_of(&frame).is_some());
        let answer = self.runtime.block_on(serve(&self.core, &mut peer, frame)).unwrap();
        answer.map(|answer| answer.freeze().slice(4..))
    }

    fn ask<R: Request>(&self, request: &R, version: i16) -> R::Response {
        let mut frame = BytesMut::new();
        let header = RequestHeader::default().with_request_api_key(R::KEY).with_request_api_version(version);
        let header = header.with_correlation_id(7).with_client_id(Some(text("somebody")));
        header.encode(&mut frame, R::header_version(version)).unwrap();
        request.encode(&mut frame, version).unwrap();
        let mut answer = self.bytes(frame.freeze()).unwrap();
        let header = ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
        assert_eq!(header.correlation_id, 7);
        R::Response::decode(&mut answer, version).unwrap()
    }

    fn produce(&self, id: Option<&str>, records: Vec<u8>) -> Option<ResponseError> {
        let data = produce_request::PartitionProduceData::default().with_records(Some(records.into()));
        let topic = produce_request::TopicProduceData::default().with_name(name()).with_partition_data(vec![data]);
        let request = ProduceRequest::default()
            .with_acks(-1)
            .with_transactional_id(id.map(|id| TransactionalId(text(id))))
            .with_topic_data(vec![topic]);
        ResponseError::try_from_code(self.ask(&request, 8).responses[0].partition_responses[0].error_code)
    }
}

fn name() -> TopicName {
    TopicName(text("t"))
}

/// One record, made of a marker's.
fn batch(attributes: i16, producer: i64, epoch: i16, sequence: i32) -> Vec<u8> {
    let mut bytes = batch::marker(producer, epoch, true, crate::state::now_ms());
    bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
    bytes[53..57].copy_from_slice(&sequence.to_be_bytes());
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    assert!(Head::checked(&bytes).is_ok());
    bytes
}

const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

#[test]
fn batches_that_are_not_sound_or_not_allowed_are_refused() {
    let raw = Raw::new();
    let sound = || batch(0, -1, -1, -1);
    assert_eq!(raw.produce(None, sound()), None);
    let mut damaged = sound();
    damaged[70] ^= 1;
    assert_eq!(raw.produce(None, damaged), Some(ResponseError::CorruptMessage));
    assert_eq!(raw.produce(None, Vec::new()), Some(ResponseError::CorruptMessage));
    let mut old = sound();
    old[16] = 1;
    assert_eq!(raw.produce(None, old), Some(ResponseError::UnsupportedForMessageFormat));
    assert_eq!(raw.produce(None, [sound(), sound()].concat()), Some(ResponseError::InvalidRecord));
    let forged = batch(TRANSACTIONAL | CONTROL, 0, 0, -1);
    assert_eq!(raw.produce(Some("x"), forged), Some(ResponseError::InvalidRecord), "markers are the broker's alone");
    assert_eq!(raw.produce(None, batch(0, 5, 0, -1)), Some(ResponseError::InvalidRecord));
    assert_eq!(raw.core.state().log("t", 0).unwrap().end(), 1);
}

#[test]
fn transactional_batches_need_an_open_transaction_that_holds_the_partition() {
    let raw = Raw::new();
    let init = InitProducerIdRequest::default().with_transactional_id(Some(TransactionalId(text("x"))));
    let init = init.with_transaction_timeout_ms(60_000).with_producer_id(ProducerId(-1)).with_producer_epoch(-1);
    let own = raw.ask(&init, 4);
    let (producer, epoch) = (own.producer_id, own.producer_epoch);
    let write = |id, epoch, sequence| raw.produce(id, batch(TRANSACTIONAL, producer.0, epoch, sequence));
    assert_eq!(write(None, epoch, 0), Some(ResponseError::InvalidTxnState));
    assert_eq!(write(Some("x"), epoch, 0), Some(ResponseError::InvalidTxnState));
    assert_eq!(write(Some("y"), epoch, 0), Some(ResponseError::InvalidProducerIdMapping));
    let enlist = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(TransactionalId(text("x")))
        .with_v3_and_below_producer_id(producer)
        .with_v3_and_below_producer_epoch(epoch);
    let topic = |name| add_partitions_to_txn_request::AddPartitionsToTxnTopic::default().with_name(name);
    let both = vec![topic(name()).with_partitions(vec![0]), topic(TopicName(text("u"))).with_partitions(vec![0])];
    let refused = raw.ask(&enlist.clone().with_v3_and_below_topics(both), 0).results_by_topic_v3_and_below;
    let codes: Vec<_> = refused.iter().map(|t| t.results_by_partition[0].partition_error_code).collect();
    assert_eq!(codes, [55, 3], "one is unknown, so the other is not attempted");
    let announce = AddOffsetsToTxnRequest::default()
        .with_transactional_id(TransactionalId(text("x")))
        .with_producer_id(producer)
        .with_producer_epoch(epoch)
        .with_group_id(GroupId(text("g")));
    assert_eq!(raw.ask(&announce, 0).error_code, 0);
    assert_eq!(write(Some("x"), epoch, 0), Some(ResponseError::InvalidTxnState), "open, without this partition");
    raw.ask(&enlist.with_v3_and_below_topics(vec![topic(name()).with_partitions(vec![0])]), 0);
    assert_eq!(write(Some("x"), epoch, 0), None);
    assert_eq!(write(Some("x"), epoch, 0), None, "the same again");
    assert_eq!(write(Some("x"), epoch, 2), Some(ResponseError::OutOfOrderSequenceNumber));
    assert_eq!(raw.core.state().log("t", 0).unwrap().end(), 1);
    raw.ask(&init, 4);
    assert_eq!(write(Some("x"), epoch, 1), Some(ResponseError::InvalidProducerEpoch));
}

#[test]
fn settings_change_one_by_one() {
    let raw = Raw::new();
    let change = |name: &'static str, operation, value: Option<&'static str>| {
        let config = incremental_alter_configs_request::AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(operation)
            .with_value(value.map(text));
        let resource = incremental_alter_configs_request::AlterConfigsResource::default()
            .with_resource_type(2)
            .with_resource_name(text("t"))
            .with_configs(vec![config]);
        let answer = raw.ask(&IncrementalAlterConfigsRequest::default().with_resources(vec![resource]), 0);
        ResponseError::try_from_code(answer.responses[0].error_code)
    };
    let value = |name: &str| raw.core.state().topic("t").unwrap().setting(name).to_owned();
    assert_eq!(change("retention.ms", 0, Some("5000")), None);
    assert_eq!(change("segment.bytes", 0, Some("2048")), None);
    assert_eq!((value("retention.ms"), value("segment.bytes")), ("5000".to_owned(), "2048".to_owned()));
    assert_eq!(change("retention.ms", 1, None), None);
    assert_eq!((value("retention.ms"), value("segment.bytes")), ("604800000".to_owned(), "2048".to_owned()));
    assert_eq!(change("retention.ms", 2, Some("1")), Some(ResponseError::InvalidConfig));
    assert_eq!(change("no.such", 0, Some("1")), Some(ResponseError::InvalidConfig));
}

#[test]
fn offsets_of_a_group_that_nobody_is_in_can_be_deleted() {
    let raw = Raw::new();
    let group = || GroupId(text("g"));
    let partition = offset_commit_request::OffsetCommitRequestPartition::default().with_committed_offset(5);
    let of_topic =
        offset_commit_request::OffsetCommitRequestTopic::default().with_name(name()).with_partitions(vec![partition]);
    let commit = OffsetCommitRequest::default().with_group_id(group()).with_topics(vec![of_topic]);
    raw.ask(&commit.with_generation_id_or_member_epoch(-1), 7);
    let stored = || {
        let all = raw.ask(&OffsetFetchRequest::default().with_group_id(group()).with_topics(None), 7).topics;
        all.iter().flat_map(|topic| &topic.partitions).map(|partition| partition.committed_offset).collect::<Vec<_>>()
    };
    assert_eq!(stored(), [5]);
    let partition = offset_delete_request::OffsetDeleteRequestPartition::default();
    let of_topic =
        offset_delete_request::OffsetDeleteRequestTopic::default().with_name(name()).with_partitions(vec![partition]);
    let delete = OffsetDeleteRequest::default().with_topics(vec![of_topic]);
    let unknown = raw.ask(&delete.clone().with_group_id(GroupId(text("h"))), 0);
    assert_eq!(unknown.error_code, ResponseError::GroupIdNotFound.code());
    assert_eq!(raw.ask(&delete.with_group_id(group()), 0).error_code, 0);
    assert_eq!(stored(), [0_i64; 0]);
}

#[test]
fn a_client_that_is_too_new_is_told_what_is_served() {
    let raw = Raw::new();
    let mut frame = BytesMut::new();
    frame.put_slice(&[0, 18, 0, 99, 0, 0, 0, 7]);
    let mut answer = raw.bytes(frame.freeze()).unwrap();
    ResponseHeader::decode(&mut answer, 0).unwrap();
    let told = ApiVersionsResponse::decode(&mut answer, 0).unwrap();
    assert_eq!(told.error_code, ResponseError::UnsupportedVersion.code());
    assert_eq!(told.api_keys.len(), super::APIS.len());
}

#[test]
fn requests_with_flipped_bytes_end_in_an_answer_or_a_closed_connection() {
    let raw = Raw::new();
    fn frame<R: Request>(request: &R) -> Vec<u8> {
        let version = super::APIS.iter().find(|api| api.key == R::KEY).unwrap().max;
        let mut frame = BytesMut::new();
        let header = RequestHeader::default().with_request_api_key(R::KEY).with_request_api_version(version);
        header.with_client_id(Some(text("somebody"))).encode(&mut frame, R::header_version(version)).unwrap();
        request.encode(&mut frame, version).unwrap();
        frame.to_vec()
    }
    let data = produce_request::PartitionProduceData::default().with_records(Some(batch(0, -1, -1, -1).into()));
    let data = produce_request::TopicProduceData::default().with_name(name()).with_partition_data(vec![data]);
    let asked = fetch_request::FetchPartition::default().with_partition_max_bytes(1_000);
    let asked = fetch_request::FetchTopic::default().with_topic(name()).with_partitions(vec![asked]);
    let position = txn_offset_commit_request::TxnOffsetCommitRequestPartition::default();
    let position = txn_offset_commit_request::TxnOffsetCommitRequestTopic::default().with_partitions(vec![position]);
    let protocol = join_group_request::JoinGroupRequestProtocol::default().with_name(text("range"));
    let frames = [
        frame(&ProduceRequest::default().with_topic_data(vec![data])),
        frame(&FetchRequest::default().with_max_bytes(1_000).with_topics(vec![asked])),
        frame(&TxnOffsetCommitRequest::default().with_topics(vec![position])),
        frame(&JoinGroupRequest::default().with_session_timeout_ms(6_000).with_protocols(vec![protocol])),
        frame(&InitProducerIdRequest::default().with_transactional_id(Some(TransactionalId(text("x"))))),
        frame(&OffsetFetchRequest::default().with_group_id(GroupId(text("g"))).with_topics(None)),
        frame(&MetadataRequest::default().with_topics(None)),
        frame(&ApiVersionsRequest::default()),
    ];
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |limit: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % limit as u64).unwrap()
    };
    let (mut answered, mut closed) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = frames[next(frames.len())].clone();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            bytes[at] = u8::try_from(next(256)).unwrap();
        }
        bytes.truncate(bytes.len() - next(2) * next(bytes.len()));
        let mut peer = Peer { client: String::new(), host: String::new(), reached: ([127, 0, 0, 1], 9092).into() };
        let served = serve(&raw.core, &mut peer, bytes.into());
        let patience = std::time::Duration::from_millis(1);
        match raw.runtime.block_on(async { tokio::time::timeout(patience, served).await }) {
            Ok(Err(_)) => closed += 1,
            Ok(Ok(_)) | Err(_) => answered += 1,
        }
    }
    assert!(answered > 1_000 && closed > 1_000, "{answered} answered, {closed} closed");
}
