//! The arrows of the house, held by machine: what a crate may know is what its manifest lists.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

/// Normal dependencies between our own crates, as they must be. A new arrow is a decision: it is written here first.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("mapping", &["domain"]),
    ("tracking", &["domain"]),
    ("ports", &["domain"]),
    ("delivery", &["domain", "ports"]),
    ("codec", &["domain", "ports"]),
    ("telemetry", &[]),
    ("embedded", &[]),
    // The judge shares no code with what it judges; the people who load it share their journal with the judge only.
    ("checker", &[]),
    ("load", &["checker"]),
    // Nothing that it harms is known to it but by its wire.
    ("faults", &[]),
    // Bytes of files; who may reach them is in the lists of the roles below.
    ("blobs", &["domain", "ports", "telemetry"]),
    ("runtime", &["codec", "delivery", "domain", "ports", "telemetry", "tracking"]),
    ("adapter-trading-grid-http", &["domain", "ports"]),
    ("adapter-internal-rt", &["domain", "ports"]),
    ("adapter-internal-desk", &["domain", "ports"]),
    ("adapter-internal", &["adapter-internal-desk", "adapter-internal-rt", "domain", "ports"]),
    ("simulators", &["domain"]),
    ("testkit", &["delivery", "domain", "mapping", "ports", "tracking"]),
    ("ingest-partner", &["adapter-trading-grid-http", "blobs", "codec", "domain", "ports", "runtime", "telemetry"]),
    ("ingest-internal", &["adapter-internal", "blobs", "codec", "domain", "ports", "runtime", "telemetry"]),
    (
        "standalone",
        &[
            "codec",
            "console",
            "embedded",
            "ingest-internal",
            "ingest-partner",
            "mapping",
            "ports",
            "runtime",
            "simulators",
            "sink-internal",
            "sink-partner",
            "telemetry",
            "track-service-levels",
            "transform-internal",
            "transform-partner",
        ],
    ),
    ("transform-partner", &["codec", "domain", "mapping", "ports", "runtime", "telemetry"]),
    ("transform-internal", &["codec", "domain", "mapping", "ports", "runtime", "telemetry"]),
    ("track-service-levels", &["codec", "mapping", "ports", "runtime", "telemetry"]),
    (
        "sink-partner",
        &["adapter-trading-grid-http", "blobs", "codec", "domain", "mapping", "ports", "runtime", "telemetry"],
    ),
    ("sink-internal", &["adapter-internal", "blobs", "codec", "domain", "ports", "runtime", "telemetry"]),
    ("console", &["codec", "domain", "ports", "runtime", "telemetry"]),
];

/// Libraries that only these crates of ours may name.
const RESERVED: &[(&str, &[&str])] = &[
    ("rdkafka", &["runtime", "benches"]),
    ("apache-avro", &["codec"]),
    ("serde_avro_fast", &["codec"]),
    ("schema_registry_converter", &["codec"]),
    ("redb", &["runtime"]),
    ("object_store", &["blobs"]),
    ("kafka-protocol", &["embedded", "faults"]),
    ("prometheus", &["telemetry"]),
    ("opentelemetry", &["telemetry"]),
    (
        "reqwest",
        &[
            "adapter-trading-grid-http",
            "adapter-internal-rt",
            "blobs",
            "adapter-internal-desk",
            "codec",
            "console",
            "faults",
            "load",
            "simulators",
            "standalone",
        ],
    ),
];

/// What is pure has no clock, no executor and no wire.
const PURE: &[&str] = &["domain", "mapping", "ports", "delivery", "tracking"];
const NEVER_IN_PURE: &[&str] = &["tokio", "reqwest", "rdkafka", "axum", "rand", "redb", "tracing"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata answers");
    let normal = |package: &cargo_metadata::Package| {
        let own = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        own.map(|d| d.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), normal(package))).collect()
}

#[test]
fn arrows_between_our_crates_are_the_ones_that_were_decided() {
    let all = dependencies();
    let ours: BTreeSet<&String> = all.keys().collect();
    for (name, allowed) in ARROWS {
        let found = &all.get(*name).unwrap_or_else(|| panic!("crate `{name}` is gone: take it from the table"));
        for dependency in found.iter().filter(|d| ours.contains(d)) {
            assert!(allowed.contains(&dependency.as_str()), "`{name}` must not know `{dependency}`");
        }
    }
    for name in ours {
        let placed = ARROWS.iter().any(|(n, _)| n == name) || ["causeway", "e2e", "benches"].contains(&name.as_str());
        assert!(placed, "crate `{name}` has no place in the table of arrows");
    }
}

#[test]
fn libraries_stay_where_they_belong() {
    for (name, dependencies) in dependencies() {
        for (library, owners) in RESERVED {
            let allowed = owners.contains(&name.as_str());
            assert!(allowed || !dependencies.contains(*library), "`{name}` must not name `{library}`");
        }
    }
}

#[test]
fn what_is_pure_knows_neither_clock_nor_wire() {
    for (name, dependencies) in dependencies().into_iter().filter(|(name, _)| PURE.contains(&name.as_str())) {
        for library in NEVER_IN_PURE {
            assert!(!dependencies.contains(*library), "`{name}` must not name `{library}`");
        }
    }
}

#[test]
fn only_codec_turns_bytes_into_shared_text() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut found = Vec::new();
    for folder in ["crates", "services"] {
        visit(std::path::Path::new(root).join(folder).as_path(), &mut |path, text| {
            // The definition itself, and the clippy files that ban it.
            let exempt = path.contains("/codec/") || path.ends_with("domain/src/visibility.rs");
            if !exempt && text.contains("read_back") && path.ends_with(".rs") && text.contains("Shared::read_back") {
                found.push(path.to_owned());
            }
        });
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_source_file_is_longer_than_four_hundred_lines() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut long = Vec::new();
    for folder in ["crates", "services", "tests"] {
        visit(&root.join(folder), &mut |path, text| {
            if path.ends_with(".rs") && text.lines().count() > 400 {
                long.push(path.to_owned());
            }
        });
    }
    assert_eq!(long, Vec::<String>::new());
}

fn visit(folder: &std::path::Path, see: &mut dyn FnMut(&str, &str)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, see);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            see(&path.to_string_lossy(), &text);
        }
    }
}
