/*
 * test_invite.c - invitations: who may make them, how often they are good.
 */
#include "config.h"

#include <unistd.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "core/as.h"
#include "core/invite.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW    INT64_C(1790000000000000)
#define DAY_US (86400 * CLOCK_SECOND_US)

static struct as_clients c;
static struct secret code;
static struct invite made;

static struct invite_wish wish(void)
{
	return (struct invite_wish){
		.client_id = c.ours,
		.role = "manager",
		.uses = 1,
		.days = 7,
		.maker = ROLE_OWNER,
	};
}

static bool create(const struct invite_wish *w)
{
	as_begin(c.ours);
	return as_end(invite_create(as_db, &unit_arena, w, NOW, &made, &code,
				    &as_problems, &as_err));
}

static void create_for(int64_t uses)
{
	struct invite_wish w;

	c = as_setup();
	w = wish();
	w.uses = uses;
	CU_ASSERT_TRUE_FATAL(create(&w));
}

static const struct stmt forget = {
	"forget",
	"SELECT set_config('app.client_id', '', true),"
	" set_config('app.role', '', true)",
};

/* In a transaction that knows no client: as a visitor's is. */
static void as_visitor(void)
{
	as_begin(c.other);
	CU_ASSERT_TRUE_FATAL(db_exec(as_db, &forget, DB_NO_ARGS, &as_err));
}

static bool take(int64_t now, struct invite *i)
{
	as_visitor();
	return as_end(invite_take(as_db, &unit_arena, c.ours, made.id, now, i,
				  &as_err));
}

static void a_visitor_takes_it(void)
{
	struct invite i;

	create_for(1);
	CU_ASSERT_TRUE(take(NOW, &i));
	UNIT_ASSERT_INT(i.id, made.id);
	UNIT_ASSERT_INT(i.client_id, c.ours);
	UNIT_ASSERT_INT(i.uses, 1);
	UNIT_ASSERT_STR(i.role, "manager");
	CU_ASSERT_FALSE(i.assigned_only);
}

static void taking_binds_the_transaction_to_the_client(void)
{
	struct invite i, seen;

	create_for(1);
	as_visitor();
	CU_ASSERT_FALSE(
		invite_find(as_db, &unit_arena, 0, made.id, &seen, &as_err));
	as_err = (struct err){ 0 };
	CU_ASSERT_TRUE(invite_take(as_db, &unit_arena, c.ours, made.id, NOW, &i,
				   &as_err));
	CU_ASSERT_TRUE(
		invite_find(as_db, &unit_arena, 0, made.id, &seen, &as_err));
	CU_ASSERT_TRUE(as_end(true));
}

static void it_is_good_for_so_many_uses(void)
{
	struct invite i;

	create_for(3);
	for (int64_t n = 1; n <= 3; n++) {
		CU_ASSERT_TRUE(take(NOW, &i));
		UNIT_ASSERT_INT(i.uses, n);
	}
	UNIT_ASSERT_STR(invite_status(&i, NOW), "used");
	CU_ASSERT_FALSE(take(NOW, &i));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

static void what_is_rolled_back_was_no_use(void)
{
	struct invite i;

	create_for(1);
	as_visitor();
	CU_ASSERT_TRUE(invite_take(as_db, &unit_arena, c.ours, made.id, NOW, &i,
				   &as_err));
	CU_ASSERT_FALSE(as_end(false));
	CU_ASSERT_TRUE(take(NOW, &i));
}

static void it_is_good_until_it_expires(void)
{
	struct invite i;

	create_for(5);
	UNIT_ASSERT_INT(made.expires_at, NOW + 7 * DAY_US);
	CU_ASSERT_TRUE(take(made.expires_at - 1, &i));
	UNIT_ASSERT_STR(invite_status(&i, made.expires_at - 1), "active");
	CU_ASSERT_FALSE(take(made.expires_at, &i));
	UNIT_ASSERT_STR(invite_status(&i, made.expires_at), "expired");
	as_visitor();
	CU_ASSERT_FALSE(as_end(invite_take(as_db, &unit_arena, c.ours, made.id,
					   made.expires_at, &i, &as_err)));
}

static bool revoke_as(int64_t client_id, int64_t now, struct invite *i)
{
	as_begin(client_id);
	return as_end(invite_revoke(as_db, &unit_arena, client_id, made.id, now,
				    i, &as_err));
}

static void a_revoked_one_is_good_no_more(void)
{
	struct invite i;

	create_for(5);
	CU_ASSERT_TRUE(revoke_as(c.ours, NOW + 1, &i));
	CU_ASSERT_TRUE(revoke_as(c.ours, NOW + 2, &i));
	UNIT_ASSERT_INT(i.revoked_at, NOW + 1);
	UNIT_ASSERT_STR(invite_status(&i, NOW), "revoked");
	CU_ASSERT_FALSE(take(NOW + 3, &i));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_visitor();
	CU_ASSERT_FALSE(as_end(invite_take(as_db, &unit_arena, c.ours, made.id,
					   NOW, &i, &as_err)));
}

static void another_client_neither_sees_nor_revokes_it(void)
{
	struct invite i, *list;
	size_t n;

	create_for(1);
	CU_ASSERT_FALSE(revoke_as(c.other, NOW, &i));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_begin(c.other);
	CU_ASSERT_FALSE(
		invite_find(as_db, &unit_arena, c.other, made.id, &i, &as_err));
	as_err = (struct err){ 0 };
	CU_ASSERT_TRUE(as_end(invites_list(as_db, &unit_arena, c.other, 0, 10,
					   &list, &n, &as_err)));
	UNIT_ASSERT_INT(n, 0);
	/* Nor is it taken under another client's name. */
	as_visitor();
	CU_ASSERT_FALSE(as_end(invite_take(as_db, &unit_arena, c.other, made.id,
					   NOW, &i, &as_err)));
	CU_ASSERT_TRUE(take(NOW, &i));
}

static void the_code_is_not_stored(void)
{
	const char *row;

	create_for(1);
	CU_ASSERT(code.len >= 128 / 6);
	row = pg_text("SELECT i::text FROM invites i");
	CU_ASSERT_PTR_NULL(strstr(row, code.bytes));
	CU_ASSERT_PTR_NOT_NULL(strstr(row, secret_hash(&unit_arena, code)));
	UNIT_ASSERT_STR(made.code_tail, secret_tail(&unit_arena, code));
}

static void all_that_is_wrong_is_named(void)
{
	struct invite_wish w;

	c = as_setup();
	w = wish();
	w.role = "admin";
	w.uses = 0;
	w.days = INVITE_DAYS_MAX + 1;
	CU_ASSERT_FALSE(create(&w));
	UNIT_ASSERT_STR(as_bad_fields(), "role,uses_max,days");
	w = wish();
	w.role = "owner";
	w.assigned_only = true;
	w.uses = INVITE_USES_MAX + 1;
	CU_ASSERT_FALSE(create(&w));
	UNIT_ASSERT_STR(as_bad_fields(), "assigned_only,uses_max");
}

static void nobody_invites_above_themselves(void)
{
	struct invite_wish w;

	c = as_setup();
	w = wish();
	w.maker = ROLE_MANAGER;
	CU_ASSERT_TRUE(create(&w));
	w.role = "owner";
	CU_ASSERT_FALSE(create(&w));
	UNIT_ASSERT_STR(as_bad_fields(), "role");
	w.maker = ROLE_OWNER;
	CU_ASSERT_TRUE(create(&w));
}

static void a_client_that_is_not_there_is_named(void)
{
	struct invite_wish w;

	c = as_setup();
	w = wish();
	w.client_id = c.other + 1;
	as_begin(0);
	CU_ASSERT_FALSE(as_end(invite_create(as_db, &unit_arena, &w, NOW, &made,
					     &code, &as_problems, &as_err)));
	UNIT_ASSERT_STR(as_err.field, "client_id");
}

static void the_link_opens_the_master_bot(void)
{
	create_for(1);
	UNIT_ASSERT_STR(invite_link(&unit_arena, "tuberry_bot", code),
			arena_printf(&unit_arena,
				     "https://t.me/tuberry_bot?start=%s",
				     code.bytes));
	CU_ASSERT_PTR_NULL(invite_link(&unit_arena, "", code));
}

/* Exit status 0: it was taken.  A process with a connection of its own. */
static pid_t take_elsewhere(void)
{
	pid_t pid = fork();
	struct invite i;

	if (pid == 0) {
		as_elsewhere();
		_exit(take(NOW, &i) ? 0 : 1);
	}
	return pid;
}

/* How many of two at once succeed. */
static int both_at_once(int64_t uses)
{
	struct invite i;
	int status = -1;
	pid_t other;

	create_for(uses);
	as_visitor();
	CU_ASSERT_TRUE(invite_take(as_db, &unit_arena, c.ours, made.id, NOW, &i,
				   &as_err));
	other = take_elsewhere();
	as_wait_elsewhere();
	CU_ASSERT_TRUE(as_end(true));
	CU_ASSERT(waitpid(other, &status, 0) == other);
	CU_ASSERT_TRUE(WIFEXITED(status));
	return 1 + (WEXITSTATUS(status) == 0);
}

static void of_two_at_once_one_gets_the_last_use(void)
{
	UNIT_ASSERT_INT(both_at_once(1), 1);
	UNIT_ASSERT_INT(pg_count("SELECT uses FROM invites"), 1);
	UNIT_ASSERT_INT(both_at_once(2), 2);
	UNIT_ASSERT_INT(pg_count("SELECT uses FROM invites"), 2);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_visitor_takes_it),
		UNIT_TEST(taking_binds_the_transaction_to_the_client),
		UNIT_TEST(it_is_good_for_so_many_uses),
		UNIT_TEST(what_is_rolled_back_was_no_use),
		UNIT_TEST(it_is_good_until_it_expires),
		UNIT_TEST(a_revoked_one_is_good_no_more),
		UNIT_TEST(another_client_neither_sees_nor_revokes_it),
		UNIT_TEST(the_code_is_not_stored),
		UNIT_TEST(all_that_is_wrong_is_named),
		UNIT_TEST(nobody_invites_above_themselves),
		UNIT_TEST(a_client_that_is_not_there_is_named),
		UNIT_TEST(the_link_opens_the_master_bot),
		UNIT_TEST(of_two_at_once_one_gets_the_last_use),
	};

	secret_init();
	pg_start();
	return unit_main("invite", tests, ARRAY_LEN(tests), argc, argv);
}
