# postgres.sh - a private PostgreSQL 15 on a unix socket.
#
# The superuser comes in by peer authentication only; the three roles of
# sql/roles.sql need their passwords, so that row level security is as real
# here as in production.
#
# shellcheck shell=bash

POSTGRES_BIN=/usr/lib/postgresql/15/bin

# PostgreSQL refuses to run as root.
postgres_user() {
	if [ "$(id -u)" -ne 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

# setpriv becomes the command, so that its pid is the server's.
postgres_prefix() {
	[ "$(id -un)" = "$POSTGRES_USER" ] ||
		echo setpriv "--reuid=$POSTGRES_USER" \
			"--regid=$(id -g "$POSTGRES_USER")" --init-groups --
}

as_postgres() {
	# shellcheck disable=SC2046
	(cd / && exec $(postgres_prefix) "$@")
}

postgres_owns() {
	[ "$(id -un)" = "$POSTGRES_USER" ] ||
		chown "$POSTGRES_USER:$(id -g "$POSTGRES_USER")" "$@"
}

superuser_psql() {
	"$POSTGRES_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$RUN/pg" \
		-U postgres "$@"
}

# Under another name until it is whole: an interrupted one is made anew.
postgres_make() {
	local data=$1.new
	rm -rf "$data"
	as_postgres "$POSTGRES_BIN/initdb" -D "$data" --username=postgres \
		--auth=reject --encoding=UTF8 --locale=C.UTF-8 --no-sync \
		--no-instructions >>"$LOG/postgres.log" 2>&1 9>&- ||
		service_failed postgres "initdb failed"
	as_postgres tee "$data/pg_hba.conf" >/dev/null <<-END
		local all postgres peer map=operator
		local all all scram-sha-256
	END
	as_postgres tee "$data/pg_ident.conf" >/dev/null <<-END
		operator $(id -un) postgres
	END
	mv "$data" "$1"
}

start_postgres() {
	local data
	data=$(realpath "$DIR/pg")/data
	[ -d "$data" ] || postgres_make "$data"
	# Terse: an error's DETAIL would quote the row.
	# shellcheck disable=SC2046
	service_start postgres $(postgres_prefix) "$POSTGRES_BIN/postgres" \
		-D "$data" -c listen_addresses= \
		-c unix_socket_directories="$RUN/pg" \
		-c unix_socket_permissions=0700 \
		-c password_encryption=scram-sha-256 -c max_connections=200 \
		-c log_error_verbosity=terse -c log_timezone=UTC \
		-c timezone=UTC -c log_line_prefix='%m [%p] %q%u@%d '
	service_ready postgres 60 postgres_serves
	[ -e "$DIR/pg.made" ] || postgres_roles
}

postgres_serves() {
	superuser_psql -d postgres -c 'SELECT 1'
}

postgres_roles() {
	OWNER_PASSWORD=$OWNER_PASSWORD WEB_PASSWORD=$WEB_PASSWORD \
		DAEMON_PASSWORD=$DAEMON_PASSWORD \
		superuser_psql -d postgres -f "$TOP/sql/roles.sql" \
		>>"$LOG/postgres.log" 2>&1 9>&- ||
		service_failed postgres "sql/roles.sql failed"
	touch "$DIR/pg.made"
}
