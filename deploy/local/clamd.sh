#!/usr/bin/env bash
# A clamd on this machine that knows one thing, the EICAR test file: for tests of the scanner. Unpacks Debian's packages into
# LOCAL_DIR without installing them.
#
#   clamd.sh start|stop     CLAMD_PORT (3310) LOCAL_DIR (.local)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
CLAMD_PORT=${CLAMD_PORT:-3310}
home=$LOCAL_DIR/clamd

unpack() {
  [[ -x $home/root/usr/sbin/clamd ]] && return 0
  mkdir -p "$home/packages" "$home/root" "$home/db"
  (cd "$home/packages" && apt-get download clamav-daemon libclamav12 libmspack0 >/dev/null)
  for package in "$home"/packages/*.deb; do dpkg -x "$package" "$home/root"; done
}

configure() {
  # The test file of eicar.org, in hex, wherever it stands.
  printf 'Eicar-Test-Signature:0:*:%s\n' "$(printf '%s' 'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*' |
    od -An -tx1 | tr -d ' \n')" >"$home/db/own.ndb"
  printf '%s\n' 'Foreground yes' "DatabaseDirectory $home/db" "TCPSocket $CLAMD_PORT" 'TCPAddr 127.0.0.1' \
    'StreamMaxLength 300M' 'MaxScanSize 400M' 'MaxFileSize 300M' 'AlertEncrypted yes' >"$home/clamd.conf"
}

start() {
  unpack
  configure
  LD_LIBRARY_PATH=$home/root/usr/lib/x86_64-linux-gnu nohup "$home/root/usr/sbin/clamd" -c "$home/clamd.conf" \
    >"$home/log" 2>&1 &
  echo $! >"$home/pid"
  for _ in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$CLAMD_PORT") 2>/dev/null && { echo "CAUSEWAY_TEST_CLAMD=127.0.0.1:$CLAMD_PORT"; return; }
    read -rt 0.1 <> <(:) || true
  done
  tail -5 "$home/log" >&2
  exit 1
}

case ${1:-} in
  start) start ;;
  stop) kill "$(cat "$home/pid")" ;;
  *) echo "usage: clamd.sh start|stop" >&2; exit 2 ;;
esac
