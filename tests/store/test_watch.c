/*
 * test_watch.c - dead letters are counted, silence is measured.
 */
#include "config.h"

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/notice.h"
#include "store/watch.h"

#define HOUR_US (3600 * CLOCK_SECOND_US)

static struct db *db;
static struct relay relay;
static struct err err;

static void begin_test(void)
{
	pg_reset();
	relay = relay_seed(0);
	err = (struct err){ 0 };
}

static void take(const char *external_id, int64_t at)
{
	struct message_in m = relay_text(&relay, external_id, external_id);

	m.written_at = m.now = at;
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
}

static size_t changed(struct dead_letters **list)
{
	size_t n = 0;

	CU_ASSERT_TRUE(dead_letters_changed(db, &unit_arena, list, &n, &err));
	return n;
}

static void dead_letters_are_told_when_their_number_changes(void)
{
	struct dead_letters *list;
	struct notice n = { .kind = NOTICE_DEAD, .text = "x" };

	begin_test();
	take("1", RELAY_NOW);
	take("2", RELAY_NOW);
	UNIT_ASSERT_INT(changed(&list), 0);
	pg_run("UPDATE deliveries SET state = 'dead'");
	UNIT_ASSERT_INT(changed(&list), 1);
	UNIT_ASSERT_INT(list[0].n, 2);
	UNIT_ASSERT_STR(list[0].object, arena_printf(&unit_arena, "bot:%lld",
						     (long long)relay.bot_id));
	n.client_id = list[0].client_id;
	n.object = list[0].object;
	n.count = 2;
	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW, &err));
	UNIT_ASSERT_INT(changed(&list), 0);
	pg_run("UPDATE deliveries SET state = 'discarded'");
	UNIT_ASSERT_INT(changed(&list), 1);
	UNIT_ASSERT_INT(list[0].n, 0);
}

static void pulse_is_the_longest_pause_and_the_last_message(void)
{
	struct pulse p;
	bool heard;

	begin_test();
	take("1", RELAY_NOW);
	take("2", RELAY_NOW + 3 * HOUR_US);
	take("3", RELAY_NOW + 4 * HOUR_US);
	CU_ASSERT_TRUE(account_pulse(db, &unit_arena, relay.client_id,
				     relay.account_id, RELAY_NOW - HOUR_US, &p,
				     &err));
	UNIT_ASSERT_INT(p.messages, 3);
	UNIT_ASSERT_INT(p.last_at, RELAY_NOW + 4 * HOUR_US);
	UNIT_ASSERT_INT(p.longest_us, 3 * HOUR_US);
	CU_ASSERT_TRUE(account_heard(db, &unit_arena, relay.client_id,
				     relay.account_id, RELAY_NOW + 3 * HOUR_US,
				     &heard, &err));
	CU_ASSERT_TRUE(heard);
	CU_ASSERT_TRUE(account_heard(db, &unit_arena, relay.client_id,
				     relay.account_id, RELAY_NOW + 5 * HOUR_US,
				     &heard, &err));
	CU_ASSERT_FALSE(heard);
}

static void account_without_messages_has_no_pulse(void)
{
	struct pulse p;

	begin_test();
	CU_ASSERT_TRUE(account_pulse(db, &unit_arena, relay.client_id,
				     relay.account_id, 1, &p, &err));
	UNIT_ASSERT_INT(p.messages + p.last_at + p.longest_us, 0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(dead_letters_are_told_when_their_number_changes),
		UNIT_TEST(pulse_is_the_longest_pause_and_the_last_message),
		UNIT_TEST(account_without_messages_has_no_pulse),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("watch", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
