#!/bin/sh
# Make kamailio-module/README of its DocBook source, as Kamailio makes those of
# its modules. The result is committed: only who changes doc/ needs the tools.
#
# usage: KAMAILIO_SRC= scripts/module-readme.sh
set -eu
cd "$(dirname "$0")/../kamailio-module"
for tool in xsltproc lynx; do
	command -v "$tool" >/dev/null || {
		echo "$tool is missing: apt-get install xsltproc docbook-xsl lynx"
		exit 1
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/modules/sipvpn"
ln -s "$KAMAILIO_SRC/doc" "$work/doc"
cp -R doc "$work/src/modules/sipvpn"
# Nothing of a make above it; lynx asks the locale how to write.
env -i PATH="$PATH" HOME="$work" LC_ALL=C.UTF-8 make -s \
	-C "$work/src/modules/sipvpn/doc" sipvpn.txt
install -m 644 "$work/src/modules/sipvpn/doc/sipvpn.txt" README
