/*
 * test_delivery.c - lanes: claimed by one, kept in order, freed in the end.
 */
#include "config.h"

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/task.h"
#include "store/topic.h"

#define SECOND INT64_C(1000000)

static struct db *db;
static struct relay r;

static void fresh(void)
{
	pg_reset();
	r = relay_seed(1);
}

static void take(const char *external_id, const char *chat)
{
	struct message_in m = relay_text(&r, external_id, external_id);

	m.chat = chat;
	relay_take(db, &m, message_take_buyer);
}

static size_t claim(int64_t now, struct delivery **list)
{
	struct err err = { 0 };
	size_t n = 99;

	CU_ASSERT_TRUE(lanes_claim(db, &unit_arena, 10, now, now + 60 * SECOND,
				   list, &n, &err));
	UNIT_ASSERT_STR(err.text, "");
	return n;
}

static void end(struct delivery *d, const char *state)
{
	struct err err = { 0 };

	CU_ASSERT_TRUE(
		delivery_end(db, &unit_arena, d, state, NULL, RELAY_NOW, &err));
	UNIT_ASSERT_STR(err.text, "");
}

static void claimed_lane_is_nobody_elses(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
	UNIT_ASSERT_STR(list[0].direction, "team");
	CU_ASSERT_EQUAL(list[0].bot_id, r.bot_id);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 0);
}

static void lease_that_ended_is_claimed_again(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 61 * SECOND, &list), 1);
}

static void writes_without_the_lease_change_nothing(void)
{
	struct delivery *old, *list;
	struct err err = { 0 };
	int64_t attempt;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &old);
	claim(RELAY_NOW + 61 * SECOND, &list);
	CU_ASSERT_FALSE(delivery_end(db, &unit_arena, old, "done", NULL,
				     RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	CU_ASSERT_FALSE(attempt_begin(db, &unit_arena, old, 0, "x", "",
				      RELAY_NOW, RELAY_NOW, &attempt, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM attempts"), 0);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"), "queued");
}

static void only_the_head_is_in_flight_and_then_the_next(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	take("other", "chat-2");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 2);
	for (int i = 0; i < 2; i++)
		end(&list[i], "done");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
	end(&list[0], "done");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 100 * SECOND, &list), 0);
}

static void what_comes_during_a_lease_is_due_after_it(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	take("m2", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 0);
	claim(RELAY_NOW + 61 * SECOND, &list);
	UNIT_ASSERT_STR(list[0].text, "m1");
	end(&list[0], "done");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
}

static void waiting_head_holds_its_lane_only(void)
{
	struct delivery *list;
	struct err err = { 0 };

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	CU_ASSERT_TRUE(delivery_wait(db, &unit_arena, &list[0], "queued",
				     RELAY_NOW + 30 * SECOND, true, "busy",
				     RELAY_NOW, &err));
	take("m2", "chat-1");
	take("m3", "chat-2");
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m3");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 31 * SECOND, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
	UNIT_ASSERT_INT(list[0].attempts, 1);
}

static void dead_head_frees_its_lane(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	claim(RELAY_NOW, &list);
	end(&list[0], "dead");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
}

static void held_lane_waits_until_it_is_woken(void)
{
	struct delivery *list;
	struct err err = { 0 };

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	CU_ASSERT_TRUE(lane_hold(db, &unit_arena, &list[0], "bot:1", "queued",
				 "thrown out", RELAY_NOW, &err));
	take("m2", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 9999 * SECOND, &list), 0);
	CU_ASSERT_TRUE(lanes_wake(db, &unit_arena, "bot:2", RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 0);
	CU_ASSERT_TRUE(lanes_wake(db, &unit_arena, "bot:1", RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
	UNIT_ASSERT_INT(list[0].attempts, 0);
}

static void retry_of_a_dead_one_goes_to_the_lanes_end(void)
{
	struct delivery *list;
	struct err err = { 0 };
	int64_t id;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	claim(RELAY_NOW, &list);
	id = list[0].id;
	end(&list[0], "dead");
	CU_ASSERT_TRUE(delivery_retry(db, &unit_arena, r.client_id, id,
				      RELAY_NOW, &err));
	claim(RELAY_NOW, &list);
	UNIT_ASSERT_STR(list[0].text, "m2");
	end(&list[0], "done");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
}

static void retry_of_an_unsure_one_settles_first(void)
{
	struct delivery *list;
	struct err err = { 0 };
	int64_t id, attempt;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	id = list[0].id;
	CU_ASSERT_TRUE(attempt_begin(db, &unit_arena, &list[0], 0, "x", "",
				     RELAY_NOW, RELAY_NOW + SECOND, &attempt,
				     &err));
	CU_ASSERT_TRUE(attempt_end(db, &unit_arena, r.client_id, attempt,
				   "unsure", 0, "", RELAY_NOW, &err));
	end(&list[0], "dead");
	CU_ASSERT_TRUE(delivery_retry(db, &unit_arena, r.client_id, id,
				      RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].state, "unsure");
}

static void discarded_one_is_skipped_and_its_lane_rests(void)
{
	struct delivery *list;
	struct err err = { 0 };
	int64_t id;

	fresh();
	take("m1", "chat-1");
	id = pg_count("SELECT id FROM deliveries");
	CU_ASSERT_TRUE(delivery_discard(db, &unit_arena, r.client_id, id,
					RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM lanes"
				 " WHERE due_at IS NULL"
				 "  AND lease_token IS NULL"),
			1);
	take("m2", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
	CU_ASSERT_FALSE(delivery_discard(db, &unit_arena, r.client_id,
					 list[0].id, RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
}

static void anothers_delivery_is_missing(void)
{
	struct err err = { 0 };

	fresh();
	take("m1", "chat-1");
	CU_ASSERT_FALSE(delivery_retry(db, &unit_arena, r.client_id + 1,
				       pg_count("SELECT id FROM deliveries"),
				       RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_MISSING);
}

static void attempt_knows_the_newest_message_of_the_chat(void)
{
	struct delivery *list;
	struct attempt at;
	struct err err = { 0 };
	int64_t id;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	claim(RELAY_NOW, &list);
	CU_ASSERT_TRUE(attempt_begin(db, &unit_arena, &list[0], 2,
				     "avito.send_message", "Да", RELAY_NOW,
				     RELAY_NOW + SECOND, &id, &err));
	CU_ASSERT_TRUE(attempt_last(db, &unit_arena, &list[0], &at, &err));
	UNIT_ASSERT_STR(at.known_id, "m2");
	UNIT_ASSERT_STR(at.content, "Да");
	UNIT_ASSERT_INT(at.part, 2);
	CU_ASSERT_TRUE(at.is_unsure);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE seq = 1"),
			"sending");
	CU_ASSERT_TRUE(attempt_end(db, &unit_arena, r.client_id, id, "done",
				   200, "", RELAY_NOW, &err));
	CU_ASSERT_TRUE(attempt_last(db, &unit_arena, &list[0], &at, &err));
	CU_ASSERT_FALSE(at.is_unsure);
}

static void topic_is_set_by_compare_and_set(void)
{
	struct delivery *list;
	struct err err = { 0 };

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					RELAY_GROUP, 5, RELAY_NOW, &err));
	/* Adopted meanwhile: the same one is no conflict. */
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					RELAY_GROUP, 5, RELAY_NOW, &err));
	CU_ASSERT_FALSE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					 RELAY_GROUP, 6, RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_INT(pg_count("SELECT topic_id FROM dialogs"), 5);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialog_topics"), 1);
}

static struct task a_task(void)
{
	return (struct task){ .client_id = r.client_id,
			      .kind = "bot.check",
			      .subject_id = 1,
			      .due_at = RELAY_NOW };
}

static size_t claim_tasks(int64_t now, struct task **list)
{
	struct err err = { 0 };
	size_t n = 99;

	CU_ASSERT_TRUE(tasks_claim(db, &unit_arena, 10, now, now + 60 * SECOND,
				   list, &n, &err));
	return n;
}

static void task_asked_twice_is_one_and_gone_when_done(void)
{
	struct task t, *list;
	struct err err = { 0 };

	fresh();
	t = a_task();
	CU_ASSERT_TRUE(task_add(db, &unit_arena, &t, &err));
	CU_ASSERT_TRUE(task_add(db, &unit_arena, &t, &err));
	UNIT_ASSERT_INT(claim_tasks(RELAY_NOW, &list), 1);
	UNIT_ASSERT_INT(claim_tasks(RELAY_NOW, &(struct task *){ 0 }), 0);
	CU_ASSERT_TRUE(task_done(db, &unit_arena, &list[0], RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"), 0);
}

static void task_asked_for_while_it_runs_runs_once_more(void)
{
	struct task t, *list;
	struct err err = { 0 };

	fresh();
	t = a_task();
	task_add(db, &unit_arena, &t, &err);
	claim_tasks(RELAY_NOW, &list);
	CU_ASSERT_TRUE(task_add(db, &unit_arena, &t, &err));
	CU_ASSERT_TRUE(task_done(db, &unit_arena, &list[0], RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim_tasks(RELAY_NOW, &list), 1);
	CU_ASSERT_TRUE(task_add(db, &unit_arena, &t, &err));
	CU_ASSERT_TRUE(task_again(db, &unit_arena, &list[0],
				  RELAY_NOW + 999 * SECOND, NULL, &err));
	UNIT_ASSERT_INT(claim_tasks(RELAY_NOW, &list), 1);
}

static void failed_task_stays_with_its_reason(void)
{
	struct task t, *list;
	struct err err = { 0 };

	fresh();
	t = a_task();
	task_add(db, &unit_arena, &t, &err);
	claim_tasks(RELAY_NOW, &list);
	CU_ASSERT_TRUE(task_failed(db, &unit_arena, &list[0], "refused", &err));
	UNIT_ASSERT_INT(claim_tasks(RELAY_NOW + 9999 * SECOND, &list), 0);
	UNIT_ASSERT_STR(pg_text("SELECT last_error FROM tasks"), "refused");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(claimed_lane_is_nobody_elses),
		UNIT_TEST(lease_that_ended_is_claimed_again),
		UNIT_TEST(writes_without_the_lease_change_nothing),
		UNIT_TEST(only_the_head_is_in_flight_and_then_the_next),
		UNIT_TEST(what_comes_during_a_lease_is_due_after_it),
		UNIT_TEST(waiting_head_holds_its_lane_only),
		UNIT_TEST(dead_head_frees_its_lane),
		UNIT_TEST(held_lane_waits_until_it_is_woken),
		UNIT_TEST(retry_of_a_dead_one_goes_to_the_lanes_end),
		UNIT_TEST(retry_of_an_unsure_one_settles_first),
		UNIT_TEST(discarded_one_is_skipped_and_its_lane_rests),
		UNIT_TEST(anothers_delivery_is_missing),
		UNIT_TEST(attempt_knows_the_newest_message_of_the_chat),
		UNIT_TEST(topic_is_set_by_compare_and_set),
		UNIT_TEST(task_asked_twice_is_one_and_gone_when_done),
		UNIT_TEST(task_asked_for_while_it_runs_runs_once_more),
		UNIT_TEST(failed_task_stays_with_its_reason),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("delivery", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
