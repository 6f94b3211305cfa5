#!/usr/bin/env bash
# Everything up, the roles' logs on the screen; Ctrl-C takes it all down again.
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"
follower=''
trap '[[ -z $follower ]] || kill "$follower" 2>/dev/null || :; "$here/down.sh"' EXIT
trap 'exit 0' INT TERM
"$here/up.sh"
say "following the logs; Ctrl-C stops everything"
logs=()
for role in "${roles[@]}"; do logs+=("$(log "$role")"); done
tail -n 0 -F "${logs[@]}" &
follower=$!
wait
