/*
 * test_topic.c - where a dialog lives, what its topic shall show, and what is
 * written outside of every topic.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/housekeeping.h"
#include "store/topic.h"
#include "store/topic_state.h"
#include "store/unrouted.h"

#define TOPIC 5

static struct db *db;
static struct relay r;
static struct delivery d;

static const char *dialog_id(void)
{
	return pg_text("SELECT id FROM dialogs");
}

/* A dialog in its first topic, with one message, nothing left to show. */
static void fresh(void)
{
	struct message_in m;
	struct err err = { 0 };
	bool continues;

	pg_reset();
	r = relay_seed(1);
	m = relay_text(&r, "m1", "Здравствуйте");
	CU_ASSERT_NOT_EQUAL(relay_take(db, &m, message_take_buyer), 0);
	d = (struct delivery){
		.client_id = r.client_id,
		.dialog_id = strtoll(dialog_id(), NULL, 10),
		.message_id = pg_count("SELECT id FROM messages"),
	};
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &d, r.bot_id,
					RELAY_GROUP - 1, TOPIC, "Анна",
					RELAY_NOW, &continues, &err));
	CU_ASSERT_FALSE(continues);
	d.topic_id = TOPIC;
	pg_run("UPDATE dialogs SET topic_state = 'new'; DELETE FROM tasks");
}

static struct topic_view view(void)
{
	struct topic_view v = { 0 };
	struct err err = { 0 };

	CU_ASSERT_TRUE(topic_view_find(db, &unit_arena, d.dialog_id, &v, &err));
	return v;
}

static int64_t asked(void)
{
	return pg_count("SELECT count(*) FROM tasks"
			" WHERE kind = 'topic.state'");
}

static void buyer_says(const char *id)
{
	struct message_in m = relay_text(&r, id, "ещё");

	CU_ASSERT_NOT_EQUAL(relay_take(db, &m, message_take_buyer), 0);
}

static int64_t operator_says(const char *text, bool is_note, const char *album)
{
	static int64_t n = 100;
	struct topic_message m = {
		.client_id = r.client_id,
		.bot_id = r.bot_id,
		.chat_id = RELAY_GROUP - 1,
		.topic_id = TOPIC,
		.message_id = ++n,
		.update_id = n,
		.from_id = 9,
		.from_name = "Иван",
		.kind = "text",
		.text = text,
		.album = album,
		.is_note = is_note,
		.written_at = RELAY_NOW,
		.now = RELAY_NOW,
	};
	struct err err = { 0 };
	int64_t id = 0;

	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(message_take_topic(db, &unit_arena, &m, &id, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_STR(err.text, "");
	return id;
}

static void state_follows_from_the_dialog(void)
{
	fresh();
	UNIT_ASSERT_STR(view().state, "new");
	operator_says("Да", false, NULL);
	UNIT_ASSERT_STR(view().state, "answered");
	buyer_says("m2");
	UNIT_ASSERT_STR(view().state, "new");
	pg_run("UPDATE dialogs SET status = 'closed'");
	UNIT_ASSERT_STR(view().state, "closed");
}

static void only_what_is_not_shown_yet_is_asked_for(void)
{
	fresh();
	buyer_says("m2");
	UNIT_ASSERT_INT(asked(), 0);
	operator_says("Да", false, NULL);
	UNIT_ASSERT_INT(asked(), 1);
}

static void dialog_without_a_topic_asks_for_nothing(void)
{
	fresh();
	pg_run("UPDATE dialogs SET topic_id = NULL, topic_state = ''");
	buyer_says("m2");
	UNIT_ASSERT_INT(asked(), 0);
}

static void topic_that_is_closed_is_opened_though_its_title_fits(void)
{
	fresh();
	pg_run("UPDATE dialogs SET topic_closed = true, status = 'closed'");
	buyer_says("m2");
	UNIT_ASSERT_INT(asked(), 1);
	UNIT_ASSERT_STR(view().state, "new");
}

static void note_is_no_answer_and_goes_nowhere(void)
{
	int64_t id;

	fresh();
	id = operator_says("перезвонить", true, NULL);
	UNIT_ASSERT_STR(view().state, "new");
	UNIT_ASSERT_INT(asked(), 0);
	UNIT_ASSERT_INT(
		pg_count(arena_printf(&unit_arena,
				      "SELECT count(*) FROM deliveries WHERE"
				      " message_id = %" PRId64,
				      id)),
		0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE is_note"),
			1);
}

static void album_with_a_note_in_it_is_a_note(void)
{
	fresh();
	operator_says("это для своих", true, "album-1");
	operator_says("", false, "album-1");
	operator_says("", false, "album-2");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE album = 'album-1' AND is_note"),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE album = 'album-1' AND NOT is_note"),
			0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			1);
}

static bool shown(struct topic_view v)
{
	struct err err = { 0 };
	bool current = false;

	CU_ASSERT_TRUE(topic_view_shown(db, &unit_arena, &v, &current, &err));
	return current;
}

static void what_changed_while_it_was_shown_is_noticed(void)
{
	struct topic_view v;

	fresh();
	v = view();
	v.shown_state = v.state;
	CU_ASSERT_TRUE(shown(v));
	operator_says("Да", false, NULL);
	CU_ASSERT_FALSE(shown(v));
	/* The topic is another one by now: nothing to note. */
	v.topic_id++;
	CU_ASSERT_TRUE(shown(v));
	UNIT_ASSERT_STR(view().shown_state, "new");
}

static struct topic_touch touch(bool closed)
{
	return (struct topic_touch){
		.client_id = r.client_id,
		.bot_id = r.bot_id,
		.chat_id = RELAY_GROUP - 1,
		.topic_id = TOPIC,
		.closed = closed,
		.at = RELAY_NOW,
		.now = RELAY_NOW,
	};
}

static void topic_closed_by_a_person_closes_its_dialog(void)
{
	struct topic_touch t;
	struct err err = { 0 };

	fresh();
	t = touch(true);
	CU_ASSERT_TRUE(topic_touched(db, &unit_arena, &t, &err));
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "closed");
	CU_ASSERT_TRUE(view().shown_closed);
	UNIT_ASSERT_INT(asked(), 1);
	t = touch(false);
	CU_ASSERT_TRUE(topic_touched(db, &unit_arena, &t, &err));
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "open");
}

static void buyer_who_wrote_after_the_closing_is_heard(void)
{
	struct topic_touch t;
	struct err err = { 0 };

	fresh();
	t = touch(true);
	t.at -= 1000000;
	CU_ASSERT_TRUE(topic_touched(db, &unit_arena, &t, &err));
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "open");
	CU_ASSERT_TRUE(view().shown_closed);
	UNIT_ASSERT_INT(asked(), 1);
}

static void former_or_foreign_topic_says_nothing_of_the_dialog(void)
{
	struct topic_touch t;
	struct err err = { 0 };
	bool continues;

	fresh();
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &d, r.bot_id,
					RELAY_GROUP - 1, TOPIC + 1, "Анна",
					RELAY_NOW, &continues, &err));
	CU_ASSERT_TRUE(continues);
	t = touch(true);
	CU_ASSERT_TRUE(topic_touched(db, &unit_arena, &t, &err));
	t.topic_id = 77;
	CU_ASSERT_TRUE(topic_touched(db, &unit_arena, &t, &err));
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "open");
}

static void lines_are_the_last_that_the_team_may_see(void)
{
	struct topic_line *list;
	struct err err = { 0 };
	size_t n;

	fresh();
	for (int i = 2; i < 14; i++)
		buyer_says(arena_printf(&unit_arena, "m%d", i));
	pg_run("UPDATE messages SET text = external_id,"
	       " written_at = '2026-02-28T21:30:00Z';"
	       "UPDATE messages SET hidden_by = 'f' WHERE text = 'm12';"
	       "UPDATE projects SET auto_reply ="
	       " '{\"timezone\":\"Asia/Kolkata\"}'");
	d.message_id = pg_count("SELECT max(id) FROM messages");
	CU_ASSERT_TRUE(topic_lines(db, &unit_arena, &d, "Europe/Moscow", 10,
				   &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 10);
	UNIT_ASSERT_STR(list[0].text, "m2");
	UNIT_ASSERT_STR(list[9].text, "m11");
	UNIT_ASSERT_STR(list[0].when, "01.03 03:00");
	pg_run("UPDATE projects SET auto_reply = '{}'");
	CU_ASSERT_TRUE(topic_lines(db, &unit_arena, &d, "Europe/Moscow", 1,
				   &list, &n, &err));
	UNIT_ASSERT_STR(list[0].when, "01.03 00:30");
}

static void introduction_is_due_until_it_was_said(void)
{
	struct err err = { 0 };
	bool continues;

	fresh();
	CU_ASSERT_TRUE(dialog_set_topic(db, &unit_arena, &d, r.bot_id,
					RELAY_GROUP - 1, TOPIC + 1, "Анна",
					RELAY_NOW, &continues, &err));
	d.topic_id = TOPIC + 1;
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"
				 " WHERE topic_continues"),
			1);
	CU_ASSERT_TRUE(dialog_set_introduced(db, &unit_arena, &d, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"
				 " WHERE topic_continues"),
			0);
}

static struct unrouted stray(int64_t message, const char *album)
{
	return (struct unrouted){
		.client_id = r.client_id,
		.bot_id = r.bot_id,
		.chat_id = RELAY_GROUP - 1,
		.message_id = message,
		.body = arena_printf(
			&unit_arena,
			"{\"message\":{\"media_group_id\":\"%s\"}}", album),
		.way = "ask",
		.created_at = RELAY_NOW,
	};
}

static int64_t add(struct unrouted u)
{
	struct err err = { 0 };

	CU_ASSERT_TRUE(unrouted_add(db, &unit_arena, &u, &err));
	return u.id;
}

static void stray_message_is_dealt_with_once(void)
{
	fresh();
	CU_ASSERT_NOT_EQUAL(add(stray(7, "a")), 0);
	CU_ASSERT_EQUAL(add(stray(7, "a")), 0);
}

static void album_waits_and_is_settled_as_one(void)
{
	struct unrouted u = { 0 }, *list;
	struct err err = { 0 };
	size_t n;

	fresh();
	add(stray(8, "a"));
	add(stray(9, "b"));
	add(stray(7, "a"));
	CU_ASSERT_TRUE(unrouted_album(db, &unit_arena, r.client_id,
				      RELAY_GROUP - 1, "a", &u, &err));
	UNIT_ASSERT_INT(u.message_id, 8);
	CU_ASSERT_TRUE(
		unrouted_waiting(db, &unit_arena, &u, "a", &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 2);
	UNIT_ASSERT_INT(list[0].message_id, 7);
	for (size_t i = 0; i < n; i++) {
		list[i].dialog_id = d.dialog_id;
		list[i].decided_by = "Иван";
		CU_ASSERT_TRUE(unrouted_settle(db, &unit_arena, &list[i],
					       RELAY_NOW, &err));
	}
	CU_ASSERT_TRUE(
		unrouted_waiting(db, &unit_arena, &u, "a", &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 0);
	CU_ASSERT_TRUE(unrouted_album(db, &unit_arena, r.client_id,
				      RELAY_GROUP - 1, "c", &u, &err));
	UNIT_ASSERT_INT(u.id, 0);
}

static void question_ends_and_is_forgotten_later(void)
{
	struct err err = { 0 };

	fresh();
	add(stray(7, "a"));
	CU_ASSERT_TRUE(
		unrouted_expire(db, &unit_arena, RELAY_NOW, RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM unrouted"
				 " WHERE settled_at IS NULL"),
			1);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_TRUE(unrouted_expire(db, &unit_arena, RELAY_NOW + 1,
					       RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT generation FROM tasks"
				 " WHERE kind = 'topic.unrouted'"),
			1);
	CU_ASSERT_TRUE(unrouted_forget(db, &unit_arena, RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM unrouted"), 1);
	CU_ASSERT_TRUE(unrouted_forget(db, &unit_arena, RELAY_NOW + 1, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM unrouted"), 0);
}

/* A button may be pressed while a further item comes in. */
static void who_follows_an_album_holds_its_first_item(void)
{
	struct unrouted u;
	struct err err = { 0 };

	fresh();
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO unrouted (client_id, bot_id, chat_id, message_id,"
		" body, way, created_at) VALUES (%" PRId64 ", %" PRId64
		", -5, 7, '{\"message\":{\"media_group_id\":\"a\"}}', 'ask',"
		" now())",
		r.client_id, r.bot_id));
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(unrouted_album(db, &unit_arena, r.client_id, -5, "a", &u,
				      &err));
	UNIT_ASSERT_INT(u.message_id, 7);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM (SELECT 1 FROM unrouted"
				 " FOR UPDATE SKIP LOCKED) x"),
			0);
	CU_ASSERT_TRUE(db_finish(db, true, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(state_follows_from_the_dialog),
		UNIT_TEST(only_what_is_not_shown_yet_is_asked_for),
		UNIT_TEST(dialog_without_a_topic_asks_for_nothing),
		UNIT_TEST(topic_that_is_closed_is_opened_though_its_title_fits),
		UNIT_TEST(note_is_no_answer_and_goes_nowhere),
		UNIT_TEST(album_with_a_note_in_it_is_a_note),
		UNIT_TEST(what_changed_while_it_was_shown_is_noticed),
		UNIT_TEST(topic_closed_by_a_person_closes_its_dialog),
		UNIT_TEST(buyer_who_wrote_after_the_closing_is_heard),
		UNIT_TEST(former_or_foreign_topic_says_nothing_of_the_dialog),
		UNIT_TEST(lines_are_the_last_that_the_team_may_see),
		UNIT_TEST(introduction_is_due_until_it_was_said),
		UNIT_TEST(stray_message_is_dealt_with_once),
		UNIT_TEST(album_waits_and_is_settled_as_one),
		UNIT_TEST(question_ends_and_is_forgotten_later),
		UNIT_TEST(who_follows_an_album_holds_its_first_item),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("topic", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
