/*
 * test_changed.c - edits, deletions and reactions: what they change here, and
 * what they ask the daemon for.
 */
#include "config.h"

#include "base/clock.h"
#include "core/deletion.h"
#include "core/edit.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/delivery.h"

#define GROUP (RELAY_GROUP - 1)

static struct db *db;
static struct relay r;
static struct err err;

/* An operator's answer "Да" in a topic, on its way to the buyer. */
static void fresh(void)
{
	struct topic_message answer;
	struct message_in m;
	int64_t id;

	pg_reset();
	err = (struct err){ 0 };
	r = relay_seed(1);
	m = relay_text(&r, "m1", "Продаёте?");
	relay_take(db, &m, message_take_buyer);
	pg_run("UPDATE dialogs SET bot_id = (SELECT min(id) FROM bots),"
	       " group_chat_id = -1001234567891, topic_id = 5");
	pg_run("INSERT INTO dialog_topics SELECT client_id, -1001234567891,"
	       " 5, id, created_at FROM dialogs");
	answer = (struct topic_message){ .client_id = r.client_id,
					 .bot_id = r.bot_id,
					 .chat_id = GROUP,
					 .topic_id = 5,
					 .message_id = 55,
					 .update_id = 155,
					 .from_id = 9,
					 .from_name = "Иван",
					 .kind = "text",
					 .text = "Да",
					 .written_at = RELAY_NOW,
					 .now = RELAY_NOW };
	CU_ASSERT_TRUE(db_begin(db, &err) &&
		       message_take_topic(db, &unit_arena, &answer, &id, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
}

/* It lies at the buyer's since then. */
static void arrived(void)
{
	pg_run("UPDATE deliveries SET state = 'done'"
	       " WHERE direction = 'buyer'");
	pg_run("UPDATE lanes SET head_seq = 2, due_at = NULL"
	       " WHERE direction = 'buyer'");
	pg_run("INSERT INTO message_copies SELECT client_id, id, 'avito',"
	       " (SELECT source_id FROM dialogs), 0, 'a1', created_at"
	       " FROM messages WHERE author = 'operator'");
}

static struct message_name in_group(void)
{
	return (struct message_name){ .client_id = r.client_id,
				      .place = "telegram",
				      .place_id = GROUP,
				      .external_id = "55" };
}

/* What the author is told; NULL: nothing. */
static const char *edit(const char *text, int64_t at)
{
	struct chan_message m = { .kind = CHAN_TEXT, .text = text };
	struct edit e = { .name = in_group(),
			  .m = &m,
			  .bot_id = r.bot_id,
			  .edited_at = at,
			  .now = at };
	bool ok =
		db_begin(db, &err) && edit_in_topic(db, &unit_arena, &e, &err);

	CU_ASSERT_TRUE(db_finish(db, ok, &err));
	return e.refusal;
}

static const char *text(void)
{
	return pg_text("SELECT text FROM messages WHERE author = 'operator'");
}

static long long versions(void)
{
	return pg_count("SELECT count(*) FROM message_versions");
}

static long long asked(void)
{
	return pg_count("SELECT count(*) FROM tasks"
			" WHERE kind = 'message.show'");
}

static int64_t answer_id(void)
{
	return pg_count("SELECT id FROM messages WHERE origin = 'telegram'");
}

/* NULL: done, or promised. */
static const char *take_back(int64_t now)
{
	struct deletion d = { .client_id = r.client_id,
			      .message_id = answer_id(),
			      .now = now };
	bool ok;

	err = (struct err){ 0 };
	ok = db_begin(db, &err) &&
	     message_delete_for_buyer(db, &unit_arena, &d, &err);
	db_finish(db, ok, &err);
	CU_ASSERT_EQUAL(ok, d.refusal == NULL);
	return d.refusal;
}

static bool is_deleted(void)
{
	return pg_count("SELECT count(*) FROM messages WHERE author ="
			" 'operator' AND deleted_by = 'operator'") == 1;
}

/* ---- edits ---- */

static void what_has_not_left_leaves_with_the_new_text(void)
{
	fresh();
	CU_ASSERT_PTR_NULL(edit("Да, конечно", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "Да, конечно");
	UNIT_ASSERT_INT(versions(), 0);
	UNIT_ASSERT_INT(asked(), 0);
}

static void what_is_just_leaving_counts_as_left(void)
{
	fresh();
	pg_run("UPDATE lanes SET lease_token = gen_random_uuid()"
	       " WHERE direction = 'buyer'");
	CU_ASSERT_PTR_NOT_NULL(edit("Нет", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "Да");
}

static void what_the_buyer_keeps_we_keep(void)
{
	fresh();
	arrived();
	CU_ASSERT_PTR_NOT_NULL(strstr(edit("Нет", RELAY_NOW), "прежний текст"));
	UNIT_ASSERT_STR(text(), "Да");
	CU_ASSERT_PTR_NULL(edit("Да", RELAY_NOW));
}

static void where_it_can_change_the_former_text_is_a_version(void)
{
	fresh();
	arrived();
	pg_run("UPDATE dialogs SET source = 'telegram',"
	       " external_chat_id = '501'");
	CU_ASSERT_PTR_NULL(edit("Нет", RELAY_NOW));
	CU_ASSERT_PTR_NULL(edit("Может быть", RELAY_NOW + 5));
	UNIT_ASSERT_STR(text(), "Может быть");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(text, ',' ORDER BY version)"
				" FROM message_versions"),
			"Да,Нет");
	UNIT_ASSERT_INT(asked(), 1);
}

static void an_older_edit_and_the_same_once_more_change_nothing(void)
{
	fresh();
	arrived();
	pg_run("UPDATE dialogs SET source = 'telegram',"
	       " external_chat_id = '501'");
	edit("Нет", RELAY_NOW + 5);
	edit("Старое", RELAY_NOW);
	edit("Нет", RELAY_NOW + 9);
	UNIT_ASSERT_STR(text(), "Нет");
	UNIT_ASSERT_INT(versions(), 1);
}

static void a_failed_message_is_repeated_with_its_new_text(void)
{
	fresh();
	pg_run("UPDATE deliveries SET state = 'dead'"
	       " WHERE direction = 'buyer'");
	pg_run("INSERT INTO attempts (client_id, delivery_id, part, action,"
	       " started_at, outcome) SELECT client_id, id, 0, 'x', created_at,"
	       " 'failed' FROM deliveries WHERE direction = 'buyer'");
	CU_ASSERT_PTR_NULL(edit("Нет", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "Нет");
}

static void what_is_no_longer_for_the_buyer_does_not_reach_it(void)
{
	fresh();
	CU_ASSERT_PTR_NOT_NULL(edit("// между нами", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "Да");
}

static void a_note_keeps_its_words_without_the_sign(void)
{
	fresh();
	pg_run("UPDATE messages SET is_note = true WHERE author = 'operator'");
	CU_ASSERT_PTR_NULL(edit("// перезвонить", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "перезвонить");
	CU_ASSERT_PTR_NULL(edit("// // так и надо", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "// так и надо");
}

static void another_bot_of_the_group_does_not_act(void)
{
	fresh();
	r.bot_id++;
	CU_ASSERT_PTR_NULL(edit("Нет", RELAY_NOW));
	UNIT_ASSERT_STR(text(), "Да");
}

/* ---- deletions ---- */

static void what_waits_is_taken_out_of_the_queue(void)
{
	fresh();
	CU_ASSERT_PTR_NULL(take_back(RELAY_NOW));
	CU_ASSERT_TRUE(is_deleted());
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE direction = 'buyer'"),
			"discarded");
}

static void what_was_taken_back_is_not_sent_again(void)
{
	int64_t id;
	bool ok;

	fresh();
	pg_run("UPDATE deliveries SET state = 'dead' WHERE direction = "
	       "'buyer'");
	CU_ASSERT_PTR_NULL(take_back(RELAY_NOW));
	id = pg_count("SELECT id FROM deliveries WHERE direction = 'buyer'");
	err = (struct err){ 0 };
	ok = db_begin(db, &err) &&
	     delivery_retry(db, &unit_arena, r.client_id, id, RELAY_NOW, &err);
	db_finish(db, ok, &err);
	CU_ASSERT_FALSE(ok);
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE direction = 'buyer'"),
			"discarded");
}

static void what_has_arrived_is_deleted_within_the_hour(void)
{
	fresh();
	arrived();
	CU_ASSERT_PTR_NULL(take_back(RELAY_NOW + 3599 * CLOCK_SECOND_US));
	CU_ASSERT_TRUE(is_deleted());
	UNIT_ASSERT_INT(asked(), 1);
	CU_ASSERT_PTR_NULL(take_back(RELAY_NOW + 9999 * CLOCK_SECOND_US));
}

static void too_late_is_told_at_once(void)
{
	fresh();
	arrived();
	CU_ASSERT_PTR_NOT_NULL(
		strstr(take_back(RELAY_NOW + 3600 * CLOCK_SECOND_US),
		       "в течение 1 ч"));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	CU_ASSERT_FALSE(is_deleted());
}

static void what_is_just_leaving_or_unsure_is_not_deleted(void)
{
	fresh();
	pg_run("UPDATE lanes SET lease_token = gen_random_uuid()"
	       " WHERE direction = 'buyer'");
	CU_ASSERT_PTR_NOT_NULL(take_back(RELAY_NOW));
	pg_run("UPDATE lanes SET lease_token = NULL");
	pg_run("UPDATE deliveries SET state = 'unsure'"
	       " WHERE direction = 'buyer'");
	CU_ASSERT_PTR_NOT_NULL(take_back(RELAY_NOW));
}

static void only_our_own_words_are_deleted(void)
{
	fresh();
	arrived();
	pg_run("UPDATE messages SET author = 'seller'"
	       " WHERE author = 'operator'");
	CU_ASSERT_PTR_NOT_NULL(take_back(RELAY_NOW));
}

static void another_clients_message_is_missing(void)
{
	struct deletion d = { .client_id = 999, .now = RELAY_NOW };
	bool ok;

	fresh();
	d.message_id = answer_id();
	ok = db_begin(db, &err) &&
	     message_delete_for_buyer(db, &unit_arena, &d, &err);
	db_finish(db, ok, &err);
	CU_ASSERT_EQUAL(err.kind, ERR_MISSING);
	CU_ASSERT_FALSE(is_deleted());
}

/* ---- reactions and reading ---- */

static void react(const char *const *emojis, size_t n)
{
	struct message_reaction x = { .client_id = r.client_id,
				      .id = answer_id(),
				      .side = "buyer",
				      .author_id = "501",
				      .emojis = emojis,
				      .n = n,
				      .now = RELAY_NOW };
	bool ok =
		db_begin(db, &err) && message_react(db, &unit_arena, &x, &err);

	CU_ASSERT_TRUE(db_finish(db, ok, &err));
}

static const char *reactions(void)
{
	return pg_text("SELECT coalesce(string_agg(emoji, ',' ORDER BY emoji),"
		       " '') FROM message_reactions");
}

static void reactions_are_those_that_stand(void)
{
	static const char *const both[] = { "❤", "👍" };
	const char *emoji;

	fresh();
	react(both, 2);
	UNIT_ASSERT_STR(reactions(), "❤,👍");
	react(both + 1, 1);
	UNIT_ASSERT_STR(reactions(), "👍");
	CU_ASSERT_TRUE(message_reaction_find(db, &unit_arena, r.client_id,
					     answer_id(), "buyer", &emoji,
					     &err));
	UNIT_ASSERT_STR(emoji, "👍");
	react(NULL, 0);
	UNIT_ASSERT_STR(reactions(), "");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks WHERE kind ="
				 " 'message.react' AND key = 'buyer'"),
			1);
}

static void the_first_reading_counts(void)
{
	struct message_reading list[] = { { "a1", RELAY_NOW },
					  { "unknown", RELAY_NOW } };

	fresh();
	arrived();
	CU_ASSERT_TRUE(db_begin(db, &err));
	messages_queue_read(db, &unit_arena, r.client_id, "avito", r.account_id,
			    list, 2);
	list[0].read_at++;
	messages_queue_read(db, &unit_arena, r.client_id, "avito", r.account_id,
			    list, 2);
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_STR(pg_text("SELECT (read_at = created_at)::text"
				" FROM messages WHERE author = 'operator'"),
			"true");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(what_has_not_left_leaves_with_the_new_text),
		UNIT_TEST(what_is_just_leaving_counts_as_left),
		UNIT_TEST(what_the_buyer_keeps_we_keep),
		UNIT_TEST(where_it_can_change_the_former_text_is_a_version),
		UNIT_TEST(an_older_edit_and_the_same_once_more_change_nothing),
		UNIT_TEST(a_failed_message_is_repeated_with_its_new_text),
		UNIT_TEST(what_is_no_longer_for_the_buyer_does_not_reach_it),
		UNIT_TEST(a_note_keeps_its_words_without_the_sign),
		UNIT_TEST(another_bot_of_the_group_does_not_act),
		UNIT_TEST(what_waits_is_taken_out_of_the_queue),
		UNIT_TEST(what_was_taken_back_is_not_sent_again),
		UNIT_TEST(what_has_arrived_is_deleted_within_the_hour),
		UNIT_TEST(too_late_is_told_at_once),
		UNIT_TEST(what_is_just_leaving_or_unsure_is_not_deleted),
		UNIT_TEST(only_our_own_words_are_deleted),
		UNIT_TEST(another_clients_message_is_missing),
		UNIT_TEST(reactions_are_those_that_stand),
		UNIT_TEST(the_first_reading_counts),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("changed", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
