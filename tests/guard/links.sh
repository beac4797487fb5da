#!/bin/sh
# links.sh - who faces nginx does not talk to the Internet, and who holds
# secrets decodes no pictures.
#
# A handler that waits for somebody else's server would hold a worker, so the
# programs of web and live must not even link the HTTP client.

status=77
for program in tuberry-web tuberry-live; do
	[ -x "./$program" ] || continue
	[ "$status" -ne 77 ] || status=0
	if readelf -d "./$program" | grep 'NEEDED.*libcurl'; then
		echo "$program links libcurl; leave the call to the daemon"
		status=1
	fi
done
# Strangers' pictures are decoded where nothing can be reached.
for program in tuberry-web tuberry-live tuberryd tuberryctl; do
	[ -x "./$program" ] || continue
	[ "$status" -ne 77 ] || status=0
	if readelf -d "./$program" | grep -E 'NEEDED.*lib(webp|png)'; then
		echo "$program decodes pictures; leave that to tuberry-convert"
		status=1
	fi
done
[ "$status" -ne 77 ] || echo 'no such program in this build'
exit "$status"
