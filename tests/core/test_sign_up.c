/*
 * test_sign_up.c - accounts for people whom Telegram vouches for.
 */
#include "config.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/clock.h"
#include "core/as.h"
#include "core/installation.h"
#include "core/invite.h"
#include "core/sign_up.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW     INT64_C(1790000000000000)
#define PERSON  INT64_C(501)
#define WAIT_MS 20000

static struct as_clients c;
static struct account account;

static void begin(void)
{
	as_err = (struct err){ 0 };
	CU_ASSERT_TRUE_FATAL(db_begin(as_db, &as_err));
}

static bool open_with(const struct newcomer *n)
{
	begin();
	return as_end(
		account_open(as_db, &unit_arena, n, NOW, &account, &as_err));
}

static bool open_as(int64_t telegram_user_id)
{
	return open_with(&(struct newcomer){
		.telegram_user_id = telegram_user_id,
		.name = "Анна Петрова",
		.email = "",
	});
}

static const char *text_of(const char *column, int64_t user_id)
{
	return pg_text(arena_printf(&unit_arena,
				    "SELECT %s FROM users WHERE id = %" PRId64,
				    column, user_id));
}

/* Somebody else's row that was written by hand. */
static int64_t somebody(const char *login, const char *columns,
			const char *values)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO users (client_id, login, name, role, created_at%s)"
		" VALUES (%" PRId64 ", '%s', 'x', 'manager', now()%s)"
		" RETURNING id",
		columns, c.ours, login, values));
}

static void a_first_sign_in_makes_a_client_and_its_owner(void)
{
	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	CU_ASSERT_TRUE(account.is_new);
	CU_ASSERT_NOT_EQUAL(account.client_id, c.ours);
	UNIT_ASSERT_STR(account.login, "501");
	UNIT_ASSERT_STR(text_of("concat_ws('|', login, name, role,"
				"  telegram_user_id, client_id = (SELECT"
				"  max(id) FROM clients),"
				"  telegram_confirmed_at IS NOT NULL)",
				account.user_id),
			"501|Анна Петрова|owner|501|t|t");
	UNIT_ASSERT_STR(pg_text("SELECT name FROM clients ORDER BY id DESC"
				" LIMIT 1"),
			"Анна Петрова");
}

static void the_password_is_random_and_works(void)
{
	const char *first;

	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	first = account.password.bytes;
	CU_ASSERT_TRUE(password_matches(
		text_of("password_hash", account.user_id), account.password));
	CU_ASSERT_TRUE_FATAL(open_as(PERSON + 1));
	CU_ASSERT_STRING_NOT_EQUAL(first, account.password.bytes);
	CU_ASSERT_TRUE(account.password.len >= 16);
}

static void whoever_has_an_account_comes_back_to_it(void)
{
	int64_t id;

	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	id = account.user_id;
	CU_ASSERT_TRUE_FATAL(open_with(&(struct newcomer){
		.telegram_user_id = PERSON,
		.name = "Другое имя",
		.email = "not an address",
	}));
	CU_ASSERT_FALSE(account.is_new);
	CU_ASSERT_PTR_NULL(account.password.bytes);
	UNIT_ASSERT_INT(account.user_id, id);
	UNIT_ASSERT_STR(text_of("name || email", id), "Анна Петрова");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM clients"), 3);
}

static void a_number_that_nobody_confirmed_identifies_nobody(void)
{
	int64_t other;

	c = as_setup();
	other = somebody("boris", ", telegram_user_id", ", 501");
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	CU_ASSERT_TRUE(account.is_new);
	CU_ASSERT_NOT_EQUAL(account.user_id, other);
	UNIT_ASSERT_STR(text_of("telegram_user_id", other), "501");
}

static void an_email_identifies_nobody(void)
{
	int64_t other;

	c = as_setup();
	other = somebody("boris", ", email, email_confirmed_at",
			 ", 'anna@example.org', now()");
	CU_ASSERT_TRUE_FATAL(open_with(&(struct newcomer){
		.telegram_user_id = PERSON,
		.name = "Анна",
		.email = "anna@example.org",
	}));
	CU_ASSERT_NOT_EQUAL(account.user_id, other);
	UNIT_ASSERT_STR(
		text_of("concat(email, email_confirmed_at)", account.user_id),
		"anna@example.org");
}

static void a_login_that_was_taken_gets_a_suffix(void)
{
	c = as_setup();
	somebody("501", "", "");
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	UNIT_ASSERT_INT(strncmp(account.login, "501-", 4), 0);
	UNIT_ASSERT_STR(text_of("login", account.user_id), account.login);
}

static void a_disabled_account_is_refused(void)
{
	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	pg_run("UPDATE users SET disabled_at = now()");
	CU_ASSERT_FALSE(open_as(PERSON));
	UNIT_ASSERT_INT(as_err.kind, ERR_DENIED);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 1);
}

static void an_administrator_is_found_as_well(void)
{
	c = as_setup();
	pg_run("INSERT INTO users (login, name, role, telegram_user_id,"
	       " telegram_confirmed_at, created_at) VALUES ('root', 'x',"
	       " 'admin', 501, now(), now())");
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	CU_ASSERT_FALSE(account.is_new);
	UNIT_ASSERT_STR(account.login, "root");
	UNIT_ASSERT_INT(account.client_id, 0);
}

static void nobody_signs_up_where_an_invite_is_needed(void)
{
	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	as_begin(0);
	CU_ASSERT_TRUE_FATAL(as_end(
		sign_up_set(as_db, &unit_arena, "invite", NOW, &as_err)));
	CU_ASSERT_FALSE(open_as(PERSON + 1));
	UNIT_ASSERT_INT(as_err.kind, ERR_DENIED);
	CU_ASSERT_TRUE(open_as(PERSON));
}

/* An invite of our client for one person. */
static int64_t invite(const char *role, bool assigned_only)
{
	struct invite_wish wish = {
		.client_id = c.ours,
		.role = role,
		.assigned_only = assigned_only,
		.uses = 1,
		.days = 1,
		.maker = ROLE_ADMIN,
	};
	struct secret code;
	struct invite i;

	as_begin(0);
	CU_ASSERT_TRUE_FATAL(
		as_end(invite_create(as_db, &unit_arena, &wish, NOW, &i, &code,
				     &as_problems, &as_err)));
	return i.id;
}

static bool open_invited(int64_t telegram_user_id, int64_t invite_id)
{
	return open_with(&(struct newcomer){
		.telegram_user_id = telegram_user_id,
		.name = "Анна",
		.email = "",
		.invite_id = invite_id,
		.invite_client_id = c.ours,
	});
}

static void an_invite_says_where_and_as_what(void)
{
	int64_t id, noted;

	c = as_setup();
	noted = somebody("boris", ", telegram_user_id", ", 501");
	id = invite("manager", true);
	CU_ASSERT_TRUE_FATAL(open_invited(PERSON, id));
	UNIT_ASSERT_INT(account.client_id, c.ours);
	UNIT_ASSERT_STR(account.role, "manager");
	UNIT_ASSERT_STR(text_of("concat_ws('|', role, assigned_only,"
				"  telegram_user_id)",
				account.user_id),
			"manager|t|501");
	UNIT_ASSERT_STR(text_of("coalesce(telegram_user_id, 0)", noted), "0");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM clients"), 2);
}

static void an_invite_is_used_once_by_those_who_are_new(void)
{
	int64_t id;

	c = as_setup();
	id = invite("owner", false);
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	CU_ASSERT_TRUE_FATAL(open_invited(PERSON, id));
	CU_ASSERT_NOT_EQUAL(account.client_id, c.ours);
	UNIT_ASSERT_INT(pg_count("SELECT uses FROM invites"), 0);
	CU_ASSERT_TRUE_FATAL(open_invited(PERSON + 1, id));
	UNIT_ASSERT_INT(pg_count("SELECT uses FROM invites"), 1);
	CU_ASSERT_FALSE(open_invited(PERSON + 2, id));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 2);
}

static bool place(int64_t invite_id, const char **client_name)
{
	struct newcomer n = {
		.telegram_user_id = PERSON,
		.name = "",
		.email = "",
		.invite_id = invite_id,
		.invite_client_id = c.ours,
	};

	begin();
	return as_end(account_place(as_db, &unit_arena, &n, NOW, client_name,
				    &as_err));
}

static void where_one_would_come_is_told_without_coming(void)
{
	const char *name;
	int64_t id;

	c = as_setup();
	id = invite("owner", false);
	CU_ASSERT_TRUE(place(0, &name));
	CU_ASSERT_PTR_NULL(name);
	CU_ASSERT_TRUE(place(id, &name));
	UNIT_ASSERT_STR(name, "Ours");
	UNIT_ASSERT_INT(pg_count("SELECT uses FROM invites"), 0);
	pg_run("UPDATE invites SET revoked_at = now()");
	CU_ASSERT_FALSE(place(id, &name));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

static void what_people_say_of_themselves_is_checked(void)
{
	static const char *const bad[] = { "anna", "@", "a@", "a b@c",
					   "<a@b>" };

	c = as_setup();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(open_with(&(struct newcomer){
			.telegram_user_id = PERSON,
			.name = "Анна",
			.email = bad[i],
		}));
		UNIT_ASSERT_INT(as_err.kind, ERR_INPUT);
		UNIT_ASSERT_STR(as_err.field, "email");
	}
	CU_ASSERT_TRUE_FATAL(open_with(&(struct newcomer){
		.telegram_user_id = PERSON,
		.name = " ",
		.email = "",
	}));
	UNIT_ASSERT_STR(text_of("name", account.user_id), "Telegram 501");
}

static void a_name_is_made_of_what_telegram_knows(void)
{
	struct arena *a = &unit_arena;

	UNIT_ASSERT_STR(newcomer_name(a, "Анна", "Петрова", "anna"),
			"Анна Петрова");
	UNIT_ASSERT_STR(newcomer_name(a, "Анна", "", ""), "Анна");
	UNIT_ASSERT_STR(newcomer_name(a, "", "", "anna"), "anna");
	UNIT_ASSERT_STR(newcomer_name(a, "", "", ""), "");
}

static bool link_to(int64_t client_id, int64_t user_id)
{
	as_begin(client_id);
	return as_end(account_link(as_db, &unit_arena, client_id, user_id,
				   PERSON, NOW, &as_err));
}

static void a_proven_number_outranks_a_note_of_it(void)
{
	int64_t noted, proven;

	c = as_setup();
	noted = somebody("boris", ", telegram_user_id", ", 501");
	proven = somebody("anna", "", "");
	CU_ASSERT_TRUE(link_to(c.ours, proven));
	UNIT_ASSERT_STR(text_of("coalesce(telegram_user_id, 0)", noted), "0");
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	UNIT_ASSERT_INT(account.user_id, proven);
}

static void a_number_of_another_account_is_not_linked(void)
{
	int64_t other;

	c = as_setup();
	CU_ASSERT_TRUE_FATAL(open_as(PERSON));
	other = somebody("boris", "", "");
	CU_ASSERT_FALSE(link_to(c.ours, other));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(text_of("coalesce(telegram_user_id, 0)", other), "0");
}

static const struct telegram_proof proof = {
	.telegram_user_id = PERSON,
	.proof_hash = "25901b259bd17a8f7315a4f495256e4b",
	.expires_at = NOW + 660 * CLOCK_SECOND_US,
};

static bool spend(void)
{
	begin();
	return as_end(
		telegram_proof_spend(as_db, &unit_arena, &proof, &as_err));
}

static void a_proof_is_good_once(void)
{
	c = as_setup();
	CU_ASSERT_TRUE(spend());
	CU_ASSERT_FALSE(spend());
	UNIT_ASSERT_INT(as_err.kind, ERR_AUTH);
}

/* Another worker with the same proof, while the first has not ended yet. */
static void *rival(void *won)
{
	struct db *db = db_new(pg_url(PG_WEB), "rival", WAIT_MS);
	struct arena a = { 0 };
	struct err err = { 0 };
	bool ok;

	ok = db_begin(db, &err) && telegram_proof_spend(db, &a, &proof, &err);
	*(bool *)won = db_finish(db, ok, &err);
	db_free(db);
	arena_release(&a);
	return NULL;
}

static bool rival_waits(void)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (clock_mono_ms() < until_ms)
		if (pg_count("SELECT count(*) FROM pg_locks WHERE NOT granted"))
			return true;
	return false;
}

/* Whether the rival won. */
static bool race(bool first_commits)
{
	pthread_t thread;
	bool won = false;

	c = as_setup();
	begin();
	CU_ASSERT_TRUE_FATAL(
		telegram_proof_spend(as_db, &unit_arena, &proof, &as_err));
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, rival, &won), 0);
	CU_ASSERT_TRUE(rival_waits());
	CU_ASSERT_EQUAL(as_end(first_commits), first_commits);
	pthread_join(thread, NULL);
	return won;
}

static void of_two_at_once_one_wins(void)
{
	CU_ASSERT_FALSE(race(true));
	CU_ASSERT_TRUE(race(false));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_first_sign_in_makes_a_client_and_its_owner),
		UNIT_TEST(the_password_is_random_and_works),
		UNIT_TEST(whoever_has_an_account_comes_back_to_it),
		UNIT_TEST(a_number_that_nobody_confirmed_identifies_nobody),
		UNIT_TEST(an_email_identifies_nobody),
		UNIT_TEST(a_login_that_was_taken_gets_a_suffix),
		UNIT_TEST(a_disabled_account_is_refused),
		UNIT_TEST(an_administrator_is_found_as_well),
		UNIT_TEST(nobody_signs_up_where_an_invite_is_needed),
		UNIT_TEST(an_invite_says_where_and_as_what),
		UNIT_TEST(an_invite_is_used_once_by_those_who_are_new),
		UNIT_TEST(where_one_would_come_is_told_without_coming),
		UNIT_TEST(what_people_say_of_themselves_is_checked),
		UNIT_TEST(a_name_is_made_of_what_telegram_knows),
		UNIT_TEST(a_proven_number_outranks_a_note_of_it),
		UNIT_TEST(a_number_of_another_account_is_not_linked),
		UNIT_TEST(a_proof_is_good_once),
		UNIT_TEST(of_two_at_once_one_wins),
	};

	pg_start();
	return unit_main("sign_up", tests, ARRAY_LEN(tests), argc, argv);
}
