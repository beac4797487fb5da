#!/bin/sh
# docs.sh - what the documents name exists.
#
# Relative links lead to files; the table of events in docs/OPERATIONS.md has
# the events of the source, no more and no less, and that of notices its kinds;
# a setting that a document names is one.

cd "${srcdir:-.}" || exit 99
failed=0

complain() {
	echo "$*"
	failed=1
}

documents() {
	for file in *.md docs/*.md; do
		echo "$file"
	done
}

# [text](target): not for addresses of the web, not for places in the page.
for file in $(documents); do
	for target in $(grep -o '](\([^)]*\))' "$file" |
		sed 's/^](//; s/)$//; s/#.*//' |
		grep -vE '^(https?:|mailto:|$)'); do
		[ -e "$(dirname "$file")/$target" ] ||
			complain "$file: no file behind the link to $target"
	done
done

# The word may stand in the line after the call.
events_of_source() {
	find src -name '*.c' ! -path 'src/sandbox/*' -exec cat {} + |
		tr -d '\n' |
		grep -oE 'log_(error|warn|info)\([[:space:]]*"[^"]+"' |
		sed 's/.*"\(.*\)"/\1/' | sort -u
}

events_of_document() {
	sed -n '/<!-- events:/,/^`tuberry-sandbox`/p' docs/OPERATIONS.md |
		sed -n 's/^| `\([a-z_.]*\)` .*/\1/p' | sort -u
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
out=$dir/docs
events_of_source >"$out.source" || exit 99
events_of_document >"$out.document"
for event in $(comm -23 "$out.source" "$out.document"); do
	complain "docs/OPERATIONS.md: the event $event has no row"
done
for event in $(comm -13 "$out.source" "$out.document"); do
	complain "docs/OPERATIONS.md: no program logs $event"
done

# C strings are glued together, however they are broken over lines.
find src -name '*.[ch]' -exec cat {} + | tr -d '\n' |
	sed 's/"[[:space:]]*"//g' >"$out.texts"
sed -n '/^## Status and last_error/,/^## Messages/p' docs/OPERATIONS.md |
	sed -n 's/^| \([^|`]*[^|` ]\) *|.*/\1/p' |
	grep -vE '^(last_error|---)' | sed 's/ *…$//; s/(….*//' >"$out.reasons"
while read -r reason; do
	grep -qF "$reason" "$out.texts" ||
		complain "docs/OPERATIONS.md: no program says \"$reason\""
done <"$out.reasons"

# Every kind of notice has its row, and the API tells what it means.
sed -n 's/^#define NOTICE_[A-Z_]* *"\([a-z.]*\)".*/\1/p' src/store/notice.h |
	sort -u >"$out.kinds"
sed -n '/^## Notices/,/^## Messages/p' docs/OPERATIONS.md |
	sed -n 's/^| `\([a-z.]*\)` .*/\1/p' | sort -u >"$out.rows"
for kind in $(comm -3 "$out.kinds" "$out.rows"); do
	complain "docs/OPERATIONS.md: the notices differ from the source: $kind"
done
while read -r kind; do
	grep -q "$kind: " src/web/docs/openapi.json ||
		complain "src/web/docs/openapi.json: says nothing of $kind"
done <"$out.kinds"

# NAMES_LIKE_THIS: settings, and variables of scripts and tests.
for name in $(documents | xargs grep -ohE '`[A-Z][A-Z0-9]*_[A-Z0-9_]*[=`]' |
	tr -d '`=' | sort -u); do
	grep -rqwF -- "$name" src scripts sql nginx tests configure.ac ||
		complain "the documents name $name, which nothing knows"
done
exit "$failed"
