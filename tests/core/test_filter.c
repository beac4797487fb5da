/*
 * test_filter.c - what filters and rules of a project may be, and how rules
 * are applied.
 */
#include "config.h"

#include <inttypes.h>

#include "base/secret.h"
#include "core/as.h"
#include "core/filter.h"
#include "core/rule.h"
#include "core/trial.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"

static struct as_clients c;

/* The bad fields; "" and *json complete when there are none. */
static const char *bad_filters(const char **json)
{
	c = as_setup();
	as_begin(c.ours);
	CU_ASSERT_TRUE(
		filters_check(as_db, &unit_arena, json, &as_problems, &as_err));
	as_end(true);
	return as_bad_fields();
}

static void a_filter_is_completed(void)
{
	const char *json = "[{\"id\":\"a\",\"action\":\"hide\","
			   "\"words\":[\"торг\"]}]";

	UNIT_ASSERT_STR(bad_filters(&json), "");
	UNIT_ASSERT_STR(json,
			"[{\"id\":\"a\",\"name\":\"\",\"enabled\":true,"
			"\"action\":\"hide\",\"items\":[],\"buyers\":[],"
			"\"words\":[\"торг\"],\"match\":\"any\",\"kinds\":[],"
			"\"directions\":[]}]");
	UNIT_ASSERT_STR(bad_filters(&json), "");
}

static void every_bad_member_of_a_filter_is_named(void)
{
	static const char *const cases[][2] = {
		{ "{}", "filters" },
		{ "[7]", "filters[0]" },
		{ "[{}]", "filters[0].id,filters[0].action" },
		{ "[{\"id\":5,\"action\":\"kill\",\"color\":1}]",
		  "filters[0].id,filters[0].action,filters[0].color" },
		{ "[{\"id\":\"a\",\"action\":\"hide\"}]", "filters[0]" },
		{ "[{\"id\":\"a\",\"action\":\"hide\",\"enabled\":false}]",
		  "" },
		{ "[{\"id\":\"a\",\"action\":\"drop\",\"directions\":"
		  "[\"buyer\",\"seller\",\"system\"]}]",
		  "" },
		{ "[{\"id\":\"a\",\"action\":\"hide\",\"items\":[5,0,5,\"7\"],"
		  "\"buyers\":[\"\",3],\"kinds\":[\"text\",\"smell\"],"
		  "\"directions\":[\"team\"],\"match\":\"some\"}]",
		  "filters[0].items[1],filters[0].items[2],"
		  "filters[0].items[3],filters[0].buyers[0],"
		  "filters[0].buyers[1],filters[0].match,"
		  "filters[0].kinds[1],filters[0].directions[0]" },
		{ "[{\"id\":\"a\",\"action\":\"hide\",\"words\":"
		  "[\"торг\",\"!?\",\"👍\",\"50\"]}]",
		  "filters[0].words[1],filters[0].words[2]" },
		{ "[{\"id\":\"a\",\"action\":\"hide\",\"words\":"
		  "[\"a\\u0000\"]}]",
		  "filters[0].words[0]" },
		{ "[{\"id\":\"a\",\"action\":\"hide\","
		  "\"items\":[99999999999999999999]}]",
		  "filters[0].items[0]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *json = cases[i][0];

		UNIT_ASSERT_STR(bad_filters(&json), cases[i][1]);
	}
}

/* ---- rules as they are set up ---- */

static const char *bad_rules(const char **json)
{
	as_begin(c.ours);
	CU_ASSERT_TRUE(rules_check(as_db, &unit_arena, c.ours, json,
				   &as_problems, &as_err));
	as_end(true);
	return as_bad_fields();
}

static int64_t add_user(int64_t client_id, const char *login)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO users (client_id, login, name, role, created_at)"
		" VALUES (%" PRId64 ", '%s', 'N', 'manager', now())"
		" RETURNING id",
		client_id, login));
}

static void a_rule_is_completed(void)
{
	const char *json = "[{\"id\":\"a\",\"action\":{\"label\":\"vip\"}}]";

	c = as_setup();
	UNIT_ASSERT_STR(bad_rules(&json), "");
	UNIT_ASSERT_STR(json, "[{\"id\":\"a\",\"name\":\"\",\"enabled\":true,"
			      "\"when\":\"any\",\"words\":[],\"match\":\"any\","
			      "\"action\":{\"label\":\"vip\"},\"stop\":false,"
			      "\"repeat_after_hours\":24}]");
}

static void every_bad_member_of_a_rule_is_named(void)
{
	static const char *const cases[][2] = {
		{ "7", "rules" },
		{ "[null]", "rules[0]" },
		{ "[{\"id\":\"a\"},{\"id\":\"a\"}]", "rules[1].id" },
		{ "[{\"id\":\"a\",\"when\":\"last\",\"stop\":1,\"action\":5,"
		  "\"repeat_after_hours\":0,\"x\":1}]",
		  "rules[0].when,rules[0].action,rules[0].stop,"
		  "rules[0].repeat_after_hours,rules[0].x" },
		{ "[{\"id\":\"a\",\"action\":{\"send\":\" \"}}]",
		  "rules[0].action.send" },
		{ "[{\"id\":\"a\",\"action\":{\"send\":\"Да\","
		  "\"label\":\"vip\"}}]",
		  "rules[0].action" },
		{ "[{\"id\":\"a\",\"action\":{\"assign\":4711}}]",
		  "rules[0].action.assign" },
		{ "[{\"id\":\"a\",\"action\":{\"call\":5}}]",
		  "rules[0].action.call" },
		{ "[{\"id\":\"a\",\"words\":[\"...\"]}]", "rules[0].words[0]" },
	};

	c = as_setup();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *json = cases[i][0];

		UNIT_ASSERT_STR(bad_rules(&json), cases[i][1]);
	}
}

static void a_rule_assigns_to_the_clients_own_people_only(void)
{
	const char *json;

	c = as_setup();
	json = arena_printf(&unit_arena,
			    "[{\"id\":\"a\",\"action\":{\"assign\":%" PRId64
			    "}}]",
			    add_user(c.ours, "ours"));
	UNIT_ASSERT_STR(bad_rules(&json), "");
	json = arena_printf(&unit_arena,
			    "[{\"id\":\"a\",\"action\":{\"assign\":%" PRId64
			    "}}]",
			    add_user(c.other, "theirs"));
	UNIT_ASSERT_STR(bad_rules(&json), "rules[0].action.assign");
	UNIT_ASSERT_STR(as_problems.list[0].text, "there is no such user");
}

/* ---- rules as they are applied ---- */

static struct relay r;
static struct db *daemon_db;

#define RULE(id, words, action, more)                                         \
	"{\"id\":\"" id "\",\"name\":\"\",\"enabled\":true,\"when\":\"any\"," \
	"\"words\":[" words "],\"match\":\"any\",\"action\":{" action "},"    \
	"\"stop\":false,\"repeat_after_hours\":24" more "}"
#define SEND(id) RULE(id, "\"торг\"", "\"send\":\"Торга нет\"", "")

static void with_rules(const char *rules)
{
	c = as_setup();
	r = relay_seed(1);
	pg_run(arena_printf(&unit_arena, "UPDATE projects SET rules = $r$%s$r$",
			    rules));
}

/* Minutes past RELAY_NOW. */
static bool applied_stops(const char *id, const char *text, int minutes,
			  int late)
{
	struct message_in m = relay_text(&r, id, text);
	struct rule_outcome outcome = { 0 };
	struct rule_question q = { .client_id = r.client_id };
	struct err err = { 0 };
	bool ok;

	m.now += minutes * INT64_C(60000000);
	m.written_at = m.now - late * INT64_C(60000000);
	q.message_id = relay_take(daemon_db, &m, message_take_buyer);
	q.now = m.now;
	ok = db_begin(daemon_db, &err) &&
	     rules_apply(daemon_db, &unit_arena, &q, &outcome, &err) &&
	     /* A task may run twice. */
	     rules_apply(daemon_db, &unit_arena, &q, &outcome, &err);
	CU_ASSERT_TRUE(db_finish(daemon_db, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	return outcome.stopped;
}

/* What was left in auto_replies, "rule state reason". */
static const char *marks(void)
{
	return pg_text("SELECT string_agg(rtrim(concat_ws(' ', rule_id, state,"
		       "  reason)), ',' ORDER BY id) FROM auto_replies");
}

static void a_text_is_planned_once_in_an_interval(void)
{
	with_rules("[" SEND("a") "]");
	CU_ASSERT_FALSE(applied_stops("m1", "Здравствуйте", 0, 0));
	UNIT_ASSERT_STR(marks(), "");
	applied_stops("m2", "Торг?", 1, 0);
	applied_stops("m3", "А торг?", 2, 0);
	UNIT_ASSERT_STR(marks(), "a pending");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks t"
				 " JOIN auto_replies r ON r.id = t.subject_id"
				 " WHERE t.kind = 'auto_reply.send'"),
			1);
	applied_stops("m4", "Торг?", 24 * 60 + 1, 0);
	UNIT_ASSERT_STR(marks(), "a pending,a pending");
}

static void a_text_that_was_not_sent_counts_for_nothing(void)
{
	with_rules("[" SEND("a") "]");
	applied_stops("m1", "Торг?", 0, 0);
	pg_run("UPDATE auto_replies SET state = 'dropped'");
	applied_stops("m2", "Торг?", 1, 0);
	UNIT_ASSERT_STR(marks(), "a dropped,a pending");
}

static void a_text_does_not_answer_what_comes_late(void)
{
	with_rules("[" SEND("a") "]");
	applied_stops("m1", "Торг?", 30, 11);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"
				 " WHERE kind = 'auto_reply.send'"),
			0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM auto_replies"
				 " WHERE state <> 'dropped'"),
			0);
}

static void stop_ends_the_asking_also_when_nothing_is_done(void)
{
	with_rules("[" RULE("a", "\"спам\"", "",
			    ",\"stop\":true") "," SEND("b") "]");
	CU_ASSERT_TRUE(applied_stops("m1", "Спам и торг", 0, 0));
	UNIT_ASSERT_STR(marks(), "");
	CU_ASSERT_FALSE(applied_stops("m2", "Торг", 1, 0));
	UNIT_ASSERT_STR(marks(), "b pending");
}

static void stop_counts_when_the_text_was_sent_before(void)
{
	with_rules("[" RULE("a", "\"торг\"", "\"send\":\"Нет\"",
			    ",\"stop\":true") "]");
	CU_ASSERT_TRUE(applied_stops("m1", "Торг", 0, 0));
	CU_ASSERT_TRUE(applied_stops("m2", "Торг", 1, 0));
	UNIT_ASSERT_STR(marks(), "a pending");
}

static void first_is_the_buyers_first_that_was_not_dropped(void)
{
	with_rules(
		"[" RULE("a", "", "\"label\":\"new\"",
			 ",\"when\":\"first\",\"repeat_after_hours\":1") "]");
	pg_run("UPDATE projects SET filters = '[{\"id\":\"f\",\"name\":\"\","
	       "\"enabled\":true,\"action\":\"drop\",\"items\":[],"
	       "\"buyers\":[],\"words\":[\"спам\"],\"match\":\"any\","
	       "\"kinds\":[],\"directions\":[]}]'");
	applied_stops("m1", "Спам", 0, 0);
	UNIT_ASSERT_STR(marks(), "");
	applied_stops("m2", "Да", 1, 0);
	applied_stops("m3", "Да", 100, 0);
	UNIT_ASSERT_STR(marks(), "a sent labelled");
	UNIT_ASSERT_STR(pg_text("SELECT labels FROM dialogs"), "{new}");
}

static void a_rule_that_is_off_is_not_asked(void)
{
	with_rules(
		"[" RULE("a", "", "\"label\":\"x\"", ",\"enabled\":false") "]");
	applied_stops("m1", "Да", 0, 0);
	UNIT_ASSERT_STR(pg_text("SELECT labels FROM dialogs"), "{}");
}

static void a_label_is_put_once_and_not_without_end(void)
{
	with_rules("[" RULE(
		"a", "", "\"label\":\"x\"",
		",\"repeat_after_hours\":1") "," RULE("b", "",
						      "\"label\":\"y\"",
						      "") "]");
	pg_run("UPDATE projects SET greeting = ''");
	applied_stops("m1", "Да", 0, 0);
	applied_stops("m2", "Да", 90, 0);
	UNIT_ASSERT_STR(pg_text("SELECT labels FROM dialogs"), "{x,y}");
	pg_run("UPDATE dialogs SET labels ="
	       " ARRAY(SELECT i::text FROM generate_series(1, 20) i)");
	applied_stops("m3", "Да", 3000, 0);
	UNIT_ASSERT_INT(pg_count("SELECT cardinality(labels) FROM dialogs"),
			20);
}

static void a_dialog_is_assigned_unless_the_user_cannot(void)
{
	int64_t anna, boris;

	with_rules("[]");
	anna = add_user(r.client_id, "anna");
	boris = add_user(r.client_id, "boris");
	pg_run(arena_printf(
		&unit_arena,
		"UPDATE projects SET rules = '[" RULE(
			"a", "", "\"assign\":%" PRId64,
			"") "," RULE("b", "", "\"assign\":%" PRId64,
				     "") "]';"
					 "UPDATE users SET disabled_at = now() "
					 "WHERE login = 'boris'",
		anna, boris));
	applied_stops("m1", "Да", 0, 0);
	UNIT_ASSERT_INT(pg_count("SELECT assignee_id FROM dialogs"), anna);
	pg_run("DELETE FROM auto_replies; UPDATE dialogs SET assignee_id = "
	       "null;"
	       "DELETE FROM users");
	applied_stops("m2", "Да", 1, 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM auto_replies"
				 " WHERE reason LIKE 'there is no user%'"),
			4);
	UNIT_ASSERT_INT(pg_count("SELECT count(assignee_id) FROM dialogs"), 0);
}

static void a_text_is_the_rules_of_this_moment(void)
{
	const char *json = "[" SEND("a") "," RULE("b", "", "", "") "," RULE(
		"c", "", "\"send\":\"Нет\"", ",\"enabled\":false") "]";
	static const char *const texts[][2] = {
		{ "a", "Торга нет" },
		{ "b", NULL },
		{ "c", NULL },
		{ "d", NULL },
	};
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text;

		CU_ASSERT_TRUE(
			rule_text(&unit_arena, json, texts[i][0], &text, &err));
		UNIT_ASSERT_STR(text, texts[i][1]);
	}
}

/* ---- trials ---- */

static void tried(const char *filters, struct trial *t)
{
	struct trial_question q = { .json = filters, .now = RELAY_NOW };

	q.client_id = r.client_id;
	q.project_id = r.project_id;
	CU_ASSERT_TRUE(
		trial_of_filters(daemon_db, &unit_arena, &q, t, &as_err));
	UNIT_ASSERT_STR(as_err.text, "");
}

static void a_trial_says_when_it_has_not_seen_all(void)
{
	const char *const filters =
		"[{\"id\":\"a\",\"name\":\"N\",\"enabled\":true,"
		"\"action\":\"hide\",\"items\":[],\"buyers\":[],"
		"\"words\":[],\"match\":\"any\",\"kinds\":[],"
		"\"directions\":[\"buyer\"]}]";
	struct message_in m;
	struct trial t;

	with_rules("[]");
	m = relay_text(&r, "m1", "Да");
	relay_take(daemon_db, &m, message_take_buyer);
	tried(filters, &t);
	CU_ASSERT_TRUE(t.is_complete);
	UNIT_ASSERT_INT(t.messages, 1);
	/* A week ago to the microsecond is not too long ago. */
	pg_run("INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
	       "  author, kind, text, written_at, created_at)"
	       " SELECT client_id, dialog_id, origin, origin_id, author, kind,"
	       "  i::text, written_at - interval '7 days'"
	       "   - CASE WHEN i > 99 THEN interval '1 us' ELSE '0' END,"
	       "  created_at FROM messages, generate_series(1, 200) i");
	tried(filters, &t);
	CU_ASSERT_TRUE(t.is_complete);
	UNIT_ASSERT_INT(t.messages, 100);
	UNIT_ASSERT_INT(t.items[0].count, 100);
	UNIT_ASSERT_INT(t.items[0].n_examples, TRIAL_EXAMPLES);
	pg_run("UPDATE messages SET written_at = written_at"
	       " + interval '1 us' WHERE text = '100'");
	tried(filters, &t);
	CU_ASSERT_FALSE(t.is_complete);
	UNIT_ASSERT_INT(t.messages, 100);
}

static void a_trial_keeps_to_its_project(void)
{
	struct message_in m;
	struct relay other;
	struct trial t;

	with_rules("[]");
	other = relay_seed(2);
	m = relay_text(&other, "m1", "Да");
	relay_take(daemon_db, &m, message_take_buyer);
	tried("[]", &t);
	UNIT_ASSERT_INT(t.messages, 0);
	CU_ASSERT_TRUE(t.is_complete);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_filter_is_completed),
		UNIT_TEST(every_bad_member_of_a_filter_is_named),
		UNIT_TEST(a_rule_is_completed),
		UNIT_TEST(every_bad_member_of_a_rule_is_named),
		UNIT_TEST(a_rule_assigns_to_the_clients_own_people_only),
		UNIT_TEST(a_text_is_planned_once_in_an_interval),
		UNIT_TEST(a_text_that_was_not_sent_counts_for_nothing),
		UNIT_TEST(a_text_does_not_answer_what_comes_late),
		UNIT_TEST(stop_ends_the_asking_also_when_nothing_is_done),
		UNIT_TEST(stop_counts_when_the_text_was_sent_before),
		UNIT_TEST(first_is_the_buyers_first_that_was_not_dropped),
		UNIT_TEST(a_rule_that_is_off_is_not_asked),
		UNIT_TEST(a_label_is_put_once_and_not_without_end),
		UNIT_TEST(a_dialog_is_assigned_unless_the_user_cannot),
		UNIT_TEST(a_text_is_the_rules_of_this_moment),
		UNIT_TEST(a_trial_says_when_it_has_not_seen_all),
		UNIT_TEST(a_trial_keeps_to_its_project),
	};
	int status;

	secret_init();
	pg_start();
	daemon_db = db_new(pg_url(PG_DAEMON), "test_filter", 20000);
	status = unit_main("filter", tests, ARRAY_LEN(tests), argc, argv);
	db_free(daemon_db);
	return status;
}
