//! The page's own files, in the binary.

use super::App;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, header};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../page/", $name))
    };
}

const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, file!("index.html")),
    ("/style.css", CSS, file!("style.css")),
    ("/parts.css", CSS, file!("parts.css")),
    ("/icon.svg", SVG, file!("icon.svg")),
    ("/app.js", JS, file!("app.js")),
    ("/ask.js", JS, file!("ask.js")),
    ("/board.js", JS, file!("board.js")),
    ("/dom.js", JS, file!("dom.js")),
    ("/drawer.js", JS, file!("drawer.js")),
    ("/partner.js", JS, file!("partner.js")),
    ("/record.js", JS, file!("record.js")),
    ("/issue.js", JS, file!("issue.js")),
    ("/discrepancy.js", JS, file!("discrepancy.js")),
    ("/document.js", JS, file!("document.js")),
    ("/onboarding.js", JS, file!("onboarding.js")),
    ("/agent.js", JS, file!("agent.js")),
    ("/timeline.js", JS, file!("timeline.js")),
    ("/words.js", JS, file!("words.js")),
];

const HEADERS: fn(&'static str) -> [(HeaderName, &'static str); 2] =
    |media_type| [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];

pub(super) fn routes() -> Router<App> {
    FILES.iter().fold(Router::new(), |router, &(path, media_type, text)| {
        router.route(path, get(move || std::future::ready(answer(media_type, text))))
    })
}

fn answer(media_type: &'static str, text: &'static str) -> Response {
    (HEADERS(media_type), text).into_response()
}
