#!/usr/bin/env bash
# An S3 on this machine that keeps everything in memory (moto's server, from PyPI): for tests of the blob store.
#
#   s3.sh start|stop     S3_PORT (9000) LOCAL_DIR (.local)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
S3_PORT=${S3_PORT:-9000}
home=$LOCAL_DIR/s3

start() {
  [[ -x $home/venv/bin/moto_server ]] || { python3 -m venv "$home/venv" && "$home/venv/bin/pip" install -q 'moto[server,s3]'; }
  nohup "$home/venv/bin/moto_server" -H 127.0.0.1 -p "$S3_PORT" >"$home/log" 2>&1 &
  echo $! >"$home/pid"
  for _ in $(seq 300); do
    curl -fsS -X PUT "http://127.0.0.1:$S3_PORT/causeway-test" >/dev/null 2>&1 &&
      { echo "CAUSEWAY_TEST_S3=http://127.0.0.1:$S3_PORT"; return; }
    read -rt 0.1 <> <(:) || true
  done
  tail -5 "$home/log" >&2
  exit 1
}

case ${1:-} in
  start) start ;;
  stop) kill "$(cat "$home/pid")" ;;
  *) echo "usage: s3.sh start|stop" >&2; exit 2 ;;
esac
