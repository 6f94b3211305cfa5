use super::*;
use crate::Fault;

/// The faults of the starter bundle with one text replaced.
pub(super) fn broken(file: &str, old: &str, new: &str) -> Vec<Fault> {
    let mut files = starter_files();
    let text = &files[file];
    assert!(text.contains(old), "{file} has no `{old}`");
    let text = text.replacen(old, new, 1);
    files.insert(file.to_owned(), text);
    Bundle::from_files(files).err().unwrap_or_default()
}

#[test]
fn every_mistake_is_named_with_file_line_and_remedy() {
    let mut missing = Vec::new();
    for (file, old, new, line, what) in [
        ("bundle.toml", "version = 1", "version = 0", 4, "`version` is below 1"),
        ("bundle.toml", "version = 1", "version = \"1\"", 4, "`version` is not a whole number"),
        ("bundle.toml", "version = 1", "versoin = 1", 4, "unknown key `versoin`"),
        ("bundle.toml", "version = 1", "version = ", 4, "not TOML"),
        ("bundle.toml", "internal = \"rt\"", "internal = \"tg\"", 6, "both systems have the same id"),
        ("bundle.toml", "title = 200", "title = 2000", 19, "`limits.title` is not from 20 to 1000"),
        ("bundle.toml", "reference = true", "refrence = true", 25, "unknown key `share.refrence`"),
        ("bundle.toml", "[{partner}] ", "[{queue}] ", 15, "`create.title_prefix` cannot be used"),
        ("bundle.toml", "layer.group.carriers", "layer.group.nobody", 28, "no partner is in group `nobody`"),
        ("bundle.toml", "layer.partner.GLOBEX.share", "layer.partner.X.share", 31, "`X` is not a partner"),
        ("bundle.toml", "layer.partner.GLOBEX.share", "layer.region.EU.share", 31, "unknown key `layer.region`"),
        ("bundle.toml", "comment = 4000", "comment = 20000", 35, "`limits.comment` is not from 20 to 16384"),
        ("statuses.csv", "open,in-progress", "open,working", 5, "`working` is not a case status"),
        ("statuses.csv", "stalled,on-hold", "stalled,in-progress", 0, "no status of the case system means `on-hold`"),
        ("statuses.csv", "rejected,rejected,cancelled", "rejected,rejected,", 10, "once work has begun"),
        ("statuses.csv", "open,in-progress,,", "open,in-progress,,busy", 0, "status `busy` has no text"),
        ("statuses.csv", "open,in-progress,,", "open,in-progress", 5, "2 cells under 4 columns"),
        ("statuses.csv", "canonical,", "means,", 2, "column `canonical` is missing"),
        ("status-writes.csv", "resume,open", "resume,stalled", 4, "`stalled` cannot be written by `resume`"),
        ("status-writes.csv", "close,closed", "close,done", 6, "`done` cannot be written by `close`"),
        ("status-writes.csv", "reopen,open\n", "", 0, "`reopen` has no line"),
        ("codes/severity.csv", "MAJOR,major\n", "", 0, "code `MAJOR` has no line"),
        ("codes/severity.csv", "MAJOR,major", "MAYOR,major", 4, "`MAYOR` is not a code of this list"),
        ("codes/category.csv", "OTHER,-", "OTHER,", 11, "an empty cell"),
        ("codes/sub_category.csv", "ORDER,PRICE", "ODER,PRICE", 3, "`ODER` is not a category"),
        ("codes/resolution.csv", "fixed,FIXED", "fixed,MENDED", 3, "`MENDED` is not a resolution code"),
        ("codes/resolution.csv", "-,WITHDRAWN\n", "", 0, "resolution code `WITHDRAWN` has no line"),
        ("fields-in.csv", "documents,TG", "docs,TG", 6, "`docs` is not a field of a partner's record"),
        ("fields-out.csv", "note,true", "note,yes", 3, "share is `yes`"),
        ("fields-out.csv", "resolution_note,true", "price,true", 3, "`price` is nothing a partner is told"),
        ("routes.csv", "*,*,*,*,Partner Cases,20\n", "", 0, "no last line that fits everything"),
        ("routes.csv", "*,CRITICAL,*,P,", "*,*,*,*,", 4, "never reached: line 3 fits everything"),
        ("routes.csv", "category,severity", "category,mood", 2, "unknown column `mood`"),
        ("routes.csv", "EDI_TECHNICAL,*", "EDI,*", 4, "`EDI` is not a known category"),
        ("routes.csv", "*,MAJOR,*,P", "*,1..x,*,P", 7, "`1..x` is not a range of numbers"),
        ("routes.csv", "EDI_TECHNICAL,*", "# why\n\n  EDI,*", 6, "`EDI` is not a known category"),
        ("intake.csv", "GLOBEX,hold", "GLOBEX,wait", 3, "`wait` is not an intake"),
        ("intake.csv", "OTHER,GLOBEX", "OTHER,INITECH", 3, "`INITECH` is not a known partner"),
        ("partners.csv", "en,TP", "en,PT", 2, "`PT` is not an environment"),
        ("partners.csv", "suppliers,en", "suppliers,fr", 0, "partner `ACME` reads `fr`, which has no texts"),
        ("partners.csv", "Europe/Berlin", "Europe/Cologne", 3, "`Europe/Cologne` is not a time zone"),
        ("partners.csv", "2035-12-31", "2035-02-30", 3, "`2035-02-30` in valid_until is not a date"),
        ("partners.csv", "2035-12-31", "2019-12-31", 3, "the partner ends before it begins"),
        ("partners.csv", "01:987654321", "01:123456789", 3, "also belongs to `ACME`"),
        ("partners.csv", "123456789,V", "12345,V", 2, "`12345` is not a DUNS number"),
        ("partners.csv", "GLOBEX,", "ACME,", 3, "`ACME` is already on line 2"),
        ("texts/de.toml", "cut = \" [gekürzt]\"", "", 16, "`notice.cut` is missing"),
        ("texts/de.toml", "[label]", "[labels]", 12, "unknown key `labels`"),
        ("texts/en.toml", "on-hold = ", "onhold = ", 1, "no status uses the label `onhold`"),
        ("tests/issue.toml", "held = \"intake\"", "hold = \"intake\"", 33, "unknown field `hold`"),
    ] {
        let faults = broken(file, old, new);
        let found = faults.iter().any(|f| f.what.contains(what) && f.line == line && !f.mend.is_empty());
        let shown: Vec<_> = faults.iter().map(ToString::to_string).collect();
        if !found {
            let shown = shown.join("\n");
            missing.push(format!("{file}: `{old}` to `{new}` should give `{what}` on line {line}:\n{shown}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n\n"));
}

#[test]
fn a_layer_that_widens_is_refused() {
    for (old, new) in [
        (
            "[layer.partner.GLOBEX.share]\nreference = false",
            "[layer.partner.GLOBEX.share]\nexpected_resolution_at = true",
        ),
        ("[layer.partner.GLOBEX.share]\nreference = false", "[layer.partner.GLOBEX.share]\n\"cf.Root Cause\" = true"),
        ("[share]\nreference = true", "[share]\n\"cf.Root Cause\" = true"),
        (
            "[layer.partner.GLOBEX.share]",
            "[layer.partner.GLOBEX.masters]\npriority = \"partner\"\n[layer.partner.GLOBEX.share]",
        ),
    ] {
        let faults = broken("bundle.toml", old, new);
        let words = ["more widely than the layer above allows", "belongs to the internal side"];
        assert!(faults.iter().any(|f| words.iter().any(|w| f.what.contains(w))), "{new}: {faults:?}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let mut files = starter_files();
    files.remove("intake.csv");
    files.insert("notes.txt".to_owned(), String::new());
    files.insert("statuses.csv".to_owned(), "internal,canonical\nopen,working\n".to_owned());
    let faults = Bundle::from_files(files).unwrap_err();
    let named: std::collections::BTreeSet<_> = faults.iter().map(|f| f.file.as_str()).collect();
    for file in ["intake.csv", "notes.txt", "statuses.csv", "status-writes.csv"] {
        assert!(named.contains(file), "{file}: {named:?}");
    }
    assert!(faults.iter().filter(|f| f.file == "statuses.csv").count() >= 9);
}

#[test]
fn a_status_a_field_and_a_route_are_one_line_each() {
    let mut files = starter_files();
    let mut add = |file: &str, before: &str, line: &str| {
        let text = files[file].replacen(before, &format!("{line}\n{before}"), 1);
        files.insert(file.to_owned(), text);
    };
    add("statuses.csv", "resolved,", "waiting-carrier,on-hold,,");
    add("fields-in.csv", "documents,", "transaction.network_reference,TG Network Ref");
    add("routes.csv", "*,*,*,*,Partner Cases,20", "INVOICE,*,*,*,Invoices,20");
    assert!(Bundle::from_files(files).is_ok());
}

#[test]
fn a_community_of_25_000_partners_is_one_file() {
    let mut files = starter_files();
    let rows: String = (0..25_000).map(|n| format!("P-{n},suppliers,en,P,,,,,ZZ:P{n},,\n")).collect();
    files.get_mut("partners.csv").unwrap().push_str(&rows);
    assert_eq!(Bundle::from_files(files.clone()).unwrap().partners().count(), 25_002);
    files.get_mut("partners.csv").unwrap().push_str("P-7,suppliers,en,P,,,,,,,\n");
    let faults = Bundle::from_files(files).unwrap_err();
    assert_eq!(faults.iter().map(|f| f.line).collect::<Vec<_>>(), [25_004]);
}

#[test]
fn a_folder_loads_as_its_files_do_and_a_missing_one_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in starter_files() {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(dir.path().join(".hidden"), "x").unwrap();
    assert_eq!(Bundle::load(dir.path()).unwrap().digest(), STARTER.digest());
    assert_eq!(Bundle::load(&dir.path().join("nowhere")).unwrap_err().len(), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_makes_the_loader_panic(file in 0_usize..30, text in "\\PC{0,80}|([a-z*,|.\"\\[\\]= \n-]{0,80})") {
        let mut files = starter_files();
        let name = files.keys().nth(file % files.len()).unwrap().clone();
        let whole = files[&name].clone();
        files.insert(name.clone(), text.clone());
        let _ = Bundle::from_files(files.clone());
        files.insert(name, format!("{whole}{text}"));
        let _ = Bundle::from_files(files);
    }
}
