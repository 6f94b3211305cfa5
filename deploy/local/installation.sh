# shellcheck shell=bash
# The installation that `make up` starts: what it is made of, its ports and its files. Sourced by up.sh and down.sh.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export LOCAL_DIR KAFKA_PORT=${KAFKA_PORT:-9092} REGISTRY_PORT=${REGISTRY_PORT:-8085}
export KAFKA_DATA=$LOCAL_DIR/kafka REGISTRY_DATA=$LOCAL_DIR/registry
RT_PORT=${RT_PORT:-8480}
RT_PGPORT=${RT_PGPORT:-8482}
RT_HOME=${RT_HOME:-$(default_rt_home "$LOCAL_DIR/rt")}
COMMUNITY_PORT=${COMMUNITY_PORT:-8081}
ADMIN_PORT=${ADMIN_PORT:-9101} # six roles: this one and the five above; the tracker seven above
HOOK_PORT=${HOOK_PORT:-9201}   # ingest-partner here, ingest-internal one above
RT_HOOK_URL=http://127.0.0.1:$((HOOK_PORT + 1))/hooks

run_dir=$LOCAL_DIR/run
log_dir=$LOCAL_DIR/log
# shellcheck disable=SC2034
secrets=$LOCAL_DIR/secrets
# In the order of the arrows; the same order gives the admin ports.
roles=(ingest-partner ingest-internal transform-partner transform-internal sink-partner sink-internal track-service-levels)

pidfile() { echo "$run_dir/$1.pid"; }
log() { echo "$log_dir/$1.log"; }
admin_port() { # admin_port ROLE
  local i
  for i in "${!roles[@]}"; do [[ ${roles[i]} != "$1" ]] || echo $((ADMIN_PORT + i + (i > 5))); done # the console is between them
}

start_rt() {
  rt status >/dev/null 2>&1 || { rt_init && rt start; }
  # Copies that belong to whoever runs the roles; RT's folder may belong to root.
  for name in sync.token partner.token agent1.token nudge.secret; do
    (umask 077 && as_root cat "$RT_HOME/secrets/$name" >"$secrets/rt-$name")
  done
}
