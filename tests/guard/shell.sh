#!/bin/sh
# shell.sh - the scripts are free of what shellcheck knows to go wrong.

cd "${srcdir:-.}" || exit 99
if ! command -v shellcheck >/dev/null; then
	echo 'shellcheck is not installed'
	exit 77
fi
grep -rlE '^#!/bin/(ba)?sh$' scripts tests | sort | xargs shellcheck -x -S warning
