use crate::StandaloneError;
use crate::configs::Layout;
use crate::roles::Roles;
use runtime::Shutdown;
use std::sync::Arc;
use telemetry::admin::Health;

pub fn console(_: &Arc<Layout>, _: &Roles, _: &Shutdown) -> Result<axum::Router, StandaloneError> {
    Ok(telemetry::admin::router(Health::default()))
}
