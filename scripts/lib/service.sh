# service.sh - one process group per service, known by pid and start time.
#
# A service leads its own session, so that a signal to its group reaches its
# workers, too, and the terminal's Ctrl-C does not.  RUN/NAME.pid holds the
# pid and the kernel's start time of the leader: after a reboot the pid may be
# a stranger's.  RUN and LOG are directories set by the caller.
#
# shellcheck shell=bash

# Sets STAT to the fields of /proc/PID/stat behind the name: state, parent,
# group, ... and the start time at 19.
stat_read() {
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra STAT <<<"${line##*) }"
}

# A zombie is dead; it only waits for a parent that may never ask.
pid_alive() {
	stat_read "$1" && [[ ${STAT[0]} != [ZX] ]]
}

# The leader's pid when the service runs.
service_pid() {
	local pid started
	{ read -r pid started <"$RUN/$1.pid"; } 2>/dev/null || return 1
	pid_alive "$pid" && [ "${STAT[19]}" = "$started" ] &&
		printf '%s\n' "$pid"
}

service_alive() {
	service_pid "$1" >/dev/null
}

# The leader's group and children (PostgreSQL's lead groups of their own).
service_members() {
	local leader=$1 pid
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		pid_alive "$pid" || continue
		if [ "${STAT[1]}" = "$leader" ] || [ "${STAT[2]}" = "$leader" ]
		then
			printf '%s\n' "$pid"
		fi
	done
}

# What of the caller's environment reaches a program.  The rest stays outside:
# a DATABASE_URL of another project would override the configuration file.
clean_environment() {
	local name
	for name in $(compgen -e); do
		case $name in
		PATH | HOME | LANG | TZ | TMPDIR) ;;
		TUBERRY_* | SANDBOX_* | *SAN_OPTIONS) ;;
		*) unset "$name" ;;
		esac
	done
	# Where a program that is not installed finds sql/, templates/, ...
	export TUBERRY_DATA_DIR="${TUBERRY_DATA_DIR:-$TOP}"
}

# service_start NAME COMMAND...
service_start() {
	local name=$1 pid
	shift
	(
		clean_environment
		exec setsid "$@"
	) </dev/null >>"$LOG/$name.log" 2>&1 9>&- &
	pid=$!
	stat_read "$pid" || STAT=()
	printf '%s %s\n' "$pid" "${STAT[19]:-gone}" >"$RUN/$name.pid"
	disown "$pid"
}

# service_failed NAME TEXT...: end with the last words of its log.
service_failed() {
	local name=$1
	shift
	warn "$@"
	warn "the end of $LOG/$name.log:"
	tail -n 15 "$LOG/$name.log" 2>/dev/null | sed 's/^/  /' >&2
	exit 1
}

# service_ready NAME SECONDS COMMAND...: until it serves, or is found dead.
service_ready() {
	local name=$1 seconds=$2
	shift 2
	serves_or_died() {
		! service_alive "$name" || "$@" >/dev/null 2>&1
	}
	wait_for "$seconds" serves_or_died "$@" ||
		service_failed "$name" "$name runs but does not serve after" \
			"$seconds s"
	service_alive "$name" ||
		service_failed "$name" "$name ended instead of serving"
}

# service_stop NAME SIGNAL SECONDS: gently, and after that time by force.
service_stop() {
	local name=$1 signal=$2 seconds=$3 pid
	pid=$(service_pid "$name") || return 0
	kill -s "$signal" "$pid" 2>/dev/null || true
	if ! wait_for "$seconds" service_gone "$pid"; then
		warn "$name did not stop within $seconds s and is killed"
		service_kill "$name"
	fi
	rm -f "$RUN/$name.pid"
}

service_gone() {
	[ -z "$(service_members "$1")" ]
}

# SIGKILL to leader and workers at once.
service_kill() {
	local pid
	pid=$(service_pid "$1") || return 1
	kill -s KILL -- "-$pid"
	wait_for 10 service_gone "$pid"
	rm -f "$RUN/$1.pid"
}

rss_kb() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null
}

# A line for the leader, one for each process under it.
service_status() {
	local name=$1 leader pid shown
	if ! leader=$(service_pid "$name"); then
		printf '%-18s %8s  %-8s %8s\n' "$name" - stopped -
		return 1
	fi
	for pid in $leader $(service_members "$leader" | grep -vx "$leader"); do
		shown=$name
		[ "$pid" = "$leader" ] || shown=$name:worker
		printf '%-18s %8s  %-8s %5s kB\n' "$shown" "$pid" running \
			"$(rss_kb "$pid")"
	done
}
