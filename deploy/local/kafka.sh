#!/usr/bin/env bash
# Apache Kafka (KRaft) on 127.0.0.1, one node or three, from Maven artifacts. Needs Java 17, Maven to install.
#
#   kafka.sh install            fetch the jars; nothing to do when they are there
#   kafka.sh start [1|3]        start, format a new data folder first; returns when every node sees all the others.
#                               With a node's number in KAFKA_NODE: that node only (after stop or kill)
#   kafka.sh stop|kill [NODE]   SIGTERM and wait | SIGKILL; all nodes, or one
#   kafka.sh pause|resume NODE  SIGSTOP | SIGCONT
#   kafka.sh status             one line a node; fails when none runs
#   kafka.sh bootstrap          the address list for clients
#   kafka.sh clean              kill what runs and delete the data
#   kafka.sh topics|groups|configs|offsets|transactions|produce|consume|elect ARGS   Kafka's own tool
#   kafka.sh dump-log ARGS      read segment files
#
#   KAFKA_PORT (9092)           node N listens on KAFKA_PORT + 2(N-1), its controller one above
#   KAFKA_DATA (.local/kafka)   one folder a cluster        KAFKA_HEAP (320m)
#   KAFKA_EXTRA                 a file of further broker settings, later ones win
#   LOCAL_DIR (.local)          where programs are kept
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pom=$here/kafka/pom.xml
data=$(realpath -m "${KAFKA_DATA:-$LOCAL_DIR/kafka}")
port=${KAFKA_PORT:-9092}
heap=${KAFKA_HEAP:-320m}
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1
# The folder is named by a digest of what was asked for: jars of an older pom.xml are never served for a newer one.
jars=$LOCAL_DIR/programs/kafka-$(sha256sum "$pom" | cut -c1-12)

install() {
  [[ -d $jars ]] && return 0
  command -v mvn >/dev/null || die "Maven is missing: run $here/prerequisites.sh"
  mkdir -p "$(dirname "$jars")"
  exec 9>"$jars.lock"
  flock 9
  if [[ ! -d $jars ]]; then
    say "fetching Apache Kafka"
    rm -rf "$jars.part"
    quietly mvn -B -f "$pom" "$plugin:copy-dependencies" -DincludeScope=runtime "-DoutputDirectory=$jars.part" ||
      die "Maven could not fetch the jars"
    mv "$jars.part" "$jars"
  fi
  exec 9>&-
}

java_run() { # java_run LOGCONFIG HEAP CLASS ARGS: becomes java
  local config=$1 memory=$2 java class_path
  shift 2
  java=$(find_java 17) || die "Java 17 or newer is missing: run $here/prerequisites.sh"
  class_path=$(printf ':%s' "$jars"/*.jar)
  exec "$java" "-Xmx$memory" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError \
    -Djava.awt.headless=true "-Dlog4j2.configurationFile=$here/kafka/$config" -cp "${class_path#:}" "$@"
}

nodes() { cat "$data/nodes" 2>/dev/null || echo 0; }
node_port() { echo $((port + 2 * ($1 - 1))); }
pidfile() { echo "$data/kafka-$1.pid"; }
log() { echo "$data/kafka-$1.log"; }
bootstrap() { cat "$data/bootstrap" 2>/dev/null || die "no cluster in $data: start one first"; }

configure() { # configure NODE OF
  local node=$1 of=$2 copies=1 in_sync=1 voters='' p i
  ((of >= 3)) && copies=3 in_sync=2
  for ((i = 1; i <= of; i++)); do voters+=,$i@127.0.0.1:$(($(node_port "$i") + 1)); done
  p=$(node_port "$node")
  cat "$here/kafka/broker.properties" - ${KAFKA_EXTRA:+"$KAFKA_EXTRA"} >"$data/kafka-$node.properties" <<PROPERTIES

node.id=$node
controller.quorum.voters=${voters#,}
listeners=PLAINTEXT://127.0.0.1:$p,CONTROLLER://127.0.0.1:$((p + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$p
log.dirs=$data/kafka-$node
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
PROPERTIES
}

format() { # format OF: all or nothing, `nodes` is written last
  local of=$1 id i jobs=()
  [[ ! -e $data || -f $data/.causeway-kafka ]] || [[ -z $(ls -A "$data") ]] || die "$data holds something else"
  mkdir -p "$data"
  touch "$data/.causeway-kafka" # marks the folder as ours to delete
  rm -rf "$data"/kafka-*
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' AB | cut -c1-22)
  for ((i = 1; i <= of; i++)); do
    configure "$i" "$of"
    (java_run tools-log4j2.properties 128m kafka.tools.StorageTool format -t "$id" -c "$data/kafka-$i.properties") \
      >"$data/kafka-$i.format.log" 2>&1 &
    jobs+=($!)
  done
  for ((i = 1; i <= of; i++)); do
    wait "${jobs[i - 1]}" || { cat "$data/kafka-$i.format.log" >&2; die "could not format node $i"; }
  done
  echo "$of" >"$data/nodes"
}

sees() { # sees NODE COUNT: whether the node's answer to a raw Metadata request lists that many brokers
  local bytes
  bytes=$(
    exec 2>/dev/null
    exec 3<>"/dev/tcp/127.0.0.1/$(node_port "$1")" || exit 1
    # length 14, api 3 (Metadata) version 1, correlation 1, no client id, no topics
    printf '\x00\x00\x00\x0e\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00' >&3
    timeout 2 head -c 12 <&3 | od -An -v -tu1 # length, correlation, broker count
  ) || return 1
  read -ra bytes <<<"$bytes"
  ((${#bytes[@]} == 12 && bytes[11] >= $2))
}

start() {
  local of=${1:-1} have i list='' only=${KAFKA_NODE:-} t
  t=$(now_ms)
  [[ $of == [13] ]] || die "start takes 1 or 3"
  install
  have=$(nodes)
  [[ -z ${1:-} ]] || ((have == 0 || have == of)) || die "$data holds a cluster of $have: clean it first, or start $have"
  ((have == 0)) || of=$have
  for ((i = 1; i <= of; i++)); do # before anything is changed
    [[ -n $only && $only != "$i" ]] || pid_of "$(pidfile "$i")" >/dev/null || need_node_ports "$i"
  done
  ((have > 0)) || format "$of"
  for ((i = 1; i <= of; i++)); do
    list+=,127.0.0.1:$(node_port "$i")
    [[ -z $only || $only == "$i" ]] || continue
    pid_of "$(pidfile "$i")" >/dev/null && continue
    configure "$i" "$of"
    [[ -f $(log "$i") ]] && mv "$(log "$i")" "$data/kafka-$i.before.log"
    spawn "$(pidfile "$i")" "$(log "$i")" "$BASH" "${BASH_SOURCE[0]}" broker "$i"
  done
  echo "${list#,}" >"$data/bootstrap"
  for ((i = 1; i <= of; i++)); do
    [[ -z $only || $only == "$i" ]] || continue
    wait_for 180 "$(pidfile "$i")" "$(log "$i")" sees "$i" "$([[ -n $only ]] && echo 1 || echo "$of")"
  done
  say "ready at ${list#,} after $(elapsed "$t") s"
}

need_node_ports() {
  need_port "$(node_port "$1")" KAFKA_PORT
  need_port $(($(node_port "$1") + 1)) KAFKA_PORT
}

each_node() { # each_node FUNCTION [NODE]: at once over all nodes, or over one
  local act=$1 i
  if [[ -n ${2:-} ]]; then "$act" "$(known_node "$2")"; return; fi
  for ((i = 1; i <= $(nodes); i++)); do "$act" "$i" & done
  wait
}
known_node() {
  if [[ ! ${1:-} =~ ^[1-9]$ ]] || (($1 > $(nodes))); then die "name a node, 1 to $(nodes)"; fi
  echo "$1"
}
stop_node() { end_process "$(pidfile "$1")" 20; }
kill_node() { kill_process "$(pidfile "$1")"; }
signal_node() { signal_pidfile "$1" "$(pidfile "$(known_node "${2:-}")")" || die "node $2 does not run"; }

status() {
  local i pid running=0
  for ((i = 1; i <= $(nodes); i++)); do
    if pid=$(pid_of "$(pidfile "$i")"); then
      running=$((running + 1))
      echo "kafka $i: pid $pid, port $(node_port "$i")," \
        "$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MiB, log $(log "$i")"
    else
      echo "kafka $i: down"
    fi
  done
  ((running > 0))
}

clean() {
  each_node kill_node
  [[ -f $data/.causeway-kafka ]] || return 0
  rm -rf "$data"
}

client_tool() { # client_tool CLASS ARGS
  install
  local class=$1 address
  shift
  address=$(bootstrap)
  (java_run tools-log4j2.properties 128m "$class" --bootstrap-server "$address" "$@")
}

command=${1:-help}
shift || :
tools=org.apache.kafka.tools
case $command in
  install) install ;;
  start) start "$@" ;;
  broker) java_run broker-log4j2.properties "$heap" kafka.Kafka "$data/kafka-$1.properties" ;; # by start only
  stop) each_node stop_node "${1:-}" ;;
  kill) each_node kill_node "${1:-}" ;;
  pause) signal_node STOP "${1:-}" ;;
  resume) signal_node CONT "${1:-}" ;;
  status) status ;;
  bootstrap) bootstrap ;;
  clean) clean ;;
  topics) client_tool $tools.TopicCommand "$@" ;;
  groups) client_tool $tools.consumer.group.ConsumerGroupCommand "$@" ;;
  configs) client_tool kafka.admin.ConfigCommand "$@" ;;
  offsets) client_tool $tools.GetOffsetShell "$@" ;;
  transactions) client_tool $tools.TransactionsCommand "$@" ;;
  produce) client_tool $tools.ConsoleProducer "$@" ;;
  consume) client_tool $tools.consumer.ConsoleConsumer "$@" ;;
  elect) client_tool $tools.LeaderElectionCommand "$@" ;;
  dump-log) install && (java_run tools-log4j2.properties 128m $tools.DumpLogSegments "$@") ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
