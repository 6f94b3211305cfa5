use super::*;

fn batch() -> Batch<u8, &'static str> {
    let mut batch = Batch::new(Limits { interval: 100, records: 2, bytes: 1_000 });
    assert!(batch.step(Timestamp(0), Input::Assigned { partition: 1, committed: 10 }).is_empty());
    batch
}

fn mapped(next_offset: i64) -> Input<u8, &'static str> {
    Input::Mapped { partition: 1, next_offset, outputs: vec!["x"], bytes: 1 }
}

#[test]
fn a_batch_is_committed_when_its_interval_has_passed_and_not_before() {
    let mut batch = batch();
    assert_eq!(batch.step(Timestamp(0), mapped(11)), vec![Action::WakeAt(Timestamp(100))]);
    assert!(batch.step(Timestamp(99), Input::Tick).is_empty());
    let commit = Action::Commit { records: vec!["x"], offsets: BTreeMap::from([(1, 11)]) };
    assert_eq!(batch.step(Timestamp(100), Input::Tick), vec![commit]);
}

#[test]
fn a_failed_commit_drops_what_was_read_ahead_and_goes_back_to_the_last_committed_position() {
    let mut batch = batch();
    batch.step(Timestamp(0), mapped(11));
    batch.step(Timestamp(0), mapped(12));
    batch.step(Timestamp(1), mapped(13));
    let back = Action::SeekBack { offsets: BTreeMap::from([(1, 10)]) };
    assert_eq!(batch.step(Timestamp(2), Input::Failed), vec![back]);
    assert!(batch.step(Timestamp(500), Input::Tick).is_empty(), "nothing is left to commit");
}

#[test]
fn a_revoke_waits_for_the_commit_under_way_and_drops_the_rest() {
    let mut batch = batch();
    batch.step(Timestamp(0), mapped(11));
    batch.step(Timestamp(0), mapped(12));
    batch.step(Timestamp(1), mapped(13));
    assert_eq!(batch.step(Timestamp(2), Input::Revoked { partitions: vec![1] }), vec![Action::Join]);
    assert!(batch.step(Timestamp(3), Input::Committed).is_empty());
    assert!(batch.step(Timestamp(4), mapped(14)).is_empty(), "a partition that is gone is not taken");
}
