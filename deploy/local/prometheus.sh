#!/usr/bin/env bash
# Prometheus (Debian's package) on 127.0.0.1, scraping what `make up` starts.
#
#   prometheus.sh install       the programs, unpacked under .local; no service of the system is installed
#   prometheus.sh check         the configuration, the alerts and the alerts' tests
#   prometheus.sh start | stop | status | clean
#
#   PROMETHEUS_PORT (9090)      LOCAL_DIR (.local)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

port=${PROMETHEUS_PORT:-9090}
programs=$LOCAL_DIR/programs/prometheus
data=$LOCAL_DIR/prometheus
pidfile=$data/prometheus.pid
log=$data/prometheus.log
config=$root/deploy/prometheus

install() {
  [[ -x $programs/usr/bin/promtool ]] && return 0
  command -v apt-get >/dev/null || die "no apt-get here: put prometheus and promtool into $programs/usr/bin"
  rm -rf "$programs.part"
  mkdir -p "$programs.part"
  (cd "$programs.part" && quietly apt-get download prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb) ||
    die "apt-get could not fetch the package prometheus (has it been updated?)"
  mv "$programs.part" "$programs"
}

check() {
  install
  cd "$config"
  "$programs/usr/bin/promtool" check config prometheus.yml
  "$programs/usr/bin/promtool" test rules alerts-test.yml
}

start() {
  if ! pid_of "$pidfile" >/dev/null; then
    install
    need_port "$port" PROMETHEUS_PORT
    spawn "$pidfile" "$log" "$programs/usr/bin/prometheus" "--config.file=$config/prometheus.yml" \
      "--storage.tsdb.path=$data/series" "--web.listen-address=127.0.0.1:$port" --log.level=warn
  fi
  wait_for 20 "$pidfile" "$log" answers "http://127.0.0.1:$port/-/ready"
  echo "http://127.0.0.1:$port"
}

case ${1:-help} in
  install) install ;;
  check) check ;;
  start) start ;;
  stop) end_process "$pidfile" 10 ;;
  status) pid_of "$pidfile" >/dev/null && answers "http://127.0.0.1:$port/-/ready" && echo "http://127.0.0.1:$port" ;;
  clean) kill_process "$pidfile"; rm -rf "$data/series" "$log" ;;
  *) sed -n '2,/^\. /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
