# common.sh - what every script needs: messages, ports, one HTTP request.
#
# shellcheck shell=bash

# The source tree; TOP is set by the script that reads this file.
: "${TOP:?}"

PROGRAM=${0##*/}

say() {
	printf '%s\n' "$*"
}

warn() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

die() {
	warn "$@"
	exit 1
}

# The block of comments at the head of the script.
usage() {
	sed -n '2,/^$/s/^#\( \|\t\|$\)//p' "$0"
}

usage_error() {
	warn "$@"
	usage >&2
	exit 2
}

# random_hex BYTES, random_base64 BYTES
random_hex() {
	od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'
}

random_base64() {
	head -c "$1" /dev/urandom | base64 -w 0
}

# Does somebody listen on this TCP port?
port_taken() {
	local hex
	hex=$(printf ':%04X' "$1")
	awk -v port="$hex\$" '$4 == "0A" && $2 ~ port { taken = 1 }
		END { exit !taken }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# A port nobody listens on, below those the kernel gives to clients.
free_port() {
	local port
	while :; do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		port_taken "$port" || break
	done
	say "$port"
}

# http_get PORT PATH: the whole answer of a server on loopback, within 5 s.
# Bash itself speaks TCP, so nothing has to be installed for this.
http_get() {
	timeout 5 bash -c '
		exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
		printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n" \
			"$2" "$1" >&3
		cat <&3
	' http_get "$1" "$2" 2>/dev/null
}

# http_post PORT PATH JSON: the same, for a POST.
http_post() {
	timeout 5 bash -c '
		LC_ALL=C
		exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
		printf "POST %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n" "$2" "$1" >&3
		printf "Content-Type: application/json\r\n" >&3
		printf "Content-Length: %s\r\n\r\n%s" "${#3}" "$3" >&3
		cat <&3
	' http_post "$1" "$2" "$3" 2>/dev/null
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# find_program NAME: in the build that was asked for, else in ./build, else in
# the source tree, else on the PATH.
find_program() {
	local dir
	if [ -n "${TUBERRY_BUILD_DIR:-}" ]; then
		[ -x "$TUBERRY_BUILD_DIR/$1" ] ||
			die "no $1 in TUBERRY_BUILD_DIR=$TUBERRY_BUILD_DIR;" \
				"run make there"
		realpath "$TUBERRY_BUILD_DIR/$1"
		return
	fi
	for dir in "$TOP/build" "$TOP"; do
		if [ -x "$dir/$1" ] && [ -f "$dir/$1" ]; then
			say "$dir/$1"
			return
		fi
	done
	command -v "$1" ||
		die "no $1 in $TOP/build, $TOP or on the PATH; build it first:" \
			"scripts/demo does, or set TUBERRY_BUILD_DIR"
}
