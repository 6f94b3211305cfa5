//! DescribeConfigs, AlterConfigs, IncrementalAlterConfigs; of topics alone.

use crate::core::{Core, text};
use crate::state::State;
use crate::topics::{self, OBEYED, STORED, Settings};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult,
};
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, alter_configs_response, incremental_alter_configs_response,
};

use super::topics::Refusal;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
/// Where a value comes from, as Kafka numbers it.
const OF_TOPIC: i8 = 1;
const DEFAULT: i8 = 5;

pub fn describe(core: &Core, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let state = core.state();
    let results = request.resources.into_iter().map(|resource| {
        let found = settings_of(&state, &resource);
        let answer = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name);
        match found {
            Ok(configs) => answer.with_configs(configs),
            Err(error) => answer.with_error_code(error.code()).with_error_message(Some(text(error.to_string()))),
        }
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn settings_of(
    state: &State,
    resource: &DescribeConfigsResource,
) -> Result<Vec<DescribeConfigsResourceResult>, ResponseError> {
    if resource.resource_type == BROKER {
        // It has none that a client could know.
        return Ok(Vec::new());
    }
    if resource.resource_type != TOPIC {
        return Err(ResponseError::InvalidRequest);
    }
    let topic = state.topic(&resource.resource_name)?;
    let wanted = |name: &str| {
        resource.configuration_keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key.as_str() == name))
    };
    let known = OBEYED.iter().chain(STORED).filter(|(name, _)| wanted(name));
    let shown = known.map(|(name, _)| {
        let source = if topic.settings.contains_key(*name) { OF_TOPIC } else { DEFAULT };
        DescribeConfigsResourceResult::default()
            .with_name(text(*name))
            .with_value(Some(text(topic.setting(name))))
            .with_config_source(source)
    });
    Ok(shown.collect())
}

/// Every setting that is not named gets its default again.
pub fn alter(core: &Core, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let mut state = core.state();
    let responses = request.resources.into_iter().map(|resource| {
        let mut settings = Settings::new();
        for config in &resource.configs {
            settings.insert(config.name.to_string(), config.value.as_deref().unwrap_or_default().to_owned());
        }
        let name = resource.resource_name.to_string();
        let done = change(&mut state, resource.resource_type, &name, request.validate_only, |_| Ok(settings));
        let (code, reason) = told(done);
        alter_configs_response::AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(reason.map(text))
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
    });
    AlterConfigsResponse::default().with_responses(responses.collect())
}

pub fn alter_some(core: &Core, request: IncrementalAlterConfigsRequest) -> IncrementalAlterConfigsResponse {
    let mut state = core.state();
    let responses = request.resources.into_iter().map(|resource| {
        let name = resource.resource_name.to_string();
        let done = change(&mut state, resource.resource_type, &name, request.validate_only, |mut settings| {
            for config in &resource.configs {
                let value = config.value.as_deref().unwrap_or_default().to_owned();
                match config.config_operation {
                    0 => settings.insert(config.name.to_string(), value),
                    1 => settings.remove(config.name.as_str()),
                    _ => {
                        let reason = "settings can be set and deleted, not appended to".to_owned();
                        return Err((ResponseError::InvalidConfig, reason));
                    }
                };
            }
            Ok(settings)
        });
        let (code, reason) = told(done);
        incremental_alter_configs_response::AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(reason.map(text))
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
    });
    IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

fn told(done: Result<(), Refusal>) -> (i16, Option<String>) {
    done.err().map_or((0, None), |(error, reason)| (error.code(), Some(reason)))
}

fn change(
    state: &mut State,
    kind: i8,
    name: &str,
    only_check: bool,
    new: impl FnOnce(Settings) -> Result<Settings, Refusal>,
) -> Result<(), Refusal> {
    if kind != TOPIC {
        return Err((ResponseError::InvalidRequest, "only topics have settings here".to_owned()));
    }
    let mut topic = state.topic(name).map_err(|error| (error, error.to_string()))?.clone();
    topic.settings = new(topic.settings)?;
    for (name, value) in &topic.settings {
        topics::check(name, value).map_err(|reason| (ResponseError::InvalidConfig, reason))?;
    }
    if only_check {
        return Ok(());
    }
    state.put_topic(name, topic).map_err(|error| (error, error.to_string()))
}
