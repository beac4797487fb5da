/*
 * test_callback.c - buttons pressed in the topic, as the web's role under row
 * level security.
 */
#include "config.h"

#include <inttypes.h>

#include "base/json.h"
#include "core/failed.h"
#include "core/hook.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define SECRET "hook-secret-of-the-path"
#define IVAN   9

static struct db *db, *daemon_db;
static struct relay r;
static struct failed f;

static struct secret text_secret(const char *s)
{
	return secret_copy(&unit_arena, s, strlen(s));
}

static void use_secret(void)
{
	pg_run(arena_printf(&unit_arena,
			    "UPDATE bots SET webhook_secret_hash = '%s'",
			    secret_hash(&unit_arena, text_secret(SECRET))));
}

static void fresh(const char *outcome)
{
	pg_reset();
	r = relay_seed(1);
	f = failed_make(daemon_db, &r, outcome);
	use_secret();
}

struct press {
	int64_t update_id, chat, topic, from, message;
	const char *data;
};

static struct press a_press(const char *action)
{
	static int64_t update_id = 100;

	return (struct press){
		.update_id = ++update_id,
		.chat = RELAY_GROUP - 1,
		.topic = FAILED_TOPIC,
		.from = IVAN,
		.message = FAILED_REPLY,
		.data = arena_printf(&unit_arena, "%s:%" PRId64 ":%" PRId64,
				     action, f.delivery_id, f.attempt_id),
	};
}

static const char *press_json(const struct press *p, bool is_bot)
{
	const char *where =
		p->topic ? arena_printf(&unit_arena,
					"\"message_thread_id\":%" PRId64
					",\"is_topic_message\":true,",
					p->topic)
			 : "";

	return arena_printf(
		&unit_arena,
		"{\"update_id\":%" PRId64 ",\"callback_query\":{\"id\":\"q1\","
		"\"from\":{\"id\":%" PRId64 ",\"is_bot\":%s,\"first_name\":"
		"\"Иван\"},\"message\":{\"message_id\":%" PRId64 ",%s"
		"\"chat\":{\"id\":%" PRId64 ",\"type\":\"supergroup\"},"
		"\"date\":1760000600},\"chat_instance\":\"1\",\"data\":"
		"\"%s\"}}",
		p->update_id, p->from, is_bot ? "true" : "false", p->message,
		where, p->chat, p->data);
}

/* The toast; *ring as the hook told. */
static const char *post(int64_t bot_id, const char *body, bool *ring)
{
	struct hook h = {
		.object_id = bot_id,
		.secret = text_secret(SECRET),
		.header = hook_header_secret(&unit_arena, text_secret(SECRET))
				  .bytes,
		.body = body,
		.body_len = strlen(body),
		.now = RELAY_NOW,
		.request_id = "rq",
	};
	enum hook_result result = HOOK_REFUSED;
	struct json_object *o = NULL;
	struct err err = { 0 };

	CU_ASSERT_TRUE(hook_telegram(db, &unit_arena, &h, &result, &err));
	UNIT_ASSERT_STR(err.text, "");
	CU_ASSERT_EQUAL(result, HOOK_TAKEN);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h.answer);
	*ring = h.ring;
	CU_ASSERT_TRUE(
		json_read(&unit_arena, h.answer, strlen(h.answer), &o, &err));
	UNIT_ASSERT_STR(json_str(o, "method", ""), "answerCallbackQuery");
	UNIT_ASSERT_STR(json_str(o, "callback_query_id", ""), "q1");
	return json_str(o, "text", "");
}

static const char *press(const struct press *p, bool *ring)
{
	return post(r.bot_id, press_json(p, false), ring);
}

static const char *state(void)
{
	return pg_text(arena_printf(
		&unit_arena, "SELECT state FROM deliveries WHERE id = %" PRId64,
		f.delivery_id));
}

/* It changed nothing. */
static void assert_untouched(bool ring)
{
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_STR(state(), "dead");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"), 0);
	UNIT_ASSERT_STR(pg_text("SELECT decided_by FROM complaints"), "");
}

static void repeat_puts_it_at_the_lanes_end_and_says_who_did(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	pg_run("UPDATE lanes SET last_seq = 4 WHERE direction = 'buyer'");
	p = a_press("r");
	UNIT_ASSERT_STR(press(&p, &ring), "Повторяем.");
	CU_ASSERT_TRUE(ring);
	UNIT_ASSERT_STR(state(), "queued");
	UNIT_ASSERT_INT(pg_count("SELECT seq FROM deliveries"
				 " WHERE direction = 'buyer'"),
			5);
	UNIT_ASSERT_STR(pg_text("SELECT decided_by FROM complaints"), "Иван");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks WHERE kind ="
				 " 'telegram.complaint' AND due_at IS NOT"
				 " NULL"),
			1);
}

static void same_update_twice_is_done_once_and_answered_twice(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("r");
	press(&p, &ring);
	pg_run("UPDATE deliveries SET state = 'dead'");
	UNIT_ASSERT_STR(press(&p, &ring), "");
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_STR(state(), "dead");
}

static void unsure_one_is_looked_for_first(void)
{
	struct press p;
	bool ring;

	fresh("unsure");
	p = a_press("r");
	press(&p, &ring);
	UNIT_ASSERT_STR(state(), "unsure");
}

static void unsure_one_has_arrived_by_a_persons_word(void)
{
	struct press p;
	bool ring;

	fresh("unsure");
	p = a_press("s");
	UNIT_ASSERT_STR(press(&p, &ring), "Отмечено.");
	UNIT_ASSERT_STR(state(), "done");
	UNIT_ASSERT_STR(pg_text("SELECT detail FROM attempts WHERE action ="
				" 'person.confirm'"),
			"Иван");
}

static void what_surely_failed_cannot_be_called_arrived(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("s");
	press(&p, &ring);
	assert_untouched(ring);
}

static void button_with_nothing_left_to_do_says_so(void)
{
	static const char *const told[][2] = {
		{ "done", "Сообщение уже доставлено." },
		{ "discarded", "Отправка отменена." },
		{ "queued", "Уже отправляем." },
		{ "sending", "Уже отправляем." },
		{ "unsure", "Уже отправляем." },
	};
	bool ring;

	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		struct press p;

		fresh("failed");
		pg_run(arena_printf(&unit_arena,
				    "UPDATE deliveries SET state = '%s'",
				    told[i][0]));
		p = a_press("r");
		UNIT_ASSERT_STR(press(&p, &ring), told[i][1]);
		UNIT_ASSERT_STR(state(), told[i][0]);
		CU_ASSERT_FALSE(ring);
	}
}

static void button_of_an_earlier_failure_does_nothing(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("r");
	pg_run("INSERT INTO attempts (client_id, delivery_id, part, action,"
	       " started_at, outcome) SELECT client_id, delivery_id, part,"
	       " action, started_at, outcome FROM attempts");
	UNIT_ASSERT_STR(press(&p, &ring),
			"С тех пор была новая попытка: нажмите кнопку под "
			"последним ответом.");
	assert_untouched(ring);
}

static void button_works_in_its_own_topic_and_group_only(void)
{
	static const char no_more[] = "Эта кнопка больше не действует.";
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("r");
	p.topic = FAILED_TOPIC + 1;
	UNIT_ASSERT_STR(press(&p, &ring), no_more);
	assert_untouched(ring);
	p = a_press("r");
	p.chat--;
	UNIT_ASSERT_STR(press(&p, &ring), no_more);
	assert_untouched(ring);
	p = a_press("r");
	p.data = "r:1:2:3";
	UNIT_ASSERT_STR(press(&p, &ring), no_more);
	assert_untouched(ring);
	/* Too old to be shown: Telegram tells no topic then. */
	p = a_press("r");
	p.topic = 0;
	UNIT_ASSERT_STR(press(&p, &ring), "Повторяем.");
}

static void anothers_delivery_is_out_of_reach(void)
{
	struct relay other;
	struct press p;
	bool ring;

	fresh("failed");
	other = relay_seed(2);
	failed_make(daemon_db, &other, "failed");
	use_secret();
	/* Their bot, their group, their topic, our delivery. */
	p = a_press("r");
	p.chat = RELAY_GROUP - 2;
	UNIT_ASSERT_STR(post(other.bot_id, press_json(&p, false), &ring),
			"Эта кнопка больше не действует.");
	/* Even if they claim that it was pressed in our group. */
	p = a_press("r");
	UNIT_ASSERT_STR(post(other.bot_id, press_json(&p, false), &ring),
			"Эта кнопка больше не действует.");
	UNIT_ASSERT_STR(state(), "dead");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"), 0);
}

static void only_operators_may_press(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	pg_run("UPDATE projects SET operators = 'linked'");
	p = a_press("r");
	UNIT_ASSERT_STR(press(&p, &ring),
			"Вам нельзя: в этом проекте отвечают только люди, чей "
			"Telegram привязан в кабинете.");
	assert_untouched(ring);
	pg_run("INSERT INTO users (client_id, login, name, role,"
	       " telegram_user_id, created_at) SELECT id, 'ivan', 'I',"
	       " 'manager', 9, created_at FROM clients");
	p = a_press("r");
	UNIT_ASSERT_STR(press(&p, &ring), "Повторяем.");
}

static void bots_do_not_press(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("r");
	UNIT_ASSERT_STR(post(r.bot_id, press_json(&p, true), &ring), "");
	assert_untouched(ring);
	/* The group's own voice is a person. */
	p = a_press("r");
	p.from = 1087968824;
	UNIT_ASSERT_STR(post(r.bot_id, press_json(&p, true), &ring),
			"Повторяем.");
}

static void pressed_message_is_the_one_that_shows_the_end(void)
{
	struct press p;
	bool ring;

	fresh("failed");
	p = a_press("r");
	p.message = FAILED_REPLY + 7;
	press(&p, &ring);
	UNIT_ASSERT_INT(pg_count("SELECT message_id FROM complaints"),
			FAILED_REPLY + 7);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(repeat_puts_it_at_the_lanes_end_and_says_who_did),
		UNIT_TEST(same_update_twice_is_done_once_and_answered_twice),
		UNIT_TEST(unsure_one_is_looked_for_first),
		UNIT_TEST(unsure_one_has_arrived_by_a_persons_word),
		UNIT_TEST(what_surely_failed_cannot_be_called_arrived),
		UNIT_TEST(button_with_nothing_left_to_do_says_so),
		UNIT_TEST(button_of_an_earlier_failure_does_nothing),
		UNIT_TEST(button_works_in_its_own_topic_and_group_only),
		UNIT_TEST(anothers_delivery_is_out_of_reach),
		UNIT_TEST(only_operators_may_press),
		UNIT_TEST(bots_do_not_press),
		UNIT_TEST(pressed_message_is_the_one_that_shows_the_end),
	};
	int status;

	secret_init();
	pg_start();
	db = db_new(pg_url(PG_WEB), "test", 5000);
	daemon_db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("callback", tests, ARRAY_LEN(tests), argc, argv);
	db_free(daemon_db);
	db_free(db);
	return status;
}
