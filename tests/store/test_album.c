/*
 * test_album.c - items of an album become one message, none is lost and none
 * is there twice.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/lane.h"

#define SECOND CLOCK_SECOND_US

/* Of the race. */
#define ALBUMS     60
#define ITEMS      5
#define WRITERS    3
#define DELIVERERS 2
#define DEADLINE_S 60

static struct db *db;
static struct relay r;

static void fresh(void)
{
	pg_reset();
	r = relay_seed(1);
}

static struct message_file photo(const char *ref)
{
	return (struct message_file){ .kind = "image", .ref = ref };
}

/* ---- from a topic ---- */

/* A dialog with topic 5 of the client's bot, whose lanes rest. */
static void make_topic(void)
{
	struct message_in m = relay_text(&r, "m1", "Продаёте?");

	fresh();
	relay_take(db, &m, message_take_buyer);
	pg_run("UPDATE dialogs SET bot_id = (SELECT min(id) FROM bots),"
	       " topic_id = 5");
	pg_run("INSERT INTO dialog_topics SELECT client_id, -1001234567891,"
	       " 5, id, created_at FROM dialogs");
}

static struct topic_message item(int64_t id, struct message_file *file)
{
	*file = photo(arena_printf(&unit_arena, "file%lld", (long long)id));
	return (struct topic_message){
		.client_id = r.client_id,
		.bot_id = r.bot_id,
		.chat_id = RELAY_GROUP - 1,
		.topic_id = 5,
		.message_id = id,
		.update_id = 100 + id,
		.from_id = 9,
		.from_name = "Иван",
		.kind = "image",
		.text = "",
		.album = "a1",
		.files = file,
		.n_files = 1,
		.written_at = RELAY_NOW,
		.now = RELAY_NOW,
	};
}

static int64_t take(const struct topic_message *m)
{
	struct err err = { 0 };
	int64_t id = -1;
	bool ok = db_begin(db, &err) &&
		  message_take_topic(db, &unit_arena, m, &id, &err);

	CU_ASSERT_TRUE(db_finish(db, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	return id;
}

static int64_t take_item(int64_t id)
{
	struct message_file file;
	struct topic_message m = item(id, &file);

	return take(&m);
}

static int64_t take_item_at(int64_t id, int64_t at)
{
	struct message_file file;
	struct topic_message m = item(id, &file);

	m.now = at;
	return take(&m);
}

static const char *operators(const char *columns)
{
	return pg_text(arena_printf(&unit_arena,
				    "SELECT %s FROM messages m"
				    " WHERE author = 'operator'",
				    columns));
}

#define FILES                                                         \
	"string_agg((SELECT string_agg(ref, '+' ORDER BY f.id) FROM " \
	"attachments f WHERE f.message_id = m.id), ' ' ORDER BY m.id)"

static size_t claim(int64_t at, struct delivery **list)
{
	struct claim c = { .due = 10,
			   .now = at,
			   .lease_until = at + 60 * SECOND };
	struct err err = { 0 };
	size_t n = 99;

	CU_ASSERT_TRUE(lanes_claim(db, &unit_arena, &c, list, &n, &err));
	UNIT_ASSERT_STR(err.text, "");
	return n;
}

/* The buyer's lane alone is looked at. */
static void team_rests(void)
{
	pg_run("UPDATE lanes SET due_at = NULL, head_seq = last_seq + 1"
	       " WHERE direction = 'team'");
}

static void items_become_one_message_in_order(void)
{
	make_topic();
	CU_ASSERT_TRUE(take_item(55) > 0);
	CU_ASSERT_EQUAL(take_item(56), take_item(57));
	UNIT_ASSERT_STR(operators(FILES), "file55+file56+file57");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(part || '=' || external_id,"
				" ' ' ORDER BY part) FROM message_copies"),
			"1=56 2=57");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			1);
}

static void same_item_twice_changes_nothing(void)
{
	make_topic();
	take_item(55);
	take_item(56);
	UNIT_ASSERT_INT(take_item(55), 0);
	UNIT_ASSERT_INT(take_item(56), 0);
	UNIT_ASSERT_STR(operators(FILES), "file55+file56");
}

static void delivery_waits_for_a_second_of_quiet(void)
{
	struct delivery *list;

	make_topic();
	team_rests();
	take_item_at(55, RELAY_NOW);
	take_item_at(56, RELAY_NOW + SECOND / 2);
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND, &list), 0);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 3 * SECOND / 2, &list), 1);
	UNIT_ASSERT_INT(list[0].n_files, 2);
	CU_ASSERT_EQUAL(list[0].not_before, RELAY_NOW + 3 * SECOND / 2);
}

static void delivery_waits_five_seconds_at_most(void)
{
	struct delivery *list;

	make_topic();
	team_rests();
	for (int i = 0; i < 9; i++)
		take_item_at(55 + i, RELAY_NOW + i * SECOND * 6 / 10);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 5 * SECOND - 1, &list), 0);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 5 * SECOND, &list), 1);
	UNIT_ASSERT_INT(list[0].n_files, 9);
}

static void item_that_comes_too_late_is_a_message_of_its_own(void)
{
	struct delivery *list;

	make_topic();
	team_rests();
	take_item(55);
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND, &list), 1);
	CU_ASSERT_TRUE(take_item(56) > 0);
	UNIT_ASSERT_STR(operators(FILES), "file55 file56");
	UNIT_ASSERT_INT(take_item(56), 0);
	/* Others that are late join that one. */
	take_item(57);
	UNIT_ASSERT_STR(operators(FILES), "file55 file56+file57");
}

static void item_of_what_was_tried_before_is_late_too(void)
{
	struct delivery *list;

	make_topic();
	team_rests();
	take_item(55);
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND, &list), 1);
	relay_begin(db, &(struct attempt_new){
				.d = &list[0], .action = "x", .content = "" });
	relay_outcome(db, (struct outcome){ .d = &list[0],
					    .lane = LANE_WAIT,
					    .state = "queued",
					    .due_at = RELAY_NOW + SECOND });
	take_item(56);
	UNIT_ASSERT_STR(operators(FILES), "file55 file56");
}

/* The lane is leased, but for what is before it. */
static void album_behind_what_is_under_way_still_grows(void)
{
	struct message_file file;
	struct topic_message first = item(54, &file);
	struct delivery *list;

	make_topic();
	team_rests();
	first.album = NULL;
	take(&first);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	take_item(55);
	take_item(56);
	UNIT_ASSERT_STR(operators(FILES), "file54 file55+file56");
	/* And it waits although its turn has come. */
	CU_ASSERT_TRUE(relay_outcome(db, (struct outcome){ .d = &list[0],
							   .lane = LANE_FREE,
							   .state = "done" }));
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND - 1, &list), 0);
	UNIT_ASSERT_INT(claim(RELAY_NOW + SECOND, &list), 1);
	UNIT_ASSERT_INT(list[0].n_files, 2);
}

static void caption_of_a_later_item_becomes_the_text(void)
{
	struct message_file file;
	struct topic_message m;

	make_topic();
	take_item(55);
	m = item(56, &file);
	m.text = "Вот";
	m.entities = "[{\"type\": \"bold\"}]";
	take(&m);
	UNIT_ASSERT_STR(operators("text || entities"),
			"Вот[{\"type\": \"bold\"}]");
	m = item(57, &file);
	m.text = "и вот";
	take(&m);
	UNIT_ASSERT_STR(operators("text || entities"),
			"Вот\nи вот[{\"type\": \"bold\"}]");
}

static void what_stays_inside_never_goes_out_with_an_album(void)
{
	struct message_file file;
	struct topic_message note;

	make_topic();
	note = item(55, &file);
	note.is_note = true;
	take(&note);
	take_item(56);
	UNIT_ASSERT_STR(operators(FILES), "file55+file56");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			0);

	make_topic();
	take_item(55);
	note = item(56, &file);
	note.is_note = true;
	take(&note);
	take_item(57);
	UNIT_ASSERT_STR(operators(FILES), "file55+file56+file57");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			0);
	UNIT_ASSERT_STR(pg_text("SELECT waiting_since = last_message_at"
				" FROM dialogs WHERE topic_id IS NOT NULL"),
			"t");
}

static void albums_of_others_are_not_mixed(void)
{
	struct message_file file;
	struct topic_message m;

	make_topic();
	take_item(55);
	m = item(56, &file);
	m.from_id = 10;
	take(&m);
	m = item(57, &file);
	m.album = "a2";
	take(&m);
	UNIT_ASSERT_STR(operators(FILES), "file55 file56 file57");
}

/* Two workers at the same instant. */
static void item_waits_for_the_one_that_is_being_stored(void)
{
	struct message_file file;
	struct topic_message m;
	struct err err = { 0 };
	int64_t deadline_ms = clock_mono_ms() + 10000, id;
	pid_t other;

	make_topic();
	CU_ASSERT_TRUE_FATAL(db_begin(db, &err));
	m = item(55, &file);
	CU_ASSERT_TRUE(message_take_topic(db, &unit_arena, &m, &id, &err));
	other = fork();
	if (other == 0) {
		db = db_new(pg_url(PG_DAEMON), "elsewhere", 20000);
		_exit(take_item(56) > 0 ? 0 : 1);
	}
	while (pg_count("SELECT count(*) FROM pg_stat_activity WHERE"
			" application_name = 'elsewhere' AND"
			" wait_event_type = 'Lock'") == 0)
		CU_ASSERT_TRUE_FATAL(clock_mono_ms() < deadline_ms);
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	waitpid(other, NULL, 0);
	UNIT_ASSERT_STR(operators(FILES), "file55+file56");
}

/* ---- all at once ---- */

/* Every item comes from every writer once. */
static bool write_all(unsigned seed)
{
	int order[ALBUMS * ITEMS];

	db = db_new(pg_url(PG_DAEMON), "writer", 20000);
	srand(seed);
	for (int i = 0; i < ALBUMS * ITEMS; i++)
		order[i] = i;
	/* Near their order, as they really come. */
	for (int i = 0; i + 4 < ALBUMS * ITEMS; i++) {
		int other = i + rand() % 4, was = order[i];

		order[i] = order[other];
		order[other] = was;
	}
	for (int i = 0; i < ALBUMS * ITEMS; i++) {
		struct message_file file;
		struct topic_message m = item(1000 + order[i], &file);
		struct err err = { 0 };
		int64_t id;
		bool ok;

		m.album = arena_printf(&unit_arena, "a%d", order[i] / ITEMS);
		ok = db_begin(db, &err) &&
		     message_take_topic(db, &unit_arena, &m, &id, &err);
		if (!db_finish(db, ok, &err)) {
			fprintf(stderr, "an item: %s\n", err.text);
			return false;
		}
	}
	return true;
}

static const struct stmt note = {
	"race_note",
	"INSERT INTO race_seen (delivery_id, files) VALUES ($1, $2)",
};

static bool deliver_one(const struct delivery *d, struct err *err)
{
	struct attempt_new t = { .d = d,
				 .action = "x",
				 .content = "",
				 .lease_until = RELAY_NOW + 60 * SECOND };
	struct outcome o = { .d = d, .lane = LANE_FREE, .state = "done" };
	bool ok = attempts_begin(db, &unit_arena, &t, 1, RELAY_NOW, err);

	return ok && db_begin(db, err) &&
	       db_finish(db,
			 db_exec(db, &note,
				 DB_ARGS(arg_i64(&unit_arena, d->id),
					 arg_i64(&unit_arena,
						 (int64_t)d->n_files)),
				 err) &&
				 outcomes_write(db, &unit_arena, &o, 1,
						RELAY_NOW, err),
			 err);
}

/* Until the writers are gone and nothing is left. */
static bool deliver_all(int gone)
{
	struct pollfd writers = { .fd = gone };
	struct err err = { 0 };
	bool last = false;

	db = db_new(pg_url(PG_DAEMON), "deliverer", 20000);
	for (;;) {
		struct delivery *list;
		struct claim c = { .due = 1,
				   .now = RELAY_NOW + 10 * SECOND,
				   .lease_until = RELAY_NOW + 60 * SECOND };
		size_t n;

		if (!lanes_claim(db, &unit_arena, &c, &list, &n, &err) ||
		    (n && !deliver_one(list, &err))) {
			fprintf(stderr, "a delivery: %s\n", err.text);
			return false;
		}
		if (n)
			continue;
		if (last)
			return true;
		last = poll(&writers, 1, 1) == 1;
	}
}

/* In a process of its own, without that end of the pipe. */
static pid_t start(bool (*run)(int), int arg, int drop)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	alarm(DEADLINE_S);
	close(drop);
	_exit(run(arg) ? 0 : 1);
}

static bool run_writer(int seed)
{
	return write_all((unsigned)seed);
}

static void wait_for(const pid_t *list, int n)
{
	for (int i = 0; i < n; i++) {
		int status = -1;

		waitpid(list[i], &status, 0);
		UNIT_ASSERT_INT(status, 0);
	}
}

static void whatever_comes_when_each_file_goes_out_once(void)
{
	pid_t writers[WRITERS], deliverers[DELIVERERS];
	int ends[2];

	make_topic();
	team_rests();
	pg_run("CREATE TABLE race_seen (delivery_id bigint PRIMARY KEY,"
	       " files integer NOT NULL)");
	pg_run("GRANT ALL ON race_seen TO tuberry_daemon");
	if (pipe(ends) < 0)
		die("no pipe");
	/* The pipe ends when the last writer has. */
	for (int i = 0; i < WRITERS; i++)
		writers[i] = start(run_writer, i + 1, ends[0]);
	for (int i = 0; i < DELIVERERS; i++)
		deliverers[i] = start(deliver_all, ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
	wait_for(writers, WRITERS);
	wait_for(deliverers, DELIVERERS);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM attachments"),
			ALBUMS * ITEMS);
	UNIT_ASSERT_INT(pg_count("SELECT count(DISTINCT ref) FROM attachments"),
			ALBUMS * ITEMS);
	UNIT_ASSERT_INT(
		pg_count("SELECT count(*) FROM deliveries d"
			 " LEFT JOIN race_seen s ON s.delivery_id = d.id"
			 " WHERE direction = 'buyer'"
			 "  AND s.files IS DISTINCT FROM"
			 "   (SELECT count(*) FROM attachments f"
			 "    WHERE f.message_id = d.message_id)"),
		0);
}

/* ---- from a source ---- */

static int64_t take_buyers(const char *id, const char *album, bool history)
{
	struct message_file file = photo(arena_printf(&unit_arena, "f%s", id));
	struct message_in m = relay_text(&r, id, "");

	m.kind = "image";
	m.album = album;
	m.files = &file;
	m.n_files = 1;
	m.history = history;
	return relay_take(db, &m, message_take_buyer);
}

static void album_of_a_buyer_counts_once(void)
{
	fresh();
	CU_ASSERT_TRUE(take_buyers("m1", "a1", false) > 0);
	CU_ASSERT_TRUE(take_buyers("m2", "a1", false) > 0);
	CU_ASSERT_EQUAL(take_buyers("m2", "a1", false), 0);
	UNIT_ASSERT_STR(pg_text("SELECT " FILES " FROM messages m"), "fm1+fm2");
	UNIT_ASSERT_INT(pg_count("SELECT unread_count FROM dialogs"), 1);
	UNIT_ASSERT_STR(pg_text("SELECT place || external_id"
				" FROM message_copies"),
			"avitom2");
}

static void history_is_not_collected(void)
{
	fresh();
	take_buyers("m1", "a1", true);
	take_buyers("m2", "a1", true);
	UNIT_ASSERT_STR(pg_text("SELECT " FILES " FROM messages m"), "fm1 fm2");
}

static void album_typed_in_the_app_is_collected_too(void)
{
	struct message_file file = photo("f");
	struct message_in m = relay_text(&r, "m2", "");

	fresh();
	take_buyers("m1", NULL, false);
	m.files = &file;
	m.n_files = 1;
	m.album = "a1";
	relay_take(db, &m, message_take_own);
	m.external_id = "m3";
	relay_take(db, &m, message_take_own);
	UNIT_ASSERT_STR(pg_text("SELECT " FILES " FROM messages m"), "fm1 f+f");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(items_become_one_message_in_order),
		UNIT_TEST(same_item_twice_changes_nothing),
		UNIT_TEST(delivery_waits_for_a_second_of_quiet),
		UNIT_TEST(delivery_waits_five_seconds_at_most),
		UNIT_TEST(item_that_comes_too_late_is_a_message_of_its_own),
		UNIT_TEST(item_of_what_was_tried_before_is_late_too),
		UNIT_TEST(album_behind_what_is_under_way_still_grows),
		UNIT_TEST(caption_of_a_later_item_becomes_the_text),
		UNIT_TEST(what_stays_inside_never_goes_out_with_an_album),
		UNIT_TEST(albums_of_others_are_not_mixed),
		UNIT_TEST(item_waits_for_the_one_that_is_being_stored),
		UNIT_TEST(whatever_comes_when_each_file_goes_out_once),
		UNIT_TEST(album_of_a_buyer_counts_once),
		UNIT_TEST(history_is_not_collected),
		UNIT_TEST(album_typed_in_the_app_is_collected_too),
	};
	int status;

	pg_start();
	r = relay_seed(1);
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("album", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
