/*
 * test_auth.c - signing in, staying signed in, signing out, on PostgreSQL.
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/hash_gate.h"
#include "harness/pg.h"
#include "web/call.h"

#define LOGIN       "/api/auth/login"
#define CORES       4 /* as many places as there may be */
#define DEADLINE_MS 10000

static int64_t client, user;

static void make_user(void)
{
	struct err err = { 0 };
	const char *hash = NULL;

	pg_reset();
	call_setup(pg_url(PG_WEB));
	client = call_client("shop");
	user = call_user(client, "Anna", "owner");
	CU_ASSERT_TRUE_FATAL(password_hash(
		&unit_arena, (struct secret){ "right one", 9 }, &hash, &err));
	pg_run(arena_printf(&unit_arena,
			    "UPDATE users SET password_hash = '%s'"
			    " WHERE id = %" PRId64,
			    hash, user));
}

static struct answer sign_in(const char *login, const char *password)
{
	return call_send(NULL, "POST", LOGIN,
			 arena_printf(&unit_arena,
				      "{\"login\":\"%s\",\"password\":\"%s\"}",
				      login, password));
}

static struct answer refresh(const char *token)
{
	return call_send(
		NULL, "POST", "/api/auth/refresh",
		arena_printf(&unit_arena, "{\"refresh_token\":\"%s\"}", token));
}

static const char *access_of(const struct answer *r)
{
	return json_str(r->json, "access_token", "");
}

static const char *refresh_of(const struct answer *r)
{
	return json_str(r->json, "refresh_token", "");
}

static void the_right_password_signs_in(void)
{
	struct answer r, me;

	make_user();
	r = sign_in("anna", "right one");
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_STR(json_str(r.json, "token_type", NULL), "Bearer");
	UNIT_ASSERT_INT(json_i64(r.json, "expires_in", 0), 900);
	me = call_get(access_of(&r), "/api/me");
	UNIT_ASSERT_INT(me.status, 200);
	UNIT_ASSERT_INT(json_i64(me.json, "id", 0), user);
	UNIT_ASSERT_INT(json_i64(me.json, "client_id", 0), client);
	UNIT_ASSERT_STR(json_str(me.json, "role", NULL), "owner");
	CU_ASSERT_PTR_NULL(strstr(me.text, "argon2"));
}

static void wrong_password_and_unknown_login_look_the_same(void)
{
	struct answer wrong, unknown;

	make_user();
	wrong = sign_in("anna", "wrong one");
	unknown = sign_in("nobody", "wrong one");
	UNIT_ASSERT_INT(wrong.status, 401);
	UNIT_ASSERT_INT(unknown.status, 401);
	UNIT_ASSERT_STR(json_str(wrong.json, "detail", "a"),
			json_str(unknown.json, "detail", "b"));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM sessions"), 0);
}

/* The file whose locks are the places where passwords are hashed. */
static int gate(void)
{
	static const char name[] = "/memfd:hash-gate";
	char target[64] = "";

	for (int fd = 0; fd < 64; fd++) {
		const char *link =
			arena_printf(&unit_arena, "/proc/self/fd/%d", fd);
		ssize_t len = readlink(link, target, sizeof(target));

		if (len >= (ssize_t)strlen(name) &&
		    memcmp(target, name, strlen(name)) == 0)
			return fd;
	}
	return -1;
}

/* Until somebody has taken a place from there on, to wait at; false: nobody
 * has, for as long as anybody would wait. */
static bool wait_for_waiter(int fd, off_t first)
{
	const struct timespec pause = { 0, 1000000 };
	int64_t until_ms = clock_mono_ms() + DEADLINE_MS;
	struct flock place;

	do {
		nanosleep(&pause, NULL);
		place = (struct flock){ .l_type = F_WRLCK,
					.l_whence = SEEK_SET,
					.l_start = first };
		if (fcntl(fd, F_GETLK, &place) == 0 && place.l_type != F_UNLCK)
			return true;
	} while (clock_mono_ms() < until_ms);
	return false;
}

/* A process that has the first n places (0: all).  Without `sql` until it is
 * killed; else until somebody waits and that has been done meanwhile. */
static pid_t take_places(off_t n, const char *sql)
{
	struct flock places = { .l_type = F_WRLCK,
				.l_whence = SEEK_SET,
				.l_len = n };
	int ready[2], fd = gate();
	char word = '\0';
	pid_t pid;

	CU_ASSERT_FATAL(fd >= 0 && pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		word = fcntl(fd, F_SETLK, &places) == 0 ? '+' : '-';
		if (write(ready[1], &word, 1) != 1)
			_exit(1);
		while (!sql)
			pause();
		if (!wait_for_waiter(fd, n))
			_exit(1);
		/* On the tests' own connection, which the other process does
		 * not use meanwhile. */
		pg_run(sql);
		_exit(0);
	}
	CU_ASSERT_FATAL(read(ready[0], &word, 1) == 1 && word == '+');
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Whoever is refused has cost the hashing of a password, so that the time it
 * took tells nothing. */
static void nobody_is_refused_without_hashing(void)
{
	static const char *const logins[] = { "anna", "nobody", "boris",
					      "clara" };
	pid_t pid;

	make_user();
	call_user(client, "boris", "manager");
	call_user(client, "clara", "manager");
	pg_run("UPDATE users SET disabled_at = now() WHERE login = 'clara'");
	pid = take_places(0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(logins); i++)
		UNIT_ASSERT_INT(sign_in(logins[i], "wrong one").status, 429);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < ARRAY_LEN(logins); i++)
		UNIT_ASSERT_INT(sign_in(logins[i], "wrong one").status, 401);
}

/* Else it would leave a session behind that nobody ends. */
static void who_is_put_out_meanwhile_does_not_come_in(void)
{
	static const char *const meanwhile[] = {
		"UPDATE users SET password_hash = 'another'",
		"UPDATE users SET disabled_at = now()",
		"DELETE FROM users",
	};
	pid_t pid;
	int status;

	for (size_t i = 0; i < ARRAY_LEN(meanwhile); i++) {
		make_user();
		pid = take_places(2, meanwhile[i]);
		UNIT_ASSERT_INT(sign_in("anna", "right one").status, 401);
		waitpid(pid, &status, 0);
		UNIT_ASSERT_INT(status, 0);
		UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM sessions"), 0);
	}
}

static void a_disabled_user_is_out_at_once(void)
{
	const char *token;

	make_user();
	token = call_token(user);
	UNIT_ASSERT_INT(call_get(token, "/api/me").status, 200);
	pg_run("UPDATE users SET disabled_at = now()");
	UNIT_ASSERT_INT(call_get(token, "/api/me").status, 401);
	UNIT_ASSERT_INT(sign_in("anna", "right one").status, 401);
}

static void signing_out_ends_the_session_at_once(void)
{
	struct answer r;

	make_user();
	r = sign_in("anna", "right one");
	UNIT_ASSERT_INT(
		call_send(access_of(&r), "POST", "/api/auth/logout", NULL)
			.status,
		204);
	UNIT_ASSERT_INT(call_get(access_of(&r), "/api/me").status, 401);
	UNIT_ASSERT_INT(refresh(refresh_of(&r)).status, 401);
}

static void refreshing_gives_the_next_pair(void)
{
	struct answer first, second;

	make_user();
	first = sign_in("anna", "right one");
	second = refresh(refresh_of(&first));
	UNIT_ASSERT_INT(second.status, 200);
	CU_ASSERT_STRING_NOT_EQUAL(refresh_of(&first), refresh_of(&second));
	UNIT_ASSERT_INT(call_get(access_of(&second), "/api/me").status, 200);
	UNIT_ASSERT_INT(refresh(refresh_of(&second)).status, 200);
}

static void a_lost_answer_is_given_again(void)
{
	struct answer first, second, again;

	make_user();
	first = sign_in("anna", "right one");
	second = refresh(refresh_of(&first));
	again = refresh(refresh_of(&first));
	UNIT_ASSERT_INT(again.status, 200);
	UNIT_ASSERT_STR(refresh_of(&again), refresh_of(&second));
}

static void a_token_used_before_ends_the_session(void)
{
	struct answer first, second;

	make_user();
	first = sign_in("anna", "right one");
	second = refresh(refresh_of(&first));
	clock_set(clock_now_us() + 31 * CLOCK_SECOND_US);
	unit_expect_log(LOG_WARN, "auth.refresh_reused");
	UNIT_ASSERT_INT(refresh(refresh_of(&first)).status, 401);
	UNIT_ASSERT_INT(refresh(refresh_of(&second)).status, 401);
	UNIT_ASSERT_INT(call_get(access_of(&second), "/api/me").status, 401);
	clock_set(0);
}

static void a_forged_refresh_token_changes_nothing(void)
{
	struct answer r;

	make_user();
	r = sign_in("anna", "right one");
	UNIT_ASSERT_INT(refresh("1.1.0000").status, 401);
	UNIT_ASSERT_INT(call_get(access_of(&r), "/api/me").status, 200);
}

static void a_session_is_seen_once_a_minute(void)
{
	const char *token, *seen = "SELECT seen_at FROM sessions";
	const char *first;

	make_user();
	token = call_token(user);
	first = pg_text(seen);
	call_get(token, "/api/me");
	UNIT_ASSERT_STR(pg_text(seen), first);
	clock_set(clock_now_us() + 61 * CLOCK_SECOND_US);
	UNIT_ASSERT_INT(call_get(token, "/api/me").status, 200);
	CU_ASSERT_STRING_NOT_EQUAL(pg_text(seen), first);
	clock_set(0);
}

static void strangers_are_asked_to_sign_in(void)
{
	struct answer r = call_get(NULL, "/api/me");

	UNIT_ASSERT_INT(r.status, 401);
	UNIT_ASSERT_STR(r.headers, "WWW-Authenticate: Bearer\r\n");
	UNIT_ASSERT_INT(call_get("nonsense", "/api/me").status, 401);
}

static void hidden_docs_are_for_administrators(void)
{
	const char *admin, *owner;

	make_user();
	admin = call_token(call_user(0, "root", "admin"));
	owner = call_token(user);
	UNIT_ASSERT_INT(call_get(NULL, "/openapi.json").status, 200);
	call_settings.api_docs = false;
	UNIT_ASSERT_INT(call_get(NULL, "/openapi.json").status, 404);
	UNIT_ASSERT_INT(call_get(NULL, "/docs").status, 404);
	UNIT_ASSERT_INT(call_get(owner, "/docs").status, 404);
	UNIT_ASSERT_INT(call_get(admin, "/docs").status, 200);
}

static void migrations_that_are_missing_are_not_ready(void)
{
	make_user();
	unit_expect_log(LOG_WARN, "redis.away");
	UNIT_ASSERT_STR(
		json_str(call_get(NULL, "/health/ready").json, "status", NULL),
		"degraded");
	pg_run("DELETE FROM schema_migrations");
	UNIT_ASSERT_INT(call_get(NULL, "/health/ready").status, 503);
}

static const char *daemon_part(void)
{
	struct json_object *o = call_get(NULL, "/health/ready").json;

	return json_str(json_object_at(o, "parts"), "daemon", NULL);
}

static void daemon_that_is_not_seen_makes_it_degraded(void)
{
	make_user();
	unit_expect_log(LOG_WARN, "redis.away");
	UNIT_ASSERT_STR(daemon_part(), "down");
	pg_run("INSERT INTO daemons VALUES (gen_random_uuid(), 'h', 1, now(),"
	       " now())");
	UNIT_ASSERT_STR(daemon_part(), "ok");
	pg_run("UPDATE daemons SET seen_at = now() - interval '1 minute'");
	UNIT_ASSERT_STR(daemon_part(), "down");
	UNIT_ASSERT_INT(call_get(NULL, "/health/ready").status, 200);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_right_password_signs_in),
		UNIT_TEST(wrong_password_and_unknown_login_look_the_same),
		UNIT_TEST(nobody_is_refused_without_hashing),
		UNIT_TEST(who_is_put_out_meanwhile_does_not_come_in),
		UNIT_TEST(a_disabled_user_is_out_at_once),
		UNIT_TEST(signing_out_ends_the_session_at_once),
		UNIT_TEST(refreshing_gives_the_next_pair),
		UNIT_TEST(a_lost_answer_is_given_again),
		UNIT_TEST(a_token_used_before_ends_the_session),
		UNIT_TEST(a_forged_refresh_token_changes_nothing),
		UNIT_TEST(a_session_is_seen_once_a_minute),
		UNIT_TEST(strangers_are_asked_to_sign_in),
		UNIT_TEST(hidden_docs_are_for_administrators),
		UNIT_TEST(migrations_that_are_missing_are_not_ready),
		UNIT_TEST(daemon_that_is_not_seen_makes_it_degraded),
	};

	pg_start();
	hash_gate_init(CORES);
	return unit_main("web/auth", tests, ARRAY_LEN(tests), argc, argv);
}
