//! What happens to the bytes of files on their way.

use super::kind::facts;

facts! {
    /// A file was brought in whole; `result`: fetched, known (the same bytes, or the same file, came before).
    FileTaken<'a> { system: &'a str, result: &'a str } {}
        => Counter "causeway_files_taken_total" "Files whose bytes are in the blob store";
    FileBytes<'a> { system: &'a str } { count: u64 }
        => Counter "causeway_file_bytes_total" "Bytes of files that were fetched from a system";
    /// `code`: as the claim on the log says.
    FileWithheld<'a> { system: &'a str, code: &'a str } {}
        => Counter "causeway_files_withheld_total" "Files whose bytes were not taken, by reason",
        log warn "a file was withheld" {} shows [system, code];
    /// The event that names it waits.
    FileDelayed<'a> { system: &'a str } {}
        => Counter "causeway_file_fetch_failures_total" "Attempts to fetch a file that did not end with its last byte",
        log warn "a file could not be fetched yet" { reason: &'a str } shows [system, reason];
    /// `ruling`: clean, infected, encrypted, too-large-to-scan.
    FileScanned<'a> { ruling: &'a str } {}
        => Counter "causeway_files_scanned_total" "Verdicts of the scanner";
    ScannerFailed<'a> {} {}
        => Counter "causeway_scanner_failures_total" "Scans that ended without a verdict",
        log error "the scanner gave no verdict" { reason: &'a str } shows [reason];
    /// The bytes lie in quarantine under their hash; the command was refused.
    FileQuarantined<'a> {} {}
        => Counter "causeway_files_quarantined_total" "Files in which the scanner found something",
        log error "a file was moved to quarantine" { found: &'a str, sha256: &'a str } shows [found, sha256];
}
