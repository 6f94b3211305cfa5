//! Answers that name brokers' addresses, made to name the proxy's.

use super::Shared;
use super::frame::{Api, Head};
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{
    ApiKey, DescribeClusterResponse, FindCoordinatorResponse, MetadataResponse, ResponseHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use std::io;
use std::sync::Arc;

/// The answer as the client is to see it; unchanged where it names no address.
pub async fn answer(shared: &Arc<Shared>, head: Head, frame: Bytes) -> io::Result<Bytes> {
    match head.api {
        Api::METADATA => {
            let (header, mut body) = decode::<MetadataResponse>(ApiKey::Metadata, head.version, frame)?;
            for broker in &mut body.brokers {
                (broker.host, broker.port) = way(shared, &broker.host, broker.port).await?;
            }
            encode(ApiKey::Metadata, head.version, &header, &body)
        }
        Api::FIND_COORDINATOR => {
            let (header, mut body) = decode::<FindCoordinatorResponse>(ApiKey::FindCoordinator, head.version, frame)?;
            // In the first one up to version 3, in a list from version 4; an error names nobody.
            if body.port > 0 {
                (body.host, body.port) = way(shared, &body.host, body.port).await?;
            }
            for coordinator in body.coordinators.iter_mut().filter(|coordinator| coordinator.port > 0) {
                (coordinator.host, coordinator.port) = way(shared, &coordinator.host, coordinator.port).await?;
            }
            encode(ApiKey::FindCoordinator, head.version, &header, &body)
        }
        Api::DESCRIBE_CLUSTER => {
            let (header, mut body) = decode::<DescribeClusterResponse>(ApiKey::DescribeCluster, head.version, frame)?;
            for broker in &mut body.brokers {
                (broker.host, broker.port) = way(shared, &broker.host, broker.port).await?;
            }
            encode(ApiKey::DescribeCluster, head.version, &header, &body)
        }
        _ => Ok(frame),
    }
}

async fn way(shared: &Arc<Shared>, host: &StrBytes, port: i32) -> io::Result<(StrBytes, i32)> {
    let ours = shared.way_to(&format!("{}:{port}", host.as_str())).await?;
    Ok((StrBytes::from_string(ours.ip().to_string()), i32::from(ours.port())))
}

fn unreadable(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("answer cannot be rewritten: {error:#}"))
}

fn decode<T: Decodable>(key: ApiKey, version: i16, mut frame: Bytes) -> io::Result<(ResponseHeader, T)> {
    let header = ResponseHeader::decode(&mut frame, key.response_header_version(version)).map_err(unreadable)?;
    Ok((header, T::decode(&mut frame, version).map_err(unreadable)?))
}

fn encode<T: Encodable>(key: ApiKey, version: i16, header: &ResponseHeader, body: &T) -> io::Result<Bytes> {
    let mut out = BytesMut::new();
    header.encode(&mut out, key.response_header_version(version)).map_err(unreadable)?;
    body.encode(&mut out, version).map_err(unreadable)?;
    Ok(out.freeze())
}
