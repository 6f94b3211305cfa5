//! How documents of the house's own are told of: `[document-outward]`. What a bundle does not say is said in English.

/// The first for partners, the others for agents; then why a version did not go.
pub(super) const OUTWARD: [(&str, &str); 22] = [
    ("label", "Shared with you"),
    ("published", "Version {version} is with the partner."),
    ("not-published", "Version {version} was not shared with the partner: {reason}"),
    ("restricted", "documents of this type are never shared"),
    ("unknown-type", "its type is not known here; write list and code, such as `OWN NDA`"),
    ("no-file", "no public reply before it brought the file; reply with the file, then share again"),
    ("which-file", "the reply brought several files; say which with `file=\"…\"`"),
    ("not-shared", "this partner is not given files"),
    ("already-bonded", "a first version is there already; share the next one with its number"),
    ("no-bond", "no first version is there yet; this one waits for `version=1`"),
    ("type-blocked", "files of this type are not let through"),
    ("oversize", "the file is too large"),
    ("empty", "the file is empty"),
    ("bad-name", "the name of the file cannot be used"),
    ("too-many", "there are too many versions"),
    ("gone", "the file is no longer there"),
    ("infected", "the check of files did not let it through"),
    ("version-not-next", "versions are shared one after the other; this one is not the next"),
    ("transition-refused", "it was taken back, or is over at the community"),
    ("same-bytes", "it is the very file that the partner has"),
    ("reference-taken", "the community has this document already, perhaps with another partner"),
    ("field-refused", "the community does not take it so; the case in `TG Parent Case` must be this partner's"),
];
