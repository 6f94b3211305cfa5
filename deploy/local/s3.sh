#!/usr/bin/env bash
# An S3 on 127.0.0.1 that keeps everything in memory (moto's server, from PyPI): for tests of the blob store.
#
#   s3.sh install       fetch it into a Python environment of its own
#   s3.sh start         returns when it answers and the bucket `causeway-test` is there; prints what tests want to know
#   s3.sh stop
#
#   S3_PORT (9000)
#   LOCAL_DIR (.local)  where the program is kept
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

moto=5.2.5
port=${S3_PORT:-9000}
program=$LOCAL_DIR/programs/moto-$moto
pidfile=$LOCAL_DIR/run/s3-$port.pid
log=$LOCAL_DIR/run/s3-$port.log

install() {
  local python
  [[ -x $program/bin/moto_server ]] && return 0
  python=$(command -v python3) || die "Python is missing: run $here/prerequisites.sh"
  say "fetching moto $moto"
  rm -rf "$program"
  # Not moto's own word `server`: it would bring what a hundred other services of a cloud need.
  quietly "$python" -m venv "$program" &&
    quietly "$program/bin/pip" install --no-compile --disable-pip-version-check "moto[s3]==$moto" flask flask-cors ||
    { rm -rf "$program"; die "moto $moto could not be fetched"; }
}

has_bucket() { curl -sf -m 5 -o /dev/null -X PUT "http://127.0.0.1:$port/causeway-test"; }

case ${1:-} in
  install) install ;;
  start)
    install
    if ! pid_of "$pidfile" >/dev/null; then
      need_port "$port" S3_PORT
      spawn "$pidfile" "$log" "$program/bin/moto_server" -H 127.0.0.1 -p "$port"
    fi
    wait_for 60 "$pidfile" "$log" has_bucket
    echo "CAUSEWAY_TEST_S3=http://127.0.0.1:$port"
    ;;
  stop) end_process "$pidfile" 10 ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
