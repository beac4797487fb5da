# build.sh - configure and make, in a directory of their own.
#
# shellcheck shell=bash

# build_in DIR CONFIGURE_ARGUMENT...: from a checkout or a tarball; what is up
# to date is not done again.
build_in() {
	local dir=$1
	shift
	if [ ! -x "$TOP/configure" ] || [ "$TOP/configure.ac" -nt "$TOP/configure" ]
	then
		(cd "$TOP" && autoreconf -fi) || return
	fi
	mkdir -p "$dir"
	if [ ! -f "$dir/config.status" ] ||
		[ "$(cat "$dir/configure.args" 2>/dev/null)" != "$*" ]; then
		(cd "$dir" && "$TOP/configure" "$@") || return
		say "$*" >"$dir/configure.args"
	fi
	make -C "$dir" -j"$(nproc)"
}
