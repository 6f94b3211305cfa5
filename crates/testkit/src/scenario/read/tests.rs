use super::*;

const WHOLE: &str = "title = 't'\n[[step]]\npartner = 'opens'\ntitle = 'x'\n[[expect]]\nstatus = 'acknowledged'\n";

fn mistake(text: &str) -> String {
    read("n", "f.toml", text).expect_err("a mistake").to_string()
}

#[test]
fn a_file_says_what_happens_and_what_is_expected() {
    let scenario = read("01-issue/01-x", "f.toml", WHOLE).unwrap();
    assert_eq!(scenario.levels, Level::ALL);
    assert_eq!((scenario.steps.len(), scenario.steps[0].line), (1, 2));
    assert_eq!(scenario.partner_of(&"case".to_owned()), "ACME");
}

#[test]
fn a_key_nobody_knows_is_refused_with_its_line() {
    assert_eq!(
        mistake(&WHOLE.replace("title = 'x'", "title = 'x'\ncolour = 'red'")),
        "f.toml:5: `colour` is not known here"
    );
    assert_eq!(mistake(&WHOLE.replace("status", "stauts")), "f.toml:6: `stauts` is not known here");
    assert_eq!(mistake(&format!("color = 'red'\n{WHOLE}")), "f.toml:1: `color` is not known here");
    let nested = format!("{WHOLE}ticket.publik = []\n");
    assert_eq!(mistake(&nested), "f.toml:7: `publik` is not known here");
}

#[test]
fn a_key_of_another_verb_is_refused() {
    let text = WHOLE.replace("[[expect]]", "[[step]]\nagent = 'replies'\ntext = 'a'\nto = 'b'\n[[expect]]");
    assert_eq!(mistake(&text), "f.toml:8: `to` is not known here");
}

#[test]
fn a_case_must_be_opened_before_and_judged_after() {
    let unopened = WHOLE.replace("[[expect]]", "[[step]]\nagent = 'notes'\ntext = 'a'\ncase = 'b'\n[[expect]]");
    assert_eq!(mistake(&unopened), "f.toml:5: case `b` was not opened before");
    let unjudged = WHOLE.replace("[[expect]]", "[[step]]\npartner = 'opens'\ntitle = 'y'\ncase = 'b'\n[[expect]]");
    assert_eq!(mistake(&unjudged), "f.toml:1: nothing is expected of case `b` in the end");
}

#[test]
fn a_level_is_left_out_only_with_a_reason() {
    assert!(mistake(&format!("levels = ['mapping']\n{WHOLE}")).contains("why"));
    let with = format!("levels = ['mapping']\nwhy = 'a reason'\n{WHOLE}");
    assert_eq!(read("n", "f.toml", &with).unwrap().levels, [Level::Mapping]);
    assert!(mistake(&format!("levels = ['moon']\nwhy = 'a reason'\n{WHOLE}")).contains("moon"));
}

#[test]
fn a_folder_without_scenarios_is_refused() {
    let root = std::env::temp_dir().join(format!("causeway-scenarios-{}", std::process::id()));
    std::fs::create_dir_all(root.join("09-empty")).unwrap();
    let fault = read_folder(&root).expect_err("nothing in it");
    std::fs::remove_dir_all(&root).unwrap();
    assert!(fault.to_string().contains("without scenarios"), "{fault}");
}
