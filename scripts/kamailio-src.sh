#!/bin/sh
# The source of the Kamailio that is installed here, configured as Debian
# configures it, so that a module built against it is one that Kamailio loads.
#
#   BUILD=/path/to/build scripts/kamailio-src.sh
#
# Result: $BUILD/kamailio/src-tree, a link to the tree; its make flags stand in
# src-tree/src/config.mak. Everything apt needs for it lives below
# $BUILD/kamailio as well: the machine's own apt configuration, lists and cache
# stay as they are. A second run finds the result and does nothing.
# Needs: kamailio, apt, dpkg-dev, make, gcc, and the archive kamailio came from.

set -eu
LC_ALL=C
export LC_ALL

build=${BUILD:-$(dirname "$0")/../build}
mkdir -p "$build/kamailio"
dir=$(cd "$build/kamailio" && pwd)
log=$dir/src.log

say() { echo "  KAMAILIO  $*"; }
die() {
	echo "kamailio-src.sh: $*" >&2
	exit 1
}

# The output of a step is worth reading only when the step fails.
quietly() {
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 15 "$log" >&2
		return 1
	fi
}

need() {
	command -v "$1" >/dev/null || die "$1 is missing: install the package $2."
}

# "source-name source-version" of the installed package.
installed_source() {
	state=$(dpkg-query -W -f '${db:Status-Status}' kamailio 2>/dev/null) ||
		state=
	[ "$state" = installed ] ||
		die "the package kamailio is not installed."
	dpkg-query -W -f '${source:Package} ${source:Version}' kamailio
}

# deb-src lines for the Debian archives this machine already uses. apt does not
# tell which key it trusts an archive with; Debian's own keyring is where that
# package puts it, and without it apt looks into trusted.gpg.d.
source_lines() {
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	signed=
	[ -r "$keyring" ] && signed="[signed-by=$keyring] "
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format \
		'$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' |
		while IFS='|' read -r by uri release component origin; do
			[ "$by" = Packages ] || continue
			[ "$origin" = Debian ] || continue
			[ "$component" = main ] || continue
			echo "deb-src $signed$uri $release main"
		done | sort -u
}

# apt-get or apt-cache on the lists and the state below $dir.
private() {
	tool=$1
	shift
	# Not sandboxed as _apt: that user may not be able to enter $BUILD.
	"$tool" -q \
		-o Dir::Etc::sourcelist="$dir/apt/sources.list" \
		-o Dir::Etc::sourceparts=- \
		-o Dir::State="$dir/apt/state" \
		-o Dir::State::status=/var/lib/dpkg/status \
		-o Dir::Cache="$dir/apt/cache" \
		-o Acquire::Languages=none \
		-o Acquire::Retries=3 \
		-o APT::Sandbox::User=root "$@"
}

fetch() {
	mkdir -p "$dir/apt/state/lists/partial" \
		"$dir/apt/cache/archives/partial" "$dir/download"
	source_lines >"$dir/apt/sources.list"
	[ -s "$dir/apt/sources.list" ] ||
		die "apt knows no Debian archive here: check sources.list and run apt-get update."
	say "asking the archive for $source $version"
	quietly private apt-get update --error-on=any ||
		die "the Debian archive cannot be read (above is what apt says)."
	private apt-cache showsrc --only-source "$source" 2>/dev/null |
		grep -qxF "Version: $version" ||
		die "the archive has no source of $source $version: upgrade kamailio to the version it has, or set KAMAILIO_SRC."
	say "fetching it"
	(cd "$dir/download" &&
		{ private apt-get source --download-only --only-source \
			"$source=$version" >"$log" 2>&1 </dev/null || whole; }) || {
		tail -n 15 "$log" >&2
		die "the source of $source $version cannot be fetched (above is what apt says)."
	}
}

# Some mirrors lack the signature that Kamailio's authors put beside their
# archive. Nobody reads it: Debian's own, on the list of all files, was read.
whole() {
	sed -n '/^Checksums-Sha256:/,/^[^ ]/s/^ \([0-9a-f]*\) [0-9]* /\1  /p' \
		"$dsc" | grep -v '\.asc$' | sha256sum --check --strict
} >>"$log" 2>&1

unpack() {
	say "unpacking it"
	rm -rf "$tree"
	# apt has checked all sums; a signature may lack, see above.
	quietly dpkg-source --no-copy --no-check -x "$dir/download/$dsc" "$tree" ||
		die "the source of $source $version does not unpack (above is what dpkg-source says)."
}

# Debian's own rule runs "make cfg" with Debian's arguments. Nothing of our
# environment may get into them: it has a make above it, and a PREFIX.
configure() {
	say "configuring it as debian/rules does"
	(cd "$tree" && quietly env -i PATH="$PATH" LC_ALL=C \
		make -f debian/rules configure-stamp) ||
		die "Kamailio's \"make cfg\" failed (above is what it says)."
	grep -qs '^MOD_CFLAGS' "$tree/src/config.mak" ||
		die "Kamailio's \"make cfg\" wrote no usable src/config.mak."
}

need dpkg-query dpkg
need apt-get apt
need dpkg-source dpkg-dev
need make make
need gcc gcc
found=$(installed_source)
source=${found% *}
version=${found#* }
tree=$dir/$source-$version
dsc=${source}_${version#*:}.dsc # an epoch is not part of a file name

# The link is made last: where it points to this version, all is done.
[ "$(readlink "$dir/src-tree" || true)" = "$tree" ] && exit 0
fetch
unpack
configure
ln -sfn "$tree" "$dir/src-tree"
say "source of $version ready in $dir/src-tree"
