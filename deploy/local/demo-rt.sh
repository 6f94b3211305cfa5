#!/usr/bin/env bash
# One issue there and back, on what `make up` starts: a partner opens it in the simulated community, it becomes a ticket
# in Request Tracker, its number comes back to the partner, and so does what the agent answers. Fails when it does not.
. "$(dirname "${BASH_SOURCE[0]}")/installation.sh"

community=http://127.0.0.1:$COMMUNITY_PORT/partner/v1/cases
tickets=http://127.0.0.1:$RT_PORT/REST/2.0

call() { # call TOKENFILE AUTHORIZATION CURL-ARGUMENTS...: the token goes by a file, never on the command line
  local file=$1 kind=$2
  shift 2
  curl -sS --fail-with-body -m 20 -H @<(printf 'Authorization: %s %s\n' "$kind" "$(as_root cat "$file")") \
    -H 'Content-Type: application/json' "$@"
}
as_partner() { call "$secrets/community-partner.token" Bearer -H "Idempotency-Key: $(</proc/sys/kernel/random/uuid)" "$@"; }
as_agent() { call "$RT_HOME/secrets/agent1.token" token "$@"; }

until_some() { # until_some WHAT COMMAND...: its first line that is not empty, within 30 s
  local what=$1 end=$((SECONDS + 30)) line
  shift
  until line=$("$@" | head -n 1) && [[ -n $line ]]; do
    ((SECONDS < end)) || die "$what did not arrive within 30 s (logs: $log_dir)"
    sleep 0.2
  done
  echo "$line"
}
reference() { as_partner "$community/$case" | jq -r '.reference // empty'; }
answer() { as_partner "$community/$case/comments" | jq -r --arg text "$greeting" '.. | strings | select(contains($text))'; }

"$here/up.sh" >/dev/null
begin=$(now_ms)
case=$(as_partner -d '{"title": "Invoice 4711 was rejected", "description": "The 810 of this morning came back with error 7.",
  "severity": "MAJOR", "category": "EDI_TECHNICAL"}' "$community" | jq -r '.case_id // .case.id')
echo "the partner opened case $case"
ticket=$(until_some "the reference" reference)
echo "the partner sees reference $ticket after $(elapsed "$begin") s: http://127.0.0.1:$RT_PORT/Ticket/Display.html?id=${ticket##*[!0-9]}"
greeting="We are looking into it ($(date +%H:%M:%S))."
begin=$(now_ms)
as_agent -d "{\"ContentType\": \"text/plain\", \"Content\": \"$greeting\"}" "$tickets/ticket/${ticket##*[!0-9]}/correspond" >/dev/null
until_some "the agent's answer" answer >/dev/null
echo "the agent's answer reached the partner after $(elapsed "$begin") s"
