//! Which subject is due next.

use domain::{Subject, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// One instant for each subject with a timer that runs.
#[derive(Debug, Default)]
pub struct Agenda {
    by_time: BTreeSet<(i64, Subject)>,
    by_subject: BTreeMap<Subject, i64>,
}

impl Agenda {
    pub fn put(&mut self, subject: &Subject, at: Option<Timestamp>) {
        if let Some(before) = self.by_subject.remove(subject) {
            self.by_time.remove(&(before, subject.clone()));
        }
        if let Some(Timestamp(at)) = at {
            self.by_subject.insert(subject.clone(), at);
            self.by_time.insert((at, subject.clone()));
        }
    }

    pub fn next(&self) -> Option<i64> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Subjects that are due, the earliest first.
    pub fn due(&self, now: Timestamp, most: usize) -> Vec<Subject> {
        self.by_time.iter().take_while(|(at, _)| *at <= now.0).take(most).map(|(_, subject)| subject.clone()).collect()
    }

    pub fn len(&self) -> usize {
        self.by_time.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_stands_once_and_the_earliest_comes_first() {
        let subject = |id: &str| Subject::try_from(format!("case/tg/{id}")).unwrap();
        let mut agenda = Agenda::default();
        agenda.put(&subject("1"), Some(Timestamp(9)));
        agenda.put(&subject("2"), Some(Timestamp(5)));
        agenda.put(&subject("1"), Some(Timestamp(3)));
        assert_eq!((agenda.len(), agenda.next()), (2, Some(3)));
        assert_eq!(agenda.due(Timestamp(5), 9), [subject("1"), subject("2")]);
        agenda.put(&subject("1"), None);
        assert_eq!(agenda.due(Timestamp(5), 9), [subject("2")]);
    }
}
