#!/bin/bash
# A private Request Tracker 5 on 127.0.0.1, from Debian packages, for development and tests. Needs root (RT runs as
# www-data, PostgreSQL as postgres). Sends no mail. Every step may be repeated.
#
#   rt.sh up        install + init + start (the default)
#   rt.sh install   the packages, and nothing that starts by itself
#   rt.sh init      configuration, database, and what deploy/rt/seed.pl makes; keeps a copy for `reset`
#   rt.sh start     start and wait until REST 2 answers            rt.sh stop     stop what `start` started, by its pid
#   rt.sh kill      SIGKILL of all its workers at once; the database stays up
#   rt.sh status    pid, address, version; 3 when it is not up     rt.sh reset    back to the copy that `init` kept, and start
#   rt.sh restore   back to that copy, without a start: what `init` then adds goes into a copy without old tickets
#   rt.sh destroy   stop and remove the instance; packages stay
#
#   CAUSEWAY_RT_HOME      .local/rt in the project when www-data can reach it, else /var/lib/causeway-rt
#   CAUSEWAY_RT_PORT      8480          CAUSEWAY_RT_WORKERS  6 (not fewer than all clients' connections together)
#   CAUSEWAY_RT_DB        sqlite | postgresql                CAUSEWAY_RT_PGPORT  CAUSEWAY_RT_PORT + 1
#   CAUSEWAY_RT_HOOK_URL  where the nudge goes; empty: nowhere. Its secret is in HOME/secrets/nudge.secret
#
# HOME/secrets holds sync.token, partner.token, agent1.token, agent2.token, nudge.secret and root.password, readable
# for who ran this script (through sudo: that user).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
rt_user=www-data
say() { echo "rt: $*"; }
die() { echo "rt: $*" >&2; exit 1; }

default_home() {
    if [ "$(id -u)" = 0 ] && ! setpriv --reuid=$rt_user --regid=$rt_user --init-groups test -x "$project" 2>/dev/null; then
        echo /var/lib/causeway-rt
    else
        echo "$project/.local/rt"
    fi
}
home=${CAUSEWAY_RT_HOME:-$(default_home)}
port=${CAUSEWAY_RT_PORT:-8480}
workers=${CAUSEWAY_RT_WORKERS:-6}
db=${CAUSEWAY_RT_DB:-sqlite}
pgport=${CAUSEWAY_RT_PGPORT:-$((port + 1))}
hook_url=${CAUSEWAY_RT_HOOK_URL:-}
pidfile=$home/run/rt.pid
case $home in /*) ;; *) die "CAUSEWAY_RT_HOME must be an absolute path" ;; esac
case $db in sqlite | postgresql) ;; *) die "CAUSEWAY_RT_DB is sqlite or postgresql" ;; esac
need_root() { [ "$(id -u)" = 0 ] || die "run as root (sudo $0 $*)"; }

# --- packages

do_install() {
    need_root install
    local want=(request-tracker5 rt5-standalone rt5-db-sqlite starman msmtp-mta w3m sqlite3 curl jq) missing=() p
    [ "$db" = postgresql ] && want+=(rt5-db-postgresql postgresql)
    for p in "${want[@]}"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
    done
    if [ ${#missing[@]} = 0 ]; then say "packages are present"; return; fi
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The packages would make a site and a database of their own: no, this script makes a private one.
    debconf-set-selections <<'D'
request-tracker5 request-tracker5/dbconfig-install boolean false
request-tracker5 request-tracker5/rtname string causeway
request-tracker5 request-tracker5/organization string causeway.invalid
request-tracker5 request-tracker5/webbaseurl string http://127.0.0.1:8480
request-tracker5 request-tracker5/webpath string
request-tracker5 request-tracker5/correspondaddress string rt@causeway.invalid
request-tracker5 request-tracker5/commentaddress string rt-comment@causeway.invalid
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
request-tracker5 request-tracker5/install-cronjobs boolean false
msmtp msmtp/apparmor boolean false
D
    # A private archive folder: another apt on the machine may empty the shared one in the middle of an installation.
    local work log policy='' cluster='' attempt ok=''
    work=$(mktemp -d /var/tmp/causeway-rt.XXXXXX); log=$work/apt.log
    chmod 755 "$work"; mkdir -p "$work/archives/partial"
    if [ ! -e /usr/sbin/policy-rc.d ]; then    # nothing may start while it is being configured
        policy=/usr/sbin/policy-rc.d; printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy
    fi
    if [ "$db" = postgresql ] && [ ! -d /etc/postgresql ]; then
        cluster=/etc/postgresql-common/createcluster.d/causeway.conf
        mkdir -p "${cluster%/*}"; echo 'create_main_cluster = false' >$cluster
    fi
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'; rm -f -- $policy $cluster" EXIT
    local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o "Dir::Cache::archives=$work/archives" -o Acquire::Retries=3)
    for attempt in 1 2 3; do
        if { "${apt[@]}" update && "${apt[@]}" --fix-broken --no-install-recommends install \
            && "${apt[@]}" --no-install-recommends install "${missing[@]}"; } >>"$log" 2>&1; then ok=1; break; fi
        say "attempt $attempt of 3 failed"
    done
    [ -n "$ok" ] || { tail -n 25 "$log" >&2; die "packages could not be installed"; }
    rm -rf -- "$work"; rm -f -- $policy $cluster; trap - EXIT
}

# --- PostgreSQL

pg() { setpriv --reuid=postgres --regid=postgres --init-groups env -C / "$@"; }
pgbin() { local d; for d in /usr/lib/postgresql/*/bin; do :; done; echo "$d"; }
psql_() { pg psql -q -v ON_ERROR_STOP=1 -h "$home/pg" -p "$pgport" "$@"; }
pg_up() { [ -s "$home/pg/data/PG_VERSION" ] && pg "$(pgbin)/pg_ctl" -D "$home/pg/data" status >/dev/null 2>&1; }
pg_start() {
    [ "$db" = postgresql ] || return 0
    local data=$home/pg/data
    if [ ! -s "$data/PG_VERSION" ]; then
        install -d -m 0755 -o postgres -g postgres "$home/pg"
        # Trust is for this loopback instance of throw-away data only.
        pg "$(pgbin)/initdb" -D "$data" -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
        printf "listen_addresses = '127.0.0.1'\nport = %s\nunix_socket_directories = '%s'\nmax_connections = 60\n" \
            "$pgport" "$home/pg" | pg tee -a "$data/postgresql.conf" >/dev/null
    fi
    pg_up || pg "$(pgbin)/pg_ctl" -D "$data" -l "$home/pg/log" -w -t 60 start >/dev/null || die "PostgreSQL did not start: $home/pg/log"
}
pg_stop() { pg_up && pg "$(pgbin)/pg_ctl" -D "$home/pg/data" -m fast -w stop >/dev/null || true; }

# --- configuration and database

rt_env() {    # a command as RT's user with this instance's configuration, and nothing else from our environment
    setpriv --reuid=$rt_user --regid=$rt_user --init-groups env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" \
        LANG=C.UTF-8 TZ=UTC PERL5LIB="$home/lib" RT_SITE_CONFIG="$home/etc/RT_SiteConfig.pm" \
        RT_SITE_CONFIG_DIR="$home/etc/RT_SiteConfig.d" "$@"
}
secret() { [ -s "$home/secrets/$1" ] || (umask 077; head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$home/secrets/$1"); }

configure() {
    install -d -m 0755 "$home" "$home/etc" "$home/etc/RT_SiteConfig.d" "$home/lib"
    setpriv --reuid=$rt_user --regid=$rt_user --init-groups test -x "$home" \
        || die "$rt_user cannot reach $home: choose another CAUSEWAY_RT_HOME, such as /var/lib/causeway-rt"
    install -d -m 0750 -o $rt_user -g $rt_user "$home"/{db,log,run,mason,session}
    install -d -m 0700 "$home/secrets"
    secret root.password; secret nudge.secret
    install -m 0640 -g $rt_user "$home/secrets/nudge.secret" "$home/etc/nudge.secret"
    cp -r "$here/../rt/lib/." "$home/lib/"; chmod -R a+rX "$home/lib"
    install -m 0644 "$here/../rt/lifecycle.pm" "$home/etc/RT_SiteConfig.d/20-lifecycle.pm"
    echo '1;' >"$home/etc/RT_SiteConfig.pm"
    local database="Set(\$DatabaseType, 'SQLite'); Set(\$DatabaseName, '$home/db/rt.sqlite3');"
    [ "$db" = postgresql ] && database="Set(\$DatabaseType, 'Pg'); Set(\$DatabaseHost, '127.0.0.1');
Set(\$DatabasePort, '$pgport'); Set(\$DatabaseName, 'rt'); Set(\$DatabaseUser, 'rt');
Set(\$DatabasePassword, 'rt'); Set(\$DatabaseAdmin, 'postgres');"
    cat >"$home/etc/RT_SiteConfig.d/10-site.pm" <<C
Set(\$rtname, 'causeway'); Set(\$Organization, 'causeway.invalid'); Set(\$Timezone, 'UTC');
Set(\$WebDomain, '127.0.0.1'); Set(\$WebPort, $port); Set(\$WebPath, ''); Set(\$WebBaseURL, 'http://127.0.0.1:$port');
Set(\$CorrespondAddress, 'rt\@causeway.invalid'); Set(\$CommentAddress, 'rt-comment\@causeway.invalid');
$database
# No mail leaves this instance.
Set(\$MailCommand, 'sendmailpipe'); Set(\$SendmailPath, '/bin/true');
Set(\$SendmailArguments, ''); Set(\$SendmailBounceArguments, '');
Set(\$LogToSyslog, undef); Set(\$LogToSTDERR, 'warning');
Set(\$LogToFile, 'info'); Set(\$LogDir, '$home/log'); Set(\$LogToFileNamed, 'rt.log');
\$RT::MasonDataDir = '$home/mason'; \$RT::MasonSessionDir = '$home/session';
# RT hashes the token of every request: the default of 12 costs a third of a second of CPU per call. Tokens are random,
# so a low cost is safe for them; it also holds for passwords, so do not copy this where people have chosen theirs.
Set(\$BcryptCost, 6);
1;
C
    cat >"$home/etc/RT_SiteConfig.d/30-nudge.pm" <<C
Set(\$CausewayNudgeURL, '$hook_url');
Set(\$CausewayNudgeSecretFile, '$home/etc/nudge.secret');
Set(\$CausewayNudgeTimeout, 2);
1;
C
}

database_there() {
    if [ "$db" = postgresql ]; then
        [ "$(psql_ -tAc "select to_regclass('tickets') is not null" rt 2>/dev/null)" = t ]
    else
        [ -s "$home/db/rt.sqlite3" ] && [ "$(sqlite3 "$home/db/rt.sqlite3" "select count(*) from Queues" 2>/dev/null || echo 0)" -gt 0 ]
    fi
}

do_init() {
    need_root init
    configure
    pg_start
    if ! database_there; then
        say "creating the database ($db)"
        rt_env /usr/sbin/rt-setup-database-5 --action init --dba postgres --dba-password unused >"$home/log/init.log" 2>&1 \
            || { tail -n 20 "$home/log/init.log" >&2; die "the database could not be made"; }
    fi
    # RT's user writes the tokens into a folder of its own; they are then handed to whoever asked.
    local hand=$home/run/tokens f
    rm -rf -- "$hand"; install -d -m 0700 -o $rt_user -g $rt_user "$hand"
    for f in "$home"/secrets/*.token; do [ -e "$f" ] && install -m 0600 -o $rt_user "$f" "$hand/"; done
    install -m 0644 "$here/../rt/seed.pl" "$home/run/seed.pl"
    rt_env perl "$home/run/seed.pl" "$hand" --with-agents
    # shellcheck disable=SC2016  # Perl's variables
    rt_env perl -e 'use lib "/usr/share/request-tracker5/lib"; use RT -init; chomp(my $p = <STDIN>);
        my $u = RT::User->new(RT->SystemUser); $u->Load("root"); $u->SetPassword($p) unless $u->IsPassword($p);' \
        <"$home/secrets/root.password"
    for f in "$hand"/*.token; do install -m 0600 "$f" "$home/secrets/"; done
    rm -rf -- "$hand" "$home/run/seed.pl"
    [ -n "${SUDO_UID:-}" ] && chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$home/secrets"
    keep_copy
}

keep_copy() {
    if running; then say "RT is running: no new copy for reset"; return 0; fi
    if [ "$db" = postgresql ]; then
        psql_ -d postgres -c 'drop database if exists rt_seed' -c 'create database rt_seed template rt' 2>/dev/null
    else
        cp "$home/db/rt.sqlite3" "$home/db/seed.sqlite3"
    fi
}

# --- the server

# `kill -0` also answers for a zombie that nobody reaped, and a pid may belong to somebody else after a reboot: what
# counts is a living starman in the process group that we started.
group_lives() { [ -n "${1:-}" ] && ps -eo pgid=,stat=,args= | awk -v g="$1" '$1 == g && $2 !~ /^Z/ && /starman|rt-server/ { f = 1 } END { exit !f }'; }
pid() { cat "$pidfile" 2>/dev/null || true; }
running() { local p; p=$(pid); group_lives "$p" && [ "$(ps -o stat= -p "$p" 2>/dev/null | cut -c1)" != Z ] && ps -p "$p" >/dev/null; }

do_start() {
    need_root start
    if running; then say "already running, pid $(pid)"; return; fi
    [ -s "$home/etc/RT_SiteConfig.d/10-site.pm" ] || die "no instance in $home: run $0 init"
    stop_server    # workers that outlived their master would keep the port
    pg_start
    # A session of its own, so that the master's pid is the group that `stop` ends; setpriv, because runuser would stay
    # as a parent and the pid would name the wrapper.
    # shellcheck disable=SC2016  # the inner shell's
    setsid --fork bash -c 'echo $$ >"$1"; shift; exec "$@"' _ "$pidfile" \
        setpriv --reuid=$rt_user --regid=$rt_user --init-groups env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" \
        LANG=C.UTF-8 TZ=UTC PERL5LIB="$home/lib" RT_SITE_CONFIG="$home/etc/RT_SiteConfig.pm" \
        RT_SITE_CONFIG_DIR="$home/etc/RT_SiteConfig.d" \
        /usr/share/request-tracker5/libexec/rt-server --server Starman --env deployment --host 127.0.0.1 --port "$port" \
        --workers "$workers" --max-requests 5000 >>"$home/log/server.log" 2>&1 </dev/null
    local deadline=$((SECONDS + 60)) code
    while [ $SECONDS -lt $deadline ]; do
        code=$(curl -s -m 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/REST/2.0/rt" || true)
        if [ "$code" = 401 ] && running; then say "up at http://127.0.0.1:$port, pid $(pid), secrets in $home/secrets"; return; fi
        sleep 0.2
    done
    tail -n 20 "$home/log/server.log" >&2; die "RT did not answer within 60 s"
}

stop_server() {
    local p deadline; p=$(pid)
    if group_lives "$p"; then
        kill -TERM -- "-$p" 2>/dev/null || true
        deadline=$((SECONDS + 10))
        while group_lives "$p" && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
        if group_lives "$p"; then kill -KILL -- "-$p" 2>/dev/null || true; fi
        say "stopped $p"
    fi
    rm -f -- "$pidfile"
}
do_stop() { need_root stop; stop_server; pg_stop; }

do_kill() {
    need_root kill
    local p; p=$(pid)
    group_lives "$p" || die "RT does not run"
    kill -KILL -- "-$p"
    while group_lives "$p"; do sleep 0.05; done
    rm -f -- "$pidfile"
}

do_status() {
    if ! running; then say "not running ($home)"; return 3; fi
    say "running, pid $(pid), http://127.0.0.1:$port, $home"
    curl -s -m 20 -H @<(printf 'Authorization: token %s' "$(cat "$home/secrets/sync.token")") "http://127.0.0.1:$port/REST/2.0/rt"; echo
}

do_restore() {
    need_root restore
    stop_server
    if [ "$db" = postgresql ]; then
        [ -d "$home/pg" ] || { say "no copy to go back to"; return 0; }
        pg_start
        if [ "$(psql_ -d postgres -tAc "select count(*) from pg_database where datname = 'rt_seed'")" != 1 ]; then
            say "no copy to go back to"; return 0
        fi
        psql_ -d postgres -c 'drop database if exists rt' -c 'create database rt template rt_seed'
    else
        [ -s "$home/db/seed.sqlite3" ] || { say "no copy to go back to"; return 0; }
        rm -f -- "$home"/db/rt.sqlite3*
        setpriv --reuid=$rt_user --regid=$rt_user --init-groups cp "$home/db/seed.sqlite3" "$home/db/rt.sqlite3"
    fi
}
do_reset() { do_restore; do_start; }

do_destroy() {
    need_root destroy
    [ -f "$home/etc/RT_SiteConfig.d/20-lifecycle.pm" ] || die "$home is not an instance of this script"
    do_stop
    rm -rf -- "$home"; say "removed $home"
}

for word in "${@:-up}"; do
    case $word in
        up) do_install; do_init; do_start ;;
        install | init | start | stop | kill | status | restore | reset | destroy) "do_$word" ;;
        *) sed -n '2,21p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done
