/*
 * test_complaint.c - what the team sees of a message that did not arrive, and
 * what a person's decision makes of it.
 */
#include "config.h"

#include <inttypes.h>

#include "core/complaint.h"
#include "core/decision.h"
#include "core/failed.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/delivery.h"

static struct db *db;
static struct relay r;
static struct failed f;

static struct complaint a_complaint(const char *state)
{
	return (struct complaint){
		.delivery_id = 7,
		.attempt_id = 31,
		.state = state,
		.reason = "Чат закрыт",
		.decided_by = "",
		.robots_text = "",
		.buyer_name = "Анна",
		.item_title = "Велосипед",
	};
}

static struct complaint_words words(const struct complaint *c)
{
	struct complaint_words w;

	complaint_compose(&unit_arena, c, &w);
	return w;
}

static void failure_names_the_reason_and_offers_to_repeat(void)
{
	struct complaint c = a_complaint("dead");
	struct complaint_words w = words(&c);

	UNIT_ASSERT_STR(w.text, "❌ Не доставлено: Чат закрыт");
	UNIT_ASSERT_INT(w.n_buttons, 1);
	UNIT_ASSERT_STR(w.buttons[0].text, "Повторить");
	UNIT_ASSERT_STR(w.buttons[0].data, "r:7:31");
}

static void a_text_that_went_by_itself_is_told_in_full(void)
{
	struct complaint c = a_complaint("dead");

	c.robots_text = "Ответим завтра";
	c.topic_id = 5;
	UNIT_ASSERT_STR(words(&c).text,
			"❌ Автоответ не дошёл до клиента: Чат закрыт\n\n"
			"🤖 «Ответим завтра»");
	UNIT_ASSERT_STR(words(&c).buttons[0].text, "Повторить");
	c.is_unsure = true;
	c.topic_id = 0;
	UNIT_ASSERT_STR(
		words(&c).text,
		"❓ Неизвестно, дошёл ли автоответ: Чат закрыт\n"
		"Анна · Велосипед\n\n🤖 «Ответим "
		"завтра»");
	UNIT_ASSERT_INT(words(&c).n_buttons, 2);
}

static void unknown_outcome_lets_a_person_say_that_it_arrived(void)
{
	struct complaint c = a_complaint("dead");
	struct complaint_words w;

	c.is_unsure = true;
	w = words(&c);
	UNIT_ASSERT_STR(w.text, "❓ Неизвестно, дошло ли: Чат закрыт");
	UNIT_ASSERT_INT(w.n_buttons, 2);
	UNIT_ASSERT_STR(w.buttons[0].text, "Отправить ещё раз");
	UNIT_ASSERT_STR(w.buttons[1].text, "Дошло");
	UNIT_ASSERT_STR(w.buttons[1].data, "s:7:31");
}

static void what_came_of_it_is_shown_without_buttons(void)
{
	static const struct {
		const char *state, *who, *text;
		bool confirmed;
	} cases[] = {
		{ "queued", "Иван", "🔁 Повторяем… (Иван)", false },
		{ "sending", "", "🔁 Повторяем…", false },
		{ "unsure", "", "🔁 Повторяем…", false },
		{ "done", "Иван", "✅ Доставлено", false },
		{ "done", "Иван", "✅ Дошло (Иван)", true },
		{ "discarded", "", "🚫 Отменено", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct complaint c = a_complaint(cases[i].state);
		struct complaint_words w;

		c.decided_by = cases[i].who;
		c.is_confirmed = cases[i].confirmed;
		w = words(&c);
		UNIT_ASSERT_STR(w.text, cases[i].text);
		UNIT_ASSERT_INT(w.n_buttons, 0);
	}
}

static void longest_data_fits_into_a_button(void)
{
	struct complaint c = a_complaint("dead");
	struct complaint_data d;
	const char *data;

	c.delivery_id = INT64_MAX;
	c.attempt_id = INT64_MAX;
	data = words(&c).buttons[0].data;
	CU_ASSERT_TRUE(strlen(data) <= 64);
	CU_ASSERT_TRUE(complaint_data_read(data, &d));
	CU_ASSERT_EQUAL(d.action, COMPLAINT_RETRY);
	CU_ASSERT_EQUAL(d.delivery_id, INT64_MAX);
	CU_ASSERT_EQUAL(d.attempt_id, INT64_MAX);
}

static void data_that_is_not_ours_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"r",
		"r:",
		"r:7",
		"r:7:",
		"r::31",
		":7:31",
		"x:7:31",
		"R:7:31",
		"r:7:31:1",
		"r:7:31 ",
		" r:7:31",
		"r: 7:31",
		"r:+7:31",
		"r:07:31",
		"r:-7:31",
		"r:0:31",
		"r:7:-1",
		"r:7:0x1f",
		"r7:31",
		"r:7;31",
		"r:9223372036854775808:1",
		"r:1:9223372036854775808",
		"r:99999999999999999999999999999999999999999999999999:1",
		"r:7:31\n",
		"г:7:31",
	};
	struct complaint_data d;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(complaint_data_read(bad[i], &d));
	CU_ASSERT_TRUE(complaint_data_read("s:7:0", &d));
	CU_ASSERT_EQUAL(d.action, COMPLAINT_ARRIVED);
}

/* ---- decisions ---- */

static void fresh(const char *outcome)
{
	pg_reset();
	r = relay_seed(1);
	f = failed_make(db, &r, outcome);
}

typedef bool decide_fn(struct db *db, struct arena *a, const struct decision *d,
		       struct err *err);

static enum err_kind decide(decide_fn *fn)
{
	struct decision d = {
		.client_id = r.client_id,
		.delivery_id = f.delivery_id,
		.who = "Ольга",
		.now = RELAY_NOW,
		.request_id = "rq",
	};
	struct err err = { 0 };
	bool ok = db_begin(db, &err) && fn(db, &unit_arena, &d, &err);

	db_finish(db, ok, &err);
	return err.kind;
}

static const char *state(void)
{
	return pg_text("SELECT state FROM deliveries"
		       " WHERE direction = 'buyer'");
}

static int64_t shows(void)
{
	return pg_count(arena_printf(
		&unit_arena,
		"SELECT coalesce(sum(generation), 0) FROM tasks WHERE kind ="
		" 'telegram.complaint' AND subject_id = %" PRId64,
		f.delivery_id));
}

static void every_decision_is_shown_with_its_name(void)
{
	static decide_fn *const fns[] = { decision_retry, decision_discard,
					  decision_confirm };
	static const char *const states[] = { "queued", "discarded", "done" };

	for (size_t i = 0; i < ARRAY_LEN(fns); i++) {
		fresh("failed");
		UNIT_ASSERT_INT(decide(fns[i]), ERR_NONE);
		UNIT_ASSERT_STR(state(), states[i]);
		UNIT_ASSERT_INT(shows(), 1);
		UNIT_ASSERT_STR(pg_text("SELECT decided_by FROM complaints"),
				"Ольга");
	}
}

static void decision_without_a_complaint_asks_for_none(void)
{
	fresh("failed");
	pg_run("DELETE FROM complaints");
	UNIT_ASSERT_INT(decide(decision_retry), ERR_NONE);
	UNIT_ASSERT_INT(shows(), 0);
}

static void confirmed_one_is_done_and_the_ledger_knows_by_whom(void)
{
	struct complaint c;
	struct err err = { 0 };

	fresh("unsure");
	UNIT_ASSERT_INT(decide(decision_confirm), ERR_NONE);
	UNIT_ASSERT_STR(pg_text("SELECT outcome || ' ' || detail || ' '"
				" || request_id FROM attempts"
				" WHERE action = 'person.confirm'"),
			"settled Ольга rq");
	CU_ASSERT_TRUE(
		complaint_find(db, &unit_arena, f.delivery_id, &c, &err));
	CU_ASSERT_TRUE(c.is_confirmed);
	CU_ASSERT_FALSE(c.is_unsure);
	UNIT_ASSERT_INT(decide(decision_confirm), ERR_CONFLICT);
	UNIT_ASSERT_INT(decide(decision_retry), ERR_CONFLICT);
	UNIT_ASSERT_STR(state(), "done");
}

static void unsure_head_is_confirmed_unless_a_daemon_looks_for_it(void)
{
	fresh("unsure");
	pg_run("UPDATE deliveries SET state = 'unsure';"
	       "UPDATE lanes SET head_seq = 1, due_at = '2030-01-01',"
	       " lease_token = gen_random_uuid() WHERE direction = 'buyer'");
	UNIT_ASSERT_INT(decide(decision_confirm), ERR_CONFLICT);
	pg_run("UPDATE lanes SET lease_token = NULL;"
	       "UPDATE messages SET is_parked = true WHERE author = 'buyer'");
	UNIT_ASSERT_INT(decide(decision_confirm), ERR_NONE);
	/* Those behind it go on, and nothing is looked for any more. */
	UNIT_ASSERT_INT(pg_count(arena_printf(
				&unit_arena,
				"SELECT count(*) FROM lanes WHERE direction ="
				" 'buyer' AND due_at < '2030-01-01'")),
			1);
	UNIT_ASSERT_INT(
		pg_count("SELECT count(*) FROM messages WHERE is_parked"), 0);
}

static void only_a_message_to_the_buyer_is_confirmed(void)
{
	fresh("failed");
	pg_run("UPDATE deliveries SET state = 'dead' WHERE direction = 'team'");
	f.delivery_id = pg_count("SELECT id FROM deliveries"
				 " WHERE direction = 'team'");
	UNIT_ASSERT_INT(decide(decision_confirm), ERR_CONFLICT);
}

static void complaint_raised_again_starts_anew(void)
{
	struct err err = { 0 };
	struct complaint c;

	fresh("failed");
	UNIT_ASSERT_INT(decide(decision_retry), ERR_NONE);
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(
		db_finish(db,
			  complaint_raise(db, &unit_arena, r.client_id,
					  f.delivery_id, RELAY_NOW, "rq", &err),
			  &err));
	UNIT_ASSERT_INT(shows(), 2);
	CU_ASSERT_TRUE(
		complaint_find(db, &unit_arena, f.delivery_id, &c, &err));
	UNIT_ASSERT_STR(c.decided_by, "");
	/* The same message is edited. */
	UNIT_ASSERT_INT(c.message_id, FAILED_REPLY);
	UNIT_ASSERT_INT(c.reply_to, FAILED_MESSAGE);
	UNIT_ASSERT_INT(c.topic_id, FAILED_TOPIC);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(failure_names_the_reason_and_offers_to_repeat),
		UNIT_TEST(a_text_that_went_by_itself_is_told_in_full),
		UNIT_TEST(unknown_outcome_lets_a_person_say_that_it_arrived),
		UNIT_TEST(what_came_of_it_is_shown_without_buttons),
		UNIT_TEST(longest_data_fits_into_a_button),
		UNIT_TEST(data_that_is_not_ours_is_refused),
		UNIT_TEST(every_decision_is_shown_with_its_name),
		UNIT_TEST(decision_without_a_complaint_asks_for_none),
		UNIT_TEST(confirmed_one_is_done_and_the_ledger_knows_by_whom),
		UNIT_TEST(
			unsure_head_is_confirmed_unless_a_daemon_looks_for_it),
		UNIT_TEST(only_a_message_to_the_buyer_is_confirmed),
		UNIT_TEST(complaint_raised_again_starts_anew),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("complaint", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
