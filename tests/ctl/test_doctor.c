/*
 * test_doctor.c - the doctor finds what is wrong and names the cure.
 */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "harness/pg.h"
#include "harness/program.h"
#include "harness/redis_server.h"
#include "harness/relay.h"
#include "harness/server.h"
#include "harness/unit.h"

enum { OK = 0, WARNED = 1, FAILED = 2 };

enum {
	ENV_WEB,
	ENV_DAEMON,
	ENV_OWNER,
	ENV_REDIS,
	ENV_MEDIA,
	ENV_TELEGRAM,
	ENV_AVITO,
	ENV_REST,
	ENV_MAX = ENV_REST + 7
};

static const char *env[ENV_MAX];
static struct server *server;
static char media[] = "/tmp/tuberry-media.XXXXXX";

static const char *setting(const char *name, const char *value)
{
	return arena_printf(&unit_arena, "%s=%s", name, value);
}

/* All is well but that the API bases are no public ones. */
static void begin(void)
{
	static const char *const rest[] = {
		"APP_SECRET=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"JWT_SECRET=0123456789012345678901234567890123456789",
		"WEBHOOK_BASE_URL=https://shop.example",
		"FRONTEND_BASE_URL=https://shop.example",
		"ALLOW_INSECURE_API=1",
		"POLL_INTERVAL_MS=10000",
	};
	const char *base = arena_printf(&unit_arena, "http://127.0.0.1:%d",
					server_port(server));

	pg_reset();
	env[ENV_WEB] = setting("DATABASE_URL", pg_url(PG_WEB));
	env[ENV_DAEMON] = setting("DATABASE_URL_DAEMON", pg_url(PG_DAEMON));
	env[ENV_OWNER] = setting("DATABASE_URL_OWNER", pg_url(PG_OWNER));
	env[ENV_REDIS] = setting("REDIS_URL", redis_server_url());
	env[ENV_MEDIA] = setting("MEDIA_DIR", media);
	env[ENV_TELEGRAM] = setting("TELEGRAM_API_BASE", base);
	env[ENV_AVITO] = setting("AVITO_API_BASE", base);
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		env[ENV_REST + i] = rest[i];
}

static struct ran doctor(void)
{
	return run_program(&(struct program){ "tuberryctl", env, NULL },
			   "doctor", NULL);
}

/* The doctor says this line, or one that begins so, and returns `status`. */
static void assert_finds(const char *line, int status)
{
	struct ran r = doctor();

	UNIT_ASSERT_INT(r.status, status);
	if (!strstr(r.out, line))
		UNIT_ASSERT_STR(r.out, line);
	CU_PASS("found");
}

static void a_sound_installation_has_one_warning(void)
{
	struct ran r;

	begin();
	r = doctor();
	UNIT_ASSERT_INT(r.status, WARNED);
	CU_ASSERT_PTR_NULL(strstr(r.out, "fail"));
	UNIT_ASSERT_STR(r.err, "");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.out, "ok   database.web: connects as tuberry_web\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.out, "ok   migrations: up to date"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.out, "ok   redis: answers\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.out, "ok   api.telegram: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		r.out, "warn insecure_api: ALLOW_INSECURE_API is on, as for "
		       "the sandbox; cure: in production remove "
		       "ALLOW_INSECURE_API\n"));
}

static void json_says_the_same(void)
{
	struct json_object *all, *first;
	struct err err = { 0 };
	struct ran r;

	begin();
	r = run_program(&(struct program){ "tuberryctl", env, NULL }, "doctor",
			"--json", NULL);
	CU_ASSERT_TRUE_FATAL(
		json_read(&unit_arena, r.out, strlen(r.out), &all, &err));
	UNIT_ASSERT_STR(json_str(all, "status", ""), "warn");
	first = json_object_array_get_idx(json_array_at(all, "findings"), 0);
	UNIT_ASSERT_STR(json_str(first, "name", ""), "settings");
	UNIT_ASSERT_STR(json_str(first, "status", ""), "ok");
}

static void missing_settings_are_named_one_by_one(void)
{
	begin();
	env[ENV_REDIS] = "REDIS_URL=";
	env[ENV_WEB] = "DATABASE_URL=";
	assert_finds("fail settings: DATABASE_URL: is required", FAILED);
	assert_finds("fail settings: REDIS_URL: is required", FAILED);
}

static void a_config_file_that_everybody_reads_is_found(void)
{
	char path[] = "/tmp/tuberry-conf.XXXXXX";
	int fd = mkstemp(path);
	struct ran r;

	begin();
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	r = run_program(&(struct program){ "tuberryctl", env, NULL },
			"--config", path, "doctor", NULL);
	UNIT_ASSERT_INT(r.status, FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.out, "cure: chmod o= /tmp/"));
	close(fd);
	unlink(path);
}

static void a_role_above_row_level_security_is_found(void)
{
	begin();
	env[ENV_WEB] = setting("DATABASE_URL", pg_url(PG_SUPER));
	assert_finds("fail database.web: postgres is above row level security",
		     FAILED);
	env[ENV_WEB] = setting("DATABASE_URL", pg_url(PG_OWNER));
	assert_finds("fail database.web: tuberry_owner owns tables", FAILED);
	env[ENV_OWNER] = setting("DATABASE_URL_OWNER", pg_url(PG_WEB));
	assert_finds("fail database.owner: tuberry_web does not own", FAILED);
}

static void a_database_that_is_away_is_found(void)
{
	begin();
	env[ENV_DAEMON] = "DATABASE_URL_DAEMON=postgresql:///x?host=/none";
	assert_finds("fail database.daemon: ", FAILED);
	assert_finds("fail database.content: ", FAILED);
}

static void a_schema_that_is_behind_is_found(void)
{
	begin();
	pg_run("DELETE FROM schema_migrations");
	assert_finds("fail migrations: the schema is at 0", FAILED);
	assert_finds("cure: run tuberryctl migrate", FAILED);
}

static void an_unguarded_table_is_found(void)
{
	begin();
	pg_run("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;"
	       "ALTER TABLE dialogs DISABLE ROW LEVEL SECURITY");
	assert_finds("fail row_level_security: does not guard dialogs, "
		     "messages",
		     FAILED);
}

static void without_redis_it_is_only_slower(void)
{
	begin();
	redis_server_kill();
	assert_finds("warn redis: does not answer", WARNED);
	redis_server_revive();
	env[ENV_REDIS] = "REDIS_URL=localhost";
	assert_finds("fail redis: the address is malformed", FAILED);
}

static void a_missing_media_folder_is_found(void)
{
	begin();
	env[ENV_MEDIA] = "MEDIA_DIR=/nonexistent";
	assert_finds("fail media: /nonexistent is no folder", FAILED);
}

static void a_service_out_of_reach_is_found(void)
{
	begin();
	env[ENV_AVITO] = "AVITO_API_BASE=http://127.0.0.1:1";
	assert_finds("fail api.avito: http://127.0.0.1:1: ", FAILED);
}

static void a_refused_bot_is_found_with_its_reason(void)
{
	struct relay r;

	begin();
	r = relay_seed(1);
	pg_run("UPDATE bots SET status = 'error',"
	       " last_error = 'Telegram refused the token'");
	assert_finds(arena_printf(&unit_arena,
				  "fail bot.%lld: ", (long long)r.bot_id),
		     FAILED);
	assert_finds("Telegram refused the token", FAILED);
}

static void missing_webhooks_and_late_polls_are_found(void)
{
	begin();
	relay_seed(1);
	pg_run("UPDATE bots SET status = 'active', webhook_set_at = NULL;"
	       "UPDATE avito_accounts SET status = 'active', webhook = false,"
	       " monitoring = true, last_polled_at = now() - interval '1 "
	       "hour'");
	assert_finds("its webhook is not set", WARNED);
	assert_finds("was not polled for too long", WARNED);
	pg_run("UPDATE bots SET webhook_set_at = now();"
	       "UPDATE avito_accounts SET last_polled_at = now()");
	CU_ASSERT_PTR_NULL(strstr(doctor().out, "its webhook is not set"));
	CU_ASSERT_PTR_NULL(strstr(doctor().out, "was not polled"));
}

/* A delivery in the lane of a dialog, as old as told. */
static void make_delivery(const char *state, const char *age)
{
	pg_run("INSERT INTO dialogs (client_id, project_id, source, source_id,"
	       "  external_chat_id, last_message_at, created_at)"
	       " SELECT client_id, id, 'avito', 1, 'x', now(), now()"
	       " FROM projects");
	pg_run("INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
	       "  author, kind, written_at, created_at)"
	       " SELECT client_id, id, 'telegram', 1, 'operator', 'text',"
	       "  now(), now() FROM dialogs");
	pg_run("INSERT INTO lanes (client_id, dialog_id, direction, last_seq,"
	       "  held_by) SELECT client_id, id, 'buyer', 1, 'avito:7'"
	       " FROM dialogs");
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO deliveries (client_id, dialog_id, direction, seq,"
		"  message_id, state, created_at, updated_at)"
		" SELECT client_id, dialog_id, 'buyer', 1, id, '%s',"
		"  now() - interval '%s', now() FROM messages",
		state, age));
}

static void what_waits_or_failed_is_counted(void)
{
	begin();
	relay_seed(1);
	make_delivery("queued", "1 hour");
	assert_finds("warn queue.age: 1 wait, the oldest for 60 min", WARNED);
	assert_finds("warn queue.held: 1 dialogs wait for avito:7", WARNED);
	pg_run("UPDATE deliveries SET state = 'dead'");
	assert_finds("ok   queue.age: 0 wait", WARNED);
	assert_finds("warn queue.dead: 1 failed for good", WARNED);
	pg_run("UPDATE deliveries SET state = 'unsure'");
	assert_finds("warn queue.unsure: 1 may or may not", WARNED);
}

static void work_that_nobody_takes_is_found(void)
{
	begin();
	pg_run("INSERT INTO tasks (kind, subject_id, due_at, created_at)"
	       " VALUES ('bot.check', 1, now() - interval '5 min', now())");
	assert_finds("fail daemon: nobody has taken due work for 30", FAILED);
	pg_run("UPDATE tasks SET due_at = NULL, last_error = 'no such bot'");
	assert_finds("warn tasks: 1 failed for good, such as bot.check: no "
		     "such bot",
		     WARNED);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_sound_installation_has_one_warning),
		UNIT_TEST(json_says_the_same),
		UNIT_TEST(missing_settings_are_named_one_by_one),
		UNIT_TEST(a_config_file_that_everybody_reads_is_found),
		UNIT_TEST(a_role_above_row_level_security_is_found),
		UNIT_TEST(a_database_that_is_away_is_found),
		UNIT_TEST(a_schema_that_is_behind_is_found),
		UNIT_TEST(an_unguarded_table_is_found),
		UNIT_TEST(without_redis_it_is_only_slower),
		UNIT_TEST(a_missing_media_folder_is_found),
		UNIT_TEST(a_service_out_of_reach_is_found),
		UNIT_TEST(a_refused_bot_is_found_with_its_reason),
		UNIT_TEST(missing_webhooks_and_late_polls_are_found),
		UNIT_TEST(what_waits_or_failed_is_counted),
		UNIT_TEST(work_that_nobody_takes_is_found),
	};
	int status;

	pg_start();
	redis_server_start();
	server = server_start();
	if (!mkdtemp(media))
		return EXIT_FAILURE;
	status = unit_main("doctor", tests, ARRAY_LEN(tests), argc, argv);
	rmdir(media);
	server_stop(server);
	redis_server_stop();
	return status;
}
