use super::*;

pub fn bare() -> Vec<Sample> {
    let held = HeldKey { entity: NativeId::new("9").unwrap(), change: text("77") };
    let bundle =
        BundleVersion { link: text("tg-rt"), version: 3, digest: text("ab"), files: map(&[("link.toml", "x = 1")]) };
    vec![
        Sample {
            topic: "ingest.cursors",
            name: text("causeway.ingest.cursors.Cursor"),
            record: Any::Cursor(CursorRecord { cursor: text("page-2"), held: vec![held] }),
        },
        Sample {
            topic: "mapping.bundles",
            name: text("causeway.mapping.bundles.BundleVersion"),
            record: Any::Bundle(bundle),
        },
    ]
}
