#!/usr/bin/env bash
# The whole pipeline in one process, with an embedded broker and simulated systems: the page is on
# http://127.0.0.1:8080, Ctrl-C ends it, its state stays in .causeway.
#
#   run.sh               SYSTEM=rt: Request Tracker, installed and started here, instead of the simulated case system
#   CAUSEWAY_PAGE_PORT (8080) CAUSEWAY_COMMUNITY_PORT (8081) CAUSEWAY_CASE_SYSTEM_PORT (8082) CAUSEWAY_KAFKA_PORT (19092)
#   CAUSEWAY_REGISTRY_PORT (18085)   CAUSEWAY names a binary, else it is built; ARGS are further arguments
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"
cd "$root"
more=()
read -ra more <<<"${ARGS:-}"
case ${SYSTEM:-simulated} in
  simulated) ;;
  rt)
    "$here/prerequisites.sh"
    (umask 077 && mkdir -p "$secrets")
    start_rt >&2
    # Another system's history is another folder's.
    more+=(--folder .causeway-rt --sink-internal deploy/config/sink-internal.toml --ingest-internal deploy/config/ingest-internal.toml)
    ;;
  *) die "SYSTEM is $SYSTEM: leave it out, or write rt" ;;
esac
if [[ -z ${CAUSEWAY:-} ]]; then
  "$here/prerequisites.sh" build
  # Optimised enough to be light, built in minutes; shared by later runs.
  say "building (some minutes the first time)"
  cargo build --locked --profile quick -p causeway
  CAUSEWAY=${CARGO_TARGET_DIR:-$root/target}/quick/causeway
fi
exec "$CAUSEWAY" standalone "${more[@]}"
