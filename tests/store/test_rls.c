/*
 * test_rls.c - a client never sees another one's rows, table by table.
 *
 * The tables come from the catalog: a new one that is not protected, or that
 * rls_rows.sql does not fill, fails here.
 */
#include "config.h"

#include "base/err.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/db.h"
#include "store/link_token.h"

#define REFUSED "42501" /* insufficient_privilege; also a policy's refusal */

static struct db *web;
static struct err err;

static void begin_test(void)
{
	pg_reset();
	pg_run(unit_file("store/rls_rows.sql", NULL));
	pg_run("SELECT fill(1), fill(2);"
	       "GRANT EXECUTE ON FUNCTION attempt(text)"
	       " TO tuberry_web, tuberry_daemon");
	err = (struct err){ 0 };
	web = db_new(pg_url(PG_WEB), "test_rls", 20000);
}

static void end_test(void)
{
	db_free(web);
}

static const struct stmt set_client = {
	"set_client",
	"SELECT set_config('app.client_id', $1, true)",
};
static const struct stmt run = { "attempt", "SELECT attempt($1)" };

/* What comes of it for this client ("" none), undone at once. */
static const char *attempt_by(struct db *db, const char *client,
			      const char *sql)
{
	const char *outcome = "no answer";
	struct rows r;

	if (db_begin(db, &err) &&
	    db_exec(db, &set_client, DB_ARGS(client), &err) &&
	    db_one(db, &unit_arena, &run, DB_ARGS(sql), &r, &err))
		outcome = rows_str(&r, 0, 0);
	db_finish(db, false, &err);
	UNIT_ASSERT_STR(err.text, "");
	return outcome;
}

static const struct stmt set_more = {
	"set_more",
	"SELECT set_config('app.user_id', $1, true),"
	" set_config('app.role', $2, true)",
};

/* The same in a transaction that is also this user's, in this role; "" not. */
static const char *attempt_as(const char *client, const char *user,
			      const char *role, const char *sql)
{
	const char *outcome = "no answer";
	struct rows r;

	if (db_begin(web, &err) &&
	    db_exec(web, &set_client, DB_ARGS(client), &err) &&
	    db_exec(web, &set_more, DB_ARGS(user, role), &err) &&
	    db_one(web, &unit_arena, &run, DB_ARGS(sql), &r, &err))
		outcome = rows_str(&r, 0, 0);
	db_finish(web, false, &err);
	UNIT_ASSERT_STR(err.text, "");
	return outcome;
}

/* `sql` holds one %s: the table's name. */
static const char *attempt_on(const char *client, const char *sql,
			      const char *table)
{
	const char *at = strstr(sql, "%s");

	return attempt_by(web, client,
			  arena_printf(&unit_arena, "%.*s%s%s", (int)(at - sql),
				       sql, table, at + 2));
}

/* Calls `check` for each tenant's table. */
static void each_table(void (*check)(const char *table))
{
	int64_t n;

	begin_test();
	n = pg_count("SELECT count(*) FROM tenant_tables");
	CU_ASSERT_TRUE(n >= 19);
	for (int64_t i = 0; i < n; i++)
		check(pg_text(arena_printf(&unit_arena,
					   "SELECT name FROM tenant_tables"
					   " ORDER BY name OFFSET %lld LIMIT 1",
					   (long long)i)));
	end_test();
}

static void assert_outcome(const char *client, const char *sql,
			   const char *table, const char *wanted)
{
	unit_assert_str(attempt_on(client, sql, table), wanted, table, __FILE__,
			__LINE__);
}

static void every_tenant_table_is_protected(void)
{
	begin_test();
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(name, ' ')"
				" FROM unprotected_tables"),
			"");
	end_test();
}

static void a_new_table_without_a_policy_is_found(void)
{
	begin_test();
	pg_run("CREATE TABLE newcomer (id bigint, client_id bigint)");
	UNIT_ASSERT_STR(pg_text("SELECT name FROM unprotected_tables"),
			"newcomer");
	pg_run("ALTER TABLE newcomer ENABLE ROW LEVEL SECURITY;"
	       "ALTER TABLE newcomer FORCE ROW LEVEL SECURITY");
	UNIT_ASSERT_STR(pg_text("SELECT name FROM unprotected_tables"),
			"newcomer");
	end_test();
}

static void is_filled(const char *table)
{
	unit_assert_int(pg_count(arena_printf(&unit_arena,
					      "SELECT count(DISTINCT client_id)"
					      " FROM %s",
					      table)),
			2, table, __FILE__, __LINE__);
}

static void the_test_has_rows_of_both_clients_everywhere(void)
{
	each_table(is_filled);
}

/* The services add to it and may do nothing else. */
static bool is_append_only(const char *table)
{
	return strcmp(table, "audit_log") == 0;
}

static void is_closed(const char *table)
{
	const char *none = is_append_only(table) ? REFUSED : "0";

	assert_outcome("", "SELECT 1 FROM %s", table, "0");
	assert_outcome("", "SELECT 1 FROM %s FOR UPDATE", table, none);
	assert_outcome("", "UPDATE %s SET client_id = client_id", table, none);
	assert_outcome("", "DELETE FROM %s", table, none);
	assert_outcome("", "INSERT INTO %s (client_id) VALUES (1)", table,
		       REFUSED);
}

static void without_a_client_the_web_sees_and_does_nothing(void)
{
	each_table(is_closed);
}

static void is_apart(const char *table)
{
	bool append_only = is_append_only(table);
	const char *none = append_only ? REFUSED : "0";
	const char *own = append_only ? REFUSED : "1";

	assert_outcome("1", "SELECT 1 FROM %s", table, "1");
	assert_outcome("1", "SELECT 1 FROM %s WHERE client_id <> 1", table,
		       "0");
	assert_outcome("1", "SELECT 1 FROM %s FOR UPDATE", table, own);
	assert_outcome("1", "SELECT 1 FROM %s WHERE client_id = 2 FOR UPDATE",
		       table, none);
	assert_outcome("1", "UPDATE %s SET client_id = client_id", table, own);
	assert_outcome("1", "UPDATE %s SET client_id = 1 WHERE client_id = 2",
		       table, none);
	assert_outcome("1", "DELETE FROM %s WHERE client_id = 2", table, none);
	assert_outcome("1", "INSERT INTO %s (client_id) VALUES (2)", table,
		       REFUSED);
	assert_outcome("1", "UPDATE %s SET client_id = 2", table, REFUSED);
}

static void with_a_client_set_the_web_sees_only_its_rows(void)
{
	each_table(is_apart);
}

static void clients_themselves_are_apart(void)
{
	begin_test();
	UNIT_ASSERT_STR(attempt_by(web, "", "SELECT 1 FROM clients"), "0");
	UNIT_ASSERT_STR(attempt_by(web, "2", "SELECT 1 FROM clients"), "1");
	UNIT_ASSERT_STR(attempt_by(web, "2",
				   "UPDATE clients SET name = 'x'"
				   " WHERE id = 1"),
			"0");
	UNIT_ASSERT_STR(attempt_by(web, "2",
				   "INSERT INTO clients (name, created_at)"
				   " VALUES ('x', '2026-01-01')"),
			REFUSED);
	end_test();
}

/*
 * A reference that carries client_id cannot name another client's row.  The
 * exceptions: an administrator's session and token have no client, and an
 * administrator may acknowledge a notice and make an invite; a delivery, its
 * attempts and its complaint hang on their lane, whose dialog has the client.
 */
static void references_carry_the_client(void)
{
	begin_test();
	UNIT_ASSERT_STR(
		pg_text("SELECT string_agg(conrelid::regclass || ' to '"
			"  || confrelid::regclass, ', ' ORDER BY 1)"
			" FROM pg_constraint k"
			" WHERE contype = 'f'"
			"  AND conrelid IN (SELECT oid FROM tenant_tables)"
			"  AND confrelid IN (SELECT oid FROM tenant_tables)"
			"  AND NOT EXISTS (SELECT FROM pg_attribute a"
			"   WHERE a.attrelid = k.conrelid"
			"    AND a.attnum = ANY (k.conkey)"
			"    AND a.attname = 'client_id')"),
		"sessions to users, deliveries to lanes,"
		" attempts to deliveries, complaints to deliveries,"
		" notices to users, api_tokens to users, invites to users");
	end_test();
}

/* A number of rows, not a SQLSTATE. */
static bool is_done(const char *outcome)
{
	return strlen(outcome) < strlen(REFUSED);
}

/* Every reference is turned to another client's row.  The exceptions are those
 * above that no other reference of the same row makes up for: an attempt hangs
 * on its delivery alone, and whom a notice or an invite names may be an
 * administrator, of no client. */
static void no_row_can_be_made_to_name_anothers(void)
{
	const char *done = "", *statement;
	int64_t n;

	begin_test();
	n = pg_count("SELECT count(*) FROM foreign_references()");
	CU_ASSERT_TRUE(n >= 20);
	for (int64_t i = 0; i < n; i++) {
		statement = pg_text(arena_printf(
			&unit_arena,
			"SELECT statement FROM foreign_references()"
			" OFFSET %lld LIMIT 1",
			(long long)i));
		if (is_done(attempt_by(web, "1", statement)))
			done = arena_printf(&unit_arena, "%s%s; ", done,
					    statement);
	}
	UNIT_ASSERT_STR(
		done,
		"UPDATE attempts SET delivery_id = '2' WHERE client_id = 1; "
		"UPDATE invites SET created_by = '2' WHERE client_id = 1; "
		"UPDATE notices SET acknowledged_by = '2' WHERE client_id = "
		"1; ");
	end_test();
}

static void even_the_daemon_cannot_mix_clients(void)
{
	static const char *const statements[] = {
		"INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
		" author, kind, written_at, created_at) SELECT 1, id, 'web', 1,"
		" 'operator', 'text', created_at, created_at FROM dialogs"
		" WHERE client_id = 2",
		"UPDATE projects SET bot_id = (SELECT id FROM bots"
		" WHERE client_id = 2) WHERE client_id = 1",
		"UPDATE avito_accounts SET project_id = (SELECT id FROM"
		" projects WHERE client_id = 2) WHERE client_id = 1",
		"UPDATE dialogs SET assignee_id = (SELECT id FROM users"
		" WHERE client_id = 2) WHERE client_id = 1",
		"UPDATE lanes SET dialog_id = (SELECT id FROM dialogs"
		" WHERE client_id = 2), direction = 'buyer'"
		" WHERE client_id = 1",
		"UPDATE deliveries SET message_id = (SELECT id FROM messages"
		" WHERE client_id = 2) WHERE client_id = 1",
	};
	struct db *daemon;

	begin_test();
	daemon = db_new(pg_url(PG_DAEMON), "test_rls", 20000);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		unit_assert_str(attempt_by(daemon, "", statements[i]), "23503",
				statements[i], __FILE__, __LINE__);
	db_free(daemon);
	end_test();
}

static const char *user_of(const char *login)
{
	return pg_text(arena_printf(
		&unit_arena, "SELECT id FROM users WHERE login = '%s'", login));
}

static const char *with_id(const char *sql, const char *id)
{
	const char *at = strstr(sql, "%s");

	return arena_printf(&unit_arena, "%.*s%s%s", (int)(at - sql), sql, id,
			    at + 2);
}

/* Whoever is signing in is let to their own row, so nothing in it may make
 * them more than they are. */
static void only_administrators_raise_people_or_move_them(void)
{
	static const char *const refused[] = {
		"UPDATE users SET role = 'admin', client_id = NULL"
		" WHERE id = %s",
		"UPDATE users SET client_id = 2 WHERE id = %s",
	};
	const char *user;

	begin_test();
	user = user_of("login1");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const char *sql = with_id(refused[i], user);

		pg_run("DELETE FROM sessions; DELETE FROM api_tokens");
		UNIT_ASSERT_STR(attempt_as("", user, "", sql), REFUSED);
		UNIT_ASSERT_STR(attempt_as("1", user, "owner", sql), REFUSED);
		UNIT_ASSERT_STR(attempt_as("", user, "admin", sql), "1");
	}
	UNIT_ASSERT_STR(attempt_as("1", user, "owner",
				   with_id("UPDATE users SET role = 'manager'"
					   " WHERE id = %s",
					   user)),
			"1");
	UNIT_ASSERT_STR(attempt_as("", user, "",
				   with_id("UPDATE users SET totp_step = 5"
					   " WHERE id = %s",
					   user)),
			"1");
	end_test();
}

/* Or a client could sign in as somebody else's user. */
static void sessions_and_tokens_are_of_the_clients_own_users(void)
{
	static const char *const statements[] = {
		"INSERT INTO sessions (client_id, user_id, refreshed_at,"
		" created_at, seen_at, expires_at, cookie_hash) SELECT 1, %s,"
		" t, t, t, t, 'mine' FROM (VALUES (now())) x (t)",
		"UPDATE sessions SET user_id = %s",
		"INSERT INTO api_tokens (client_id, user_id, name, scope,"
		" token_hash, token_tail, created_at)"
		" VALUES (1, %s, 'x', 'write', 'mine', '', now())",
		"UPDATE api_tokens SET user_id = %s",
	};
	static const char *const logins[] = { "login2", "root" };

	begin_test();
	pg_run("INSERT INTO users (login, name, role, created_at)"
	       " VALUES ('root', 'Root', 'admin', now())");
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		for (size_t k = 0; k < ARRAY_LEN(logins); k++)
			unit_assert_str(attempt_by(web, "1",
						   with_id(statements[i],
							   user_of(logins[k]))),
					"23503", statements[i], __FILE__,
					__LINE__);
	end_test();
}

static void what_belongs_to_no_client_is_hardly_open_to_the_web(void)
{
	static const struct {
		const char *role, *sql, *outcome;
	} cases[] = {
		{ "", "SELECT 1 FROM link_tokens", "0" },
		{ "owner", "SELECT 1 FROM link_tokens FOR UPDATE", "0" },
		{ "owner", "SELECT 1 FROM link_tokens WHERE token_hash = 'h'",
		  "0" },
		{ "", "UPDATE link_tokens SET used_at = now()", "0" },
		/* Whom it proves is not to be changed by anybody. */
		{ "admin", "UPDATE link_tokens SET telegram_user_id = 2",
		  REFUSED },
		{ "admin", "DELETE FROM link_tokens", REFUSED },
		{ "owner",
		  "INSERT INTO link_tokens (token_hash, telegram_user_id,"
		  " created_at, expires_at) VALUES ('x', 1, now(), now())",
		  REFUSED },
		{ "", "SELECT 1 FROM spent_proofs", REFUSED },
		{ "owner", "UPDATE spent_proofs SET expires_at = now()",
		  REFUSED },
		{ "owner", "DELETE FROM spent_proofs", REFUSED },
		{ "admin", "DELETE FROM spent_proofs", REFUSED },
		{ "", "INSERT INTO spent_proofs VALUES ('proof', now())",
		  "23505" },
		{ "owner",
		  "INSERT INTO settings (name, value, updated_at)"
		  " VALUES ('y', 'y', now())",
		  REFUSED },
		{ "owner", "UPDATE settings SET value = 'y'", "0" },
		{ "owner", "DELETE FROM settings", "0" },
		{ "owner", "SELECT 1 FROM settings FOR UPDATE", "0" },
		{ "", "UPDATE settings SET value = 'y'", "0" },
		{ "", "DELETE FROM settings", "0" },
		{ "",
		  "INSERT INTO settings (name, value, updated_at)"
		  " VALUES ('x', 'y', now())"
		  " ON CONFLICT (name) DO UPDATE SET value = 'y'",
		  REFUSED },
		{ "owner", "UPDATE master_bot SET status = 'off'", "0" },
		{ "owner", "SELECT 1 FROM master_bot FOR UPDATE", "0" },
		{ "admin", "DELETE FROM master_bot", REFUSED },
		{ "admin", "INSERT INTO master_bot DEFAULT VALUES", REFUSED },
	};

	begin_test();
	pg_run("INSERT INTO link_tokens (token_hash, telegram_user_id,"
	       "  created_at, expires_at) VALUES ('h', 1, now(), now());"
	       "INSERT INTO spent_proofs VALUES ('proof', now());"
	       "INSERT INTO settings (name, value, updated_at)"
	       " VALUES ('x', 'x', now())");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		unit_assert_str(
			attempt_as("1", "", cases[i].role, cases[i].sql),
			cases[i].outcome, cases[i].sql, __FILE__, __LINE__);
	end_test();
}

/* The right to make links is the right to nothing else. */
static void who_makes_links_sees_no_clients_rows(void)
{
	static const struct stmt users = { "users", "SELECT id FROM users" };
	struct rows r = { 0 };

	begin_test();
	CU_ASSERT_TRUE(db_begin(web, &err) && link_token_may_make(web, &err) &&
		       db_all(web, &unit_arena, &users, DB_NO_ARGS, &r, &err));
	UNIT_ASSERT_INT(r.n, 0);
	db_finish(web, false, &err);
	end_test();
}

/* Not even an administrator or the daemon. */
static void the_audit_is_only_added_to(void)
{
	static const char *const statements[] = {
		"UPDATE audit_log SET login = 'somebody'",
		"DELETE FROM audit_log",
		"TRUNCATE audit_log",
		"INSERT INTO audit_log (id, at, actor, action)"
		" OVERRIDING SYSTEM VALUE SELECT id, now(), 'user', 'x'"
		" FROM audit_log LIMIT 1"
		" ON CONFLICT (id) DO UPDATE SET login = 'somebody'",
	};
	struct db *daemon;

	begin_test();
	daemon = db_new(pg_url(PG_DAEMON), "test_rls", 20000);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		unit_assert_str(attempt_as("1", "", "admin", statements[i]),
				REFUSED, statements[i], __FILE__, __LINE__);
		unit_assert_str(attempt_by(daemon, "", statements[i]), REFUSED,
				statements[i], __FILE__, __LINE__);
	}
	db_free(daemon);
	UNIT_ASSERT_STR(
		attempt_by(web, "",
			   "INSERT INTO audit_log (at, actor, action)"
			   " VALUES (now(), 'user', 'sign_in.refused')"),
		"1");
	end_test();
}

static void the_services_have_no_power_over_the_schema(void)
{
	static const char *const statements[] = {
		"ALTER TABLE users DISABLE ROW LEVEL SECURITY",
		"CREATE POLICY mine ON users USING (true)",
		"CREATE TABLE mine (id bigint)",
		"DROP TABLE quarantine",
		"TRUNCATE quarantine",
		"SET ROLE tuberry_owner",
		"SET ROLE tuberry_lookup",
		"CREATE TEMP TABLE users (id bigint)",
	};
	struct db *daemon;

	begin_test();
	daemon = db_new(pg_url(PG_DAEMON), "test_rls", 20000);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		unit_assert_str(attempt_by(web, "1", statements[i]), REFUSED,
				statements[i], __FILE__, __LINE__);
		unit_assert_str(attempt_by(daemon, "", statements[i]), REFUSED,
				statements[i], __FILE__, __LINE__);
	}
	db_free(daemon);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM pg_roles"
				 " WHERE rolname LIKE 'tuberry%'"
				 "  AND (rolsuper OR rolbypassrls"
				 "   OR rolcreaterole OR rolcreatedb)"),
			0);
	end_test();
}

/* Those of words, filters and windows only compute; auto_reply_answered() sees
 * what its caller sees. */
static void the_web_may_call_the_lookups_and_nothing_else_of_ours(void)
{
	static const char ours[] =
		"SELECT string_agg(proname, ' ' ORDER BY proname)"
		" FROM pg_proc p WHERE pronamespace = 'public'::regnamespace"
		"  AND proname NOT IN ('fill', 'attempt',"
		"   'foreign_references')"
		"  AND NOT EXISTS (SELECT FROM pg_depend d"
		"   WHERE d.objid = p.oid AND d.deptype = 'e')"
		"  AND has_function_privilege('%s', p.oid, 'EXECUTE')"
		"  AND proname %s LIKE 'find\\_%%'";

	begin_test();
	CU_ASSERT_STRING_NOT_EQUAL(
		pg_text(arena_printf(&unit_arena, ours, "tuberry_web", "")),
		"");
	UNIT_ASSERT_STR(
		pg_text(arena_printf(&unit_arena, ours, "tuberry_web", "NOT")),
		"auto_reply_answered auto_reply_day auto_reply_occurrence"
		" auto_reply_openings filter_verdict plain_words words_found "
		"words_of"
		" zone_instant");
	UNIT_ASSERT_STR(
		pg_text(arena_printf(&unit_arena, ours, "tuberry_daemon", "")),
		"");
	end_test();
}

/* And with the role of who was found. */
static void lookups_answer_with_ids_alone(void)
{
	begin_test();
	UNIT_ASSERT_STR(
		pg_text("SELECT string_agg(p.oid::regprocedure::text, ' ')"
			" FROM pg_proc p WHERE proname LIKE 'find\\_%'"
			"  AND pronamespace = 'public'::regnamespace"
			"  AND (NOT prosecdef"
			"   OR proowner <> 'tuberry_lookup'::regrole"
			"   OR proconfig IS NULL"
			"   OR proconfig::text NOT LIKE"
			"    '%search_path=public, pg_temp%'"
			"   OR EXISTS (SELECT FROM unnest(proargnames,"
			"     proargmodes, proallargtypes) AS x (name, mode, "
			"type)"
			"    WHERE mode = 't' AND name <> 'role'"
			"     AND (type <> 'bigint'::regtype"
			"      OR name !~ '_id$')))"),
		"");
	end_test();
}

static void the_role_that_sees_all_cannot_sign_in(void)
{
	struct db *lookup;

	begin_test();
	lookup = db_new(pg_url_as("tuberry_lookup"), "test_rls", 0);
	unit_expect_log(LOG_WARN, "db.connect_failed");
	CU_ASSERT_FALSE(db_ready(lookup, &err));
	db_free(lookup);
	end_test();
}

static void a_lookup_finds_by_the_right_secret_only(void)
{
	begin_test();
	UNIT_ASSERT_STR(attempt_by(web, "",
				   "SELECT client_id FROM find_bot_hook("
				   "(SELECT 1), 'nonsense')"),
			"0");
	UNIT_ASSERT_STR(
		attempt_by(web, "",
			   arena_printf(&unit_arena,
					"SELECT client_id FROM"
					" find_bot_hook(%s, 'bot2')",
					pg_text("SELECT id FROM bots"
						" WHERE client_id = 2"))),
		"1");
	end_test();
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_tenant_table_is_protected),
		UNIT_TEST(a_new_table_without_a_policy_is_found),
		UNIT_TEST(the_test_has_rows_of_both_clients_everywhere),
		UNIT_TEST(without_a_client_the_web_sees_and_does_nothing),
		UNIT_TEST(with_a_client_set_the_web_sees_only_its_rows),
		UNIT_TEST(clients_themselves_are_apart),
		UNIT_TEST(references_carry_the_client),
		UNIT_TEST(no_row_can_be_made_to_name_anothers),
		UNIT_TEST(even_the_daemon_cannot_mix_clients),
		UNIT_TEST(only_administrators_raise_people_or_move_them),
		UNIT_TEST(sessions_and_tokens_are_of_the_clients_own_users),
		UNIT_TEST(what_belongs_to_no_client_is_hardly_open_to_the_web),
		UNIT_TEST(who_makes_links_sees_no_clients_rows),
		UNIT_TEST(the_audit_is_only_added_to),
		UNIT_TEST(the_services_have_no_power_over_the_schema),
		UNIT_TEST(
			the_web_may_call_the_lookups_and_nothing_else_of_ours),
		UNIT_TEST(lookups_answer_with_ids_alone),
		UNIT_TEST(the_role_that_sees_all_cannot_sign_in),
		UNIT_TEST(a_lookup_finds_by_the_right_secret_only),
	};

	pg_start();
	return unit_main("rls", tests, ARRAY_LEN(tests), argc, argv);
}
