use super::*;
use crate::{Marked, Visibility};

fn claim(size: i64) -> FileClaim {
    FileClaim::named("f1", "proof.pdf".to_owned(), "application/pdf", size)
}

#[test]
fn a_file_is_settled_by_its_bytes_or_by_a_reason() {
    let mut file = claim(3);
    assert!(!file.is_settled());
    file.sha256 = "a".repeat(64);
    assert!(file.is_settled() && file.blob().is_some());
    let withheld = FileClaim { withheld: withheld::GONE.to_owned(), ..file };
    assert!(withheld.is_settled() && withheld.blob().is_none());
}

#[test]
fn only_a_hash_names_a_blob() {
    for odd in ["", "../../etc/passwd", &"A".repeat(64), &"a".repeat(63), &format!("{}/", "a".repeat(63))] {
        assert_eq!(BlobId::parse(odd), None, "{odd}");
    }
}

#[test]
fn sizes_are_told_as_people_do() {
    let file = FileClaim { withheld: withheld::OVERSIZE.to_owned(), limit: 100_000_000, ..claim(120_000_000) };
    assert_eq!((file.readable_size(), file.readable_limit()), ("120 MB".to_owned(), "100 MB".to_owned()));
    for (bytes, said) in [(0, "0 bytes"), (999, "999 bytes"), (1_250, "1.2 kB"), (20_971_520, "20 MB"), (1_000, "1 kB")]
    {
        assert_eq!(claim(bytes).readable_size(), said);
    }
    assert_eq!(claim(-1).readable_size(), "");
}

#[test]
fn a_name_keeps_its_letters_and_loses_its_folders() {
    for (given, clean) in [
        ("proof.pdf", Some("proof.pdf")),
        ("../../etc/passwd", Some("passwd")),
        ("C:\\temp\\Prüfung 1.pdf", Some("Prüfung 1.pdf")),
        ("a\u{202e}fdp.exe", Some("afdp.exe")),
        ("x\r\nContent-Type: y", Some("xContent-Type_ y")),
        ("..", None),
        ("", None),
        ("/", None),
    ] {
        assert_eq!(clean_name(given).as_deref(), clean, "{given:?}");
    }
    let long = clean_name(&format!("{}.pdf", "ä".repeat(500))).unwrap();
    assert!(long.ends_with(".pdf") && long.chars().count() == 200);
}

#[test]
fn a_marked_name_shows_nothing_where_the_partner_may_not_see_it() {
    let file = claim(1).map_name(|name| Marked::new(name, Visibility::Host));
    assert!(!format!("{file:?}").contains("proof"));
}
