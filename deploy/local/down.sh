#!/usr/bin/env bash
# Stops what up.sh started, by pid, roles first. Data stays; `down.sh --clean` deletes it too (programs stay).
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"

stop_rt() { [[ ! -d $RT_HOME ]] || rt stop; }

for name in "${roles[@]}" community; do end_process "$(pidfile "$name")" 30 & done
wait
"$here/kafka.sh" stop &
"$here/registry.sh" stop &
stop_rt &
wait
if [[ ${1:-} == --clean ]]; then
  "$here/kafka.sh" clean
  "$here/registry.sh" clean
  [[ ! -d $RT_HOME ]] || rt destroy
  rm -rf "${LOCAL_DIR:?}"/{state,community,secrets,log,run}
fi
say "all stopped"
