#!/bin/sh
# Can this machine run namespaces and tunnels? Says what is wrong, once.
# usage: scripts/preflight.sh
set -eu

die() {
	echo "preflight: $*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] ||
	die "network namespaces and tunnels need root:" \
		"run it again with sudo or as root"
unshare --net true 2>/dev/null ||
	die "this machine does not let root make network namespaces: in a" \
		"container, start it with --privileged (or CAP_SYS_ADMIN," \
		"CAP_NET_ADMIN and no seccomp filter)"
[ -c /dev/net/tun ] ||
	die "there is no /dev/net/tun: run 'modprobe tun', or start the" \
		"container with --device /dev/net/tun"
(exec 3<>/dev/net/tun) 2>/dev/null ||
	die "/dev/net/tun cannot be opened: run 'modprobe tun', or allow the" \
		"device to the container with --device /dev/net/tun"
[ -w /proc/sys/net/ipv4/ip_forward ] ||
	die "/proc is not mounted or not writable: mount it, or start the" \
		"container with --privileged"
