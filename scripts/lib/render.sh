# render.sh - a template's @KEY@ becomes its value.
#
# shellcheck shell=bash

# render TEMPLATE KEY=VALUE...: the text on standard output.  A key that is
# left over fails, so that a template and its caller cannot drift apart.
render() {
	local template=$1 pair value script='' text
	shift
	for pair in "$@"; do
		value=$(printf '%s' "${pair#*=}" | sed 's/[\\&|]/\\&/g')
		script+="s|@${pair%%=*}@|$value|g"$'\n'
	done
	text=$(sed "$script" "$template") || return
	if grep -o '@[A-Z][A-Z_]*@' <<<"$text" >&2; then
		warn "$template: no value for the key above"
		return 1
	fi
	printf '%s\n' "$text"
}
