use super::*;
use crate::{candidate, exposure, run_tests};

#[test]
fn the_starter_bundle_passes_its_own_tests() {
    let results = run_tests(&STARTER);
    assert!(results.len() >= 20, "{} tests", results.len());
    let failed: Vec<_> = results.iter().filter(|r| r.failure.is_some()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_wrong_expectation_fails_the_test_that_holds_it() {
    let mut files = starter_files();
    let tests = files["tests/issue.toml"].replace("priority = \"90\"", "priority = \"91\"");
    files.insert("tests/issue.toml".to_owned(), tests);
    let results = run_tests(&Bundle::from_files(files).unwrap());
    let failed: Vec<_> = results.iter().filter_map(|r| r.failure.as_deref()).collect();
    assert_eq!(failed, ["internal.issue.create-case: priority is \"90\", expected \"91\""]);
}

#[test]
fn a_partners_exposure_names_what_is_granted_and_not_what_is_taken_away() {
    let crossings = |id: &str| exposure(&STARTER, &PartnerId::new(id).unwrap());
    let has = |id: &str, field: &str| crossings(id).iter().any(|c| c.from == "internal" && c.field == field);
    assert!(has("ACME", "done.reference") && !has("GLOBEX", "done.reference"));
    assert!(has("ACME", "status-changed.expected_resolution_at"));
    assert!(!has("GLOBEX", "status-changed.expected_resolution_at"));
    assert!(has("ACME", "ext `cf.Resolution Note`") && !has("ACME", "ext `cf.Root Cause`"));
    assert!(crossings("NOBODY").is_empty());
    let line = crossings("ACME").iter().find(|c| c.field == "done.reference").unwrap().to_string();
    assert_eq!(
        line,
        "internal -> partner: done.reference -> acknowledge-case.reference (share.reference: number of the record in \
         the case system)"
    );
}

#[test]
fn a_version_only_grows_and_keeps_its_content() {
    use crate::{Admission, Inadmissible};
    let mut files = starter_files();
    let mut with = |version: &str, extra: &str| {
        let text = files["bundle.toml"]
            .lines()
            .map(|l| if l.starts_with("version") { format!("version = {version}{extra}") } else { l.to_owned() });
        let text = text.collect::<Vec<_>>().join("\n");
        files.insert("bundle.toml".to_owned(), text);
        Bundle::from_files(files.clone()).unwrap()
    };
    let (second, changed, third, first) = (with("2", ""), with("2", " # other"), with("3", ""), with("1", ""));
    let used = second.record();
    assert_eq!(candidate(None, &first), Ok(Admission::Newer));
    assert_eq!(candidate(Some(&used), &second), Ok(Admission::Same));
    assert_eq!(candidate(Some(&used), &third), Ok(Admission::Newer));
    assert_eq!(candidate(Some(&used), &changed), Err(Inadmissible::Changed { version: 2 }));
    assert_eq!(candidate(Some(&used), &first), Err(Inadmissible::Older { used: 2, candidate: 1 }));
    let rebuilt = Bundle::from_files(used.files.clone()).unwrap();
    assert_eq!(rebuilt.digest(), used.digest);
}
