/*
 * test_delivery.c - lanes: claimed by one, kept in order, freed in the end.
 */
#include "config.h"

#include <string.h>

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/lane.h"
#include "store/outcome.h"
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

static void take_web(const char *text)
{
	struct web_row m = {
		.client_id = r.client_id,
		.dialog_id = pg_count("SELECT id FROM dialogs"),
		.user_id = 1,
		.user_name = "Ольга",
		.client_ref = text,
		.text = text,
		.now = RELAY_NOW,
	};
	struct err err = { 0 };
	int64_t id;

	CU_ASSERT_TRUE(message_take_web(db, &unit_arena, &m, &id, &err));
	UNIT_ASSERT_STR(err.text, "");
}

static size_t claim_from(const struct room *rooms, size_t n_rooms, int due,
			 int64_t now, struct delivery **list)
{
	struct claim c = { .due = due,
			   .rooms = rooms,
			   .n_rooms = n_rooms,
			   .now = now,
			   .lease_until = now + 60 * SECOND };
	struct err err = { 0 };
	size_t n = 99;

	CU_ASSERT_TRUE(lanes_claim(db, &unit_arena, &c, list, &n, &err));
	UNIT_ASSERT_STR(err.text, "");
	return n;
}

static size_t claim(int64_t now, struct delivery **list)
{
	return claim_from(NULL, 0, 10, now, list);
}

static bool end(const struct delivery *d, const char *state)
{
	return relay_outcome(
		db,
		(struct outcome){ .d = d, .lane = LANE_FREE, .state = state });
}

static int64_t begin(const struct delivery *d, int part, const char *content)
{
	return relay_begin(db, &(struct attempt_new){ .d = d,
						      .part = part,
						      .action = "x",
						      .content = content });
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

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &old);
	claim(RELAY_NOW + 61 * SECOND, &list);
	CU_ASSERT_FALSE(end(old, "done"));
	UNIT_ASSERT_INT(begin(old, 0, "x"), 0);
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
		CU_ASSERT_TRUE(end(&list[i], "done"));
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

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	relay_outcome(db, (struct outcome){ .d = &list[0],
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .reason = "busy",
					    .due_at = RELAY_NOW + 30 * SECOND,
					    .attempts = 1 });
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
	relay_outcome(db, (struct outcome){ .d = &list[0],
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .reason = "thrown out",
					    .held_by = "bot:1" });
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
	attempt = begin(&list[0], 0, "x");
	relay_outcome(db, (struct outcome){ .d = &list[0],
					    .lane = LANE_FREE,
					    .state = "dead",
					    .attempt_id = attempt,
					    .outcome = "unsure" });
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

static bool may_discard(const char *text)
{
	struct err err = { 0 };
	bool ok = delivery_discard(
		db, &unit_arena, r.client_id,
		pg_count(arena_printf(
			&unit_arena,
			"SELECT d.id FROM deliveries d JOIN messages m"
			" ON m.id = d.message_id WHERE m.text = '%s'",
			text)),
		RELAY_NOW, &err);

	CU_ASSERT_TRUE(ok || err.kind == ERR_CONFLICT);
	return ok;
}

static void claimed_one_behind_a_discarded_one_is_on_its_way(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	CU_ASSERT_TRUE(may_discard("m1"));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
	CU_ASSERT_FALSE(may_discard("m2"));
}

static void text_is_discarded_unless_it_may_be_about_to_travel(void)
{
	struct delivery *list;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	take("m3", "chat-1");
	CU_ASSERT_TRUE(may_discard("m3"));
	claim(RELAY_NOW, &list);
	CU_ASSERT_FALSE(may_discard("m2"));
	begin(&list[0], 0, "m1");
	CU_ASSERT_TRUE(may_discard("m2"));
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

static void album_leaves_a_copy_for_each_of_its_parts(void)
{
	struct delivery *list;
	const char *ids[3];

	fresh();
	take("m1", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	CU_ASSERT_TRUE(relay_outcome(
		db, (struct outcome){ .d = &list[0],
				      .copies = (const char *[]){ "77", "78" },
				      .n_copies = 2,
				      .place = "telegram",
				      .place_id = RELAY_GROUP,
				      .part = 1 }));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(part || '=' || external_id,"
				" ' ' ORDER BY part) FROM message_copies"),
			"1=77 2=78");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 61 * SECOND, &list), 1);
	delivery_copies(&unit_arena, &list[0], "telegram", RELAY_GROUP, 3, ids);
	CU_ASSERT_PTR_NULL(ids[0]);
	UNIT_ASSERT_STR(ids[1], "77");
	UNIT_ASSERT_STR(ids[2], "78");
}

static void attempt_knows_the_newest_message_of_the_chat(void)
{
	struct delivery *list, *d;
	struct attempt at;
	struct err err = { 0 };
	int64_t id;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	take_web("Да");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 2);
	d = strcmp(list[0].direction, "buyer") == 0 ? &list[0] : &list[1];
	id = begin(d, 2, "Да");
	CU_ASSERT_TRUE(attempt_last(db, &unit_arena, d, &at, &err));
	UNIT_ASSERT_STR(at.known_id, "m2");
	UNIT_ASSERT_STR(at.content, "Да");
	UNIT_ASSERT_INT(at.part, 2);
	CU_ASSERT_TRUE(at.is_unsure);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE direction = 'buyer'"),
			"sending");
	relay_outcome(db, (struct outcome){ .d = d,
					    .attempt_id = id,
					    .outcome = "done",
					    .status = 200,
					    .copies = (const char *[]){ "z1" },
					    .n_copies = 1,
					    .place = "avito",
					    .place_id = r.account_id,
					    .part = 2 });
	CU_ASSERT_TRUE(attempt_last(db, &unit_arena, d, &at, &err));
	CU_ASSERT_FALSE(at.is_unsure);
}

static void hold(const struct delivery *d, const char *object)
{
	relay_outcome(db, (struct outcome){ .d = d,
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .held_by = object });
}

static void hold_that_missed_its_waking_ends_when_the_object_is_fine(void)
{
	struct delivery *list;
	struct err err = { 0 };
	const char *bot;

	fresh();
	bot = arena_printf(&unit_arena, "bot:%lld", (long long)r.bot_id);
	take("m1", "chat-1");
	take("m2", "chat-2");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 2);
	hold(&list[0], bot);
	hold(&list[1], "avito:999");
	pg_run("UPDATE bots SET status = 'error', last_error = 'kicked'");
	CU_ASSERT_TRUE(lanes_wake_mended(db, &unit_arena, RELAY_NOW, &err));
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 0);
	pg_run("UPDATE bots SET status = 'active', last_error = NULL");
	CU_ASSERT_TRUE(lanes_wake_mended(db, &unit_arena, RELAY_NOW, &err));
	UNIT_ASSERT_STR(err.text, "");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
}

static void waking_leaves_those_that_wait_for_room_or_a_person(void)
{
	struct delivery *list;
	struct err err = { 0 };
	const char *held;

	fresh();
	held = arena_printf(&unit_arena, "bot:%lld", (long long)r.bot_id);
	take("m1", "chat-1");
	take("m2", "chat-2");
	take("m3", "chat-3");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 3);
	hold(&list[0], held);
	hold(&list[1], "room:bot:1");
	hold(&list[2], "dialog:3");
	CU_ASSERT_TRUE(lanes_wake_mended(db, &unit_arena, RELAY_NOW, &err));
	UNIT_ASSERT_STR(err.text, "");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
}

/* ---- waiting for room ---- */

static void queue(const struct delivery *d, int64_t turn)
{
	relay_outcome(db, (struct outcome){ .d = d,
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .held_by = "room:bot:1",
					    .queued_at = turn });
}

static void success_that_came_after_the_lease_is_still_unsure(void)
{
	struct delivery *old, *list;
	struct attempt at = { 0 };
	struct err err = { 0 };
	int64_t id;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &old);
	id = begin(&old[0], 0, "x");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 61 * SECOND, &list), 1);
	CU_ASSERT_FALSE(relay_outcome(
		db, (struct outcome){ .d = &old[0],
				      .lane = LANE_FREE,
				      .state = "done",
				      .attempt_id = id,
				      .outcome = "done",
				      .copies = (const char *[]){ "77" },
				      .n_copies = 1,
				      .place = "telegram",
				      .place_id = RELAY_GROUP }));
	CU_ASSERT_TRUE(attempt_last(db, &unit_arena, &list[0], &at, &err));
	CU_ASSERT_TRUE(at.is_unsure);
}

static void who_waits_for_room_comes_in_turn(void)
{
	struct room room = { "room:bot:1", 2 };
	struct delivery *list;
	const char **keys;
	struct err err = { 0 };
	size_t n;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-2");
	take("m3", "chat-3");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 3);
	queue(&list[0], RELAY_NOW + 3);
	queue(&list[1], RELAY_NOW + 1);
	queue(&list[2], RELAY_NOW + 2);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 9999 * SECOND, &list), 0);
	CU_ASSERT_TRUE(lanes_places(db, &unit_arena, &keys, &n, &err));
	UNIT_ASSERT_INT((int)n, 1);
	UNIT_ASSERT_STR(keys[0], "room:bot:1");
	UNIT_ASSERT_INT(claim_from(&room, 1, 0, RELAY_NOW, &list), 2);
	UNIT_ASSERT_STR(list[0].text, "m2");
	UNIT_ASSERT_STR(list[1].text, "m3");
	CU_ASSERT_EQUAL(list[0].queued_at, RELAY_NOW + 1);
	UNIT_ASSERT_INT(claim_from(&room, 1, 0, RELAY_NOW, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
}

static void who_is_passed_over_still_waits(void)
{
	static const struct stmt lock = { "lock", "SELECT 1 FROM lanes"
						  " FOR UPDATE" };
	struct room room = { "room:bot:1", 2 };
	struct delivery *list;
	struct db *writer = db_new(pg_url(PG_DAEMON), "test", 5000);
	struct err err = { 0 };
	struct rows rows;
	bool waiting = false;

	fresh();
	take("m1", "chat-1");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	queue(&list[0], RELAY_NOW);
	CU_ASSERT_TRUE(db_begin(writer, &err));
	CU_ASSERT_TRUE(
		db_all(writer, &unit_arena, &lock, DB_NO_ARGS, &rows, &err));
	UNIT_ASSERT_INT(claim_from(&room, 1, 0, RELAY_NOW, &list), 0);
	CU_ASSERT_TRUE(
		lanes_wait_at(db, &unit_arena, room.key, &waiting, &err));
	CU_ASSERT_TRUE(waiting);
	CU_ASSERT_FALSE(db_finish(writer, false, &err));
	db_free(writer);
	UNIT_ASSERT_INT(claim_from(&room, 1, 0, RELAY_NOW, &list), 1);
	CU_ASSERT_TRUE(
		lanes_wait_at(db, &unit_arena, room.key, &waiting, &err));
	CU_ASSERT_FALSE(waiting);
}

/* ---- a daemon that died ---- */

static void leases_of_the_dead_end_sooner_and_of_nobody_else(void)
{
	struct claim c = { .due = 1,
			   .now = RELAY_NOW,
			   .lease_until = RELAY_NOW + 60 * SECOND,
			   .owner = "0123456789abcdef0123456789abcdef" };
	struct delivery *list;
	struct err err = { 0 };
	int64_t orphans;
	size_t n;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-2");
	CU_ASSERT_TRUE(lanes_claim(db, &unit_arena, &c, &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 1);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &(struct delivery *){ 0 }), 1);
	CU_ASSERT_TRUE(lanes_orphaned(db, &unit_arena, c.owner,
				      RELAY_NOW + 5 * SECOND, &orphans, &err));
	UNIT_ASSERT_INT((int)orphans, 1);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 4 * SECOND, &list), 0);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 6 * SECOND, &list), 1);
	UNIT_ASSERT_STR(list[0].text, "m1");
}

/* ---- joined texts ---- */

static struct delivery *claim_one(int64_t now)
{
	struct delivery *list;

	UNIT_ASSERT_INT(claim(now, &list), 1);
	return list;
}

static void joined_texts_end_together_each_with_its_copy(void)
{
	struct delivery *d, *behind;
	struct err err = { 0 };
	size_t n;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	take("m3", "chat-1");
	take("m4", "chat-1");
	d = claim_one(RELAY_NOW);
	CU_ASSERT_TRUE(lane_behind(db, &unit_arena, d, 2, &behind, &n, &err));
	UNIT_ASSERT_INT((int)n, 2);
	UNIT_ASSERT_STR(behind[1].text, "m3");
	relay_outcome(db, (struct outcome){ .d = d,
					    .joined = behind,
					    .n_joined = n,
					    .lane = LANE_FREE,
					    .state = "done",
					    .copies = (const char *[]){ "77" },
					    .n_copies = 1,
					    .place = "telegram",
					    .place_id = RELAY_GROUP });
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE state = 'done'"),
			3);
	UNIT_ASSERT_INT(pg_count("SELECT count(DISTINCT message_id)"
				 " FROM message_copies"
				 " WHERE external_id = '77'"),
			3);
	UNIT_ASSERT_STR(claim_one(RELAY_NOW)->text, "m4");
}

static void joined_texts_stay_together_while_unsure(void)
{
	struct attempt_new t = { .action = "x", .content = "m1 m2" };
	struct delivery *d, *list;
	struct err err = { 0 };
	size_t n;

	fresh();
	take("m1", "chat-1");
	take("m2", "chat-1");
	d = claim_one(RELAY_NOW);
	lane_behind(db, &unit_arena, d, 9, &list, &n, &err);
	t.d = d;
	t.joined = list;
	t.n_joined = n;
	relay_begin(db, &t);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE state = 'sending'"),
			2);
	/* The process died here; m3 comes, and is none of them. */
	take("m3", "chat-1");
	d = claim_one(RELAY_NOW + 61 * SECOND);
	UNIT_ASSERT_STR(d->text, "m1");
	UNIT_ASSERT_STR(d->state, "sending");
	CU_ASSERT_TRUE(lane_joined(db, &unit_arena, d, &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 1);
	UNIT_ASSERT_STR(list[0].text, "m2");
	/* Refused for good: each goes by itself. */
	relay_outcome(db, (struct outcome){ .d = d,
					    .joined = list,
					    .n_joined = n,
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .due_at = RELAY_NOW,
					    .parts_company = true,
					    .is_alone = true });
	d = claim_one(RELAY_NOW);
	CU_ASSERT_TRUE(d->is_alone);
	lane_behind(db, &unit_arena, d, 9, &list, &n, &err);
	UNIT_ASSERT_INT((int)n, 0);
}

static void topic_is_set_by_compare_and_set(void)
{
	struct delivery *list;
	struct err err = { 0 };
	bool continues;

	fresh();
	take("m1", "chat-1");
	claim(RELAY_NOW, &list);
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					RELAY_GROUP, 5, "Анна", RELAY_NOW,
					&continues, &err));
	/* Adopted meanwhile: the same one is no conflict. */
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					RELAY_GROUP, 5, "Анна", RELAY_NOW,
					&continues, &err));
	CU_ASSERT_FALSE(dialog_set_topic(db, &unit_arena, &list[0], r.bot_id,
					 RELAY_GROUP, 6, "Анна", RELAY_NOW,
					 &continues, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_INT(pg_count("SELECT topic_id FROM dialogs"), 5);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialog_topics"), 1);
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
		UNIT_TEST(claimed_one_behind_a_discarded_one_is_on_its_way),
		UNIT_TEST(text_is_discarded_unless_it_may_be_about_to_travel),
		UNIT_TEST(anothers_delivery_is_missing),
		UNIT_TEST(album_leaves_a_copy_for_each_of_its_parts),
		UNIT_TEST(attempt_knows_the_newest_message_of_the_chat),
		UNIT_TEST(success_that_came_after_the_lease_is_still_unsure),
		UNIT_TEST(
			hold_that_missed_its_waking_ends_when_the_object_is_fine),
		UNIT_TEST(waking_leaves_those_that_wait_for_room_or_a_person),
		UNIT_TEST(who_waits_for_room_comes_in_turn),
		UNIT_TEST(who_is_passed_over_still_waits),
		UNIT_TEST(leases_of_the_dead_end_sooner_and_of_nobody_else),
		UNIT_TEST(joined_texts_end_together_each_with_its_copy),
		UNIT_TEST(joined_texts_stay_together_while_unsure),
		UNIT_TEST(topic_is_set_by_compare_and_set),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("delivery", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
