#!/bin/sh
# sipvpn-ua under Valgrind, in integration tests of every part of it: an error
# or a block that is lost for good fails this.
#
# usage: make memcheck [TESTS="tests/integration/test_call.py ..."]
set -eu
cd "$(dirname "$0")/.."

real=$BUILD/ua/sipvpn-ua
export BUILD="$BUILD/memcheck" # where the tests find the program
rm -rf "$BUILD"
mkdir -p "$BUILD/ua" "$BUILD/log"
ln -s ../module ../kamailio "$BUILD/"
# What it starts is not watched.
cat >"$BUILD/ua/sipvpn-ua" <<END
#!/bin/sh
exec valgrind -q --leak-check=full --show-leak-kinds=definite \\
	--errors-for-leak-kinds=definite --child-silent-after-fork=yes \\
	--log-file=$BUILD/log/%p "$real" "\$@"
END
chmod 755 "$BUILD/ua/sipvpn-ua"
echo "memcheck: a few minutes; everything is some thirty times slower"
# shellcheck disable=SC2086 # a list of files
"$PYTHON" -m pytest -q -p no:cacheprovider ${TESTS:-\
	tests/integration/test_call.py tests/integration/test_ua_hold.py \
	tests/integration/test_ua_twice.py}

# A system call that Valgrind does not know is no finding.
found=$(grep -lE '^==[0-9]+== ' "$BUILD"/log/* || true)
if [ -n "$found" ]; then
	# shellcheck disable=SC2086
	grep -hE '^==[0-9]+== ' $found | head -n 60
	echo "memcheck: findings in $BUILD/log" >&2
	exit 1
fi
echo "memcheck: no finding in $(find "$BUILD/log" -type f | wc -l) runs of" \
	"sipvpn-ua"
