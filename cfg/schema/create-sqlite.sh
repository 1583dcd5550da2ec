#!/bin/sh
# Make the SQLite database that cfg/kamailio.cfg works with: Kamailio's tables
# "version", "subscriber" and "dialog" from the scripts of its package, and ours.
#
#   cfg/schema/create-sqlite.sh /var/lib/kamailio/sipvpn.db
#
# An existing file is left alone. The new one is for its owner alone: where the
# server runs as somebody else, give him the file and its folder (chown).
# Needs: kamailio, kamailio-sqlite-modules, sqlite3.

set -eu

die() {
	echo "create-sqlite.sh: $*" >&2
	exit 1
}

[ $# -eq 1 ] || die "usage: create-sqlite.sh FILE"
file=$1
here=$(cd "$(dirname "$0")" && pwd)
scripts=${KAMAILIO_SQL:-/usr/share/kamailio/db_sqlite}

command -v sqlite3 >/dev/null || die "install the package sqlite3."
[ -r "$scripts/standard-create.sql" ] ||
	die "$scripts has no scripts: install the package kamailio-sqlite-modules."
[ ! -e "$file" ] || die "$file is there already; nothing done."

# Built aside, so that a half-made database never gets the name. It holds what
# passwords are checked against.
umask 077
mkdir -p "$(dirname "$file")"
part=$file.part.$$
trap 'rm -f "$part"' EXIT
cat "$scripts/standard-create.sql" "$scripts/auth_db-create.sql" \
	"$scripts/dialog-create.sql" "$here/sqlite.sql" | sqlite3 -bail "$part" ||
	die "the tables cannot be made."
# The file keeps it: whoever reads does not wait for whoever writes. Otherwise
# users are turned away while members are added, since Kamailio does not wait.
sqlite3 -bail "$part" "PRAGMA journal_mode = WAL" >/dev/null ||
	die "write-ahead logging cannot be switched on."
mv "$part" "$file"
