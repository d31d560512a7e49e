# Sourced: what Debian installs when we are root there.

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -e /etc/debian_version ]; }

# have COMMAND: also looks where a plain user's PATH does not.
have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# install PACKAGE…: says what it does on standard error; fails where Debian has no such package.
install() {
    echo "installing from Debian: $*" >&2
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "${APT_UPDATED:-}" ]; then
        apt-get -qq update >&2
        APT_UPDATED=1
    fi
    apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

# known PACKAGE…: those of them that this Debian has.
known() {
    local package
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then echo "$package"; fi
    done
}
