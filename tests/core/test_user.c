/*
 * test_user.c - who may sign in: made, changed, dismissed.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "core/as.h"
#include "core/user.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW INT64_C(1790000000000000)

static struct as_clients c;
static const struct secret no_password;

static struct secret password(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static bool add(int64_t client_id, const char *login, const char *role,
		struct user *u)
{
	*u = (struct user){
		.client_id = client_id,
		.login = login,
		.name = login,
		.role = role,
	};
	as_begin(client_id);
	return as_end(user_add(as_db, &unit_arena, client_id, u, no_password,
			       NOW, &as_err));
}

static void a_login_is_unique_whatever_its_case(void)
{
	struct user u;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "owner", &u));
	CU_ASSERT_FALSE(add(c.other, "ANNA", "owner", &u));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "login");
}

static void all_that_is_wrong_is_named(void)
{
	struct user u = {
		.login = "a b",
		.name = "",
		.role = "king",
		.telegram_user_id = -1,
	};

	as_problems = (struct problems){ .a = &unit_arena };
	user_check(&u, no_password, &as_problems);
	UNIT_ASSERT_STR(as_bad_fields(),
			"login,name,role,client_id,telegram_user_id");
	as_problems = (struct problems){ .a = &unit_arena };
	u = (struct user){
		.login = "anna", .name = "Anna", .role = "admin", .client_id = 5
	};
	user_check(&u, no_password, &as_problems);
	UNIT_ASSERT_STR(as_bad_fields(), "client_id");
}

static void a_password_is_as_long_as_its_characters(void)
{
	struct err err = { 0 };
	char *longest = arena_alloc(&unit_arena, 4 * PASSWORD_MAX + 1);

	CU_ASSERT_FALSE(password_check(password("пароль7"), &err));
	UNIT_ASSERT_STR(err.field, "password");
	CU_ASSERT_TRUE(password_check(password("пароль78"), &err));
	for (int i = 0; i < PASSWORD_MAX; i++)
		memcpy(longest + 4 * i, "🔑", 4);
	CU_ASSERT_TRUE(password_check(password(longest), &err));
	CU_ASSERT_FALSE(password_check(
		password(arena_printf(&unit_arena, "%sx", longest)), &err));
}

/* Continuation bytes are no characters, but they cost as much to hash. */
static void a_password_is_no_flood_of_bytes(void)
{
	char *s = arena_alloc(&unit_arena, 64 * 1024 + 1);
	struct err err = { 0 };

	memset(s, 0x80, 64 * 1024);
	memcpy(s, "password", 8);
	CU_ASSERT_FALSE(password_check(password(s), &err));
}

static void whoever_sees_assigned_dialogs_only_is_a_manager(void)
{
	struct user u = {
		.login = "anna",
		.name = "Anna",
		.role = "owner",
		.client_id = 5,
		.assigned_only = true,
	};

	as_problems = (struct problems){ .a = &unit_arena };
	user_check(&u, no_password, &as_problems);
	UNIT_ASSERT_STR(as_bad_fields(), "assigned_only");
	as_problems = (struct problems){ .a = &unit_arena };
	u.role = "manager";
	user_check(&u, no_password, &as_problems);
	UNIT_ASSERT_STR(as_bad_fields(), "");
}

static void a_bad_email_is_named_once(void)
{
	static const char *const bad[] = { "anna",  "@b",    "a@",
					   "a@b@c", "a b@c", "<a@b>" };
	struct user u = {
		.login = "anna",
		.name = "Anna",
		.role = "manager",
		.client_id = 5,
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		as_problems = (struct problems){ .a = &unit_arena };
		u.email = bad[i];
		user_check(&u, no_password, &as_problems);
		UNIT_ASSERT_STR(as_bad_fields(), "email");
	}
}

static bool change(const struct user *old, const struct user *u,
		   struct secret secret)
{
	struct user before, after = *u;

	as_begin(old->client_id);
	return as_end(user_lock(as_db, &unit_arena, old->client_id, old->id,
				&before, &as_err) &&
		      user_change(as_db, &unit_arena, old->client_id, &before,
				  &after, secret, NOW, &as_problems, &as_err));
}

static void open_session(const struct user *u)
{
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO sessions (client_id, user_id, created_at, seen_at,"
		" refreshed_at, expires_at) VALUES (%" PRId64 ", %" PRId64
		", now(), now(), now(), now() + '1 day')",
		u->client_id, u->id));
}

static int64_t open_sessions(void)
{
	return pg_count("SELECT count(*) FROM sessions WHERE ended_at IS NULL");
}

static void add_token(const struct user *u)
{
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO api_tokens (client_id, user_id, name, scope,"
		" token_hash, token_tail, created_at) VALUES (%" PRId64
		", %" PRId64 ", 'program', 'read', 'hash', '', now())",
		u->client_id, u->id));
}

static int64_t live_tokens(void)
{
	return pg_count("SELECT count(*) FROM api_tokens"
			" WHERE revoked_at IS NULL");
}

static void a_new_password_ends_sessions_and_tokens(void)
{
	struct user u;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "manager", &u));
	open_session(&u);
	add_token(&u);
	CU_ASSERT_FALSE(change(&u, &u, password("short")));
	UNIT_ASSERT_STR(as_bad_fields(), "password");
	CU_ASSERT_TRUE(change(&u, &u, no_password));
	UNIT_ASSERT_INT(open_sessions(), 1);
	UNIT_ASSERT_INT(live_tokens(), 1);
	CU_ASSERT_TRUE(change(&u, &u, password("long enough")));
	UNIT_ASSERT_INT(open_sessions(), 0);
	UNIT_ASSERT_INT(live_tokens(), 0);
}

static void disabling_ends_the_sessions(void)
{
	struct user u, off;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "manager", &u));
	open_session(&u);
	off = u;
	off.disabled_at = NOW;
	CU_ASSERT_TRUE(change(&u, &off, no_password));
	UNIT_ASSERT_INT(open_sessions(), 0);
}

static const char *confirmed(void)
{
	return pg_text("SELECT telegram_confirmed_at IS NOT NULL FROM users");
}

static const char *email_signs_in(const char *email)
{
	return pg_text(arena_printf(
		&unit_arena, "SELECT count(*) FROM find_login('%s')", email));
}

static void an_email_signs_in_when_an_administrator_set_it(void)
{
	struct user u, changed;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "manager", &u));
	changed = u;
	changed.email = "anna@example.com";
	CU_ASSERT_TRUE(change(&u, &changed, no_password));
	UNIT_ASSERT_STR(email_signs_in("anna@example.com"), "0");
	as_begin(0);
	changed.email = "Anna@example.org";
	CU_ASSERT_TRUE(
		as_end(user_change(as_db, &unit_arena, 0, &u, &changed,
				   no_password, NOW, &as_problems, &as_err)));
	UNIT_ASSERT_STR(email_signs_in("ANNA@example.org"), "1");
	changed.login = "anna@example.net";
	CU_ASSERT_FALSE(change(&u, &changed, no_password));
	UNIT_ASSERT_STR(as_bad_fields(), "login");
}

static void a_number_changed_by_hand_is_not_confirmed(void)
{
	struct user u, changed;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "manager", &u));
	pg_run("UPDATE users SET telegram_user_id = 5,"
	       " telegram_confirmed_at = now()");
	u.telegram_user_id = 5;
	changed = u;
	changed.name = "Anna";
	CU_ASSERT_TRUE(change(&u, &changed, no_password));
	UNIT_ASSERT_STR(confirmed(), "t");
	changed.telegram_user_id = 6;
	CU_ASSERT_TRUE(change(&u, &changed, no_password));
	UNIT_ASSERT_STR(confirmed(), "f");
}

static bool remove_user(int64_t by_client, const struct user *u)
{
	struct user found;

	as_begin(by_client);
	return as_end(user_lock(as_db, &unit_arena, by_client, u->id, &found,
				&as_err) &&
		      user_remove(as_db, &unit_arena, by_client, &found, NOW,
				  &as_err));
}

static void a_client_keeps_its_last_owner(void)
{
	struct user anna, boris, changed;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "owner", &anna));
	changed = anna;
	changed.role = "manager";
	CU_ASSERT_FALSE(change(&anna, &changed, no_password));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	changed = anna;
	changed.disabled_at = NOW;
	CU_ASSERT_FALSE(change(&anna, &changed, no_password));
	CU_ASSERT_FALSE(remove_user(c.ours, &anna));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_TRUE(add(c.ours, "boris", "owner", &boris));
	CU_ASSERT_TRUE(remove_user(c.ours, &anna));
	CU_ASSERT_FALSE(remove_user(c.ours, &boris));
	CU_ASSERT_TRUE(remove_user(0, &boris));
}

static void the_installation_keeps_its_last_administrator(void)
{
	struct user root, second;

	c = as_setup();
	CU_ASSERT_TRUE(add(0, "root", "admin", &root));
	CU_ASSERT_FALSE(remove_user(0, &root));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_TRUE(add(0, "second", "admin", &second));
	CU_ASSERT_TRUE(remove_user(0, &root));
}

/* Exit status 0: it was done. */
static pid_t remove_elsewhere(const struct user *u)
{
	pid_t pid = fork();

	if (pid == 0) {
		as_elsewhere();
		_exit(remove_user(u->client_id, u) ? 0 : 1);
	}
	return pid;
}

/* Each is done alone; both at once, one is. */
static void two_do_not_dismiss_each_other_at_once(int64_t client_id,
						  const char *role)
{
	struct user anna, boris;
	int status = -1;
	pid_t other;

	c = as_setup();
	client_id = client_id ? c.ours : 0;
	CU_ASSERT_TRUE(add(client_id, "anna", role, &anna));
	CU_ASSERT_TRUE(add(client_id, "boris", role, &boris));
	as_begin(client_id);
	CU_ASSERT_TRUE(user_remove(as_db, &unit_arena, client_id, &anna, NOW,
				   &as_err));
	other = remove_elsewhere(&boris);
	as_wait_elsewhere();
	CU_ASSERT_TRUE(as_end(true));
	CU_ASSERT(waitpid(other, &status, 0) == other);
	CU_ASSERT_TRUE(WIFEXITED(status));
	UNIT_ASSERT_INT(WEXITSTATUS(status), 1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM users"), 1);
}

static void two_owners_do_not_dismiss_each_other_at_once(void)
{
	two_do_not_dismiss_each_other_at_once(1, "owner");
}

static void two_administrators_do_not_dismiss_each_other_at_once(void)
{
	two_do_not_dismiss_each_other_at_once(0, "admin");
}

/* Else what is written back undoes what somebody else did meanwhile. */
static void who_is_found_by_login_stays_as_they_are(void)
{
	struct user anna, found;
	int status = -1;
	pid_t other;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "manager", &anna));
	as_begin(c.ours);
	CU_ASSERT_TRUE(
		user_by_login(as_db, &unit_arena, "Anna", &found, &as_err));
	UNIT_ASSERT_INT(found.id, anna.id);
	other = remove_elsewhere(&anna);
	as_wait_elsewhere();
	CU_ASSERT_TRUE(as_end(true));
	CU_ASSERT(waitpid(other, &status, 0) == other);
	UNIT_ASSERT_INT(WEXITSTATUS(status), 0);
}

static void invite_by(const struct user *u)
{
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO invites (client_id, code_hash, code_tail, role,"
		" uses_max, expires_at, created_by, created_at)"
		" VALUES (%" PRId64 ", 'hash', '', 'owner', 1,"
		" now() + '1 day', %" PRId64 ", now())",
		u->client_id, u->id));
}

static int64_t open_invites(void)
{
	return pg_count("SELECT count(*) FROM invites"
			" WHERE revoked_at IS NULL");
}

/* Else they would come back by an invite that they have kept. */
static void whoever_is_dismissed_leaves_no_invites(void)
{
	struct user anna, boris, changed;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, "anna", "owner", &anna));
	CU_ASSERT_TRUE(add(c.ours, "boris", "owner", &boris));
	invite_by(&anna);
	changed = anna;
	changed.name = "Anna";
	CU_ASSERT_TRUE(change(&anna, &changed, no_password));
	UNIT_ASSERT_INT(open_invites(), 1);
	changed.role = "manager";
	CU_ASSERT_TRUE(change(&anna, &changed, no_password));
	UNIT_ASSERT_INT(open_invites(), 0);
	pg_run("UPDATE invites SET revoked_at = NULL");
	anna = changed;
	changed.disabled_at = NOW;
	CU_ASSERT_TRUE(change(&anna, &changed, no_password));
	UNIT_ASSERT_INT(open_invites(), 0);
	pg_run("UPDATE invites SET revoked_at = NULL");
	CU_ASSERT_TRUE(remove_user(c.ours, &anna));
	UNIT_ASSERT_INT(open_invites(), 0);
}

static void another_clients_user_is_missing(void)
{
	struct user u, *list;
	size_t n;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.other, "olga", "manager", &u));
	CU_ASSERT_FALSE(remove_user(c.ours, &u));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_begin(c.ours);
	CU_ASSERT_TRUE(users_list(as_db, &unit_arena, c.ours, 0, 9, &list, &n,
				  &as_err));
	UNIT_ASSERT_INT((int)n, 0);
	as_end(true);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_login_is_unique_whatever_its_case),
		UNIT_TEST(all_that_is_wrong_is_named),
		UNIT_TEST(a_password_is_as_long_as_its_characters),
		UNIT_TEST(a_password_is_no_flood_of_bytes),
		UNIT_TEST(whoever_sees_assigned_dialogs_only_is_a_manager),
		UNIT_TEST(a_bad_email_is_named_once),
		UNIT_TEST(a_new_password_ends_sessions_and_tokens),
		UNIT_TEST(disabling_ends_the_sessions),
		UNIT_TEST(an_email_signs_in_when_an_administrator_set_it),
		UNIT_TEST(a_number_changed_by_hand_is_not_confirmed),
		UNIT_TEST(a_client_keeps_its_last_owner),
		UNIT_TEST(the_installation_keeps_its_last_administrator),
		UNIT_TEST(two_owners_do_not_dismiss_each_other_at_once),
		UNIT_TEST(two_administrators_do_not_dismiss_each_other_at_once),
		UNIT_TEST(who_is_found_by_login_stays_as_they_are),
		UNIT_TEST(whoever_is_dismissed_leaves_no_invites),
		UNIT_TEST(another_clients_user_is_missing),
	};

	secret_init();
	pg_start();
	return unit_main("user", tests, ARRAY_LEN(tests), argc, argv);
}
