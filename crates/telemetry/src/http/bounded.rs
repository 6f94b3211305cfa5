//! A request whose body ends in time and within its size, or with an error.

use axum::body::{Body, HttpBody};
use axum::{BoxError, Router};
use hyper::Request;
use hyper::body::{Bytes, Frame, Incoming, SizeHint};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// The router behind the bounds.
#[derive(Clone)]
pub(super) struct Bounded {
    pub(super) router: Router,
    pub(super) timeout: Duration,
    pub(super) max: usize,
}

impl hyper::service::Service<Request<Incoming>> for Bounded {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (timeout, left) = (self.timeout, self.max);
        let request = request.map(|body| Body::new(BoundedBody { body, deadline: Box::pin(sleep(timeout)), left }));
        Box::pin(hyper::service::Service::call(&TowerToHyperService::new(self.router.clone()), request))
    }
}

struct BoundedBody {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
    left: usize,
}

impl HttpBody for BoundedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err("the body took too long".into())));
        }
        let polled = Pin::new(&mut this.body).poll_frame(context);
        polled.map(|frame| {
            let frame = match frame? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error.into())),
            };
            let size = frame.data_ref().map_or(0, Bytes::len);
            match this.left.checked_sub(size) {
                Some(left) => {
                    this.left = left;
                    Some(Ok(frame))
                }
                None => Some(Err("the body is too large".into())),
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
