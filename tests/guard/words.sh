#!/bin/sh
# words.sh - calls and habits that the house style refuses.
#
# In C: functions that overflow, share a buffer or start a shell, and comments
# to the end of the line.  In SQL: columns that are not listed.

cd "${srcdir:-.}" || exit 99

find src tests -name '*.[ch]' | sort | xargs awk '
function refuse(what)
{
	printf "%s:%d: %s is refused: %s\n", FILENAME, FNR, what, $0
	failed = 1
}

# The line without comments, and without what its strings hold.
function code_of(line,    out, rest, at, literal)
{
	out = ""
	rest = line
	while (rest != "") {
		if (in_comment) {
			at = index(rest, "*/")
			if (!at)
				return out
			rest = substr(rest, at + 2)
			in_comment = 0
			continue
		}
		if (!match(rest, "\"|\047|//|/[*]"))
			return out rest
		out = out substr(rest, 1, RSTART - 1)
		at = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (at == "/*") {
			in_comment = 1
		} else if (at == "//") {
			return out at
		} else {
			literal = at == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : \
					       "^([^\047\\\\]|\\\\.)*\047"
			if (match(rest, literal))
				rest = substr(rest, RLENGTH + 1)
			out = out at at
		}
	}
	return out
}

FNR == 1 { in_comment = 0 }

{
	was_comment = in_comment
	code = code_of($0)
	if (match(code, "(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|strtok|atoi|gets|localtime|gmtime|system|popen)[ \t]*[(]"))
		refuse(substr(code, RSTART, RLENGTH) ")")
	if (index(code, "//"))
		refuse("a // comment")
	if (!was_comment && /"[^"]*SELECT \*/)
		refuse("SELECT *")
}

END { exit failed }
' || failed=1

if grep -rnE --include='*.sql' 'SELECT \*' sql; then
	echo 'SELECT * is refused: list the columns'
	failed=1
fi
exit "${failed:-0}"
