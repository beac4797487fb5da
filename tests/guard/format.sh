#!/bin/sh
# format.sh - .clang-format decides the layout.

cd "${srcdir:-.}" || exit 99
if ! command -v clang-format >/dev/null; then
	echo 'clang-format is not installed'
	exit 77
fi
find src tests -name '*.[ch]' | sort |
	xargs clang-format --dry-run --Werror
