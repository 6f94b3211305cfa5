#!/usr/bin/env bash
# Starts everything on this machine, on 127.0.0.1: Kafka, schema registry, Request Tracker on PostgreSQL, the simulated
# community, and each role as a process of its own. Repeating it starts what is missing. down.sh stops it.
#
#   up.sh              BROKERS=3 for a cluster of three; CAUSEWAY names a binary, else it is built
#   KAFKA_PORT (9092) REGISTRY_PORT (8085) RT_PORT (8480) RT_PGPORT (8482) COMMUNITY_PORT (8081)
#   ADMIN_PORT (9101, six of them) HOOK_PORT (9201, two of them) LOCAL_DIR (.local)
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"

binary=${CAUSEWAY:-${CARGO_TARGET_DIR:-$root/target}/debug/causeway}
begin=$(now_ms)

build() { [[ -n ${CAUSEWAY:-} ]] || (cd "$root" && cargo build --locked -q -p causeway); }

secret() { # secret FILE: made once, of 24 random bytes
  [[ -s $secrets/$1 ]] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$secrets/$1"
}

at_once() { # at_once NAME...: runs those functions side by side; dies when one fails
  local jobs=() failed=() i
  for name; do
    ("$name") >&2 &
    jobs+=($!)
  done
  for i in "${!jobs[@]}"; do wait "${jobs[i]}" || failed+=("${*:i+1:1}"); done
  ((${#failed[@]} == 0)) || die "failed: ${failed[*]}; what did start goes on, down.sh stops it"
}

start_kafka() { "$here/kafka.sh" start ${BROKERS:+"$BROKERS"}; }
start_registry() { "$here/registry.sh" start >/dev/null; }

# A role is given what it may know and nothing else: an empty environment, then these.
settings() { # settings ROLE: KEY=VALUE lines
  echo "CAUSEWAY_KAFKA__BOOTSTRAP=$bootstrap"
  echo "CAUSEWAY_REGISTRY__URLS=[\"$registry\"]"
  case $1 in
    ingest-* | sink-*)
      echo "CAUSEWAY_STATE__DIR=$LOCAL_DIR/state/$1"
      echo "CAUSEWAY_BLOBS__DIR=$LOCAL_DIR/blobs"
      ;;
  esac
  case $1 in
    ingest-partner | sink-partner)
      echo "CAUSEWAY_COMMUNITY__BASE_URL=http://127.0.0.1:$COMMUNITY_PORT"
      echo "CAUSEWAY_COMMUNITY__TOKEN_FILE=$secrets/community.token"
      ;;
    ingest-internal | sink-internal)
      echo "CAUSEWAY_INTERNAL__URL=http://127.0.0.1:$RT_PORT"
      echo "CAUSEWAY_INTERNAL__SYNC_TOKEN_FILE=$secrets/rt-sync.token"
      echo "CAUSEWAY_INTERNAL__PARTNER_TOKEN_FILE=$secrets/rt-partner.token"
      ;;
  esac
  case $1 in
    ingest-partner)
      echo "CAUSEWAY_COMMUNITY__WEBHOOK_SECRET_FILES=[\"$secrets/community-webhook.secret\"]"
      echo "CAUSEWAY_HOOK__LISTEN=127.0.0.1:$HOOK_PORT"
      ;;
    ingest-internal)
      echo "CAUSEWAY_INTERNAL__NUDGE_SECRET_FILE=$secrets/rt-nudge.secret"
      echo "CAUSEWAY_HOOK__LISTEN=127.0.0.1:$((HOOK_PORT + 1))"
      ;;
  esac
}

causeway() { # causeway ARGS: the tool, told where Kafka and the registry are
  (cd "$root" && env "CAUSEWAY_KAFKA__BOOTSTRAP=$bootstrap" "CAUSEWAY_REGISTRY__URLS=[\"$registry\"]" "$binary" "$@")
}
apply_topics() { # one copy of each partition a node
  local addresses
  IFS=, read -ra addresses <<<"$bootstrap"
  quietly causeway topics apply --replication "${#addresses[@]}"
}
apply_schemas() { quietly causeway schemas apply; }

start_community() {
  pid_of "$(pidfile community)" >/dev/null && return 0
  need_port "$COMMUNITY_PORT" COMMUNITY_PORT
  (cd "$root" && spawn "$(pidfile community)" "$(log community)" "$binary" simulate community \
    --listen "127.0.0.1:$COMMUNITY_PORT" --data "$LOCAL_DIR/community" --tokens "$secrets/community.toml" \
    --webhook "http://127.0.0.1:$HOOK_PORT/hooks" --webhook-secret "$secrets/community-webhook.secret")
  wait_for 60 "$(pidfile community)" "$(log community)" answers "http://127.0.0.1:$COMMUNITY_PORT/control/stats"
}

start_role() {
  local env_lines port
  pid_of "$(pidfile "$1")" >/dev/null && return 0
  port=$(admin_port "$1")
  need_port "$port" ADMIN_PORT
  mapfile -t env_lines < <(settings "$1")
  (cd "$root" && spawn "$(pidfile "$1")" "$(log "$1")" env -i "PATH=$PATH" "RUST_LOG=${RUST_LOG:-info}" \
    "${env_lines[@]}" "CAUSEWAY_ADMIN__LISTEN=127.0.0.1:$port" \
    "$binary" --config "deploy/config/$1.toml" "$1")
}
role_ready() { wait_for 90 "$(pidfile "$1")" "$(log "$1")" answers "http://127.0.0.1:$(admin_port "$1")/readyz"; }

make_folders() (
  umask 077 # what is in here is for the one who runs this; RT's users need to pass the folder above
  mkdir -p "$run_dir" "$log_dir" "$secrets" "$LOCAL_DIR/state" "$LOCAL_DIR/community"
  secret community.token
  [[ -s $secrets/community-webhook.secret ]] || echo "whsec_$(head -c 24 /dev/urandom | base64)" >"$secrets/community-webhook.secret"
  secret community-ACME.token
  secret community-GLOBEX.token
  cat >"$secrets/community.toml" <<TOKENS
# Who may call the simulated community: the pipeline as the host; partners, who see their own cases only.
host = "$(<"$secrets/community.token")"

[partners]
ACME = "$(<"$secrets/community-ACME.token")"
GLOBEX = "$(<"$secrets/community-GLOBEX.token")"
TOKENS
)

"$here/prerequisites.sh"
make_folders
at_once start_kafka start_registry start_rt build
bootstrap=$("$here/kafka.sh" bootstrap)
registry=$("$here/registry.sh" url)
at_once apply_topics apply_schemas start_community
for role in "${roles[@]}"; do start_role "$role"; done
for role in "${roles[@]}"; do role_ready "$role"; done
say "everything is ready after $(elapsed "$begin") s"
cat <<WHERE
  Request Tracker     http://127.0.0.1:$RT_PORT   user root, password in $RT_HOME/secrets/root.password
  community           http://127.0.0.1:$COMMUNITY_PORT   (simulated) a partner's token in $secrets/community-ACME.token
  Kafka               $bootstrap   deploy/local/kafka.sh topics|groups|consume ...
  schema registry     $registry
$(for role in "${roles[@]}"; do printf '  %-20shttp://127.0.0.1:%s   log %s\n' "$role" "$(admin_port "$role")" "$(log "$role")"; done)
WHERE
