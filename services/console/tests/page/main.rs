//! The page in a real browser: headless Chromium, over chromedriver. Skipped, loudly, where one of them is missing.
//! Screenshots are left in the target folder, `tmp/console`.
#![allow(clippy::unwrap_used)]

mod canned;
mod driver;
mod fakes;

use canned::{CASE, Log};
use console::Model;
use driver::Browser;
use std::io::Write as _;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

#[tokio::test]
async fn a_newcomer_sees_acts_and_breaks_things_by_mouse_and_by_keyboard() {
    let Some(browser) = Browser::open().await else {
        let _ = std::io::stderr()
            .write_all(b"SKIPPED: the console's page was not tried: chromium or chromedriver is missing\n");
        return;
    };
    let (model, mut log) = (Model::new(), Log::story());
    log.tell(&model);
    model.caught_up();
    let (at, asked, did) = fakes::console(&model).await;

    for (width, height, scheme) in [(1440, 900, "light"), (1440, 900, "dark"), (390, 844, "light"), (390, 844, "dark")]
    {
        browser.look(width, height, scheme).await;
        browser.go(&at).await;
        browser.until("document.querySelectorAll('.case').length === 2").await;
        browser
            .script("[...document.querySelectorAll('.case')].find(c => c.textContent.includes('4711')).click()")
            .await;
        browser
            .until("document.querySelector('.entry .mark.applied') && document.querySelector('#agent .bubble.inside')")
            .await;
        browser.screenshot(&format!("{width}-{scheme}")).await;
        for part in ["partner", "agent", "middle"] {
            if width == 390 {
                browser.script(&format!("document.getElementById('tab-{part}').click()")).await;
                browser.screenshot(&format!("{width}-{scheme}-{part}")).await;
            }
            let wide = browser.script("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(wide.as_i64().unwrap() <= 0, "{width} {scheme} {part} scrolls sideways by {wide}");
        }
    }

    browser.look(1440, 900, "light").await;
    browser.go(&at).await;
    browser.until("document.querySelectorAll('.case').length === 2 && document.querySelector('#live').textContent.includes('live')").await;
    let note = browser.script("return document.querySelector('#welcome').innerText").await;
    assert!(note.as_str().unwrap().contains("internal notes stay inside"));

    // By keyboard alone.
    browser.tab_to("e.id === 'raise'").await;
    browser.keys(ENTER).await;
    browser.until("document.activeElement.name === 'title'").await;
    browser.keys("Short delivery").await;
    browser.tab_to("e.name === 'description'").await;
    browser.keys("Two pallets are missing").await;
    browser.tab_to("e.textContent === 'Send to the community'").await;
    let ring = browser.script("return getComputedStyle(document.activeElement).outlineStyle").await;
    assert_eq!(ring, "solid", "the focus can be seen");
    browser.keys(ENTER).await;
    browser.until("document.querySelector('#notice').textContent.includes('C-9')").await;
    assert!(asked.lock().unwrap().iter().any(|a| a.contains("POST /partner/v1/cases") && a.contains("Short delivery")));

    // What the log says of it comes by itself.
    browser.until("document.querySelector('#entries').textContent.includes('Causeway reads it in a moment')").await;
    let before = log.records.len();
    let opened = log.opened(20, "case/tg/C-9", "Short delivery");
    log.create(21, "case/tg/C-9", opened);
    log.records.drain(..before);
    log.tell(&model);
    browser.until("document.querySelectorAll('.entry').length === 2").await;
    browser.until("[...document.querySelectorAll('.case')].some(c => c.textContent.includes('Short delivery'))").await;
    browser.screenshot("raised").await;

    // What somebody is writing survives what comes in meanwhile.
    browser.script("document.querySelector('#partner textarea[name=text]').focus()").await;
    browser.keys("Half a").await;
    log.records.clear();
    log.note(30, "case/tg/C-9", "Seen");
    log.records[0].offset = 77;
    log.tell(&model);
    browser.until("document.querySelectorAll('.entry').length === 3").await;
    browser.keys(" word").await;
    browser.until("document.querySelector('#partner textarea[name=text]').value === 'Half a word'").await;

    // A note stays inside, in the ticket and in the timeline; a reply does not.
    browser
        .script(&format!("[...document.querySelectorAll('.case')].find(c => c.dataset.focus === '{CASE}').click()"))
        .await;
    browser.until("document.querySelector('#agent .bubble.inside .lock')?.textContent === 'stays inside'").await;
    browser.until("document.querySelector('#entries blockquote.inside footer')?.textContent === 'stays inside'").await;
    let left = browser.script("return document.querySelector('#partner').innerText").await;
    assert!(!left.as_str().unwrap().contains("watch list"));
    browser.script("document.querySelector('.insidebox textarea').focus()").await;
    browser.keys("Call them").await;
    browser.tab_to("e.textContent === 'Note'").await;
    browser.keys(ENTER).await;
    browser.until("document.querySelector('#notice').textContent === 'Noted. It stays inside.'").await;
    let noted = r#"Bearer token-of-ann POST /v1/tickets/17/notes {"text":"Call them"}"#;
    assert!(asked.lock().unwrap().iter().any(|a| a == noted), "{asked:?}");

    // Breaking it.
    browser.script("document.getElementById('break').click()").await;
    browser
        .until("document.querySelectorAll('#d-roles .rolerow').length === 2 && document.activeElement.id === 'd-close'")
        .await;
    browser.screenshot("drawer").await;
    for (focus, wanted) in [
        ("kill-sink-internal", "killed sink-internal"),
        ("reset-sink-internal", "reset sink-internal"),
        ("start-transform-partner", "started transform-partner"),
        ("redrive-case/tg/C-2", "redriven Some(\"case/tg/C-2\")"),
        ("desk-outage", "switched Switch { side: Desk, fault: Outage, on: true }"),
    ] {
        browser.script(&format!("document.querySelector('[data-focus=\"{focus}\"]').click()")).await;
        browser.until(&format!("document.querySelector('#d-notice').textContent === {wanted:?}")).await;
        assert!(did.lock().unwrap().iter().any(|d| d == wanted), "{did:?}");
    }
    browser.keys(ESCAPE).await;
    browser.until("document.querySelector('#drawer').hidden && document.activeElement.id === 'break'").await;
    model.end();
}
