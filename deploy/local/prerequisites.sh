#!/usr/bin/env bash
# What building, testing and running the local parts need from the system's packages (Debian and its relatives).
#
#   prerequisites.sh           say what is missing and install it; asks first where a terminal is attached
#   prerequisites.sh --check   only say; fails when something is missing
#   prerequisites.sh build     only what building needs
#   prerequisites.sh test      what the tests need as well: a browser
#
# Does nothing when everything is there. Installs no server that starts by itself. Rust comes from rustup, not from here.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

what_for=${1:-}
missing=() packages=()
need() { # need WHAT PACKAGE TEST...: notes the package unless the test succeeds
  local what=$1 package=$2
  shift 2
  "$@" >/dev/null 2>&1 && return 0
  missing+=("$what")
  # shellcheck disable=SC2206  # several packages may be named
  [[ -z $package ]] || packages+=($package)
}
can_link_zlib() { echo 'int main(void){return 0;}' | cc -x c - -lz -o /dev/null; }
has_pip_or_java_21() { find_java 21 || python3 -m pip --version; }
rt_installed() {
  local package
  for package in request-tracker5 rt5-standalone rt5-db-sqlite rt5-db-postgresql starman sqlite3 jq; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || return 1
  done
  compgen -G '/usr/lib/postgresql/*/bin/initdb'
}
rust_is_new_enough() {
  local wanted have
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
  have=$(cargo --version | cut -d' ' -f2)
  [[ $(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1) == "$wanted" ]]
}

check() {
  missing=() packages=()
  need "a C and C++ compiler and make (for librdkafka)" build-essential eval 'command -v cc c++ make'
  need "cmake" cmake command -v cmake
  need "zlib's header and library" "zlib1g-dev pkg-config" can_link_zlib
  [[ $what_for != build ]] || return 0
  need "curl" curl command -v curl
  need "ss" iproute2 command -v ss
  need "setsid, flock and runuser" util-linux eval 'command -v setsid flock runuser'
  need "Java 17 or newer (for Kafka)" default-jre-headless find_java 17
  [[ $what_for != test ]] || need "Chromium and its driver (for the test of the page)" "chromium chromium-driver" eval 'command -v chromium chromedriver'
  need "Maven" maven command -v mvn
  need "Java 21, or pip to fetch one (for the schema registry)" python3-pip has_pip_or_java_21
  [[ ! -x $here/rt.sh ]] || need "Request Tracker 5 and PostgreSQL" "" rt_installed
}

apt_install() { # in a private folder: where another apt runs, its clean-up empties the shared one in mid-install
  local archive attempt log
  archive=$(mktemp -d /var/tmp/causeway-apt.XXXXXX)
  chmod 755 "$archive"
  log=$archive.log
  local options=(-q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o "Dir::Cache::archives=$archive")
  for attempt in 1 2 3; do
    mkdir -p "$archive/partial"
    if as_root apt-get "${options[@]}" update >>"$log" 2>&1 &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -y --no-install-recommends install "$@" \
        >>"$log" 2>&1; then
      as_root rm -rf -- "$archive" "$log"
      return 0
    fi
    say "apt-get failed (attempt $attempt of 3)"
  done
  tail -n 20 "$log" >&2
  die "could not install: $* (log: $log)"
}

check
rust_is_new_enough 2>/dev/null || die "Rust is missing or too old: install it with rustup (see rust-toolchain.toml)"
((${#missing[@]} > 0)) || exit 0
printf '%s\n' "missing:" "${missing[@]/#/  }" >&2
[[ ${1:-} != --check ]] || exit 1
command -v apt-get >/dev/null || die "no apt-get here: install these by your system's own means"
if [[ -t 0 && -z ${CI:-} ]]; then
  read -rp "Install them now, as root? [y/N] " answer
  [[ $answer == [yY]* ]] || die "nothing was installed"
elif ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
  die "not root and no terminal to ask at: run $0 by hand"
fi
start=$(now_ms)
((${#packages[@]} == 0)) || apt_install "${packages[@]}"
if [[ $what_for != build && -x $here/rt.sh ]] && ! rt_installed >/dev/null 2>&1; then
  as_root env CAUSEWAY_RT_DB=postgresql "$here/rt.sh" install
fi
check
((${#missing[@]} == 0)) || die "still missing: ${missing[*]}"
say "installed in $(elapsed "$start") s"
