/*
 * test_notice.c - a notice is there once, while its cause lasts.
 */
#include "config.h"

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/notice.h"

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

static void raise_one(const char *kind, const char *object, int64_t at)
{
	struct notice n = { .client_id = relay.client_id,
			    .kind = kind,
			    .object = object,
			    .text = arena_printf(&unit_arena, "%s at %lld",
						 kind, (long long)at) };

	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW + at, &err));
}

static size_t list_of(int64_t client_id, const char *state,
		      struct notice **list)
{
	struct notice_filter f = { .client_id = client_id,
				   .state = state,
				   .limit = 10 };
	size_t n = 0;

	CU_ASSERT_TRUE(notices_list(db, &unit_arena, &f, list, &n, &err));
	return n;
}

static void same_cause_is_one_notice_that_counts(void)
{
	struct notice *list;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 7);
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 1);
	UNIT_ASSERT_INT(list[0].count, 2);
	UNIT_ASSERT_INT(list[0].first_at, RELAY_NOW);
	UNIT_ASSERT_INT(list[0].last_at, RELAY_NOW + 7);
	UNIT_ASSERT_STR(list[0].text, "bot.token at 7");
	UNIT_ASSERT_STR(notice_state(&list[0]), "open");
}

static void told_count_replaces_the_former_one(void)
{
	struct notice n = { .client_id = relay.client_id,
			    .kind = NOTICE_DEAD,
			    .object = "avito:7",
			    .text = "9",
			    .count = 9 };
	struct notice *list;

	begin_test();
	n.client_id = relay.client_id;
	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW, &err));
	n.count = 4;
	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW, &err));
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 1);
	UNIT_ASSERT_INT(list[0].count, 4);
}

static void other_kinds_and_objects_are_notices_of_their_own(void)
{
	struct notice *list;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	raise_one(NOTICE_BOT_GROUP, "bot:5", 0);
	raise_one(NOTICE_BOT_TOKEN, "bot:6", 0);
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 3);
	UNIT_ASSERT_STR(list[0].object, "bot:6");
}

static void mended_cause_comes_back_as_a_new_notice(void)
{
	struct notice *list;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	CU_ASSERT_TRUE(notice_close(db, &unit_arena, relay.client_id,
				    NOTICE_BOT_TOKEN, "bot:5", RELAY_NOW + 1,
				    &err));
	CU_ASSERT_TRUE(notice_close(db, &unit_arena, relay.client_id,
				    NOTICE_BOT_TOKEN, "bot:5", RELAY_NOW + 2,
				    &err));
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 3 + HOUR_US);
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 2);
	UNIT_ASSERT_INT(list[0].count, 1);
	UNIT_ASSERT_INT(list[1].closed_at, RELAY_NOW + 1);
	UNIT_ASSERT_INT(list_of(relay.client_id, "closed", &list), 1);
	UNIT_ASSERT_INT(list_of(relay.client_id, "open", &list), 1);
}

static void what_flaps_is_one_notice(void)
{
	struct notice *list;

	begin_test();
	for (int i = 0; i < 3; i++) {
		raise_one(NOTICE_BOT_TOKEN, "bot:5", i * 10);
		CU_ASSERT_TRUE(notice_close(db, &unit_arena, relay.client_id,
					    NULL, "bot:5",
					    RELAY_NOW + i * 10 + 5, &err));
	}
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 30);
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 1);
	UNIT_ASSERT_INT(list[0].count, 4);
	UNIT_ASSERT_INT(list[0].first_at, RELAY_NOW);
	UNIT_ASSERT_STR(notice_state(&list[0]), "open");
}

static void without_a_kind_everything_of_the_object_is_closed(void)
{
	struct notice *list;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	raise_one(NOTICE_BOT_GROUP, "bot:5", 0);
	raise_one(NOTICE_BOT_GROUP, "bot:55", 0);
	CU_ASSERT_TRUE(notice_close(db, &unit_arena, relay.client_id, NULL,
				    "bot:5", RELAY_NOW, &err));
	UNIT_ASSERT_INT(list_of(relay.client_id, "open", &list), 1);
	UNIT_ASSERT_STR(list[0].object, "bot:55");
}

static void installations_notices_are_administrators(void)
{
	struct notice n = { .kind = NOTICE_DISK,
			    .object = "media",
			    .text = "full" };
	struct notice *list;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW, &err));
	CU_ASSERT_TRUE(notice_raise(db, &unit_arena, &n, RELAY_NOW, &err));
	UNIT_ASSERT_INT(list_of(relay.client_id, NULL, &list), 1);
	UNIT_ASSERT_INT(list_of(0, NULL, &list), 2);
	UNIT_ASSERT_INT(list[0].client_id, 0);
	UNIT_ASSERT_INT(list[0].count, 2);
	CU_ASSERT_TRUE(notice_close(db, &unit_arena, 0, NULL, "media",
				    RELAY_NOW, &err));
	UNIT_ASSERT_INT(list_of(0, "open", &list), 1);
}

static void first_acknowledgement_counts(void)
{
	struct notice *list, n;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	list_of(relay.client_id, NULL, &list);
	CU_ASSERT_TRUE(notice_acknowledge(db, &unit_arena, relay.client_id,
					  list[0].id, 0, RELAY_NOW + 1, &n,
					  &err));
	CU_ASSERT_TRUE(notice_acknowledge(db, &unit_arena, 0, list[0].id, 0,
					  RELAY_NOW + 2, &n, &err));
	UNIT_ASSERT_INT(n.acknowledged_at, RELAY_NOW + 1);
	UNIT_ASSERT_STR(notice_state(&n), "acknowledged");
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 3);
	UNIT_ASSERT_INT(list_of(relay.client_id, "acknowledged", &list), 1);
	UNIT_ASSERT_INT(list[0].count, 2);
}

static void foreign_notice_is_missing_and_stays_untouched(void)
{
	struct notice *list, n;

	begin_test();
	raise_one(NOTICE_BOT_TOKEN, "bot:5", 0);
	list_of(relay.client_id, NULL, &list);
	CU_ASSERT_FALSE(notice_acknowledge(db, &unit_arena, relay.client_id + 1,
					   list[0].id, 0, RELAY_NOW, &n, &err));
	UNIT_ASSERT_INT(err.kind, ERR_MISSING);
	UNIT_ASSERT_INT(list_of(relay.client_id, "open", &list), 1);
}

static void every_kind_has_a_title(void)
{
	UNIT_ASSERT_STR(notice_title(NOTICE_BOT_TOKEN), "Бот: токен не принят");
	CU_ASSERT_PTR_NULL(notice_title("bot"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(same_cause_is_one_notice_that_counts),
		UNIT_TEST(told_count_replaces_the_former_one),
		UNIT_TEST(other_kinds_and_objects_are_notices_of_their_own),
		UNIT_TEST(mended_cause_comes_back_as_a_new_notice),
		UNIT_TEST(what_flaps_is_one_notice),
		UNIT_TEST(without_a_kind_everything_of_the_object_is_closed),
		UNIT_TEST(installations_notices_are_administrators),
		UNIT_TEST(first_acknowledgement_counts),
		UNIT_TEST(foreign_notice_is_missing_and_stays_untouched),
		UNIT_TEST(every_kind_has_a_title),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("notice", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
