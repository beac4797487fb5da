#!/bin/sh
# tarball.sh - what is in the repository is in the tarball, too.
#
# make distcheck notices a missing source, but no missing script, migration,
# template or page.  Runs in the build directory of a git checkout.

source=${srcdir:-.}
if ! tracked=$(git -C "$source" ls-files --full-name . 2>/dev/null) ||
	! [ -e "$source/.git" ]; then
	echo 'not a git checkout'
	exit 77
fi

{
	printf 'include Makefile\nprint-distfiles:\n'
	# shellcheck disable=SC2016
	printf '\t@printf "%%s\\n" $(DISTFILES)\n'
} | MAKEFLAGS='' make -s -f - print-distfiles |
	sed "s|^$source/||" | sort -u >guard-distfiles.tmp

# Only for those who work on the repository itself.
echo "$tracked" | grep -vxE '\.gitignore|\.ci/run' | awk '
	NR == FNR { carried[$0] = 1; next }
	{
		path = $0
		while (!(path in carried) && sub("/[^/]*$", "", path))
			;
		if (!(path in carried)) {
			print $0 ": add it to EXTRA_DIST or to its program"
			failed = 1
		}
	}
	END { exit failed }
' guard-distfiles.tmp -
status=$?
rm -f guard-distfiles.tmp
exit "$status"
