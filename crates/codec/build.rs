//! Embeds every `schemas/**/*.avsc` with the envelope inlined, so that a binary carries the contract it was built with.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../schemas");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut fragments = Vec::new();
    for (name, file) in [("causeway.Meta", "Envelope.avsc"), ("causeway.FileClaim", "FileClaim.avsc")] {
        fragments.push((name, read(&root.join(file))?));
    }
    let mut files = Vec::new();
    find(&root, &mut files)?;
    // What lies beside the folders is a part of records, not one.
    files.retain(|file| file.parent() != Some(&root));
    files.sort();

    let mut code = String::from("pub(crate) static SOURCES: &[Source] = &[\n");
    for file in &files {
        let mut schema = read(file)?;
        for (name, fragment) in &fragments {
            inline(&mut schema, name, &mut Some(fragment));
        }
        let of = |key: &str| {
            let text = schema[key].as_str().map(str::to_owned);
            text.ok_or_else(|| format!("{}: no `{key}`", file.display()))
        };
        let (name, namespace) = (of("name")?, of("namespace")?);
        if file.file_stem().and_then(|stem| stem.to_str()) != Some(&name) {
            return Err(format!("{}: the record is called `{name}`", file.display()).into());
        }
        let folder = file.strip_prefix(&root)?.iter().next().and_then(|first| first.to_str()).ok_or("no folder")?;
        let full = format!("{namespace}.{name}");
        writeln!(code, "    Source {{ folder: {folder:?}, name: {full:?}, text: {:?} }},", schema.to_string())?;
    }
    code.push_str("];\n");
    code.push_str(&format!(
        "pub(crate) const TOPICS: &str = {:?};\n",
        std::fs::read_to_string(root.join("topics.toml"))?
    ));
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}

fn read(file: &Path) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(file)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "avsc") {
            files.push(path);
        }
    }
    Ok(())
}

/// Puts a fragment where its name first stands as a type; later mentions of it stay Avro name references.
fn inline(schema: &mut Value, name: &str, fragment: &mut Option<&Value>) {
    if *schema == name {
        if let Some(fragment) = fragment.take() {
            *schema = fragment.clone();
        }
        return;
    }
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, name, fragment)),
        Value::Object(members) => {
            for key in ["fields", "type", "items", "values"] {
                if let Some(member) = members.get_mut(key) {
                    inline(member, name, fragment);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
