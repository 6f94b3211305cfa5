#!/usr/bin/env bash
# Issues from the community to Request Tracker and back, on what `make up` starts; tells what arrived and fails when
# anything was lost, doubled or shown to the wrong side.
#
#   demo-rt.sh         N (20) issues, RATE (5) a second, AGENTS (4) people answering them
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"

"$here/up.sh" >/dev/null
exec python3 "$here/demo_rt.py" --issues "${N:-20}" --rate "${RATE:-5}" --agents "${AGENTS:-4}" \
  --community "http://127.0.0.1:$COMMUNITY_PORT" --rt "http://127.0.0.1:$RT_PORT" --secrets "$secrets"
