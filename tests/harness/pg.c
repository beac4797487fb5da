/*
 * pg.c - a throwaway PostgreSQL for one test program (straight over libpq, so
 * that it can be trusted when store/db.c is under test).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/migrate.h"

#define SKIPPED         77
#define READY_WITHIN_MS 60000
#define POLL_NS         (10 * 1000 * 1000)
#define TEMPLATE        "tuberry" /* as roles.sql calls it */
#define UNDER_TEST      "test"

static struct {
	struct arena a;
	char dir[64];
	const char *bin;
	PGconn *super; /* on the database under test */
	pid_t program, keeper;
	int keeper_fd; /* a byte: start the server; its end: we ended */
	bool as_other;
	uid_t uid;
	gid_t gid;
} pg;

static void skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	exit(SKIPPED);
}

/* ---- the server's programs ---- */

static const char *find_bin(void)
{
	const char *told = getenv("TUBERRY_TEST_PG_BIN");
	const char *path = getenv("PATH");
	char *places = arena_printf(&pg.a, "%s:%s",
				    told ? told : "/usr/lib/postgresql/15/bin",
				    told || !path ? "" : path);
	char *rest = places, *dir;

	while ((dir = strsep(&rest, ":"))) {
		if (*dir &&
		    access(arena_printf(&pg.a, "%s/initdb", dir), X_OK) == 0)
			return dir;
	}
	skip("no PostgreSQL server is installed (initdb was not found; "
	     "TUBERRY_TEST_PG_BIN can name its folder)");
	return NULL;
}

/* PostgreSQL refuses to run as root. */
static void choose_user(void)
{
	const struct passwd *user;

	if (geteuid() != 0)
		return;
	user = getpwnam("postgres");
	if (!user)
		user = getpwnam("nobody");
	if (!user)
		skip("PostgreSQL does not run as root, and there is neither "
		     "a user postgres nor nobody");
	pg.as_other = true;
	pg.uid = user->pw_uid;
	pg.gid = user->pw_gid;
}

/* In a child: become the server's user and then the program; its words go to
 * the log. */
static void run_child(const char *const *argv, bool as_server) NORETURN;
static void run_child(const char *const *argv, bool as_server)
{
	int log = open(arena_printf(&pg.a, "%s/log", pg.dir),
		       O_WRONLY | O_CREAT | O_APPEND, 0600);
	int null = open("/dev/null", O_RDONLY);

	if (log < 0 || null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 ||
	    dup2(log, 2) < 0 || chdir("/") < 0)
		_exit(126);
	if (as_server && pg.as_other &&
	    (setgroups(0, NULL) < 0 || setgid(pg.gid) < 0 ||
	     setuid(pg.uid) < 0))
		_exit(126);
	/* After the change of user, which would undo it. */
	if (as_server)
		prctl(PR_SET_PDEATHSIG, SIGQUIT);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void show_log(void)
{
	FILE *f = fopen(arena_printf(&pg.a, "%s/log", pg.dir), "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
	if (f)
		fclose(f);
}

static void run(const char *const *argv, bool as_server)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		run_child(argv, as_server);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		show_log();
		die("%s failed", argv[0]);
	}
}

static const char *program(const char *name)
{
	return arena_printf(&pg.a, "%s/%s", pg.bin, name);
}

/* ---- the keeper ---- */

static int remove_one(const char *path, const struct stat *st UNUSED,
		      int kind UNUSED, struct FTW *ftw UNUSED)
{
	return remove(path);
}

static pid_t start_server(void)
{
	const char *argv[] = {
		program("postgres"),
		"-D",
		arena_printf(&pg.a, "%s/data", pg.dir),
		"-k",
		pg.dir,
		"-c",
		"listen_addresses=",
		"-c",
		"fsync=off",
		"-c",
		"synchronous_commit=off",
		"-c",
		"full_page_writes=off",
		"-c",
		"autovacuum=off",
		"-c",
		"max_connections=30",
		"-c",
		"shared_buffers=16MB",
		NULL,
	};
	pid_t pid = fork();

	if (pid == 0)
		run_child(argv, true);
	return pid;
}

static bool read_byte(int fd)
{
	char c;
	ssize_t n;

	do {
		n = read(fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* The pipe ends with the program, whatever ended it.  A session of its own:
 * the terminal's Ctrl-C must not reach it. */
static void keep(int fd) NORETURN;
static void keep(int fd)
{
	pid_t server = 0;

	setsid();
	while (read_byte(fd))
		server = start_server();
	if (server > 0) {
		kill(server, SIGQUIT);
		waitpid(server, NULL, 0);
	}
	nftw(pg.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

static void stop(void)
{
	if (getpid() != pg.program)
		return; /* a child of a test */
	PQfinish(pg.super);
	close(pg.keeper_fd);
	waitpid(pg.keeper, NULL, 0);
	arena_release(&pg.a);
}

static void start_keeper(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe: %s", strerror(errno));
	fflush(NULL);
	pg.keeper = fork();
	if (pg.keeper < 0)
		die("fork: %s", strerror(errno));
	if (pg.keeper == 0) {
		close(ends[1]);
		keep(ends[0]);
	}
	close(ends[0]);
	pg.keeper_fd = ends[1];
	pg.program = getpid();
	atexit(stop);
}

/* ---- the cluster ---- */

static void make_directory(void)
{
	snprintf(pg.dir, sizeof(pg.dir), "/tmp/tuberry-pg.XXXXXX");
	if (!mkdtemp(pg.dir))
		die("%s: %s", pg.dir, strerror(errno));
	if (pg.as_other && chown(pg.dir, pg.uid, pg.gid) < 0)
		die("%s: %s", pg.dir, strerror(errno));
}

static void make_cluster(void)
{
	const char *argv[] = {
		program("initdb"),
		"-D",
		arena_printf(&pg.a, "%s/data", pg.dir),
		"--username=postgres",
		"--auth=trust",
		"--encoding=UTF8",
		"--locale=C.UTF-8",
		"--no-sync",
		"--no-instructions",
		NULL,
	};

	run(argv, true);
}

static const char *url(const char *role, const char *database)
{
	return arena_printf(&pg.a, "postgresql://%s@/%s?host=%s", role,
			    database, pg.dir);
}

static void wait_ready(void)
{
	const char *database = url("postgres", "postgres");
	int64_t until = clock_mono_ms() + READY_WITHIN_MS;
	const struct timespec pause = { 0, POLL_NS };

	while (PQping(database) != PQPING_OK) {
		if (clock_mono_ms() > until) {
			show_log();
			die("PostgreSQL did not start");
		}
		nanosleep(&pause, NULL);
	}
}

static void make_roles(void)
{
	const char *argv[] = {
		program("psql"),
		"-X",
		"-q",
		"-v",
		"ON_ERROR_STOP=1",
		"-f",
		arena_printf(&pg.a, "%s/roles.sql", pg_sql_dir()),
		"-d",
		url("postgres", "postgres"),
		NULL,
	};

	run(argv, false);
}

static void migrate(void)
{
	struct db *db = db_new(url("tuberry_owner", TEMPLATE), "tests", 0);
	const struct migration *done;
	struct migration *list;
	struct err err = { 0 };
	size_t n;
	bool ok = migrate_read(&pg.a, pg_sql_dir(), &list, &n, &err);

	do {
		ok = ok && migrate_step(db, &pg.a, list, n, clock_now_us(),
					&done, &err);
	} while (ok && done);
	db_free(db);
	if (!ok)
		die("the migrations failed: %s", err.text);
}

void pg_start(void)
{
	secret_init();
	pg.bin = find_bin();
	choose_user();
	make_directory();
	start_keeper();
	make_cluster();
	if (write(pg.keeper_fd, "", 1) != 1)
		die("the keeper has ended");
	wait_ready();
	make_roles();
	migrate();
	pg_reset();
}

/* ---- the database under test ---- */

const char *pg_sql_dir(void)
{
	return TESTS_DIR "/../sql";
}

const char *pg_url_as(const char *role)
{
	return url(role, UNDER_TEST);
}

const char *pg_url(enum pg_role role)
{
	static const char *const names[] = {
		[PG_WEB] = "tuberry_web",
		[PG_DAEMON] = "tuberry_daemon",
		[PG_OWNER] = "tuberry_owner",
		[PG_SUPER] = "postgres",
	};

	return pg_url_as(names[role]);
}

/* Not by die(): the running test listens to the log. */
static void give_up(const char *why, const char *sql) NORETURN;
static void give_up(const char *why, const char *sql)
{
	fprintf(stderr, "\n%s%s\n", why, sql);
	exit(EXIT_FAILURE);
}

static PGresult *query(PGconn *conn, const char *sql)
{
	PGresult *res = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(res);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		give_up(PQerrorMessage(conn), sql);
	return res;
}

static PGconn *connect_to(const char *database)
{
	PGconn *conn = PQconnectdb(url("postgres", database));

	if (PQstatus(conn) != CONNECTION_OK)
		die("PostgreSQL: %s", PQerrorMessage(conn));
	PQclear(query(conn, "SET client_min_messages = warning"));
	return conn;
}

static void recreate(const char *template)
{
	PGconn *conn;

	PQfinish(pg.super);
	conn = connect_to("postgres");
	PQclear(query(conn,
		      "DROP DATABASE IF EXISTS " UNDER_TEST " WITH (FORCE)"));
	PQclear(query(conn, arena_printf(&pg.a,
					 "CREATE DATABASE " UNDER_TEST
					 " OWNER tuberry_owner TEMPLATE %s",
					 template)));
	PQclear(query(conn,
		      "REVOKE ALL ON DATABASE " UNDER_TEST
		      " FROM PUBLIC; GRANT CONNECT ON DATABASE " UNDER_TEST
		      " TO tuberry_web, tuberry_daemon"));
	PQfinish(conn);
	pg.super = connect_to(UNDER_TEST);
}

void pg_reset(void)
{
	recreate(TEMPLATE);
}

void pg_reset_empty(void)
{
	recreate("template0");
	/* As roles.sql leaves it. */
	pg_run("REVOKE ALL ON SCHEMA public FROM PUBLIC;"
	       "GRANT USAGE, CREATE ON SCHEMA public"
	       " TO tuberry_owner, tuberry_lookup");
}

void pg_run(const char *sql)
{
	PQclear(query(pg.super, sql));
}

const char *pg_text(const char *sql)
{
	PGresult *res = query(pg.super, sql);
	const char *text =
		PQntuples(res) ? arena_str(&unit_arena, PQgetvalue(res, 0, 0))
			       : "";

	PQclear(res);
	return text;
}

int64_t pg_count(const char *sql)
{
	return strtoll(pg_text(sql), NULL, 10);
}
