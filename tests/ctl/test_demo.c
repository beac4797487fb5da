/*
 * test_demo.c - tuberryctl seed --demo against a running sandbox.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/pg.h"
#include "harness/program.h"
#include "harness/unit.h"

static const char *env[8];
static pid_t sandbox;

static const char *setting(const char *name, const char *value)
{
	return arena_printf(&unit_arena, "%s=%s", name, value);
}

/* Says "ready URL" once it listens; it dies with us. */
static const char *sandbox_start(void)
{
	char line[256] = "";
	int ends[2];
	FILE *f;

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	sandbox = fork();
	if (sandbox == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		close(ends[0]);
		execl("./tuberry-sandbox", "./tuberry-sandbox", "--port", "0",
		      (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	f = fdopen(ends[0], "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(line, sizeof(line), f));
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	CU_ASSERT_EQUAL_FATAL(strncmp(line, "ready http", 10), 0);
	return arena_str(&unit_arena, line + strlen("ready "));
}

static void sandbox_stop(void)
{
	if (sandbox > 0) {
		kill(sandbox, SIGKILL);
		waitpid(sandbox, NULL, 0);
	}
	sandbox = 0;
}

static void use_sandbox(const char *url)
{
	env[0] = setting("DATABASE_URL_DAEMON", pg_url(PG_DAEMON));
	env[1] = "APP_SECRET=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
	env[2] = setting("TELEGRAM_API_BASE",
			 arena_printf(&unit_arena, "%s/telegram", url));
	env[3] = setting("AVITO_API_BASE",
			 arena_printf(&unit_arena, "%s/avito", url));
	env[4] = "ALLOW_INSECURE_API=1";
	env[5] = NULL;
}

static struct ran seed_demo(void)
{
	return run_program(&(struct program){ "tuberryctl", env, NULL }, "seed",
			   "--demo", NULL);
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void the_shop_is_made_as_the_cabinet_would(void)
{
	struct ran r;

	pg_reset();
	use_sandbox(sandbox_start());
	r = seed_demo();
	sandbox_stop();
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_INT(r.status, 0);
	CU_ASSERT_TRUE(has(r.out, "administrator: admin  "));
	CU_ASSERT_TRUE(has(r.out, "owner:         demo-owner  "));
	CU_ASSERT_TRUE(has(r.out, "manager:       demo-manager  "));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(role, ' ' ORDER BY role)"
				" FROM users"),
			"admin manager owner");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(DISTINCT status, ' ') FROM"
				" (SELECT status FROM bots UNION ALL"
				"  SELECT status FROM avito_accounts) AS x"),
			"checking");
	CU_ASSERT_TRUE(pg_count("SELECT min(group_chat_id) FROM bots") < 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM projects p"
				 " JOIN bots b ON b.id = p.bot_id"
				 " JOIN avito_accounts a"
				 "  ON a.project_id = p.id"
				 " WHERE a.webhook AND a.monitoring"),
			1);
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(kind, ' ' ORDER BY kind)"
				" FROM tasks WHERE due_at IS NOT NULL"),
			"avito.check bot.check bot.check bot.webhook"
			" bot.webhook");
	/* The bot of private chats is not the group's. */
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM telegram_sources s"
				 " JOIN bots b ON b.id = s.bot_id"
				 " JOIN projects p ON p.id = s.project_id"
				 " WHERE b.id <> p.bot_id"),
			1);
}

static void seeding_again_changes_nothing(void)
{
	static const char fingerprint[] =
		"SELECT (SELECT string_agg(password_hash, ',' ORDER BY id)"
		"  FROM users) || (SELECT string_agg(token_sealed, ','"
		"  ORDER BY id) FROM bots)";
	const char *before;
	struct ran r;

	pg_reset();
	use_sandbox(sandbox_start());
	seed_demo();
	before = pg_text(fingerprint);
	r = seed_demo();
	sandbox_stop();
	UNIT_ASSERT_INT(r.status, 0);
	CU_ASSERT_TRUE(has(r.out, "demo-owner\n"));
	CU_ASSERT_TRUE(has(r.out, "passwords as before"));
	UNIT_ASSERT_STR(pg_text(fingerprint), before);
}

static void a_sandbox_that_began_anew_gets_a_new_shop(void)
{
	static const char telegram_ids[] =
		"SELECT string_agg(telegram_id::text, ',' ORDER BY id)"
		" FROM bots";
	const char *before;
	struct ran r;

	pg_reset();
	use_sandbox(sandbox_start());
	seed_demo();
	sandbox_stop();
	before = pg_text(telegram_ids);
	pg_run("INSERT INTO dialogs (client_id, project_id, source, source_id,"
	       "  external_chat_id, last_message_at, created_at)"
	       " SELECT client_id, project_id, 'avito', id, 'x', now(), now()"
	       " FROM avito_accounts");
	use_sandbox(sandbox_start());
	r = seed_demo();
	sandbox_stop();
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_INT(r.status, 0);
	CU_ASSERT_TRUE(has(r.out, "demo-owner  "));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM clients"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"), 0);
	CU_ASSERT_STRING_NOT_EQUAL(pg_text(telegram_ids), before);
}

static void without_the_sandbox_it_is_refused_with_the_reason(void)
{
	struct ran r;

	pg_reset();
	use_sandbox("http://127.0.0.1:1");
	r = seed_demo();
	UNIT_ASSERT_INT(r.status, 1);
	CU_ASSERT_TRUE(has(r.err, "the sandbox at http://127.0.0.1:1: "));
	env[2] = NULL;
	r = seed_demo();
	UNIT_ASSERT_INT(r.status, 1);
	CU_ASSERT_TRUE(has(r.err, "scripts/demo starts one"));
	env[1] = NULL;
	r = seed_demo();
	UNIT_ASSERT_INT(r.status, 1);
	CU_ASSERT_TRUE(has(r.err, "APP_SECRET is required"));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM clients"), 0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_shop_is_made_as_the_cabinet_would),
		UNIT_TEST(seeding_again_changes_nothing),
		UNIT_TEST(a_sandbox_that_began_anew_gets_a_new_shop),
		UNIT_TEST(without_the_sandbox_it_is_refused_with_the_reason),
	};

	if (access("./tuberry-sandbox", X_OK) != 0) {
		fprintf(stderr, "skipped: the sandbox is not built\n");
		return 77;
	}
	pg_start();
	return unit_main("demo", tests, ARRAY_LEN(tests), argc, argv);
}
