//! `causeway standalone` as a newcomer meets it: the real process, in a real browser, acted on from both sides and
//! broken. Skipped, loudly, where Chromium or its driver is missing. Screenshots are left in the target folder.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(dead_code, reason = "the process and the driver are shared with other tests")]

#[path = "../../console/tests/page/driver.rs"]
mod driver;
#[path = "standalone/process.rs"]
mod process;

use driver::Browser;
use process::Process;

struct Page {
    browser: Browser,
    says: std::cell::Cell<u32>,
}

impl Page {
    /// Presses what has this focus key in the drawer, and waits for the sentence that tells what happened.
    async fn press(&self, key: &str, answer: &str) {
        self.browser.until(&format!("document.querySelector('[data-focus=\"{key}\"]')?.disabled === false")).await;
        self.browser.script(&format!("document.querySelector('[data-focus=\"{key}\"]').click()")).await;
        self.browser.until(&format!("document.querySelector('#d-notice').textContent.includes({answer:?})")).await;
    }

    async fn write(&self, form: &str, button: &str, text: &str) {
        let script = format!(
            "const box = document.querySelector('{form} textarea'); box.value = {text:?};
             [...document.querySelectorAll('{form} button')].find(b => b.textContent === '{button}').click()"
        );
        self.browser.script(&script).await;
    }

    /// An agent's reply, told apart from every other.
    async fn reply(&self) -> String {
        self.says.set(self.says.get() + 1);
        let text = format!("Answer number {}", self.says.get());
        self.write("#agent .two > form", "Reply", &text).await;
        self.browser.until(&format!("document.querySelector('#agent .talk').textContent.includes({text:?})")).await;
        text
    }

    /// Waits until the partner reads it.
    async fn crossed(&self, text: &str) {
        self.browser.until(&format!("document.querySelector('#partner').textContent.includes({text:?})")).await;
    }

    /// Opens the record whose line on the board has this text, once it is there.
    async fn choose(&self, text: &str) {
        let line = format!("[...document.querySelectorAll('.case')].find(c => c.textContent.includes({text:?}))");
        self.browser.until(&format!("Boolean({line})")).await;
        self.browser.script(&format!("{line}.click()")).await;
    }

    /// The other use cases of the story, each on its own page of the partner.
    async fn the_other_three(&self) {
        for (kind, line, partner, agent) in [
            ("discrepancy", "Two gaskets short", "We credit one gasket", "Finding WMS"),
            ("document", "271, version 1", "packing-list.pdf", "Partner Shipments"),
            ("onboarding", "supplier-edi", "Send your tax form", "TG Readiness"),
        ] {
            let select = format!(
                "const k = document.getElementById('kind'); k.value = '{kind}'; k.dispatchEvent(new Event('change'))"
            );
            self.browser.script(&select).await;
            self.browser.until("document.querySelectorAll('.case').length === 1").await;
            self.choose(line).await;
            self.crossed(partner).await;
            self.browser.until(&format!("document.querySelector('#agent').textContent.includes({agent:?})")).await;
            let seen = self.browser.script("return document.querySelector('#partner').innerText").await;
            assert!(!seen.as_str().unwrap().contains("one box was damaged"), "a finding is at the partner");
            self.browser.screenshot(&format!("standalone-{kind}")).await;
        }
    }

    async fn times_at_partner(&self, text: &str) -> u64 {
        let script = format!("return document.querySelector('#partner').textContent.split({text:?}).length - 1");
        self.browser.script(&script).await.as_u64().unwrap()
    }
}

#[tokio::test]
async fn a_newcomer_acts_on_both_sides_breaks_it_and_sees_it_mend() {
    let Some(browser) = Browser::open().await else {
        eprintln!("SKIPPED: the page was not tried: chromium or chromedriver is missing");
        return;
    };
    let mut process = Process::new();
    process.start().await;
    let page = Page { browser, says: std::cell::Cell::new(0) };
    let browser = &page.browser;
    browser.look(1440, 1000, "light").await;
    browser.go(&format!("http://127.0.0.1:{}/", process.page)).await;
    // The story plays by itself: nothing was typed.
    page.choose("Invoice 4711").await;
    page.crossed("we are comparing the invoice").await;
    browser.until("document.querySelector('#agent .talk').textContent.includes('position 3')").await;
    browser.screenshot("standalone-story").await;
    let partner = browser.script("return document.querySelector('#partner').innerText").await;
    assert!(!partner.as_str().unwrap().contains("typing error"), "the story's internal note is at the partner");

    // A note stays inside: what was said after it has crossed.
    page.write("#agent .insidebox form", "Note", "Do not tell them: canary-7731").await;
    browser.until("document.querySelector('#agent .talk').textContent.includes('canary-7731')").await;
    let after = page.reply().await;
    page.crossed(&after).await;
    let partner = browser.script("return document.querySelector('#partner').innerText").await;
    assert!(!partner.as_str().unwrap().contains("canary-7731"));

    // A fault: the community does what it is asked and never answers.
    browser.script("document.getElementById('break').click()").await;
    let roles = "document.querySelectorAll('.rolerow .state').length === 7";
    browser.until(&format!("{roles} && document.querySelectorAll('.rolerow .state.running').length === 7")).await;
    page.press("community-timeout-after-apply", "is on").await;
    // It befalls every second write.
    let (first, unanswered) = (page.reply().await, page.reply().await);
    let stats = format!("http://127.0.0.1:{}/control/stats", process.community);
    let befell =
        async || reqwest::get(&stats).await.unwrap().json::<serde_json::Value>().await.unwrap()["faults"].as_u64();
    page.crossed(&first).await;
    page.crossed(&unanswered).await;
    assert!(befell().await.is_some_and(|faults| faults > 0), "the fault befell nothing");
    page.press("community-timeout-after-apply", "is off").await;

    // A role dies and is started again.
    page.press("kill-sink-partner", "was killed").await;
    let waiting = page.reply().await;
    page.press("start-sink-partner", "starts").await;
    page.crossed(&waiting).await;
    browser.screenshot("standalone-drawer").await;

    // Everything is read again from the beginning: what was said is there once.
    page.press("reset-sink-partner", "from the beginning").await;
    page.press("reset-transform-internal", "from the beginning").await;
    let last = page.reply().await;
    page.crossed(&last).await;
    for text in [&after, &first, &unanswered, &waiting, &last] {
        assert_eq!(page.times_at_partner(text).await, 1, "`{text}` at the partner");
    }

    // A status that the bundle leaves to a person is held; a better bundle releases it.
    let agent = process.secret("desk-agent.token");
    let url = format!("http://127.0.0.1:{}/v1/tickets/1", process.case_system);
    let body = serde_json::json!({ "status": "deleted" });
    let done = reqwest::Client::new().patch(url).bearer_auth(agent).json(&body).send().await.unwrap();
    assert!(done.status().is_success(), "{:?}", done.text().await);
    browser.until("document.querySelector('[data-focus^=\"redrive-\"]')").await;
    browser.script("const s = document.querySelector('[data-focus=\"bundle-file\"]'); s.value = 'statuses.csv'; s.dispatchEvent(new Event('change'))").await;
    browser.until("document.querySelector('[data-focus=\"bundle-text\"]').value.includes('deleted,hold')").await;
    browser
        .script(
            "const t = document.querySelector('[data-focus=\"bundle-text\"]');
             t.value = t.value.replace('deleted,hold', 'deleted,cancelled');
             [...t.closest('form, section, details, div').querySelectorAll('button')].find(b => /use|replace|save/i.test(b.textContent)).click()",
        )
        .await;
    browser.until("document.querySelector('#d-notice').textContent.includes('is in use')").await;
    browser.script("document.querySelector('[data-focus^=\"redrive-\"]').click()").await;
    browser.until("document.querySelector('#d-notice').textContent.includes('sent back')").await;
    browser.script("document.getElementById('d-close').click()").await;
    browser.until("document.querySelector('#partner .status').textContent.toLowerCase().includes('cancelled')").await;
    page.the_other_three().await;
    browser.look(390, 844, "dark").await;
    browser.screenshot("standalone-390-dark").await;
    process.stop();
}
