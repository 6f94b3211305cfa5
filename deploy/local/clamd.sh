#!/usr/bin/env bash
# ClamAV's daemon on 127.0.0.1 that knows the test file of eicar.org and its name in small letters: for tests. Debian's packages,
# unpacked and not installed; without the 200 MB of signatures that a real one has.
#
#   clamd.sh install    fetch and unpack
#   clamd.sh start      returns when it answers; prints what tests want to know
#   clamd.sh stop
#
#   CLAMD_PORT (3310)
#   LOCAL_DIR (.local)  where the program is kept
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

port=${CLAMD_PORT:-3310}
program=$LOCAL_DIR/programs/clamd
data=$LOCAL_DIR/run/clamd-$port
pidfile=$data/clamd.pid
log=$data/clamd.log

libraries() { echo "$program"/usr/lib/*-linux-gnu; }

runs() { LD_LIBRARY_PATH=$(libraries) "$program/usr/sbin/clamd" --help >/dev/null 2>&1; }

install() {
  local part=$program.part package
  runs && return 0
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || die "only on Debian and its like"
  say "fetching clamd"
  rm -rf "$part" "$program"
  mkdir -p "$part"
  # Its own libraries; what else it needs is on every system that has curl.
  (cd "$part" && quietly apt-get download clamav-daemon libclamav12 libmspack0) ||
    die "apt-get could not fetch clamav-daemon, libclamav12 and libmspack0: run apt-get update"
  for package in "$part"/*.deb; do dpkg -x "$package" "$program.unpacked"; done
  rm -rf "$part"
  mv "$program.unpacked" "$program"
  runs || die "clamd does not run: $(LD_LIBRARY_PATH=$(libraries) ldd "$program/usr/sbin/clamd" | grep "not found")"
}

configure() {
  local eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
  mkdir -p "$data/signatures"
  # Wherever it stands, in hexadecimal.
  printf 'Eicar-Test-Signature:0:*:%s\n' "$(printf '%s' "$eicar" | od -An -v -tx1 | tr -d ' \n')" >"$data/signatures/own.ndb"
  # What the scenarios call their harmful files.
  printf 'Harmful-In-A-Test:0:*:%s\n' "$(printf eicar | od -An -v -tx1 | tr -d ' \n')" >>"$data/signatures/own.ndb"
  printf '%s\n' 'Foreground yes' "DatabaseDirectory $data/signatures" "TCPSocket $port" 'TCPAddr 127.0.0.1' \
    'StreamMaxLength 300M' 'MaxScanSize 400M' 'MaxFileSize 300M' 'AlertEncrypted yes' >"$data/clamd.conf"
}

answers_ping() {
  local answer
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'nPING\n' >&3
  read -rt 2 answer <&3 || :
  exec 3>&-
  [[ $answer == PONG ]]
}

case ${1:-} in
  install) install ;;
  start)
    install
    if ! pid_of "$pidfile" >/dev/null; then
      need_port "$port" CLAMD_PORT
      configure
      LD_LIBRARY_PATH=$(libraries) spawn "$pidfile" "$log" "$program/usr/sbin/clamd" -c "$data/clamd.conf"
    fi
    wait_for 60 "$pidfile" "$log" answers_ping
    echo "CAUSEWAY_TEST_CLAMD=127.0.0.1:$port"
    ;;
  stop) end_process "$pidfile" 10 ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
