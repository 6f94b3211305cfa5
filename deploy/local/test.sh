#!/usr/bin/env bash
# Every test there is, from a fresh clone to the last figure, on ports and data of its own; `make up` may be running.
#
#   test.sh                 prerequisites, build, tests without servers, servers, tests on the real parts, stop
#   test.sh scenario        those that SCENARIO begins; LEVEL says on what (mapping, simulation or real;
#                           the first two when empty)
#   test.sh chaos           the pipeline under faults, on fresh servers; CHAOS_SEED and its like: tests/chaos/settings.rs.
#                           BROKERS=3 for three Kafka nodes; CHAOS_BROKER=embedded needs no servers at all;
#                           CHAOS_TARGET=rt for a real Request Tracker, RT_DB=sqlite for one that keeps its data there
#   test.sh install|start|stop|fresh   only that, for its servers; fresh: Kafka and registry without any data
#   test.sh clean           stop its servers and delete their data
#   test.sh summary FILE    "N passed, N failed[, N skipped]" over all of cargo's result lines in a log
#
#   Ports lie below the range that outgoing connections take theirs from.
#   KAFKA_PORT (27092) REGISTRY_PORT (27085) RT_PORT (27480) RT_PGPORT (27482) CLAMD_PORT (27310)   KEEP=1: leave the servers running
#
#   LIMIT (40m)             how long a part may take; a part that hangs is ended with all its processes
#
# The tests on the real parts find the servers by the variables that `addresses` exports. They may stop, kill and start
# the servers through the scripts beside this one, whose settings they inherit. RT wakes whoever listens at
# CAUSEWAY_RT_HOOK_URL. A test that cannot run prints a line that begins with SKIPPED.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export LOCAL_DIR KAFKA_PORT=${KAFKA_PORT:-27092} REGISTRY_PORT=${REGISTRY_PORT:-27085}
export RT_PORT=${RT_PORT:-27480} RT_PGPORT=${RT_PGPORT:-27482}
export KAFKA_DATA=$LOCAL_DIR/test/kafka REGISTRY_DATA=$LOCAL_DIR/test/registry
export RT_DB=${RT_DB:-postgresql}
rt_folder=$LOCAL_DIR/test/rt
[[ $RT_DB == postgresql ]] || rt_folder+=-$RT_DB
RT_HOME=${RT_HOME:-$(default_rt_home "$rt_folder")}
RT_HOOK_URL=http://127.0.0.1:${RT_HOOK_PORT:-27202}/
export CLAMD_PORT=${CLAMD_PORT:-27310}
limit=${LIMIT:-40m}
export RT_HOME RT_WORKERS=${RT_WORKERS:-20} # tests and the roles that they start hold up to 18 connections

# Packages whose tests need the servers; all others are tested before one is started.
live=(e2e adapter-internal-rt blobs codec embedded faults)

took=() failed=() running=''
part() { # part NAME COMMAND...: runs it, notes how long it took; a failure is told at the end
  local name=$1 t code=0
  shift
  t=$(now_ms)
  echo "== $name" >&2
  # In the background, so that a signal is obeyed at once; `timeout` ends the command and all its children.
  timeout --kill-after=30s "$limit" "$@" </dev/null &
  running=$!
  wait "$running" || code=$?
  running=''
  ((code != 124)) || say "$name: not done in $limit"
  ((code == 0)) || failed+=("$name")
  took+=("$(printf '%8s s  %s' "$(elapsed "$t")" "$name")")
}
must() { # must NAME COMMAND...: as `part`, but nothing after it makes sense when it fails
  part "$@"
  ((${#failed[@]} == 0)) || exit 1
}

install_all() {
  "$here/prerequisites.sh" test && "$here/kafka.sh" install && "$here/registry.sh" install
}

start_rt() { # with fresh data
  [[ ! -d $RT_HOME ]] || rt restore stop >&2
  rt_init && rt reset
}

start_servers() { # each with fresh data, all at once
  local jobs=() job ok=0
  ("$here/kafka.sh" clean && "$here/kafka.sh" start) &
  jobs+=($!)
  ("$here/registry.sh" clean && "$here/registry.sh" start >/dev/null) &
  jobs+=($!)
  (start_rt >&2) &
  jobs+=($!)
  # Only on Debian and its like. Tests that need it say that they were skipped.
  ("$here/clamd.sh" start >&2 || say "no clamd") &
  jobs+=($!)
  for job in "${jobs[@]}"; do wait "$job" || ok=1; done
  return "$ok"
}

fresh_servers() { # what tests before have written would be taken for this run's
  local kafka=0
  (quietly "$here/kafka.sh" clean && "$here/kafka.sh" start "${BROKERS:-1}") &
  kafka=$!
  quietly "$here/registry.sh" clean && "$here/registry.sh" start >/dev/null && wait "$kafka"
  [[ ${CHAOS_TARGET:-} != rt ]] || start_rt >&2
}

under_faults() { # under_faults VARIABLE=VALUE...: with these figures where the environment gives none
  local setting name kafka
  for setting; do
    name=${setting%%=*}
    [[ -n ${!name:-} ]] || export "${setting?}"
  done
  kafka=$("$here/kafka.sh" bootstrap)
  if [[ ${CHAOS_TARGET:-} == rt ]]; then
    addresses
    export CHAOS_RT=$E2E_RT CHAOS_RT_SECRETS=$E2E_RT_SECRETS CHAOS_RT_HOOK_PORT=${RT_HOOK_PORT:-27202}
  fi
  part "the pipeline under faults" env CHAOS_KAFKA="$kafka" \
    CHAOS_REGISTRY="http://127.0.0.1:$REGISTRY_PORT/apis/ccompat/v7" cargo test --locked -p e2e --test chaos
}

addresses() {
  export E2E_KAFKA=127.0.0.1:$KAFKA_PORT E2E_REGISTRY=http://127.0.0.1:$REGISTRY_PORT/apis/ccompat/v7
  export E2E_RT=http://127.0.0.1:$RT_PORT E2E_RT_SECRETS=$RT_HOME/secrets
  export CAUSEWAY_REGISTRY_URL=$E2E_REGISTRY CAUSEWAY_RT_URL=$E2E_RT CAUSEWAY_RT_HOOK_URL=$RT_HOOK_URL
  ! port_open "$CLAMD_PORT" || export E2E_CLAMD=127.0.0.1:$CLAMD_PORT CAUSEWAY_TEST_CLAMD=127.0.0.1:$CLAMD_PORT
  # For rt.sh, which tests call to stop, kill and start that instance.
  export CAUSEWAY_RT_HOME=$RT_HOME CAUSEWAY_RT_PORT=$RT_PORT CAUSEWAY_RT_PGPORT=$RT_PGPORT
  export CAUSEWAY_RT_DB=$RT_DB CAUSEWAY_RT_WORKERS=$RT_WORKERS
}

stop_servers() {
  "$here/kafka.sh" stop || :
  "$here/registry.sh" stop || :
  "$here/clamd.sh" stop || :
  [[ ! -d $RT_HOME ]] || rt stop >&2 || :
}

started=0
finish() {
  local code=$?
  trap - EXIT INT TERM
  [[ -z $running ]] || { kill "$running" 2>/dev/null && wait "$running" || :; }
  if ((started)) && [[ -z ${KEEP:-} ]]; then part "stop the servers" "$0" stop; fi
  [[ -z ${disk:-} || -n ${KEEP:-} ]] || as_root umount "$disk" || :
  {
    ((${#took[@]} == 0)) || printf '%s\n' "== how long each part took" "${took[@]}"
    ((${#failed[@]} == 0)) || printf 'FAILED: %s\n' "${failed[@]}"
  } >&2
  ((${#failed[@]} == 0)) || code=1
  exit "$code"
}

summary() { # a run that broke off counts as a failure, and so does one that tested nothing
  awk -v broken="${2:-0}" '
    /^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) passed += $(i-1)
                       if ($i ~ /^failed/) failed += $(i-1); if ($i ~ /^ignored/) skipped += $(i-1) } }
    /^SKIPPED/ { skipped++; passed-- } # it returned without having tested anything
    END { if ((broken != 0 || passed == 0) && failed == 0) failed = 1
          printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
          exit failed != 0 }' "$1"
}

all_tests() {
  local select=() package
  for package in "${live[@]}"; do select+=(-p "$package"); done
  [[ ! -t 0 ]] || "$here/prerequisites.sh" test # may ask
  must "prerequisites" "$0" install
  # The tests on the real parts run the binaries that lie beside them.
  must "build" cargo build --locked --workspace --bins --tests
  part "tests without servers" cargo test --locked --no-fail-fast --workspace "${select[@]/#-p/--exclude}"
  started=1
  part "start the servers" "$0" start
  addresses
  # shellcheck disable=SC2076
  [[ " ${failed[*]} " =~ "start the servers" ]] ||
    {
      # The pipeline first, on servers that nothing has touched.
      part "the pipeline on the real parts" cargo test --locked -p e2e --test architecture --test real -- --show-output
      part "adapters on the real parts" cargo test --locked --no-fail-fast -p adapter-internal-rt -p blobs -p codec -p embedded -p faults -- --show-output
      part "fresh servers" "$0" fresh
      # Short: what there is time for at every change. `make chaos` goes on for longer.
      under_faults CHAOS_SECONDS=25 CHAOS_KILLS=1 CHAOS_CUTS=4 CHAOS_TROUBLES=2 CHAOS_STATUSES=0
    }
}

small_disk() { # the broker's data on a file system that can be filled; gone with what is on it when the run ends
  disk=$LOCAL_DIR/test/disk
  as_root umount "$disk" 2>/dev/null || :
  mkdir -p "$disk"
  as_root mount -t tmpfs -o "size=${CHAOS_DISK_MIB:-512}m" causeway "$disk"
  as_root chown "$(id -u):$(id -g)" "$disk"
  export CHAOS_DISK=$disk KAFKA_DATA=$disk/kafka
}

chaos() {
  ((${CHAOS_FULL_BROKER:-0} == 0)) || small_disk
  [[ ! -t 0 ]] || "$here/prerequisites.sh" build # may ask
  must "prerequisites" "$here/prerequisites.sh" build
  must "build" cargo build --locked --workspace --bins
  if [[ ${CHAOS_BROKER:-} == embedded ]]; then
    must "the pipeline under faults" cargo test --locked -p e2e --test chaos
    return
  fi
  started=1
  must "fresh servers" "$0" fresh
  under_faults CHAOS_SECONDS=110 CHAOS_KILLS=3 CHAOS_PAUSES=1 CHAOS_CUTS=7 CHAOS_TROUBLES=9 CHAOS_DEATHS=1
}

scenario() {
  [[ -n ${SCENARIO:-} ]] || die "say which: make scenario S=01-issue/NAME [LEVEL=mapping|simulation|real]"
  case ${LEVEL:-} in 1) LEVEL=mapping ;; 2) LEVEL=simulation ;; 3) LEVEL=real ;; esac
  if [[ ${LEVEL:-} == real ]]; then
    must "prerequisites" "$0" install
    must "build" cargo build --locked --workspace --bins
    started=1
    must "start the servers" "$0" start
    addresses
    export E2E_SCENARIO=$SCENARIO
    must "scenario $SCENARIO" cargo test --locked -p e2e --test real scenarios_hold
    return
  fi
  export CAUSEWAY_SCENARIO=$SCENARIO CAUSEWAY_LEVEL=${LEVEL:-}
  must "scenario $SCENARIO" cargo test --locked -p testkit --test scenarios scenarios_hold -- --show-output
}

cd "$root"
case ${1:-all} in
  summary) summary "$2" "${3:-0}" ;;
  clean)
    "$here/kafka.sh" clean
    "$here/registry.sh" clean
    [[ ! -d $RT_HOME ]] || rt destroy
    ;;
  all | scenario | chaos)
    trap finish EXIT
    trap 'exit 130' INT TERM
    case ${1:-all} in all) all_tests ;; scenario) scenario ;; chaos) chaos ;; esac
    ;;
  install) install_all ;; # these by the parts above, or by hand
  fresh) fresh_servers ;;
  start) start_servers ;;
  stop) stop_servers ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
