//! One request in, one answer out: which calls are served in which versions, and who serves them.

#[cfg(test)]
mod fits;
#[cfg(test)]
mod raw;
mod shape;

use crate::api::{cluster, configs, fetch, groups, listed, offsets, produce, topics, transactions};
use crate::core::{Core, Peer};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AlterConfigsRequest, ApiVersionsRequest,
    CreatePartitionsRequest, CreateTopicsRequest, DeleteGroupsRequest, DeleteTopicsRequest, DescribeConfigsRequest,
    DescribeGroupsRequest, EndTxnRequest, FetchRequest, FindCoordinatorRequest, HeartbeatRequest,
    IncrementalAlterConfigsRequest, InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest,
    ListOffsetsRequest, MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, ProduceRequest,
    ResponseHeader, SyncGroupRequest, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::{Encodable, HeaderVersion, Request};
use std::future::ready;

/// A call that is served: key, smallest and largest version, and the shape of its body in all of them.
pub struct Api {
    pub key: i16,
    pub min: i16,
    pub max: i16,
    /// May end before the body does: what follows holds no arrays.
    shape: &'static str,
}

const fn api(key: i16, min: i16, max: i16, shape: &'static str) -> Api {
    Api { key, min, max, shape }
}

/// Versions are the ones that librdkafka 2 uses, without the newer encoding where there is a choice.
pub const APIS: &[Api] = &[
    api(ProduceRequest::KEY, 3, 8, "shi[s[iy]]"),
    api(FetchRequest::KEY, 11, 11, "iiiibii[s[iilli]][s[i]]s"),
    api(ListOffsetsRequest::KEY, 4, 5, "ib[s[iil]]"),
    api(MetadataRequest::KEY, 8, 8, "[s]bbb"),
    api(OffsetCommitRequest::KEY, 7, 7, "siss[s[ilis]]"),
    api(OffsetFetchRequest::KEY, 7, 7, "S{S{i}t}bt"),
    api(FindCoordinatorRequest::KEY, 1, 2, "sb"),
    api(JoinGroupRequest::KEY, 5, 5, "siisss[sy]"),
    api(HeartbeatRequest::KEY, 3, 3, "siss"),
    api(LeaveGroupRequest::KEY, 0, 2, "ss"),
    api(SyncGroupRequest::KEY, 3, 3, "siss[sy]"),
    api(DescribeGroupsRequest::KEY, 0, 4, "[s]"),
    api(ListGroupsRequest::KEY, 0, 2, ""),
    api(ApiVersionsRequest::KEY, 0, 3, ""),
    api(CreateTopicsRequest::KEY, 2, 4, "[sih[i[i]][ss]]ib"),
    api(DeleteTopicsRequest::KEY, 1, 3, "[s]i"),
    api(InitProducerIdRequest::KEY, 3, 4, "Silht"),
    api(AddPartitionsToTxnRequest::KEY, 0, 1, "slh[s[i]]"),
    api(AddOffsetsToTxnRequest::KEY, 0, 1, "slhs"),
    api(EndTxnRequest::KEY, 0, 1, "slhb"),
    api(TxnOffsetCommitRequest::KEY, 3, 3, "SSlhiSS{S{iliSt}t}t"),
    api(DescribeConfigsRequest::KEY, 1, 2, "[bs[s]]b"),
    api(AlterConfigsRequest::KEY, 0, 1, "[bs[ss]]b"),
    api(CreatePartitionsRequest::KEY, 0, 1, "[si[[i]]]ib"),
    api(DeleteGroupsRequest::KEY, 0, 1, "[s]"),
    api(IncrementalAlterConfigsRequest::KEY, 0, 0, "[bs[sbs]]b"),
    api(OffsetDeleteRequest::KEY, 0, 0, "s[s[i]]"),
];

/// Why a connection is closed: after such a request nothing on it can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("call {key} is not served in version {version}")]
    Unserved { key: i16, version: i16 },
    #[error("the request does not have the form of call {key} version {version}")]
    Malformed { key: i16, version: i16 },
    #[error("the request is shorter than a header")]
    Header,
    #[error("the answer to call {key} cannot be encoded: {reason}")]
    Answer { key: i16, reason: String },
}

struct Head {
    key: i16,
    version: i16,
    correlation: i32,
}

/// The key of a request, before anything else is looked at.
pub fn key_of(frame: &[u8]) -> Option<i16> {
    frame.first_chunk().map(|key| i16::from_be_bytes(*key))
}

/// Serves one request. `None` where the client wants no answer.
pub async fn serve(core: &Core, peer: &mut Peer, frame: Bytes) -> Result<Option<BytesMut>, WireError> {
    let field = |at: usize| frame.get(at..at + 2).map(|b| i16::from_be_bytes([b[0], b[1]])).ok_or(WireError::Header);
    let (key, version) = (field(0)?, field(2)?);
    let correlation = frame.get(4..8).and_then(|b| b.try_into().ok()).map(i32::from_be_bytes);
    let head = Head { key, version, correlation: correlation.ok_or(WireError::Header)? };
    let served = APIS.iter().find(|api| api.key == key).ok_or(WireError::Unserved { key, version })?;
    if key == ApiVersionsRequest::KEY {
        // Whoever asks too much is told so in the oldest form, which everybody reads.
        let spoken = if (served.min..=served.max).contains(&version) { version } else { 0 };
        return encode(&head, &cluster::versions(version), spoken).map(Some);
    }
    if !(served.min..=served.max).contains(&version) {
        return Err(WireError::Unserved { key, version });
    }
    let malformed = || WireError::Malformed { key, version };
    // Flexible requests, told by their shapes, have tagged fields in the header too.
    let header = if served.shape.ends_with('t') { "hhist" } else { "hhis" };
    let body = shape::walk(header, &frame).ok_or_else(malformed)?;
    shape::walk(served.shape, body).ok_or_else(malformed)?;
    let client = field(8)?;
    peer.client = usize::try_from(client)
        .ok()
        .and_then(|length| Some(String::from_utf8_lossy(frame.get(10..10 + length)?).into_owned()))
        .unwrap_or_default();
    let body = frame.slice(frame.len() - body.len()..);
    route(core, peer, &head, body).await
}

async fn route(core: &Core, peer: &Peer, head: &Head, body: Bytes) -> Result<Option<BytesMut>, WireError> {
    match head.key {
        ProduceRequest::KEY => answer(head, body, |r| ready(produce::handle(core, r))).await,
        FetchRequest::KEY => answer(head, body, async |r| Some(fetch::handle(core, r).await)).await,
        ListOffsetsRequest::KEY => plain(head, body, |r| offsets::list(core, r)).await,
        MetadataRequest::KEY => plain(head, body, |r| cluster::metadata(core, peer, r)).await,
        FindCoordinatorRequest::KEY => plain(head, body, |_: FindCoordinatorRequest| cluster::coordinator(peer)).await,
        OffsetCommitRequest::KEY => plain(head, body, |r| offsets::commit(core, r)).await,
        OffsetFetchRequest::KEY => plain(head, body, |r| offsets::fetch(core, r)).await,
        OffsetDeleteRequest::KEY => plain(head, body, |r| offsets::delete(core, r)).await,
        JoinGroupRequest::KEY => answer(head, body, async |r| Some(groups::join(core, peer, r).await)).await,
        SyncGroupRequest::KEY => answer(head, body, async |r| Some(groups::sync(core, r).await)).await,
        HeartbeatRequest::KEY => plain(head, body, |r| groups::heartbeat(core, r)).await,
        LeaveGroupRequest::KEY => plain(head, body, |r| groups::leave(core, r)).await,
        DescribeGroupsRequest::KEY => plain(head, body, |r| listed::describe(core, r)).await,
        ListGroupsRequest::KEY => plain(head, body, |_: ListGroupsRequest| listed::list(core)).await,
        DeleteGroupsRequest::KEY => plain(head, body, |r| listed::delete(core, r)).await,
        CreateTopicsRequest::KEY => plain(head, body, |r| topics::create(core, r)).await,
        DeleteTopicsRequest::KEY => plain(head, body, |r| topics::delete(core, r)).await,
        CreatePartitionsRequest::KEY => plain(head, body, |r| topics::grow(core, r)).await,
        DescribeConfigsRequest::KEY => plain(head, body, |r| configs::describe(core, r)).await,
        AlterConfigsRequest::KEY => plain(head, body, |r| configs::alter(core, r)).await,
        IncrementalAlterConfigsRequest::KEY => plain(head, body, |r| configs::alter_some(core, r)).await,
        InitProducerIdRequest::KEY => plain(head, body, |r| transactions::init(core, r)).await,
        AddPartitionsToTxnRequest::KEY => plain(head, body, |r| transactions::enlist(core, r)).await,
        AddOffsetsToTxnRequest::KEY => plain(head, body, |r| transactions::announce(core, r)).await,
        TxnOffsetCommitRequest::KEY => plain(head, body, |r| transactions::pend(core, r)).await,
        EndTxnRequest::KEY => plain(head, body, |r| transactions::end(core, r)).await,
        key => Err(WireError::Unserved { key, version: head.version }),
    }
}

async fn plain<R: Request>(
    head: &Head,
    body: Bytes,
    serve: impl FnOnce(R) -> R::Response,
) -> Result<Option<BytesMut>, WireError> {
    answer(head, body, |request| ready(Some(serve(request)))).await
}

async fn answer<R: Request, F: Future<Output = Option<R::Response>>>(
    head: &Head,
    mut body: Bytes,
    serve: impl FnOnce(R) -> F,
) -> Result<Option<BytesMut>, WireError> {
    let malformed = |_| WireError::Malformed { key: head.key, version: head.version };
    let request = R::decode(&mut body, head.version).map_err(malformed)?;
    drop(body);
    let response = serve(request).await;
    response.map(|response| encode(head, &response, head.version)).transpose()
}

fn encode<T: Encodable + HeaderVersion>(head: &Head, response: &T, version: i16) -> Result<BytesMut, WireError> {
    let failed = |error| WireError::Answer { key: head.key, reason: format!("{error:#}") };
    let mut out = BytesMut::new();
    out.put_u32(0);
    let header = ResponseHeader::default().with_correlation_id(head.correlation);
    header.encode(&mut out, T::header_version(version)).map_err(failed)?;
    response.encode(&mut out, version).map_err(failed)?;
    let length = u32::try_from(out.len() - 4).unwrap_or(u32::MAX);
    out[..4].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}
