# shellcheck shell=bash
# Shared by script/server, script/test and script/bench: what must be installed, and private services.
# Everything said here goes to stderr, so that script/bench can keep stdout for its results.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
VENV="$(realpath -m -- "${QCPORTAL_VENV:-$ROOT/.venv}")"
PY="$VENV/bin/python"
PG_BIN=/usr/lib/postgresql/15/bin
export PYTHONUTF8=1

RUNTIME_PACKAGES=(
    libpangoft2-1.0-0 libharfbuzz-subset0 # WeasyPrint, and the subsetter without which packets are 11-15 times slower
    fonts-noto-cjk fonts-arphic-gkai00mp fonts-arphic-ukai # Song and Hei, Kai with mainland forms, Kai for the rest
    redis-server poppler-utils
)
# shellcheck disable=SC2034 # used by script/test and script/bench
TEST_PACKAGES=(postgresql-15 chromium)
if ! command -v python3 >/dev/null; then RUNTIME_PACKAGES+=(python3 python3-venv); fi

# A closed terminal must not keep a script from cleaning up.
say() { printf '%s\n' "$*" >&2 || true; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# --- Root and Debian packages ---------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        sudo "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ]
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_debian PACKAGE...: installs those that are missing, starts no service, needs no network when none is.
install_debian() {
    command -v dpkg-query >/dev/null || die "This needs Debian 12 or newer: dpkg was not found."
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    can_be_root || die "Debian packages are missing; install them as root: apt-get install ${missing[*]}"
    need_space / 2000
    say "Installing Debian packages: ${missing[*]}"
    (
        block_services
        trap allow_services EXIT
        apt_get update || say "The package lists could not be refreshed; trying with those at hand."
        # The mainland Kai goes first: alone, ukai would become the default Kai with Taiwanese forms.
        local first=() last=()
        for package in "${missing[@]}"; do
            if [ "$package" = fonts-arphic-ukai ]; then last+=("$package"); else first+=("$package"); fi
        done
        if [ "${#first[@]}" -gt 0 ]; then apt_install "${first[@]}"; fi
        if [ "${#last[@]}" -gt 0 ]; then apt_install "${last[@]}"; fi
        keep_off_at_boot "${missing[@]}"
    )
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >&2; }

apt_install() {
    apt_get install -y --no-install-recommends "$@" || die "apt-get could not install $*; is the network reachable?"
}

POLICY=/usr/sbin/policy-rc.d

# apt must not start the packaged redis or PostgreSQL: the portal runs its own.
block_services() {
    if [ -e "$POLICY" ] && grep -q '^exit 101' "$POLICY"; then return 0; fi
    if [ -e "$POLICY" ]; then as_root mv "$POLICY" "$POLICY.before-qcportal"; fi
    printf '#!/bin/sh\n# written by qcportal during apt-get\nexit 101\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
}

allow_services() {
    if [ -e "$POLICY" ] && grep -q 'written by qcportal' "$POLICY"; then as_root rm -f "$POLICY"; fi
    if [ -e "$POLICY.before-qcportal" ]; then as_root mv "$POLICY.before-qcportal" "$POLICY"; fi
}

keep_off_at_boot() {
    [ -d /run/systemd/system ] || return 0
    local package
    for package in "$@"; do
        case "$package" in
            redis-server) as_root systemctl disable --quiet redis-server || true ;;
            postgresql-15) as_root systemctl disable --quiet postgresql || true ;;
        esac
    done
}

# need_space FOLDER MEGABYTES: FOLDER need not exist yet.
need_space() {
    local folder="$1" free
    while [ ! -d "$folder" ]; do folder="$(dirname "$folder")"; done
    free="$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')"
    [ "$free" -ge "$2" ] || die "Not enough disk space: $folder has $free MB free, $2 MB are needed."
}

# --- Python ---------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Sets PYTHON to an interpreter of at least 3.11 that can make a venv.
find_python() {
    local name
    if [ -n "${QCPORTAL_PYTHON:-}" ]; then
        is_new_enough "$QCPORTAL_PYTHON" || die "QCPORTAL_PYTHON ($QCPORTAL_PYTHON) is not Python 3.11 or newer."
        PYTHON="$QCPORTAL_PYTHON"
        return 0
    fi
    for name in python3.11 python3 python3.12 python3.13; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            PYTHON="$(command -v "$name")"
            if ! "$PYTHON" -c 'import ensurepip' >/dev/null 2>&1; then install_debian python3-venv; fi
            return 0
        fi
    done
    die "Python 3.11 or newer is needed; $(python3 --version 2>&1) is too old."
}

lock_sum() { sha256sum "$ROOT/$1" | cut -d' ' -f1; }

# The stamp says which locks the venv holds, and where: one that was moved or lost its interpreter does not count.
has_lock() {
    [ -x "$PY" ] && "$PY" -c '' 2>/dev/null && grep -qsxF "$VENV $1 $(lock_sum "$1")" "$VENV/.qcportal-locks"
}

# install_python runtime|dev: the locked packages with their hashes. Never takes development packages away.
install_python() {
    local lock=requirements.txt
    if [ "$1" = dev ] || grep -qs requirements-dev.txt "$VENV/.qcportal-locks"; then lock=requirements-dev.txt; fi
    if has_lock "$lock"; then return 0; fi
    if [ "$1" = runtime ] && has_lock requirements.txt; then return 0; fi
    need_space "$VENV" 1000
    if ! is_new_enough "$PY" || ! "$PY" -m pip --version >/dev/null 2>&1; then
        find_python
        say "Making the Python environment $VENV"
        "$PYTHON" -m venv --clear "$VENV" || die "$PYTHON could not make the environment $VENV."
    fi
    say "Installing Python packages of $lock"
    sync_with_uv "$lock" || install_with_pip "$lock"
    if [ "$lock" = requirements-dev.txt ]; then
        printf '%s\n' "$VENV $lock $(lock_sum "$lock")" "$VENV requirements.txt $(lock_sum requirements.txt)"
    else
        printf '%s\n' "$VENV $lock $(lock_sum "$lock")"
    fi >"$VENV/.qcportal-locks"
}

sync_with_uv() {
    "$PY" -m pip install --quiet --require-hashes -r "$ROOT/requirements-bootstrap.txt" >&2 &&
        "$PY" -m uv pip sync --quiet --require-hashes --python "$PY" "$ROOT/$1" >&2
}

install_with_pip() {
    say "uv did not succeed; installing with pip, which takes a minute or two."
    "$PY" -m pip install --quiet --require-hashes -r "$ROOT/$1" >&2 ||
        die "The Python packages of $1 could not be installed; is the network reachable?"
}

# --- Private services -----------------------------------------------------------------------------

# short_socket_folder FOLDER: FOLDER, or a new 0700 folder under /tmp where a socket path would be too long or odd.
short_socket_folder() {
    if [ "${#1}" -le 85 ] && [[ "$1" =~ ^[A-Za-z0-9/_.-]+$ ]]; then
        printf '%s\n' "$1"
    else
        mktemp -d /tmp/qcportal-run.XXXXXX
    fi
}

wait_until() {
    local tries="$1"
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# start_services FOLDER [PostgreSQL options]: a PostgreSQL and a Redis of our own on sockets in FOLDER (a short
# path, removed by stop_services). Sets and exports DATABASE_URL and REDIS_URL.
start_services() {
    SERVICES="$1"
    shift
    chmod 711 "$SERVICES"
    redis-server --port 0 --unixsocket "$SERVICES/redis.sock" --unixsocketperm 700 --save "" --appendonly no \
        --maxmemory-policy noeviction --dir "$SERVICES" >"$SERVICES/redis.log" 2>&1 &
    wait_until 100 redis-cli -s "$SERVICES/redis.sock" ping || die "redis-server did not start; see $SERVICES/redis.log"
    export REDIS_URL="unix://$SERVICES/redis.sock"
    make_cluster
    local options="-p 5432 -k $SERVICES/socket -c listen_addresses='' -c max_connections=50 $*"
    as_postgres "$PG_BIN/pg_ctl" -D "$SERVICES/data" -w -s -l "$SERVICES/data/log" -o "$options" start ||
        die "PostgreSQL did not start; see $SERVICES/data/log"
    as_postgres "$PG_BIN/createdb" -h "$SERVICES/socket" -p 5432 -U postgres qcportal
    export DATABASE_URL="postgresql://postgres@/qcportal?host=$SERVICES/socket&port=5432"
}

# initdb refuses root, so root becomes the packaged user postgres; the packaged cluster is not touched.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

make_cluster() {
    local owner=()
    if [ "$(id -u)" -eq 0 ]; then owner=(-o postgres); fi
    install -d "${owner[@]}" -m 700 "$SERVICES/data"
    install -d "${owner[@]}" -m 755 "$SERVICES/socket"
    as_postgres "$PG_BIN/initdb" -D "$SERVICES/data" -E UTF8 --locale=C.UTF-8 --auth=trust -U postgres \
        >"$SERVICES/initdb.log" 2>&1 || die "initdb failed; see $SERVICES/initdb.log"
}

stop_services() {
    [ -n "${SERVICES:-}" ] || return 0
    redis-cli -s "$SERVICES/redis.sock" shutdown nosave >/dev/null 2>&1 || true
    if [ -f "$SERVICES/data/postmaster.pid" ]; then
        as_postgres "$PG_BIN/pg_ctl" -D "$SERVICES/data" -s -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$SERVICES"
    SERVICES=""
}
