use super::*;
use domain::{Actor, Environment, PartnerId, Timestamp, Visibility};
use ports::News as Told;

/// Nothing was ever done by us.
struct Nothing;

impl Memory for Nothing {
    fn next_outcome(&self, _: i32) -> i64 {
        0
    }
    fn set_next_outcome(&mut self, _: i32, _: i64) {}
    fn barrier(&self, _: i32) -> Option<String> {
        None
    }
    fn set_barrier(&mut self, _: i32, _: &str) {}
    fn bond(&self, _: &NativeId) -> Option<(Subject, Option<PartnerId>)> {
        None
    }
    fn set_bond(&mut self, _: &NativeId, _: &Subject, _: Option<&PartnerId>) {}
    fn is_effect(&self, _: &NativeId, _: &str) -> bool {
        false
    }
    fn add_effect(&mut self, _: &NativeId, _: &str) {}
    fn knows_command(&self, _: &MessageId) -> bool {
        false
    }
    fn add_command(&mut self, _: &MessageId) {}
    fn open_commands(&self) -> Vec<OpenCommand> {
        Vec::new()
    }
    fn set_open(&mut self, _: &OpenCommand) {}
    fn close(&mut self, _: &MessageId) {}
}

fn change(record: &str, id: &str) -> Change<&'static str> {
    Change {
        entity: NativeId::new(record).unwrap(),
        id: id.to_owned(),
        marker: None,
        subject: Some(Subject::try_from(format!("case/tg/{record}")).unwrap()),
        partner_id: None,
        field: None,
        occurred_at: Timestamp(0),
        version: String::new(),
        by_us: Some(false),
        actor: Actor::default(),
        visibility: Visibility::Partner,
        environment: Environment::Test,
        ext: Default::default(),
        news: Told::Event("said"),
    }
}

fn news(verdict: Verdict<&'static str>) -> News<&'static str> {
    let Verdict::Publish(news) = verdict else { panic!("{verdict:?}") };
    news
}

fn ids(verdicts: Vec<Verdict<&'static str>>) -> Vec<String> {
    verdicts.into_iter().map(|verdict| news(verdict).change.id).collect()
}

#[test]
fn what_is_kept_holds_its_own_record_alone_and_comes_back_in_order() {
    let mut classifier = Classifier::new();
    let first = news(classifier.classify(&Nothing, change("A", "1")));
    let second = news(classifier.classify(&Nothing, change("A", "2")));
    classifier.keep(vec![first, second]);
    assert_eq!(classifier.classify(&Nothing, change("A", "3")), Verdict::Hold);
    assert!(matches!(classifier.classify(&Nothing, change("B", "4")), Verdict::Publish(_)));
    let listed: Vec<_> = classifier.held().into_iter().map(|key| key.change).collect();
    assert_eq!(listed, ["1", "2", "3"]);
    assert!(!classifier.waits_for_outcomes());

    let mut again = classifier.release(&Nothing);
    let kept: Vec<_> = again.drain(..).map(news).collect();
    classifier.keep(kept);
    assert_eq!(ids(classifier.release(&Nothing)), ["1", "2", "3"]);
    assert_eq!(classifier.held(), []);
}

#[test]
fn what_is_kept_again_stands_before_what_came_after_it() {
    let mut classifier = Classifier::new();
    let first = news(classifier.classify(&Nothing, change("A", "1")));
    classifier.keep(vec![first]);
    assert_eq!(classifier.classify(&Nothing, change("A", "2")), Verdict::Hold);
    let mut released = classifier.release(&Nothing).into_iter().map(news);
    let (first, second) = (released.next().unwrap(), released.next().unwrap());
    // The host found the second fit and the first not: both go back.
    classifier.keep(vec![second]);
    classifier.keep(vec![first]);
    assert_eq!(ids(classifier.release(&Nothing)), ["1", "2"]);
}
