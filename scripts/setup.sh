#!/bin/sh
# Install the Debian packages that a make target needs.
# Rule: nothing to install means no apt call, and no service is started.
#
# usage: scripts/setup.sh [--check] build|demo|check|bench|load|memcheck
#        --check   only say what is missing (exit 1), install nothing
#        DEPS=no   in the environment: do nothing (packages are your affair)
set -eu

build="gcc libc6-dev make pkg-config dpkg-dev kamailio
	libosip2-dev libglib2.0-dev glib-networking libssl-dev libjansson-dev"
demo="$build kamailio-sqlite-modules sqlite3 openvpn iproute2 iputils-ping
	iperf3 python3"
check="$demo clang clang-format clang-tidy libclang-rt-dev cppcheck
	shellcheck libcmocka-dev perl mandoc openssl python3-pytest sip-tester
	gnuplot-nox kamailio-lua-modules kamailio-postgres-modules postgresql
	kamailio-mysql-modules mariadb-server-core mariadb-client-core
	kamailio-tls-modules dnsmasq-base rtpengine-daemon baresip-core systemd zsh
	strace"
load="$demo sip-tester gnuplot-nox"
memcheck="$check valgrind"
bench="$load valgrind openssl kamailio-lua-modules"
services="kamailio openvpn postgresql rtpengine-daemon"

log=${BUILD:-build}/setup.log
check_only=
if [ "${1:-}" = --check ]; then
	check_only=yes
	shift
fi
set=${1:-}
case "$set" in
build) want=$build ;;
demo) want=$demo ;;
check) want=$check ;;
bench) want=$bench ;;
memcheck) want=$memcheck ;;
load) want=$load ;;
*)
	sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
	exit 2
	;;
esac

die() {
	echo "setup: $*" >&2
	exit 1
}

installed() {
	# shellcheck disable=SC2086 # a list of names
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' $1 2>/dev/null |
		sed -n 's/ installed$//p'
}

# The words of $1 that are not lines of $2.
without() {
	for word in $1; do
		printf '%s\n' "$2" | grep -qxF -e "$word" || printf '%s ' "$word"
	done
}

[ "${DEPS:-}" = no ] && exit 0
# shellcheck disable=SC1091 # the system's file
. /etc/os-release 2>/dev/null || ID=unknown
case "${ID:-} ${VERSION_ID:-}" in
"debian 12") ;;
# whose Kamailio has CMake files too
"debian 13") case "$set" in check | memcheck) want="$want cmake flex bison" ;; esac ;;
*)
	die "this is ${PRETTY_NAME:-not a known system}, not Debian 12 or 13:" \
		"install the like of the packages listed in scripts/setup.sh" \
		"yourself and run make again with DEPS=no"
	;;
esac
missing=$(without "$want" "$(installed "$want")")
missing=${missing% }
[ -n "$missing" ] || exit 0
if [ -n "$check_only" ]; then
	[ "$set" = build ] && how="make deps" || how="scripts/setup.sh $set"
	die "missing Debian packages ($missing): run '$how' as root"
fi
[ "$(id -u)" = 0 ] ||
	die "missing Debian packages ($missing): run this as root, or" \
		"first 'apt-get install $missing'"

# Without a policy the packages would start their services (kamailio takes
# port 5060); one that the administrator wrote stays.
policy=/usr/sbin/policy-rc.d
new=$(without "$services" "$(installed "$services")")
ours=
cleanup() {
	[ -z "$ours" ] || rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if [ ! -e $policy ]; then
	ours=yes
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi

# shellcheck disable=SC2086
echo "setup: installing $(echo $missing | wc -w) Debian packages," \
	"a minute or a few the first time (log: $log)"
mkdir -p "$(dirname "$log")"
apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 </dev/null
}
: >"$log"
apt update || {
	tail -n 5 "$log" >&2
	die "apt-get update failed (see above): is the network there, and" \
		"are the package sources of this machine right?"
}
# shellcheck disable=SC2086
apt install --no-install-recommends $missing || {
	tail -n 5 "$log" >&2
	die "apt-get install failed (see above and $log)"
}
# Nor shall a service that came with us start with the next boot.
for service in $new; do
	if command -v systemctl >/dev/null; then
		systemctl --quiet disable "$service" >>"$log" 2>&1 || true
	fi
done
