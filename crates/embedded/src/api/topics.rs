//! CreateTopics, DeleteTopics, CreatePartitions.

use crate::core::{Core, text};
use crate::state::State;
use crate::topics::{self, Settings, Topic};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::{CreatePartitionsResponse, CreatePartitionsTopicResult};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};
use kafka_protocol::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use kafka_protocol::messages::{CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest};
use uuid::Uuid;

/// A refusal and what to tell about it.
pub type Refusal = (ResponseError, String);

fn refusal(error: ResponseError, reason: impl Into<String>) -> Refusal {
    (error, reason.into())
}

fn plain(error: ResponseError) -> Refusal {
    (error, error.to_string())
}

pub fn create(core: &Core, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut state = core.state();
    let topics = request.topics.into_iter().map(|topic| {
        let done = make(&mut state, &topic, request.validate_only);
        let answer = CreatableTopicResult::default().with_name(topic.name);
        match done {
            Ok(()) => answer,
            Err((error, reason)) => answer.with_error_code(error.code()).with_error_message(Some(text(reason))),
        }
    });
    CreateTopicsResponse::default().with_topics(topics.collect())
}

fn make(state: &mut State, wanted: &CreatableTopic, only_check: bool) -> Result<(), Refusal> {
    let name = wanted.name.as_str();
    if !topics::is_name(name) {
        return Err(refusal(ResponseError::InvalidTopicException, "a name has 1 to 249 of a-z A-Z 0-9 . _ -"));
    }
    if state.topic(name).is_ok() {
        return Err(refusal(ResponseError::TopicAlreadyExists, format!("topic {name} exists")));
    }
    if !wanted.assignments.is_empty() {
        return Err(refusal(ResponseError::InvalidReplicaAssignment, "there is one node, nothing can be assigned"));
    }
    if !matches!(wanted.replication_factor, -1 | 1) {
        return Err(refusal(ResponseError::InvalidReplicationFactor, "there is one node: replication factor 1"));
    }
    let partitions = if wanted.num_partitions == -1 { 1 } else { wanted.num_partitions };
    if !(1..=state.limits.partitions).contains(&partitions) {
        return Err(refusal(ResponseError::InvalidPartitions, format!("1 to {} partitions", state.limits.partitions)));
    }
    if state.meta.topics.len() >= state.limits.topics {
        return Err(refusal(ResponseError::PolicyViolation, format!("{} topics at most", state.limits.topics)));
    }
    let mut settings = Settings::new();
    for config in &wanted.configs {
        let value = config.value.as_ref().map(|value| value.as_str()).unwrap_or_default();
        topics::check(&config.name, value).map_err(|reason| refusal(ResponseError::InvalidConfig, reason))?;
        settings.insert(config.name.to_string(), value.to_owned());
    }
    if only_check {
        return Ok(());
    }
    state.put_topic(name, Topic { id: Uuid::new_v4(), partitions, settings }).map_err(plain)
}

pub fn delete(core: &Core, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let mut state = core.state();
    let responses = request.topic_names.into_iter().map(|name| {
        let done = state.delete_topic(&name);
        DeletableTopicResult::default().with_name(Some(name)).with_error_code(crate::core::code(&done))
    });
    let responses = responses.collect();
    drop(state);
    core.news();
    DeleteTopicsResponse::default().with_responses(responses)
}

pub fn grow(core: &Core, request: CreatePartitionsRequest) -> CreatePartitionsResponse {
    let mut state = core.state();
    let results = request.topics.into_iter().map(|topic| {
        let done = more(&mut state, &topic, request.validate_only);
        let answer = CreatePartitionsTopicResult::default().with_name(topic.name);
        match done {
            Ok(()) => answer,
            Err((error, reason)) => answer.with_error_code(error.code()).with_error_message(Some(text(reason))),
        }
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

fn more(state: &mut State, wanted: &CreatePartitionsTopic, only_check: bool) -> Result<(), Refusal> {
    let name = wanted.name.as_str();
    let mut topic = state.topic(name).map_err(plain)?.clone();
    if !(topic.partitions + 1..=state.limits.partitions).contains(&wanted.count) {
        let reason = format!("from {} to {} partitions", topic.partitions + 1, state.limits.partitions);
        return Err(refusal(ResponseError::InvalidPartitions, reason));
    }
    if only_check {
        return Ok(());
    }
    topic.partitions = wanted.count;
    state.put_topic(name, topic).map_err(plain)
}
