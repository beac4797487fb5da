#!/bin/sh
# includes.sh - dependencies point down; siblings do not know each other.
#
# Compares each #include in src with the picture of the rooms: a room includes
# itself and what is below it, and each foreign library has its own room.

cd "${srcdir:-.}" || exit 99

find src -name '*.[ch]' | sort | xargs awk '
BEGIN {
	below["base"] = ""
	below["store"] = "base"
	below["chan"] = "base"
	below["core"] = "store chan base"
	below["web"] = "core store chan base"
	below["live"] = "core store chan base"
	below["daemon"] = "core store chan base"
	below["ctl"] = "core store chan base"
	below["sandbox"] = "base"
	below["convert"] = "base"

	home["libpq-fe.h"] = "store"
	home["hiredis/"] = "store"
	home["curl/"] = "base sandbox"
	home["microhttpd.h"] = "sandbox"
	home["fcgi"] = "web"
	home["openssl/"] = "core"
	home["qrencode.h"] = "web"
	home["webp/"] = "convert"
	home["png.h"] = "convert"
	home["seccomp.h"] = "convert"
}

function has(list, word)
{
	return index(" " list " ", " " word " ") > 0
}

function refuse(why)
{
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0
	failed = 1
}

FNR == 1 {
	split(FILENAME, path, "/")
	room = path[2]
	if (!(room in below))
		refuse("a room that the picture does not show")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	if (quoted[2] == "config.h")
		next
	if (!match(quoted[2], "^[a-z]+/"))
		refuse("name the room")
	else {
		target = substr(quoted[2], 1, RLENGTH - 1)
		if (target != room && !has(below[room], target))
			refuse(room " must not know " target)
	}
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, angled, /[<>]/)
	for (prefix in home)
		if (index(angled[2], prefix) == 1 && !has(home[prefix], room))
			refuse("only for " home[prefix])
}

END { exit failed }
'
