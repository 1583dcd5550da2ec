#!/bin/sh
# The bare-machine claim, tried: a fresh Debian in which only git and make are
# installed runs the targets below as root.
# Rule: mounts and processes live in namespaces of their own and end with
# them; the folder is removed at the end (KEEP=1: it stays and is named).
#
# usage: make check-chroot [SUITE=bookworm|trixie] [KEEP=1]
#                          [TARGETS="demo check"]
set -eu
suite=${SUITE:-bookworm}
cd "$(dirname "$0")/.."

die() {
	echo "chroot: $*" >&2
	exit 1
}

# Inside: $1 is the new root, the rest are the targets.
if [ "${1:-}" = --inside ]; then
	root=$2
	shift 2
	# A mount point of its own, or `ip netns exec` cannot remount / there.
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount -t tmpfs tmpfs "$root/run"
	mkdir -p "$root/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
	ln -sf pts/ptmx "$root/dev/ptmx"
	mkdir -p "$root/dev/net"
	[ -c "$root/dev/net/tun" ] || mknod "$root/dev/net/tun" c 10 200
	for target; do
		echo "chroot: make $target"
		# Nothing of our environment: a fresh login has none of it.
		env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$root" make -C /srv/sipvpn "$target"
	done
	exit 0
fi

[ "$(id -u)" = 0 ] || die "a chroot needs root: run it as root"
command -v debootstrap >/dev/null || {
	echo "chroot: installing debootstrap"
	{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		install --no-install-recommends debootstrap; } >/dev/null ||
		die "debootstrap could not be installed"
}

# The mirror that this machine uses; it has all suites.
mirror=$(apt-get indextargets --format \
	'$(CREATED_BY) $(ORIGIN) $(CODENAME) $(REPO_URI)' 2>/dev/null |
	sed -nE 's/^Packages Debian (bookworm|trixie) //p' | head -n 1)
[ -n "$mirror" ] || die "no source of Debian's packages is known to apt here"

root=$(mktemp -d "${TMPDIR:-/tmp}/sipvpn-chroot.XXXXXX")
finish() {
	[ -n "${KEEP:-}" ] && echo "chroot: left in $root" && return
	rm -rf --one-file-system "$root"
}
trap finish EXIT
chmod 755 "$root" # a root folder that everybody may enter
trap 'exit 1' HUP INT TERM

echo "chroot: fetching a minimal Debian $suite with git and make, about a minute"
debootstrap --variant=minbase --include=git,make "$suite" "$root" "$mirror" \
	>"$root.log" 2>&1 || {
	tail -n 5 "$root.log" >&2
	die "debootstrap failed (see above and $root.log)"
}
rm -f "$root.log"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump | grep -E '^Acquire::https?::' \
	>"$root/etc/apt/apt.conf.d/90machine" || true
mkdir -p "$root/srv/sipvpn"
tar -c --exclude=./build --exclude=__pycache__ . |
	tar -x -C "$root/srv/sipvpn" --no-same-owner

# shellcheck disable=SC2086 # a list of targets
unshare --mount --pid --fork --kill-child -- \
	"$PWD/tests/chroot.sh" --inside "$root" ${TARGETS:-demo check}
echo "chroot: all of it worked in a fresh Debian $suite"
