//! Under what the figures were taken: without it they say nothing.

use std::fs;

fn first_value(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// One, five and fifteen minutes.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// One fact a line.
pub fn facts() -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(|_| unknown(), |t| t.trim().to_owned());
    let (_, librdkafka) = rdkafka::util::get_rdkafka_version();
    let told = |name: &str| std::env::var(name).unwrap_or_else(|_| unknown());
    vec![
        format!("processor    {} ({cores} cores)", first_value("/proc/cpuinfo", "model name").unwrap_or_else(unknown)),
        format!("memory       {}", first_value("/proc/meminfo", "MemTotal").unwrap_or_else(unknown)),
        format!("kernel       {kernel}"),
        format!("causeway     {} at {}", env!("CARGO_PKG_VERSION"), told("BENCH_COMMIT")),
        format!("librdkafka   {librdkafka}"),
        format!("compiler     {}", told("BENCH_RUSTC")),
        format!("kafka        {}", told("BENCH_KAFKA")),
    ]
}
