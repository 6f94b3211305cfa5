//! `object_store` over the build's own HTTP client: no redirects, no proxy, no second TLS library.

use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use std::time::Duration;

/// Longest that one request may take, a part of 5 MiB among them.
const REQUEST: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Connector;

#[derive(Debug)]
struct Service(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(REQUEST)
            .pool_idle_timeout(Duration::from_secs(4))
            .user_agent("causeway")
            .build();
        let client = client.map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(Service(client)))
    }
}

fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else {
        HttpErrorKind::Interrupted
    };
    HttpError::new(kind, error.without_url())
}

#[async_trait::async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        // At most one part of an upload, which lies in memory anyway.
        let body = body.collect().await?.to_bytes();
        let reads = parts.method == http::Method::GET;
        let request = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        // Whoever reads bytes decides how long; between two pieces of them the same time may pass.
        let request = if reads { request } else { request.timeout(REQUEST) };
        let response = request.send().await.map_err(failed)?;
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body.map_err(failed))))
    }
}
