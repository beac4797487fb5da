/*
 * test_ctl.c - the commands of tuberryctl: what they do, say and return.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "ctl/ctl.h"
#include "harness/pg.h"
#include "harness/program.h"
#include "harness/unit.h"

static const char *env[8];

/* Standard input `in`, then the arguments. */
#define CTL_IN(in, ...)                                                        \
	run_program(&(struct program){ "tuberryctl", env, in }, ##__VA_ARGS__, \
		    NULL)
#define CTL(...) CTL_IN(NULL, ##__VA_ARGS__)

static const char *setting(const char *name, const char *value)
{
	return arena_printf(&unit_arena, "%s=%s", name, value);
}

/* A fresh database, and settings that reach it. */
static void begin(void)
{
	pg_reset();
	env[0] = setting("DATABASE_URL_DAEMON", pg_url(PG_DAEMON));
	env[1] = setting("DATABASE_URL_OWNER", pg_url(PG_OWNER));
	env[2] = setting("TUBERRY_DATA_DIR",
			 arena_printf(&unit_arena, "%s/..", pg_sql_dir()));
	env[3] = NULL;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static const char *hash_of(const char *login)
{
	return pg_text(arena_printf(&unit_arena,
				    "SELECT password_hash FROM users"
				    " WHERE login = '%s'",
				    login));
}

static bool signs_in(const char *login, const char *password)
{
	return password_matches(hash_of(login), (struct secret){
							password,
							strlen(password),
						});
}

static void wrong_usage_is_64_and_shows_the_usage(void)
{
	struct ran r;

	begin();
	r = CTL();
	UNIT_ASSERT_INT(r.status, CTL_USAGE);
	CU_ASSERT_TRUE(has(r.err, "commands:"));
	r = CTL("nonsense");
	UNIT_ASSERT_INT(r.status, CTL_USAGE);
	CU_ASSERT_TRUE(has(r.err, "no command \"nonsense\""));
	UNIT_ASSERT_INT(CTL("--nonsense").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("user").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("user", "create", "--nonsense").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("migrate", "now").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("seed", "now").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("delivery", "retry").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("delivery", "retry", "x").status, CTL_USAGE);
	UNIT_ASSERT_INT(CTL("delivery", "list", "--state", "x").status,
			CTL_USAGE);
	r = CTL("user", "create", "--login", "anna", "--name", "A", "--role",
		"manager", "--client", "-1");
	UNIT_ASSERT_INT(r.status, CTL_USAGE);
	CU_ASSERT_TRUE(has(r.err, "usage: tuberryctl"));
}

static void help_and_version_need_no_settings(void)
{
	struct ran r;

	env[0] = NULL;
	r = CTL("--help");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(has(r.out, "migrate [--dry-run]"));
	r = CTL("--version");
	UNIT_ASSERT_STR(r.out, PACKAGE_STRING "\n");
	r = CTL("version");
	UNIT_ASSERT_STR(r.out, PACKAGE_STRING "\n");
	UNIT_ASSERT_INT(r.status, CTL_OK);
}

static void bad_settings_are_78_and_named_all_at_once(void)
{
	struct ran r;

	env[0] = "POLL_INTERVAL_MS=soon";
	env[1] = "LOG_LEVEL=loud";
	env[2] = NULL;
	r = CTL("user", "list");
	UNIT_ASSERT_INT(r.status, CONF_EXIT);
	CU_ASSERT_TRUE(has(r.err, "POLL_INTERVAL_MS"));
	CU_ASSERT_TRUE(has(r.err, "LOG_LEVEL"));
	CU_ASSERT_TRUE(has(r.err, "DATABASE_URL_DAEMON: is required"));
	UNIT_ASSERT_INT(CTL("--check-config").status, CONF_EXIT);
}

static void migrate_says_what_it_did_and_would_do(void)
{
	struct ran r;

	begin();
	pg_reset_empty();
	r = CTL("migrate", "--dry-run");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(has(r.out, "would apply 0001_relay\n"));
	r = CTL("migrate");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(has(r.out, "applied 0001_relay\n"));
	r = CTL("migrate", "--dry-run");
	UNIT_ASSERT_STR(r.out, "nothing to do\n");
	r = CTL("migrate", "--sql-dir", "/nonexistent");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "--sql-dir"));
}

static void a_database_that_is_away_is_1_and_names_the_next_step(void)
{
	struct ran r;

	env[0] = "DATABASE_URL_DAEMON=postgresql:///test?host=/nonexistent";
	env[1] = NULL;
	r = CTL("user", "list");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "db.connect_failed"));
	CU_ASSERT_TRUE(has(r.err, "tuberryctl doctor"));
}

static void a_user_is_created_with_a_password_from_standard_input(void)
{
	struct ran r;

	begin();
	r = CTL_IN("correct horse\n", "user", "create", "--login", "root",
		   "--name", "Root", "--role", "admin", "--password-stdin");
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_STR(r.out, "login root\n");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(signs_in("root", "correct horse"));
	r = CTL("user", "list");
	CU_ASSERT_TRUE(has(r.out, "root"));
	r = CTL("user", "create", "--login", "ROOT", "--name", "Root", "--role",
		"admin");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "this login is taken"));
}

static void a_password_file_that_others_can_read_is_refused(void)
{
	char path[] = "/tmp/tuberry-password.XXXXXX";
	int fd = mkstemp(path);
	struct ran r;

	begin();
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, "from a file\nand more\n", 21), 21);
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	r = CTL("user", "create", "--login", "root", "--name", "Root", "--role",
		"admin", "--password-file", path);
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "chmod 600"));
	CU_ASSERT_EQUAL(fchmod(fd, 0600), 0);
	r = CTL("user", "create", "--login", "root", "--name", "Root", "--role",
		"admin", "--password-file", path);
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(signs_in("root", "from a file"));
	close(fd);
	unlink(path);
}

/* The line "password X". */
static const char *told_password(const char *out)
{
	const char *at = strstr(out, "password ");

	if (!at)
		return "";
	at += strlen("password ");
	return arena_strn(&unit_arena, at, strcspn(at, "\n"));
}

static void a_made_up_password_is_printed_once_and_works(void)
{
	struct ran r;

	begin();
	r = CTL("user", "create", "--login", "root", "--name", "Root", "--role",
		"admin");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(strlen(told_password(r.out)) >= 20);
	CU_ASSERT_TRUE(signs_in("root", told_password(r.out)));
}

static void roles_and_clients_must_fit(void)
{
	struct ran r;

	begin();
	r = CTL("user", "create", "--login", "olga", "--name", "O", "--role",
		"owner");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "client_id: "));
	r = CTL("user", "create", "--login", "olga", "--name", "O", "--role",
		"owner", "--client", "77");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "there is no such client"));
	r = CTL("user", "create", "--login", "olga", "--name", "O", "--role",
		"king");
	CU_ASSERT_TRUE(has(r.err, "role: "));
	r = CTL_IN("short\n", "user", "create", "--login", "olga", "--name",
		   "O", "--role", "admin", "--password-stdin");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "password: "));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 0);
}

static void a_new_password_and_disabling_end_the_sessions(void)
{
	static const char open_session[] =
		"INSERT INTO sessions (user_id, refreshed_at, created_at,"
		" seen_at, expires_at) SELECT id, now(), now(), now(),"
		" now() + '1 day' FROM users";
	static const char open_sessions[] =
		"SELECT count(*) FROM sessions WHERE ended_at IS NULL";
	struct ran r;

	begin();
	CTL("user", "create", "--login", "root", "--name", "Root", "--role",
	    "admin");
	pg_run(open_session);
	r = CTL("user", "set-password", "--login", "Root");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(signs_in("root", told_password(r.out)));
	UNIT_ASSERT_INT(pg_count(open_sessions), 0);
	pg_run(open_session);
	pg_run("INSERT INTO api_tokens (user_id, name, scope, token_hash,"
	       " token_tail, created_at) SELECT id, 'n', 'read', 'h', 't',"
	       " now() FROM users");
	r = CTL("user", "disable", "--login", "root");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM api_tokens"
				 " WHERE revoked_at IS NULL"),
			0);
	UNIT_ASSERT_INT(pg_count(open_sessions), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"
				 " WHERE disabled_at IS NOT NULL"),
			1);
	r = CTL("user", "disable", "--login", "nobody");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "there is no user \"nobody\""));
}

static void a_second_factor_that_was_lost_is_switched_off(void)
{
	struct ran r;

	begin();
	CTL("user", "create", "--login", "root", "--name", "Root", "--role",
	    "admin");
	pg_run("UPDATE users SET totp_secret_sealed = 'x', totp_step = 5,"
	       " totp_confirmed_at = now(), recovery_hashes = '[\"y\"]'");
	r = CTL("user", "reset-second-factor", "--login", "Root");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users WHERE"
				 " totp_secret_sealed IS NULL AND"
				 " totp_confirmed_at IS NULL AND"
				 " recovery_hashes = '[]'"),
			1);
	r = CTL("user", "reset-second-factor", "--login", "nobody");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "there is no user \"nobody\""));
}

static void seed_makes_one_administrator_once(void)
{
	struct ran r;

	begin();
	r = CTL("seed");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_TRUE(has(r.out, "administrator: admin  "));
	CU_ASSERT_TRUE(signs_in(
		"admin", arena_strn(&unit_arena, strstr(r.out, "  ") + 2,
				    strcspn(strstr(r.out, "  ") + 2, "\n"))));
	r = CTL("seed");
	UNIT_ASSERT_STR(r.out, "");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 1);
}

static void seed_takes_the_password_of_a_file(void)
{
	static const char password[] = "from a file 1";
	char path[] = "/tmp/tuberry-ctl.XXXXXX";
	int fd = mkstemp(path);
	struct ran r;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, password, strlen(password)),
			(ssize_t)strlen(password));
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	begin();
	env[3] = setting("ADMIN_PASSWORD_FILE", path);
	env[4] = NULL;
	r = CTL("seed");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "chmod 600"));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 0);
	CU_ASSERT_EQUAL(fchmod(fd, 0600), 0);
	r = CTL("seed");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_FALSE(has(r.out, password));
	CU_ASSERT_TRUE(has(r.out, path));
	CU_ASSERT_TRUE(signs_in("admin", password));
	/* Who is there already stays as they are. */
	CU_ASSERT_EQUAL(ftruncate(fd, 5), 0);
	UNIT_ASSERT_INT(CTL("seed").status, CTL_OK);
	CU_ASSERT_TRUE(signs_in("admin", password));
	close(fd);
	unlink(path);
}

static void an_email_that_the_operator_gives_is_confirmed(void)
{
	struct ran r;

	begin();
	r = CTL("user", "create", "--login", "root", "--name", "Root", "--role",
		"admin", "--email", "Root@example.org");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_INT(pg_count("SELECT user_id FROM"
				 " find_login('root@EXAMPLE.org')"),
			pg_count("SELECT id FROM users"));
	r = CTL("user", "create", "--login", "other", "--name", "Root",
		"--role", "admin", "--email", "root@example.org");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "email: this e-mail belongs to another"));
	r = CTL("user", "create", "--login", "other", "--name", "Root",
		"--role", "admin", "--email", "root at home");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "email: must be an e-mail address"));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 1);
}

static void the_list_tells_factors_and_the_last_sign_in(void)
{
	struct ran r;

	begin();
	CTL("user", "create", "--login", "root", "--name", "Root", "--role",
	    "admin", "--email", "root@example.org");
	r = CTL("user", "list");
	CU_ASSERT_TRUE(has(r.out, " one     never "));
	CU_ASSERT_TRUE(has(r.out, " Root <root@example.org>\n"));
	pg_run("UPDATE users SET totp_confirmed_at = now(),"
	       " email_confirmed_at = NULL,"
	       " signed_in_at = '2026-09-21T12:00:00Z'");
	r = CTL("user", "list");
	CU_ASSERT_TRUE(has(r.out, " two     2026-09-21T12:00:00.000000Z "));
	CU_ASSERT_TRUE(has(r.out, "<root@example.org> (not confirmed)\n"));
}

/* A client with one message on its way to the buyer. */
static void make_delivery(const char *state)
{
	pg_run("WITH c AS (INSERT INTO clients (name, created_at)"
	       "  VALUES ('C', now()) RETURNING id),"
	       " p AS (INSERT INTO projects (client_id, name, slug, created_at,"
	       "  updated_at) SELECT id, 'P', 'p', now(), now() FROM c"
	       "  RETURNING id, client_id)"
	       " INSERT INTO dialogs (client_id, project_id, source, source_id,"
	       "  external_chat_id, buyer_name, item_title, last_message_at,"
	       "  created_at)"
	       " SELECT client_id, id, 'avito', 1, 'x', 'Анна', 'Лампа', now(),"
	       "  now() FROM p");
	pg_run("INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
	       "  author, kind, written_at, created_at)"
	       " SELECT client_id, id, 'telegram', 1, 'operator', 'text',"
	       "  now(), now() FROM dialogs");
	pg_run("INSERT INTO lanes (client_id, dialog_id, direction, last_seq,"
	       "  head_seq, due_at) SELECT client_id, id, 'buyer', 1, 1, NULL"
	       " FROM dialogs");
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO deliveries (client_id, dialog_id, direction, seq,"
		"  message_id, state, last_error, created_at, updated_at)"
		" SELECT client_id, dialog_id, 'buyer', 1, id, '%s',"
		"  'Avito refused it', now(), now() FROM messages",
		state));
}

static void a_dead_delivery_is_listed_and_retried(void)
{
	const char *id;
	struct ran r;

	begin();
	make_delivery("dead");
	id = pg_text("SELECT id FROM deliveries");
	r = CTL("delivery", "list", "--state", "dead");
	UNIT_ASSERT_STR(r.err, "");
	CU_ASSERT_TRUE(has(r.out, "dead buyer"));
	CU_ASSERT_TRUE(has(r.out, "Анна — Лампа"));
	CU_ASSERT_TRUE(has(r.out, "Avito refused it"));
	UNIT_ASSERT_STR(CTL("delivery", "list", "--state", "queued").out, "");
	r = CTL("delivery", "retry", id);
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"), "queued");
	CU_ASSERT_EQUAL(pg_count("SELECT count(*) FROM lanes"
				 " WHERE due_at IS NOT NULL"),
			1);
}

static void notice_is_listed_until_somebody_knows(void)
{
	struct ran r;

	begin();
	pg_run("INSERT INTO notices (kind, object, text, first_at, last_at)"
	       " VALUES ('disk.full', 'media', 'Места нет', now(), now())");
	r = CTL("notice", "list", "--state", "open");
	UNIT_ASSERT_STR(r.err, "");
	CU_ASSERT_TRUE(has(r.out, "open disk.full media count=1"));
	CU_ASSERT_TRUE(has(r.out, "Места нет"));
	r = CTL("notice", "ack", pg_text("SELECT id FROM notices"));
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_STR(CTL("notice", "list", "--state", "open").out, "");
	CU_ASSERT_TRUE(has(CTL("notice", "list").out, "acknowledged"));
	r = CTL("notice", "ack", "999999");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "no such notice"));
	UNIT_ASSERT_INT(CTL("notice", "list", "--state", "x").status,
			CTL_USAGE);
}

static void dead_delivery_is_confirmed_by_hand(void)
{
	struct ran r;

	begin();
	make_delivery("dead");
	r = CTL("delivery", "confirm", pg_text("SELECT id FROM deliveries"));
	UNIT_ASSERT_STR(r.err, "");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"), "done");
	UNIT_ASSERT_STR(pg_text("SELECT action || ' ' || detail FROM attempts"),
			"person.confirm tuberryctl");
}

static void what_cannot_be_retried_says_why(void)
{
	const char *id;
	struct ran r;

	begin();
	make_delivery("done");
	id = pg_text("SELECT id FROM deliveries");
	r = CTL("delivery", "discard", id);
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "done"));
	r = CTL("delivery", "retry", "999999");
	UNIT_ASSERT_INT(r.status, CTL_FAILED);
	CU_ASSERT_TRUE(has(r.err, "there is no delivery 999999"));
}

static void docs_and_program_tell_the_same_settings(void)
{
	struct ran r;

	env[0] = NULL;
	r = CTL("show-config");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_STRING_EQUAL(unit_file("../docs/configuration.md", NULL),
			       r.out);
}

static void docs_and_program_tell_the_same_of_messages(void)
{
	struct ran r;

	env[0] = NULL;
	r = CTL("show-fidelity");
	UNIT_ASSERT_INT(r.status, CTL_OK);
	CU_ASSERT_STRING_EQUAL(unit_file("../docs/FIDELITY.md", NULL), r.out);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(wrong_usage_is_64_and_shows_the_usage),
		UNIT_TEST(help_and_version_need_no_settings),
		UNIT_TEST(bad_settings_are_78_and_named_all_at_once),
		UNIT_TEST(migrate_says_what_it_did_and_would_do),
		UNIT_TEST(a_database_that_is_away_is_1_and_names_the_next_step),
		UNIT_TEST(
			a_user_is_created_with_a_password_from_standard_input),
		UNIT_TEST(a_password_file_that_others_can_read_is_refused),
		UNIT_TEST(a_made_up_password_is_printed_once_and_works),
		UNIT_TEST(roles_and_clients_must_fit),
		UNIT_TEST(a_new_password_and_disabling_end_the_sessions),
		UNIT_TEST(a_second_factor_that_was_lost_is_switched_off),
		UNIT_TEST(seed_makes_one_administrator_once),
		UNIT_TEST(seed_takes_the_password_of_a_file),
		UNIT_TEST(an_email_that_the_operator_gives_is_confirmed),
		UNIT_TEST(the_list_tells_factors_and_the_last_sign_in),
		UNIT_TEST(a_dead_delivery_is_listed_and_retried),
		UNIT_TEST(dead_delivery_is_confirmed_by_hand),
		UNIT_TEST(notice_is_listed_until_somebody_knows),
		UNIT_TEST(what_cannot_be_retried_says_why),
		UNIT_TEST(docs_and_program_tell_the_same_settings),
		UNIT_TEST(docs_and_program_tell_the_same_of_messages),
	};

	pg_start();
	return unit_main("ctl", tests, ARRAY_LEN(tests), argc, argv);
}
