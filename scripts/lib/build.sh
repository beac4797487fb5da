# build.sh - configure and make, in a directory of their own.
#
# shellcheck shell=bash

# configure_in DIR CONFIGURE_ARGUMENT...: from a checkout or a tarball; what is
# up to date is not done again.
configure_in() {
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
}

# build_in DIR CONFIGURE_ARGUMENT...: the same, and all programs.
build_in() {
	configure_in "$@" && make -C "$1" -j"$(nproc)"
}
