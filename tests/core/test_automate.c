/*
 * test_automate.c - which text goes by itself, when, and whether.
 *
 * A table of plays, each with a moved clock.  A play is a list of moments,
 * seconds behind its begin:
 *	b@0      the buyer writes
 *	late@700 the buyer's message of second 0 is seen only now
 *	o@5 s@5 w@5  a person answers: in the topic, in Avito's app, in the web
 *	note@5   a note in the topic, which is no answer
 *	t@75     the daemon looks at its clock: what is due goes, and arrives
 *	tt@75    two daemons do
 *	off@5 on@5  the auto-reply is switched
 *	bye@5    the project's greeting is taken away
 * What came of it is told as "kind step state reason", one after another.
 *
 * The cases cover: the delay; one of several messages; each way of answering,
 * the second of the question, an answer before it; always and its hours,
 * intervals and their windows over midnight and both clock changes; dates;
 * steps; the greeting, alone and in place of the first text; being too old, too
 * late, switched off; plans that are made twice.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "core/automate.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"

#define SECOND CLOCK_SECOND_US

static struct db *db;
static struct relay r;
static int64_t begin; /* of the play */
static int n_messages;

struct play {
	const char *what, *begin; /* in UTC */
	const char *greeting, *settings, *moments, *result;
};

#define MONDAY "2026-01-05T09:00:00Z" /* noon in Moscow */
#define ALWAYS "\"mode\":\"always\",\"delay_seconds\":75,\"text\":\"T\""
#define DAILY(zone, f, t)                                                   \
	"\"mode\":\"interval\",\"delay_seconds\":60,\"text\":\"T\","        \
	"\"timezone\":\"" zone "\",\"windows\":[{\"days\":[1,2,3,4,5,6,7]," \
	"\"from\":\"" f "\",\"to\":\"" t "\"}]"
#define STEPS                                                \
	",\"steps\":[{\"after_minutes\":10,\"text\":\"A\"}," \
	"{\"after_minutes\":20,\"text\":\"B\"}]"

static const struct play plays[] = {
	/* clang-format off */
	{ "it waits for its delay", MONDAY, "", ALWAYS, "b@0 t@74", "auto_reply 0 pending" },
	{ "and goes", MONDAY, "", ALWAYS, "b@0 t@75", "auto_reply 0 sent" },
	{ "at once without a delay", MONDAY, "", "\"delay_seconds\":0,\"text\":\"T\"", "b@0 t@0", "auto_reply 0 sent" },
	{ "the installation's delay", MONDAY, "", "\"text\":\"T\"", "b@0 t@29 t@30", "auto_reply 0 sent" },
	{ "three in a second start one", MONDAY, "", ALWAYS, "b@0 b@0 b@0 t@75", "auto_reply 0 sent" },
	{ "none starts while one waits", MONDAY, "", ALWAYS, "b@0 b@60 t@75 t@200", "auto_reply 0 sent" },
	{ "two daemons send one", MONDAY, "", ALWAYS, "b@0 tt@75", "auto_reply 0 sent" },
	{ "off, none starts", MONDAY, "", ALWAYS, "off@0 b@0 t@75", "" },

	{ "an operator answers", MONDAY, "", ALWAYS, "b@0 o@10 t@75", "auto_reply 0 dropped answered" },
	{ "the seller answers in the app", MONDAY, "", ALWAYS, "b@0 s@10 t@75", "auto_reply 0 dropped answered" },
	{ "somebody answers in the web", MONDAY, "", ALWAYS, "b@0 w@10 t@75", "auto_reply 0 dropped answered" },
	{ "a note is no answer", MONDAY, "", ALWAYS, "b@0 note@10 t@75", "auto_reply 0 sent" },
	{ "in the same second", MONDAY, "", ALWAYS, "b@0.9 o@0 t@76", "auto_reply 0 dropped answered" },
	{ "in the same second, stored first", MONDAY, "", ALWAYS, "o@10 b@10.9 t@86", "auto_reply 0 dropped answered" },
	{ "in the second before", MONDAY, "", ALWAYS, "o@9.9 b@10 t@86", "auto_reply 0 sent" },
	{ "an answer to an earlier one", MONDAY, "", ALWAYS, "b@0 o@10 t@75 b@80 t@155", "auto_reply 0 dropped answered, auto_reply 0 sent" },
	{ "in the moment in which it is due", MONDAY, "", ALWAYS, "b@0 o@75 t@75", "auto_reply 0 dropped answered" },

	{ "seen after ten minutes", MONDAY, "", ALWAYS, "late@600 t@675", "auto_reply 0 sent" },
	{ "seen later it starts nothing", MONDAY, "hi", ALWAYS, "late@601 t@700", "" },
	{ "15 minutes behind its time it goes", MONDAY, "", ALWAYS, "b@0 t@975", "auto_reply 0 sent" },
	{ "later it has expired", MONDAY, "", ALWAYS, "b@0 t@976", "auto_reply 0 expired expired" },
	{ "then another may go", MONDAY, "", ALWAYS, "b@0 t@976 b@1000 t@1075", "auto_reply 0 expired expired, auto_reply 0 sent" },
	{ "switched off meanwhile", MONDAY, "", ALWAYS, "b@0 off@10 t@75", "auto_reply 0 dropped disabled" },
	{ "and on again", MONDAY, "", ALWAYS, "b@0 off@10 on@20 t@75", "auto_reply 0 sent" },

	{ "one in 24 hours", MONDAY, "", ALWAYS, "b@0 t@75 b@86470 t@86600", "auto_reply 0 sent" },
	{ "then the next", MONDAY, "", ALWAYS, "b@0 t@75 b@86475 t@86600", "auto_reply 0 sent, auto_reply 0 sent" },
	{ "one in two hours", MONDAY, "", ALWAYS ",\"repeat_after_hours\":2", "b@0 t@75 b@7274 t@7400 b@7500 t@7600", "auto_reply 0 sent, auto_reply 0 sent" },

	{ "in its window", MONDAY, "", DAILY("Europe/Moscow", "09:00", "18:00"), "b@0 t@60", "auto_reply 0 sent" },
	{ "outside", MONDAY, "", DAILY("Europe/Moscow", "18:00", "09:00"), "b@0 t@60", "" },
	{ "written inside, due outside", MONDAY, "", DAILY("Europe/Moscow", "09:00", "12:01"), "b@59 t@119", "auto_reply 0 sent" },
	{ "one in a window", MONDAY, "", DAILY("Europe/Moscow", "09:00", "18:00"), "b@0 t@60 b@21599 t@21700", "auto_reply 0 sent" },
	{ "the next day's", MONDAY, "", DAILY("Europe/Moscow", "09:00", "18:00"), "b@0 t@60 b@86400 t@86460", "auto_reply 0 sent, auto_reply 0 sent" },
	{ "one over midnight", "2026-01-05T20:50:00Z", "", DAILY("Europe/Moscow", "22:00", "07:00"), "b@0 t@60 b@1200 t@1260", "auto_reply 0 sent" },
	{ "two windows that touch", MONDAY, "", "\"mode\":\"interval\",\"delay_seconds\":60,\"text\":\"T\",\"timezone\":\"Europe/Moscow\",\"windows\":[{\"days\":[1],\"from\":\"09:00\",\"to\":\"13:00\"},{\"days\":[1],\"from\":\"13:00\",\"to\":\"18:00\"}]", "b@0 t@60 b@3600 t@3660", "auto_reply 0 sent, auto_reply 0 sent" },
	{ "one waits into the next window", MONDAY, "", "\"mode\":\"interval\",\"delay_seconds\":60,\"text\":\"T\",\"timezone\":\"Europe/Moscow\",\"windows\":[{\"days\":[1],\"from\":\"09:00\",\"to\":\"13:00\"},{\"days\":[1],\"from\":\"13:00\",\"to\":\"18:00\"}]", "b@3590 b@3610 t@3700", "auto_reply 0 sent" },
	{ "forward: a night of one hour less is one", "2026-03-29T00:30:00Z", "", DAILY("Europe/Berlin", "22:00", "07:00"), "b@0 t@60 b@7200 t@7260", "auto_reply 0 sent" },
	{ "forward: in the skipped hour there is none", "2026-03-29T01:20:00Z", "", DAILY("Europe/Berlin", "02:15", "02:45"), "b@0 t@60", "" },
	{ "back: both passes of an hour are one", "2026-10-25T00:20:00Z", "", DAILY("Europe/Berlin", "02:15", "02:45"), "b@0 t@60 b@3600 t@3660", "auto_reply 0 sent" },
	{ "29 February", "2028-02-29T09:00:00Z", "", DAILY("Europe/Moscow", "09:00", "18:00"), "b@0 t@60 b@86400 t@86460", "auto_reply 0 sent, auto_reply 0 sent" },
	{ "half an hour: before it opens", "2026-01-05T03:29:00Z", "", DAILY("Asia/Kolkata", "09:00", "18:00"), "b@0 t@60 b@60 t@120", "auto_reply 0 sent" },
	{ "a date off", MONDAY, "", DAILY("Europe/Moscow", "09:00", "18:00") ",\"dates\":[{\"date\":\"2026-01-05\",\"off\":true}]", "b@0 t@60", "" },

	{ "steps", MONDAY, "", ALWAYS STEPS, "b@0 t@75 t@675 t@1875 t@9999", "auto_reply 0 sent, auto_reply 1 sent, auto_reply 2 sent" },
	{ "a step not before its time", MONDAY, "", ALWAYS STEPS, "b@0 t@75 t@674", "auto_reply 0 sent, auto_reply 1 pending" },
	{ "an answer ends the steps", MONDAY, "", ALWAYS STEPS, "b@0 t@75 o@100 t@675", "auto_reply 0 sent, auto_reply 1 dropped answered" },
	{ "further messages do not", MONDAY, "", ALWAYS STEPS, "b@0 t@75 b@100 t@675 b@700", "auto_reply 0 sent, auto_reply 1 sent, auto_reply 2 pending" },
	{ "two daemons send one step", MONDAY, "", ALWAYS STEPS, "b@0 tt@75 tt@675", "auto_reply 0 sent, auto_reply 1 sent, auto_reply 2 pending" },
	{ "none without the first", MONDAY, "", ALWAYS STEPS, "b@0 o@5 t@75 t@9999", "auto_reply 0 dropped answered" },
	{ "a step that is switched off", MONDAY, "", ALWAYS STEPS, "b@0 t@75 off@80 t@675", "auto_reply 0 sent, auto_reply 1 dropped disabled" },
	{ "no step when no window is open", MONDAY, "", DAILY("Europe/Moscow", "09:00", "12:05") STEPS, "b@0 t@60 t@660", "auto_reply 0 sent, auto_reply 1 dropped closed" },
	{ "the next interval ends the former's steps", MONDAY, "", ALWAYS ",\"repeat_after_hours\":1,\"steps\":[{\"after_minutes\":120,\"text\":\"A\"}]", "b@0 t@75 b@3700 t@3775", "auto_reply 0 sent, auto_reply 1 dropped superseded, auto_reply 0 sent, auto_reply 1 pending" },

	{ "a greeting at once", MONDAY, "hi", "\"enabled\":false", "b@0 t@0", "greeting 0 sent" },
	{ "once", MONDAY, "hi", "\"enabled\":false", "b@0 t@0 b@100000 t@100000", "greeting 0 sent" },
	{ "not when the seller wrote first", MONDAY, "hi", "\"enabled\":false", "s@0 b@10 t@10", "" },
	{ "instead of the first text", MONDAY, "hi", ALWAYS, "b@0 t@0 t@75", "greeting 0 sent, auto_reply 0 replaced" },
	{ "the steps go on", MONDAY, "hi", ALWAYS STEPS, "b@0 t@0 t@600", "greeting 0 sent, auto_reply 0 replaced, auto_reply 1 sent, auto_reply 2 pending" },
	{ "an answer is faster than the greeting", MONDAY, "hi", ALWAYS, "b@0 o@0 t@0", "greeting 0 dropped answered, auto_reply 0 dropped answered" },
	{ "a greeting that is taken away", MONDAY, "hi", ALWAYS, "b@0 bye@0 t@1 b@5 t@80", "greeting 0 dropped disabled, auto_reply 0 dropped disabled, auto_reply 0 sent" },
	{ "a greeting outside the windows", MONDAY, "hi", DAILY("Europe/Moscow", "18:00", "09:00"), "b@0 t@0 t@60", "greeting 0 sent" },
	/* clang-format on */
};

static const char *sql(const char *fmt, ...) PRINTF_LIKE(1, 2);
static const char *sql(const char *fmt, ...)
{
	char text[2000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return arena_str(&unit_arena, text);
}

static struct automate at(int64_t now)
{
	return (struct automate){ .now = now, .delay_s = 30 };
}

static void plan(int64_t message_id, int64_t now)
{
	struct automate c = at(now);
	struct err err = { 0 };

	/* A task may run twice. */
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_TRUE(
			automate_plan(db, &unit_arena, message_id, &c, &err));
		UNIT_ASSERT_STR(err.text, "");
	}
}

static void asks(int64_t written_at, int64_t now)
{
	struct message_in m = relay_text(
		&r, arena_printf(&unit_arena, "m%d", ++n_messages), "?");
	int64_t id;

	m.written_at = written_at;
	m.now = now;
	id = relay_take(db, &m, message_take_buyer);
	pg_run("UPDATE dialogs SET details_at = '2026-01-01'");
	plan(id, now);
}

static void answers_in_app(int64_t now)
{
	struct message_in m = relay_text(
		&r, arena_printf(&unit_arena, "m%d", ++n_messages), "!");

	m.written_at = m.now = now;
	relay_take(db, &m, message_take_own);
}

static void answers(const char *origin, int64_t now, bool is_note)
{
	if (!pg_count("SELECT count(*) FROM dialogs")) {
		struct message_in m = relay_text(&r, "first", "");
		struct err err = { 0 };
		bool ok = db_begin(db, &err);

		dialog_queue_make(db, &unit_arena, &m);
		CU_ASSERT_TRUE(db_finish(db, ok, &err));
	}
	pg_run(sql("INSERT INTO messages (client_id, dialog_id, origin,"
		   " origin_id, external_id, author, kind, is_note, written_at,"
		   " created_at) SELECT client_id, id, '%s', 1, 'a%d',"
		   " 'operator', 'text', %s, '%s', '%s' FROM dialogs",
		   origin, ++n_messages, is_note ? "true" : "false",
		   arena_str(&unit_arena, clock_text(&unit_arena, now)),
		   clock_text(&unit_arena, now)));
}

/* ids[] of the tasks of a kind that are due. */
static size_t due(const char *kind, int64_t now, int64_t *ids, size_t max)
{
	size_t n = 0;

	while (n < max) {
		ids[n] = pg_count(
			sql("SELECT coalesce((SELECT subject_id FROM tasks"
			    " WHERE kind = '%s' AND due_at <= '%s'"
			    " AND subject_id > %" PRId64
			    " ORDER BY subject_id LIMIT 1), 0)",
			    kind, clock_text(&unit_arena, now),
			    n ? ids[n - 1] : 0));
		if (!ids[n])
			break;
		n++;
	}
	return n;
}

/* What was queued reaches the buyer. */
static void arrive(int64_t now)
{
	struct err err = { 0 };

	for (;;) {
		int64_t id = pg_count(
			"SELECT coalesce(min(message_id), 0) FROM auto_replies"
			" WHERE state = 'queued'");
		bool ok;

		if (!id)
			return;
		ok = db_begin(db, &err);
		auto_reply_queue_end(db, &unit_arena, id, "sent", "", now,
				     NULL);
		CU_ASSERT_TRUE(db_finish(db, ok, &err));
	}
}

static void look(int64_t now, int daemons)
{
	struct automate c = at(now);
	struct err err = { 0 };
	int64_t ids[8], again;
	size_t n = due("auto_reply.send", now, ids, ARRAY_LEN(ids));

	for (size_t i = 0; i < n * (size_t)daemons; i++)
		CU_ASSERT_TRUE(automate_send(db, &unit_arena, ids[i % n], &c,
					     &again, &err));
	arrive(now);
	n = due("auto_reply.sent", now, ids, ARRAY_LEN(ids));
	for (size_t i = 0; i < n * (size_t)daemons; i++)
		CU_ASSERT_TRUE(
			automate_sent(db, &unit_arena, ids[i % n], &c, &err));
	UNIT_ASSERT_STR(err.text, "");
	pg_run(sql("DELETE FROM tasks WHERE due_at <= '%s'",
		   clock_text(&unit_arena, now)));
}

static void happens(const char *what, int64_t now)
{
	if (strcmp(what, "b") == 0)
		asks(now, now);
	else if (strcmp(what, "late") == 0)
		asks(begin, now);
	else if (strcmp(what, "o") == 0)
		answers("telegram", now, false);
	else if (strcmp(what, "w") == 0)
		answers("web", now, false);
	else if (strcmp(what, "note") == 0)
		answers("telegram", now, true);
	else if (strcmp(what, "s") == 0)
		answers_in_app(now);
	else if (strcmp(what, "t") == 0)
		look(now, 1);
	else if (strcmp(what, "tt") == 0)
		look(now, 2);
	else if (strcmp(what, "bye") == 0)
		pg_run("UPDATE projects SET greeting = ''");
	else
		pg_run(sql("UPDATE projects SET auto_reply = auto_reply"
			   " || '{\"enabled\":%s}'",
			   strcmp(what, "on") == 0 ? "true" : "false"));
}

static void play(const struct play *p)
{
	const char *at_text, *next;

	pg_run("TRUNCATE clients CASCADE"); /* faster than a fresh copy */
	r = relay_seed(0);
	n_messages = 0;
	CU_ASSERT_TRUE(clock_read(p->begin, &begin));
	pg_run(sql("UPDATE projects SET greeting = '%s', auto_reply ="
		   " '{\"enabled\":true,\"timezone\":\"Europe/Moscow\"}'::jsonb"
		   " || '{%s}'",
		   p->greeting, p->settings));
	for (const char *m = p->moments; *m; m = next) {
		at_text = strchr(m, '@') + 1;
		next = at_text + strcspn(at_text, " ");
		happens(arena_strn(&unit_arena, m, (size_t)(at_text - 1 - m)),
			begin + (int64_t)(strtod(at_text, NULL) * SECOND));
		next += *next == ' ';
	}
	UNIT_ASSERT_STR(
		arena_printf(&unit_arena, "%s: %s", p->what,
			     pg_text("SELECT string_agg(kind || ' ' || step"
				     " || ' ' || state || CASE reason WHEN ''"
				     " THEN '' ELSE ' ' || reason END, ', '"
				     " ORDER BY id) FROM auto_replies")),
		arena_printf(&unit_arena, "%s: %s", p->what, p->result));
}

static void each_play_ends_as_written(void)
{
	for (size_t i = 0; i < ARRAY_LEN(plays); i++)
		play(&plays[i]);
}

static void what_went_is_a_message_with_two_ways(void)
{
	static const struct play one = {
		"", MONDAY, "", ALWAYS, "b@0 t@75", "auto_reply 0 sent"
	};

	play(&one);
	UNIT_ASSERT_STR(pg_text("SELECT author || ' ' || origin || ' ' || text"
				" FROM messages WHERE is_auto_reply"),
			"robot tuberry T");
	UNIT_ASSERT_STR(
		pg_text("SELECT string_agg(direction, ' ' ORDER BY x.id)"
			" FROM deliveries x JOIN messages m"
			" ON m.id = x.message_id WHERE m.is_auto_reply"),
		"buyer team");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs WHERE"
				 " auto_reply_last_sent_at IS NOT NULL AND"
				 " waiting_since IS NOT NULL AND"
				 " unread_count = 1"),
			1);
}

static void a_text_waits_a_moment_for_what_it_names(void)
{
	static const struct play asked = { "",          MONDAY,
					   "{buyer|?}", "\"enabled\":false",
					   "b@0",       "greeting 0 pending" };
	struct automate c;
	struct err err = { 0 };
	int64_t id, again;

	play(&asked);
	pg_run("UPDATE dialogs SET details_at = NULL");
	id = pg_count("SELECT id FROM auto_replies WHERE kind = 'greeting'");
	c = at(begin);
	CU_ASSERT_TRUE(automate_send(db, &unit_arena, id, &c, &again, &err));
	CU_ASSERT_TRUE(again > begin);
	c = at(begin + AUTOMATE_DETAILS_US);
	CU_ASSERT_TRUE(automate_send(db, &unit_arena, id, &c, &again, &err));
	UNIT_ASSERT_INT(again, 0);
	UNIT_ASSERT_STR(pg_text("SELECT text FROM messages"
				" WHERE is_auto_reply"),
			"?");
}

/* As those who store messages do, or the two would wait for each other. */
static void both_lanes_are_locked_before_the_dialog(void)
{
	static const struct play asked = { "",    MONDAY,
					   "",    ALWAYS,
					   "b@0", "auto_reply 0 pending" };
	struct auto_row row;
	struct err err = { 0 };

	play(&asked);
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(auto_reply_lock(db, &unit_arena,
				       pg_count("SELECT id FROM auto_replies"),
				       &row, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM (SELECT 1 FROM lanes"
				 " FOR NO KEY UPDATE SKIP LOCKED) x"),
			0);
	CU_ASSERT_TRUE(db_finish(db, true, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(each_play_ends_as_written),
		UNIT_TEST(what_went_is_a_message_with_two_ways),
		UNIT_TEST(a_text_waits_a_moment_for_what_it_names),
		UNIT_TEST(both_lanes_are_locked_before_the_dialog),
	};
	int status;

	pg_start();
	pg_reset();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("automate", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
