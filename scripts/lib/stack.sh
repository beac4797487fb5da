# stack.sh - a stack's directory: what it remembers, what is made from that.
#
#	stack.conf	port, sandbox, number of daemons, keys and passwords
#	settings	the KEY=VALUE given with --set
#	tuberry.conf	the services' configuration, made from both
#	owner.conf	DATABASE_URL_OWNER, which no service may see
#	run, log, pg, redis, media, nginx
#
# shellcheck shell=bash
# shellcheck disable=SC2154

# Locked by one command at a time; status only looks.
stack_open() {
	[ -f "$1/stack.conf" ] || die "no stack in $1; scripts/stack up makes one"
	DIR=$(realpath "$1")
	stack_read
}

stack_open_or_make() {
	DIR=$(realpath -m "$1")
	# nginx, PostgreSQL and our files each have an own idea of quoting.
	case $DIR in
	*[[:space:]\"\'\\\$\&\#%\;:?@{}\|\`*]*)
		die "--dir: a path with spaces or any of \"'\\\$&#%;:?@{}|\`*" \
			"cannot be used: $DIR"
		;;
	esac
	(umask 022 && mkdir -p "$DIR") || die "cannot make $DIR"
	chmod 711 "$DIR"
	stack_read
}

# Sets what the rest of the scripts goes by; makes up what is not known yet.
stack_read() {
	PORT= SANDBOX=no SANDBOX_PORT= METRICS_PORT= DAEMONS=1
	OWNER_PASSWORD= WEB_PASSWORD= DAEMON_PASSWORD=
	APP_SECRET= JWT_SECRET= MASTER_BOT_TOKEN= POSTGRES_USER=
	if [ -f "$DIR/stack.conf" ]; then
		. "$DIR/stack.conf"
	fi
	LOG=$DIR/log
	CONF=$DIR/tuberry.conf
	if [ "$command" = up ]; then
		: "${POSTGRES_USER:=$(postgres_user)}"
		make_directories
	fi
	# Short, whatever DIR is: a unix socket's path has 107 bytes.
	RUN=$(realpath "$DIR/run")
	if [ "$command" != status ]; then
		exec 9>"$RUN/lock"
		flock -w 120 9 || die "another command works on $DIR"
	fi
	URL=http://127.0.0.1:$PORT
}

# PostgreSQL's user must be able to walk to its sockets and data.  Below a
# closed home or a very long path they go to /var/tmp, behind a link.
make_directories() {
	local place=$DIR
	mkdir -p "$DIR/log" "$DIR/media" "$DIR/nginx/temp"
	[ -d "$DIR/run" ] && [ -d "$DIR/pg" ] && return
	[ ! -e "$DIR/stack.conf" ] ||
		die "the data of $DIR was in $(readlink "$DIR/pg") and is gone;" \
			"remove $DIR to begin anew"
	rm -f "$DIR/run" "$DIR/pg"
	if [ ${#DIR} -gt 70 ] || ! as_postgres test -x "$DIR"; then
		place=$(mktemp -d /var/tmp/tuberry.XXXXXX)
		chmod 711 "$place"
		ln -s "$place/run" "$DIR/run"
		ln -s "$place/pg" "$DIR/pg"
	fi
	mkdir -p "$place/run/pg" "$place/pg"
	chmod 711 "$place/run"
	postgres_owns "$place/run/pg" "$place/pg"
}

# stack_adopt PORT SANDBOX DAEMONS KEY=VALUE...: what this up says, over what
# was.
stack_adopt() {
	local pair key
	[ -z "$1" ] || PORT=$1
	[ -z "$2" ] || SANDBOX=$2
	[[ ! $3 =~ ^[1-9]$ || $3 -ge $DAEMONS ]] ||
		usage_error "--daemons: this stack has $DAEMONS, and not fewer"
	[ -z "$3" ] || DAEMONS=$3
	shift 3
	: "${PORT:=$(free_port)}"
	: "${SANDBOX_PORT:=$(free_port)}"
	: "${METRICS_PORT:=$(free_port)}"
	: "${OWNER_PASSWORD:=$(random_hex 16)}"
	: "${WEB_PASSWORD:=$(random_hex 16)}"
	: "${DAEMON_PASSWORD:=$(random_hex 16)}"
	: "${APP_SECRET:=$(random_base64 32)}"
	: "${JWT_SECRET:=$(random_base64 48)}"
	: "${MASTER_BOT_TOKEN:=9000000001:$(random_hex 18)}"
	[[ $PORT =~ ^[1-9][0-9]{0,4}$ && $PORT -le 65535 ]] ||
		usage_error "--port: '$PORT' is no port"
	[[ $DAEMONS =~ ^[1-9]$ ]] ||
		usage_error "--daemons: expected 1 to 9, not '$DAEMONS'"
	URL=http://127.0.0.1:$PORT
	touch "$DIR/settings"
	for pair in "$@"; do
		key=${pair%%=*}
		[[ $pair == *=* && $key =~ ^[A-Z][A-Z0-9_]*$ &&
			$pair != *$'\n'* ]] ||
			usage_error "--set: expected KEY=VALUE, not '$pair'"
		{ grep -v "^$key=" "$DIR/settings" || true; say "$pair"; } |
			replace "$DIR/settings"
	done
}

# The file gets the text from standard input at once or not at all.
replace() {
	cat >"$1.new" && mv "$1.new" "$1"
}

state_write() {
	local name
	for name in PORT SANDBOX SANDBOX_PORT METRICS_PORT DAEMONS \
		OWNER_PASSWORD WEB_PASSWORD DAEMON_PASSWORD APP_SECRET JWT_SECRET \
		MASTER_BOT_TOKEN POSTGRES_USER; do
		say "$name=${!name}"
	done | replace "$DIR/stack.conf"
}

# The services that are daemons; all of them work on the same database.
daemons() {
	local i names=daemon
	for ((i = 2; i <= DAEMONS; i++)); do
		names+=" daemon$i"
	done
	say "$names"
}

# database_url ROLE PASSWORD
database_url() {
	say "postgresql://$1:$2@/tuberry?host=$RUN/pg"
}

conf_defaults() {
	say "DATABASE_URL=$(database_url tuberry_web "$WEB_PASSWORD")"
	say "DATABASE_URL_DAEMON=$(database_url tuberry_daemon \
		"$DAEMON_PASSWORD")"
	say "REDIS_URL=unix://$RUN/redis.sock"
	say "APP_SECRET=$APP_SECRET"
	say "JWT_SECRET=$JWT_SECRET"
	say "WEB_SOCKET=$RUN/web.sock"
	say "WEBHOOK_SOCKET=$RUN/webhook.sock"
	say "METRICS_ADDR=127.0.0.1:$METRICS_PORT"
	say "MEDIA_DIR=$DIR/media"
	say "REQUEST_MAX_BYTES=1048576"
	say "UPLOAD_MAX_BYTES=52428800"
	# Whoever tries a stack out is many people at one address.
	say "SIGN_IN_PER_ADDRESS=600"
	say "REQUESTS_PER_USER=30000"
	say "FRONTEND_BASE_URL=$URL"
	say "WEBHOOK_BASE_URL=$URL"
	# Our own address is plain http on loopback, which needs permission.
	say "ALLOW_INSECURE_API=1"
	[ "$SANDBOX" = yes ] || return 0
	say "TELEGRAM_API_BASE=http://127.0.0.1:$SANDBOX_PORT/telegram"
	say "AVITO_API_BASE=http://127.0.0.1:$SANDBOX_PORT/avito"
	say "MASTER_BOT_TOKEN=$MASTER_BOT_TOKEN"
}

# Later lines win in the file; one line per key reads better.
conf_text() {
	say "# Made by scripts/stack up; change it with --set KEY=VALUE."
	conf_defaults | grep -vf <(sed 's/^\([A-Z0-9_]*\)=.*/^\1=/' \
		"$DIR/settings") || true
	cat "$DIR/settings"
}

# New settings reach the services by a restart.
conf_write() {
	local text name
	text=$(conf_text)
	if [ -f "$CONF" ] && [ "$text" != "$(cat "$CONF")" ]; then
		stop web
		for name in $(daemons); do
			stop "$name"
		done
	fi
	say "$text" | replace "$CONF"
	say "DATABASE_URL_OWNER='$(database_url tuberry_owner \
		"$OWNER_PASSWORD")'" | replace "$DIR/owner.conf"
}

nginx_write() {
	local template user_line='' changed=no out
	# As root nginx would give its workers to a user who may not enter DIR.
	[ "$(id -u)" -ne 0 ] || user_line='user root;'
	for template in nginx map tuberry; do
		out=$DIR/nginx/$template.conf
		render "$TOP/nginx/$template.conf.in" \
			USER_LINE="$user_line" PORT="$PORT" RUN_DIR="$RUN" \
			LOG_DIR="$LOG" CONF_DIR="$DIR/nginx" \
			TEMP_DIR="$DIR/nginx/temp" MEDIA_DIR="$(setting MEDIA_DIR)" \
			STATIC_DIR="$TOP/static" \
			WEB_UPSTREAM="unix:$RUN/web.sock" \
			WEBHOOK_UPSTREAM="unix:$RUN/webhook.sock" \
			REQUEST_MAX_BYTES="$(setting REQUEST_MAX_BYTES)" \
			UPLOAD_BODY_MAX_BYTES="$(($(setting UPLOAD_MAX_BYTES) + 65536))" \
			REAL_IP="$(setting TRUSTED_PROXIES |
				sed 's/[^,][^,]*,*/set_real_ip_from &; /g; s/,;/;/g')" \
			REQUEST_RATE=300 REQUEST_BURST=600 \
			SIGN_IN_RATE=3000 SIGN_IN_BURST=300 >"$out.new" ||
			die "cannot write $out"
		cmp -s "$out.new" "$out" || changed=yes
		mv "$out.new" "$out"
	done
	[ "$changed" = no ] || stop nginx
}

# The value of a key in tuberry.conf.
setting() {
	sed -n "s/^$1=//p" "$CONF"
}

# tuberryctl with the right to change the schema and to make users.
ctl_as_owner() (
	program=$(find_program tuberryctl) || exit
	clean_environment
	set -a
	. "$DIR/owner.conf"
	exec "$program" --config "$CONF" "$@" 9>&-
)

migrate() {
	ctl_as_owner migrate >>"$LOG/migrate.log" 2>&1 ||
		service_failed migrate "the migrations failed"
}

# The password is on disk before the user exists, so that an interrupted
# first start never leaves an administrator nobody knows.
administrator() {
	local password
	[ ! -f "$DIR/admin.json" ] || return 0
	password=$(random_hex 12)
	printf '{"login":"admin","password":"%s"}\n' "$password" \
		>"$DIR/admin.json.new"
	printf '%s\n' "$password" | ctl_as_owner user create --login admin \
		--name Administrator --role admin --password-stdin \
		>>"$LOG/migrate.log" 2>&1 ||
		service_failed migrate "the administrator could not be made"
	mv "$DIR/admin.json.new" "$DIR/admin.json"
}
