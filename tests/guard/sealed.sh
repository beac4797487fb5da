#!/bin/sh
# sealed.sh - every sealed secret that travels in a task's args is known to
# the rotation of keys.
#
# Columns are compared with the schema by tests/core/test_reseal.c; members of
# a JSON object are in no catalog.

cd "${srcdir:-.}" || exit 99

known=src/store/sealed.c
members=$(grep -rhoE --include='*.c' \
	'json_put_str\([a-z_]+, "[a-z_]+_sealed"' src | grep -oE '[a-z_]+_sealed' |
	sort -u)
if [ -z "$members" ]; then
	echo 'no member "*_sealed" was found: this guard looks in the wrong place'
	exit 1
fi
for member in $members; do
	if ! grep -q "MEMBER(\"$member\"" "$known"; then
		echo "\"$member\" is put into JSON, and $known does not know it"
		failed=1
	fi
done
exit "${failed:-0}"
