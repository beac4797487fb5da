/*
 * test_filter.c - what a project's filters do to messages that come in.
 */
#include "config.h"

#include <inttypes.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/filter.h"

static struct db *db;
static struct relay r;

/* A filter as it is stored: what applies to texts with that word. */
#define FILTER(id, action, word)                                        \
	"{\"id\":\"" id "\",\"name\":\"\",\"enabled\":true,\"action\":" \
	"\"" action "\",\"items\":[],\"buyers\":[],\"words\":[\"" word  \
	"\"],\"match\":\"any\",\"kinds\":[],\"directions\":[]}"

static void fresh(const char *filters)
{
	pg_reset();
	r = relay_seed(1);
	pg_run(arena_printf(&unit_arena,
			    "UPDATE projects SET filters = '[%s]',"
			    " rules = '[{\"id\":\"r\"}]'",
			    filters));
}

static int64_t say(const char *external_id, const char *text)
{
	struct message_in m = relay_text(&r, external_id, text);

	return relay_take(db, &m, message_take_buyer);
}

/* "status unread waiting", then of each message its text and what hides it. */
static const char *seen(void)
{
	return pg_text("SELECT concat_ws(' ', g.status, g.unread_count,"
		       "  g.waiting_since IS NOT NULL) || (SELECT"
		       "   string_agg(concat('; ', text, ' ' || hidden_by,"
		       "    CASE WHEN is_archived THEN ' archived' END,"
		       "    CASE WHEN EXISTS (SELECT FROM deliveries d"
		       "     WHERE d.message_id = m.id) THEN ' sent' END),"
		       "    '' ORDER BY id) FROM messages m)"
		       " FROM dialogs g");
}

static int64_t automatic(void)
{
	return pg_count("SELECT count(*) FROM tasks"
			" WHERE kind = 'dialog.automate'");
}

/* "a 2,b 1" */
static const char *hits(void)
{
	const char *text = "";
	struct err err = { 0 };
	struct filter_hits *list;
	size_t n = 0;

	CU_ASSERT_TRUE(filter_hits_list(db, &unit_arena, r.client_id,
					r.project_id, &list, &n, &err));
	for (size_t i = 0; i < n; i++) {
		text = arena_printf(&unit_arena, "%s%s%s %" PRId64, text,
				    i ? "," : "", list[i].id, list[i].hits);
		UNIT_ASSERT_INT(list[i].last_at, RELAY_NOW);
	}
	return text;
}

static void hidden_message_waits_for_an_answer_and_is_not_relayed(void)
{
	fresh(FILTER("a", "hide", "торг"));
	CU_ASSERT_TRUE(say("m1", "Торг?") > 0);
	UNIT_ASSERT_STR(seen(), "open 1 t; Торг? a");
	UNIT_ASSERT_INT(automatic(), 1);
	UNIT_ASSERT_STR(hits(), "a 1");
}

static void dropped_message_touches_nothing_but_the_archive(void)
{
	fresh(FILTER("a", "drop", "торг"));
	CU_ASSERT_TRUE(say("m1", "Торг?") > 0);
	UNIT_ASSERT_STR(seen(), "archived 0 f; Торг? a archived");
	UNIT_ASSERT_INT(automatic(), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM lanes"), 0);
	UNIT_ASSERT_STR(hits(), "a 1");
}

static void passed_message_goes_its_way_and_is_counted(void)
{
	fresh(FILTER("a", "pass", "доставка") "," FILTER("b", "drop", "торг"));
	CU_ASSERT_TRUE(say("m1", "Торг и доставка?") > 0);
	UNIT_ASSERT_STR(seen(), "open 1 t; Торг и доставка? sent");
	UNIT_ASSERT_INT(automatic(), 1);
	UNIT_ASSERT_STR(hits(), "a 1");
}

static void same_message_twice_is_counted_once(void)
{
	fresh(FILTER("a", "drop", "торг"));
	say("m1", "Торг?");
	UNIT_ASSERT_INT(say("m1", "Торг?"), 0);
	say("m2", "Торг!");
	UNIT_ASSERT_STR(hits(), "a 2");
}

static void dialog_leaves_the_archive_when_something_passes(void)
{
	fresh(FILTER("a", "drop", "торг") "," FILTER("b", "hide", "обмен"));
	say("m1", "Торг?");
	say("m2", "Торг!");
	UNIT_ASSERT_STR(seen(),
			"archived 0 f; Торг? a archived; Торг! a archived");
	say("m3", "Обмен?");
	say("m4", "Торг, ну?");
	UNIT_ASSERT_STR(seen(), "open 1 t; Торг? a archived; Торг! a archived;"
				" Обмен? b; Торг, ну? a archived");
}

static void dialog_with_something_else_is_never_archived(void)
{
	fresh(FILTER("a", "drop", "торг"));
	say("m1", "Здравствуйте");
	say("m2", "Торг?");
	UNIT_ASSERT_STR(seen(),
			"open 1 t; Здравствуйте sent; Торг? a archived");
	pg_run("UPDATE dialogs SET status = 'closed'");
	say("m3", "Торг!");
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "closed");
}

static void event_in_an_archived_dialog_makes_no_topic(void)
{
	struct dialog_event e = { .key = "blocked:1",
				  .text = "Клиент ушёл",
				  .now = RELAY_NOW };
	struct err err = { 0 };
	int64_t id = 0;

	fresh(FILTER("a", "drop", "торг"));
	say("m1", "Торг?");
	e.client_id = r.client_id;
	e.dialog_id = pg_count("SELECT id FROM dialogs");
	CU_ASSERT_TRUE(db_begin(db, &err) &&
		       message_take_event(db, &unit_arena, &e, &id, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	CU_ASSERT_TRUE(id > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 0);
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "archived");
}

static void history_is_not_filtered(void)
{
	struct message_in m;

	fresh(FILTER("a", "drop", "торг"));
	m = relay_text(&r, "m1", "Торг?");
	m.history = true;
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_STR(seen(), "open 0 f; Торг?");
	UNIT_ASSERT_STR(hits(), "");
}

static void sellers_own_message_is_filtered_as_his(void)
{
	struct message_in m;

	fresh(FILTER("a", "drop", "торг"));
	pg_run("UPDATE projects SET filters = jsonb_set(filters,"
	       " '{0,directions}', '[\"seller\"]')");
	say("m1", "Торг?");
	m = relay_text(&r, "m2", "Торга нет");
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_own) > 0);
	UNIT_ASSERT_STR(seen(), "open 1 t; Торг? sent; Торга нет a archived");
	m.external_id = "m3";
	m.text = "Нет";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_own) > 0);
	UNIT_ASSERT_STR(seen(), "open 0 f; Торг? sent; Торга нет a archived;"
				" Нет sent");
}

static void system_message_takes_a_dialog_out_only_when_it_is_shown(void)
{
	struct message_in m;

	fresh(FILTER("a", "drop", "торг"));
	say("m1", "Торг?");
	m = relay_text(&r, "m2", "Смотрели телефон");
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_system) > 0);
	UNIT_ASSERT_STR(seen(),
			"archived 0 f; Торг? a archived; Смотрели телефон");
	pg_run("UPDATE projects SET hide_system_messages = false");
	m.external_id = "m3";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_system) > 0);
	UNIT_ASSERT_STR(seen(), "open 0 f; Торг? a archived; Смотрели телефон;"
				" Смотрели телефон sent");
	m.external_id = "m4";
	m.text = "Торги";
	pg_run("UPDATE projects SET filters = jsonb_set(filters,"
	       " '{0,directions}', '[\"system\"]')");
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_system) > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 1);
}

/* Parked, because a send is open: it may be that one's echo. */
static void parked_message_is_judged_when_it_is_no_echo(void)
{
	struct message_in m;
	struct err err = { 0 };

	fresh(FILTER("a", "hide", "торг"));
	say("m1", "Здравствуйте");
	pg_run("INSERT INTO lanes (client_id, dialog_id, direction, last_seq)"
	       " SELECT client_id, id, 'buyer', 1 FROM dialogs;"
	       "INSERT INTO deliveries (client_id, dialog_id, direction, seq,"
	       "  message_id, state, created_at, updated_at)"
	       " SELECT client_id, dialog_id, 'buyer', 1, id, 'sending',"
	       "  now(), now() FROM messages");
	m = relay_text(&r, "m2", "Торга нет");
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_own) > 0);
	UNIT_ASSERT_STR(hits(), "");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE is_parked AND hidden_by IS NULL"),
			1);
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(messages_unpark(db, &unit_arena, r.client_id,
				       pg_count("SELECT id FROM dialogs"),
				       RELAY_NOW, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_STR(seen(), "open 0 f; Здравствуйте sent; Торга нет a");
	UNIT_ASSERT_STR(hits(), "a 1");
}

/* The first item has the words, the others come without. */
static void items_of_an_album_are_kept_back_with_the_first(void)
{
	struct message_in m;

	fresh(FILTER("a", "drop", "торг") "," FILTER("b", "hide", "обмен"));
	m = relay_text(&r, "m1", "Торг?");
	m.album = "one";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	m.external_id = "m2";
	m.text = "";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_STR(seen(), "archived 0 f; Торг? a archived");
	m.external_id = "m3";
	m.album = "two";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_STR(pg_text("SELECT status FROM dialogs"), "open");
}

static void ad_and_buyer_count_from_the_first_message(void)
{
	fresh("{\"id\":\"a\",\"name\":\"\",\"enabled\":true,"
	      "\"action\":\"hide\",\"items\":[77],\"buyers\":[\"40002\"],"
	      "\"words\":[],\"match\":\"any\",\"kinds\":[\"text\"],"
	      "\"directions\":[\"buyer\"]}");
	say("m1", "Здравствуйте");
	UNIT_ASSERT_STR(seen(), "open 1 t; Здравствуйте a");
}

static void name_of_who_writes_counts_before_the_dialog_knows_it(void)
{
	struct message_in m;

	fresh("{\"id\":\"a\",\"name\":\"\",\"enabled\":true,"
	      "\"action\":\"hide\",\"items\":[],\"buyers\":[\"анна\"],"
	      "\"words\":[],\"match\":\"any\",\"kinds\":[],"
	      "\"directions\":[]}");
	m = relay_text(&r, "m1", "Здравствуйте");
	m.author_name = "Анна";
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_STR(seen(), "open 1 t; Здравствуйте a");
}

static void hits_are_added_up(void)
{
	struct err err = { 0 };

	fresh(FILTER("a", "drop", "торг") "," FILTER("b", "pass", "да"));
	say("m1", "Торг?");
	say("m2", "Да");
	say("m3", "Торг!");
	CU_ASSERT_TRUE(filter_hits_fold(db, &unit_arena, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM filter_hits"), 2);
	CU_ASSERT_TRUE(filter_hits_fold(db, &unit_arena, &err));
	say("m4", "Торгуетесь?");
	say("m5", "Торга!");
	CU_ASSERT_TRUE(filter_hits_fold(db, &unit_arena, &err));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(filter_id || ' ' || hits,"
				" ',' ORDER BY filter_id) FROM filter_hits"),
			"a 3,b 1");
}

static void hits_of_filters_that_are_gone_go(void)
{
	struct err err = { 0 };

	fresh(FILTER("a", "drop", "торг") "," FILTER("b", "pass", "да"));
	say("m1", "Торг?");
	say("m2", "Да");
	CU_ASSERT_TRUE(filter_hits_forget(db, &unit_arena, r.client_id,
					  r.project_id, "[{\"id\":\"b\"}]",
					  &err));
	UNIT_ASSERT_STR(hits(), "b 1");
}

/* Until another connection waits for a lock of ours. */
static void wait_for_waiter(void)
{
	int64_t until = clock_mono_ms() + 20000;

	while (pg_count("SELECT count(*) FROM pg_stat_activity"
			" WHERE wait_event_type = 'Lock'") == 0) {
		if (clock_mono_ms() > until) {
			CU_FAIL("nobody waits");
			return;
		}
		sched_yield();
	}
}

/* In a child; without asking for the dialog first, which would wait. */
static bool take_elsewhere(const struct message_in *m)
{
	struct db *mine = db_new(pg_url(PG_DAEMON), "elsewhere", 20000);
	struct err err = { 0 };
	int64_t id;
	bool ok = db_begin(mine, &err) &&
		  message_take_buyer(mine, &unit_arena, m, &id, &err);

	return db_finish(mine, ok, &err);
}

/* What another transaction stores at the same moment is not seen, but it has
 * changed the dialog. */
static void unseen_message_keeps_the_dialog_out_of_the_archive(void)
{
	struct message_in m1, m2;
	struct err err = { 0 };
	int64_t id = 0;
	pid_t pid;

	fresh(FILTER("a", "drop", "торг"));
	m1 = relay_text(&r, "m1", "Да");
	m2 = relay_text(&r, "m2", "Торг?");
	/* A chat that the poller has found, without messages yet. */
	CU_ASSERT_TRUE(db_begin(db, &err));
	dialog_queue_make(db, &unit_arena, &m1);
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(message_take_own(db, &unit_arena, &m1, &id, &err));
	pid = fork();
	if (pid == 0)
		_exit(take_elsewhere(&m2) ? 0 : 1);
	wait_for_waiter();
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
	UNIT_ASSERT_STR(seen(), "open 0 f; Да sent; Торг? a archived");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(
			hidden_message_waits_for_an_answer_and_is_not_relayed),
		UNIT_TEST(dropped_message_touches_nothing_but_the_archive),
		UNIT_TEST(passed_message_goes_its_way_and_is_counted),
		UNIT_TEST(same_message_twice_is_counted_once),
		UNIT_TEST(dialog_leaves_the_archive_when_something_passes),
		UNIT_TEST(dialog_with_something_else_is_never_archived),
		UNIT_TEST(event_in_an_archived_dialog_makes_no_topic),
		UNIT_TEST(history_is_not_filtered),
		UNIT_TEST(sellers_own_message_is_filtered_as_his),
		UNIT_TEST(
			system_message_takes_a_dialog_out_only_when_it_is_shown),
		UNIT_TEST(parked_message_is_judged_when_it_is_no_echo),
		UNIT_TEST(items_of_an_album_are_kept_back_with_the_first),
		UNIT_TEST(ad_and_buyer_count_from_the_first_message),
		UNIT_TEST(name_of_who_writes_counts_before_the_dialog_knows_it),
		UNIT_TEST(hits_are_added_up),
		UNIT_TEST(hits_of_filters_that_are_gone_go),
		UNIT_TEST(unseen_message_keeps_the_dialog_out_of_the_archive),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test_filter", 20000);
	status = unit_main("filter", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
