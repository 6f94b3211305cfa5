#!/usr/bin/env bash
# Our transformer beside a raw relay, on a Kafka of its own that is gone afterwards. Reading: docs/benchmarks.md
#
#   BENCH_RECORDS (200000)   records of a round     BENCH_ROUNDS (3)   rounds of each subject, taking turns
#   BENCH_INSTRUCTIONS       `no` counts no instructions: faster, and needs no valgrind
#   BENCH_BOOTSTRAP          an empty cluster to use instead; nothing on it is deleted
#   BENCH_PORT (19592)       of our Kafka and its controller, one above
#   BENCH_PIN                `no` leaves the choice of cores to the kernel; else broker on core 0, subject on core 1
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
LOCAL_DIR=$(realpath -m "${LOCAL_DIR:-$root/.local}")
target=${CARGO_TARGET_DIR:-$root/target}
export LOCAL_DIR BENCH_CALLGRIND="${BENCH_CALLGRIND:-$target/callgrind}"

cargo build --locked --profile bench -p benches ${BENCH_JOBS:+-j "$BENCH_JOBS"}
broker=() # what the broker is started with
if [[ ${BENCH_PIN:-} != no ]] && command -v taskset >/dev/null && (($(nproc) > 1)); then
  export BENCH_CORE=${BENCH_CORE-1}
  broker=(taskset -c 0)
fi
BENCH_RUSTC=$(rustc --version)
BENCH_COMMIT=$(git rev-parse --short HEAD 2>/dev/null || echo 'no commit')
[[ -z $(git status --porcelain 2>/dev/null) ]] || BENCH_COMMIT+=', changed'
export BENCH_RUSTC BENCH_COMMIT
if [[ -z ${BENCH_BOOTSTRAP:-} ]]; then
  export KAFKA_PORT=${BENCH_PORT:-19592} KAFKA_DATA=$LOCAL_DIR/bench-kafka KAFKA_HEAP=${KAFKA_HEAP:-1g}
  kafka=$root/deploy/local/kafka.sh
  "$kafka" clean
  trap '"$kafka" clean' EXIT
  "${broker[@]}" "$kafka" start 1
  BENCH_BOOTSTRAP=$("$kafka" bootstrap)
  jars=("$LOCAL_DIR"/programs/kafka-*/kafka-server-[0-9]*.jar)
  BENCH_KAFKA="$(basename "${jars[-1]}" .jar), one node, heap $KAFKA_HEAP, data in $KAFKA_DATA"
  export BENCH_BOOTSTRAP BENCH_KAFKA
else
  export BENCH_KAFKA="given: $BENCH_BOOTSTRAP"
fi
"$target/release/side-by-side"
