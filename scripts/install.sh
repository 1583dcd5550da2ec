#!/bin/sh
# Install what was built, or remove exactly that again.
# usage: BUILD= MODDIR= PREFIX= [DESTDIR=] scripts/install.sh install|uninstall
set -eu
cd "$(dirname "$0")/.."
share=$PREFIX/share
unit=$BUILD/install/sipvpn-ua.service # with the path of the program

# mode, source and target of every installed file
files() {
	echo 644 "$BUILD/module/sipvpn.so" "$MODDIR/sipvpn.so"
	echo 755 "$BUILD/ua/sipvpn-ua" "$PREFIX/bin/sipvpn-ua"
	echo 644 ua-helper/sipvpn-ua.1 "$share/man/man1/sipvpn-ua.1"
	echo 644 ua-helper/sipvpn-ua.conf.5 \
		"$share/man/man5/sipvpn-ua.conf.5"
	echo 644 "$unit" "$PREFIX/lib/systemd/system/sipvpn-ua.service"
	echo 644 cfg/systemd/sipvpn-ua.sysusers \
		"$PREFIX/lib/sysusers.d/sipvpn-ua.conf"
	echo 644 cfg/completion/sipvpn-ua.bash \
		"$share/bash-completion/completions/sipvpn-ua"
	echo 644 cfg/completion/sipvpn-ua.zsh \
		"$share/zsh/site-functions/_sipvpn-ua"
	find cfg sipp-scenarios -name __pycache__ -prune -o -type f \
		! -path 'cfg/systemd/sipvpn-ua.*' ! -path 'cfg/completion/*' \
		-print | while read -r f; do
		[ -x "$f" ] && mode=755 || mode=644
		echo "$mode" "$f" "$share/sipvpn/${f#cfg/}"
	done
	for f in README.md LICENSE; do
		echo 644 "$f" "$share/doc/sipvpn/$f"
	done
}

case "${1:-}" in
install)
	mkdir -p "$BUILD/install"
	sed "s|/usr/local/bin/|$PREFIX/bin/|" cfg/systemd/sipvpn-ua.service \
		>"$unit"
	files | while read -r mode from to; do
		install -D -m "$mode" "$from" "${DESTDIR:-}$to"
	done
	echo "installed sipvpn.so in ${DESTDIR:-}$MODDIR," \
		"the rest below ${DESTDIR:-}$PREFIX"
	;;
uninstall)
	mkdir -p "$BUILD/install"
	sed "s|/usr/local/bin/|$PREFIX/bin/|" cfg/systemd/sipvpn-ua.service \
		>"$unit"
	files | while read -r mode from to; do
		rm -f "${DESTDIR:-}$to"
	done
	for dir in sipvpn doc/sipvpn; do
		dir=${DESTDIR:-}$share/$dir
		[ ! -d "$dir" ] || find "$dir" -depth -type d -empty -delete
	done
	;;
*)
	sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
	exit 2
	;;
esac
