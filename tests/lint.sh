#!/bin/sh
# Everything about the sources that a program can check without running them.
# Rule: each finding is a line "file: reason"; the last line counts the rules.
#
# usage: make lint   (needs BUILD and KAMAILIO_SRC of the top Makefile)
#        lint.sh --suits TOOL   is TOOL of the version that we use?
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
: "${BUILD:=$top/build}" "${PYTHON:=/usr/bin/python3}"
export BUILD
mkdir -p "$BUILD"
passed=0
failed=0
skipped=0

c_files=$(find kamailio-module ua-helper tests -name '*.[ch]' | sort)
product=$(find kamailio-module ua-helper -name '*.[ch]' | sort)
scripts=$(find scripts tests .ci cfg -type f \( -name '*.sh' -o -path .ci/run \
	-o -name '*.bash' \))
python=$(find tests sipp-scenarios -name '*.py')
texts=$(find . \( -path ./.git -o -path ./build \) -prune -o \
	-type f ! -path './tests/*corpus*' ! -path './tests/data/*' -print)

# rule NAME FUNCTION: what the function prints is what is wrong.
rule() {
	found=$("$2" 2>&1)
	case "$found" in
	"")
		echo "ok - $1"
		passed=$((passed + 1))
		;;
	"skip: "*)
		echo "skip - $1: ${found#skip: }"
		skipped=$((skipped + 1))
		;;
	*)
		printf '%s\n' "$found"
		echo "not ok - $1"
		failed=$((failed + 1))
		;;
	esac
}

# suits TOOL: is it of the version that its file of settings names? Another one
# formats and warns otherwise, so its findings would say nothing.
suits() {
	want=$(sed -n "s/.*$1 \([0-9]*\).*/\1/p" ".$1")
	have=$("$1" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
	[ "$have" = "$want" ] && return
	echo "skip: the sources are held to $1 $want, that of Debian 12;" \
		"here is $1 ${have:-of an unknown version}"
	return 1
}
if [ "${1:-}" = --suits ]; then
	why=$(suits "$2") && exit 0
	echo "lint.sh: ${why#skip: }" >&2
	exit 1
fi

# shellcheck disable=SC2086 # lists of files without blanks
{
	format() {
		suits clang-format || return
		clang-format --dry-run $c_files 2>&1 |
			sed -n 's/^\([^:]*\):[0-9]*:.*/\1: run "make format"/p' |
			sort -u
	}
	tidy() {
		suits clang-tidy || return
		make -s -k -j "$(nproc)" -C tests tidy >"$BUILD/tidy.log" 2>&1 ||
			echo "clang-tidy: see below, or $BUILD/tidy.log"
		grep -vE '^  TIDY|^make(\[[0-9]+\])?: ' "$BUILD/tidy.log" |
			sed "s|^$top/tests/\.\./||"
	}
	cpp() {
		# macros of headers it does not see: Kamailio's core/str.h,
		# GLib's, and one that the Makefile defines
		cppcheck --quiet --enable=warning,performance,portability \
			--inline-suppr --error-exitcode=1 -j "$(nproc)" \
			--template='{file}:{line}: {id}: {message}' \
			-Ikamailio-module -Ikamailio-module/vpnsdp -Iua-helper \
			'-DSTR_FMT(p)=(p)->len,(p)->s' \
			'-DG_GUINT64_FORMAT="lu"' '-DG_GINT64_FORMAT="ld"' \
			'-DSIPVPN_VERSION="0"' \
			--suppress=normalCheckLevelMaxBranches $product 2>&1
	}
	shell() {
		# SC2016: sed and awk programs, and dpkg formats, hold a $
		shellcheck -f gcc -e SC2016 $scripts
	}
	python() {
		"$PYTHON" -c 'import ast, sys
for name in sys.argv[1:]:
    try:
        ast.parse(open(name).read(), name)
    except SyntaxError as error:
        print(f"{name}:{error.lineno}: {error.msg}")' $python
	}
	sizes() {
		wc -l Makefile $c_files $scripts $python |
			awk '$2 != "total" && $1 > 500 {
			print $2 ": " $1 " lines, the limit is 500" }'
	}
	forbidden() {
		grep -nE '\b(strcpy|strcat|v?sprintf|sscanf|strtok|atoi|system|popen|gethostbyname)[[:space:]]*\(' \
			$c_files |
			sed 's/$/   <- may not be called (see tests\/lint.sh)/'
	}
	layering() {
		"$PYTHON" tests/layering.py
	}
	# What the pure objects take from outside: mem* and nothing else.
	imports() {
		make -s -j "$(nproc)" -C tests objects SANFLAGS= \
			BUILD="$BUILD/lint" 2>&1 | grep -v '^  CC'
		for part in kamailio-module ua-helper/core; do
			dir=$BUILD/lint/tests
			find "$dir/$part" "$dir/kamailio-module/vpnsdp" \
				-name '*.o' -exec nm -g {} + |
				awk -v part="$part" '
				NF == 3 { have[$3] = 1 }
				$1 == "U" { want[$2] = 1 }
				END { for (s in want) if (!(s in have) &&
					s !~ /^mem/ && s != "__stack_chk_fail")
					print part ": imports " s \
					", a pure part may import only mem*" }'
		done
	}
	own_paths() {
		grep -nIF "$top/" $texts | sed 's/$/   <- path of this machine/'
		grep -nIE '[/](home|root)/[a-z]' $texts |
			sed 's/$/   <- path of one machine/'
	}
	manual() {
		"$PYTHON" tests/docs.py
	}
	manual_ua() {
		"$PYTHON" tests/docs_ua.py
	}
	man_page() {
		mandoc -T lint -W warning ua-helper/*.[15]
	}

	rule "clang-format" format
	rule "clang-tidy" tidy
	rule "cppcheck" cpp
	rule "shellcheck" shell
	rule "python parses" python
	rule "man page" man_page
	rule "the module's manual names everything" manual
	rule "the helper's manual names everything" manual_ua
	rule "file sizes" sizes
	rule "forbidden functions" forbidden
	rule "layering" layering
	rule "pure parts import only mem*" imports
	rule "no machine paths" own_paths
	wc -l $product | awk '$2 != "total" && $1 > 400 {
		print "# " $2 ": " $1 " lines, aim at 400" }'
}
[ "$skipped" = 0 ] || not=", $skipped skipped"
echo "lint: $passed passed, $failed failed${not:-}"
[ "$failed" = 0 ]
