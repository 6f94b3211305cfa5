//! Files, by number and by why they were not taken. Never by name: some names are for few to read.

use domain::FileClaim;
use domain::file::withheld;

/// A sentence without its full stop, with what came along.
pub fn with_files<N>(sentence: &str, files: &[FileClaim<N>]) -> String {
    let count = match files.len() {
        0 => return format!("{sentence}."),
        1 => "a file".to_owned(),
        more => format!("{more} files"),
    };
    let mut codes: Vec<&str> =
        files.iter().map(|file| file.withheld.as_str()).filter(|code| !code.is_empty()).collect();
    let not_taken = codes.len();
    codes.sort_unstable();
    codes.dedup();
    match (not_taken, codes.join(", ")) {
        (0, _) => format!("{sentence}, with {count}."),
        (_, codes) if not_taken == files.len() => format!("{sentence}, with {count}, not taken: {codes}."),
        (some, codes) => format!("{sentence}, with {count}, {some} of them not taken: {codes}."),
    }
}

/// The end of the sentence that a document was shared.
pub fn of_document_file(file: &FileClaim) -> String {
    match file.withheld.as_str() {
        "" | withheld::NO_STORE => ".".to_owned(),
        withheld::RESTRICTED => ". Its file stays at the community.".to_owned(),
        code => format!(". Its file was not taken: {code}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_of_by_number_and_by_why_they_were_not_taken() {
        let file = |code: &str| FileClaim { withheld: code.to_owned(), ..FileClaim::named("f", (), "", 1) };
        let said = |codes: &[&str]| with_files("Said", &codes.iter().map(|code| file(code)).collect::<Vec<_>>());
        assert_eq!(said(&[]), "Said.");
        assert_eq!(said(&[""]), "Said, with a file.");
        assert_eq!(said(&["oversize"]), "Said, with a file, not taken: oversize.");
        assert_eq!(
            said(&["", "oversize", "gone", "oversize"]),
            "Said, with 4 files, 3 of them not taken: gone, oversize."
        );
        let document = |code: &str| of_document_file(&file(code).map_name(|()| String::new()));
        assert_eq!((document("").as_str(), document("empty").as_str()), (".", ". Its file was not taken: empty."));
    }
}
