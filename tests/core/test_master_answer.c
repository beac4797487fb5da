/*
 * test_master_answer.c - what the master bot takes down, and what it says.
 */
#include "config.h"

#include "base/json.h"
#include "core/as.h"
#include "core/master_answer.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW    INT64_C(1790000000000000)
#define BOT    7001
#define PERSON 501

static const struct settings https = {
	.frontend_base_url = "https://cabinet.example",
	.master_bot_name = "",
};
static struct db *db;

static struct tg_update update(const char *text, const char *language)
{
	struct tg_update u;
	struct json_object *o, *m = json_object_new_object();
	struct json_object *chat = json_object_new_object();
	struct json_object *from = json_object_new_object();
	struct err err = { 0 };

	o = json_new(&unit_arena);
	json_put_i64(o, "update_id", 9);
	json_put(o, "message", m);
	json_put_i64(m, "message_id", 3);
	json_put_str(m, "text", text);
	json_put(m, "chat", chat);
	json_put_i64(chat, "id", PERSON);
	json_put_str(chat, "type", "private");
	json_put(m, "from", from);
	json_put_i64(from, "id", PERSON);
	json_put_str(from, "first_name", "Ольга");
	json_put_str(from, "language_code", language);
	CU_ASSERT_TRUE_FATAL(tg_update_read(&unit_arena, o, &u, &err));
	return u;
}

static void begin_test(void)
{
	as_setup();
	if (!db)
		db = db_new(pg_url(PG_DAEMON), "test_master_answer", 20000);
	as_err = (struct err){ 0 };
}

static void take(const struct tg_update *u)
{
	bool ok = db_begin(db, &as_err) &&
		  master_take(db, &unit_arena, BOT, u, NOW, &as_err);

	CU_ASSERT_TRUE(db_finish(db, ok, &as_err));
}

static int64_t taken(void)
{
	return pg_count("SELECT count(*) FROM tasks"
			" WHERE kind = 'master.answer'");
}

/* The answer to what was taken down. */
static const char *answer(struct tg_private *m)
{
	const char *args = pg_text("SELECT args FROM tasks"
				   " WHERE kind = 'master.answer'");
	struct json_object *o;
	const char *what = "";
	bool ok;

	CU_ASSERT_TRUE_FATAL(
		json_read(&unit_arena, args, strlen(args), &o, &as_err));
	UNIT_ASSERT_INT(master_asked(o), BOT);
	ok = db_begin(db, &as_err) &&
	     master_answer(db, &unit_arena, &https, o, NOW, m, &what, &as_err);
	CU_ASSERT_TRUE(db_finish(db, ok, &as_err));
	return what;
}

static bool says(const struct tg_private *m, const char *part)
{
	return strstr(m->text, part) != NULL;
}

static void a_link_under_https_is_a_button(void)
{
	struct tg_update u = update("/start", "ru");
	struct tg_private m;

	begin_test();
	take(&u);
	UNIT_ASSERT_STR(answer(&m), "link");
	UNIT_ASSERT_INT(m.chat, PERSON);
	UNIT_ASSERT_STR(m.button, "Войти");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(m.url, "https://cabinet.example/login?token="));
	CU_ASSERT_FALSE(says(&m, "token="));
	CU_ASSERT_FALSE(says(&m, "15 minutes"));
}

static void other_languages_get_english_below(void)
{
	struct tg_update u = update("/start", "en");
	struct tg_private m;

	begin_test();
	take(&u);
	answer(&m);
	CU_ASSERT_TRUE(says(&m, "15 минут") && says(&m, "15 minutes"));
	UNIT_ASSERT_STR(m.button, "Войти · Sign in");
}

static void anything_else_is_answered_with_help(void)
{
	struct tg_update u = update("Привет", "ru");
	struct tg_private m;

	begin_test();
	take(&u);
	UNIT_ASSERT_STR(answer(&m), "help");
	CU_ASSERT_PTR_NULL(m.url);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM link_tokens"), 0);
}

static void who_writes_faster_than_they_are_answered_gets_one_answer(void)
{
	struct tg_update u = update("/start", "ru");

	begin_test();
	for (int i = 0; i < 50; i++) {
		u.update_id++;
		take(&u);
	}
	UNIT_ASSERT_INT(taken(), 1);
	u = update("Привет", "ru");
	take(&u);
	take(&u);
	UNIT_ASSERT_INT(taken(), 2);
}

static void groups_bots_and_edits_are_not_answered(void)
{
	struct tg_update u = update("/start", "ru");

	begin_test();
	u.chat_type = "supergroup";
	take(&u);
	u.chat_type = "private";
	u.from_is_bot = true;
	take(&u);
	u.from_is_bot = false;
	u.kind = TG_EDITED;
	take(&u);
	UNIT_ASSERT_INT(taken(), 0);
}

static void an_invites_code_is_taken_down_by_its_hash(void)
{
	struct secret code = { "AbCdEfGhIjKlMnOpQrStUv", 22 };
	struct tg_update u = update("/start AbCdEfGhIjKlMnOpQrStUv", "ru");
	const char *args;

	begin_test();
	take(&u);
	args = pg_text("SELECT args FROM tasks WHERE kind = 'master.answer'");
	CU_ASSERT_PTR_NULL(strstr(args, code.bytes));
	CU_ASSERT_PTR_NOT_NULL(strstr(args, secret_hash(&unit_arena, code)));
}

static void the_same_answer_again_replaces_its_link(void)
{
	struct tg_update u = update("/start", "ru");
	struct tg_private m;

	begin_test();
	take(&u);
	for (int i = 0; i < 7; i++)
		UNIT_ASSERT_STR(answer(&m), "link");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM link_tokens"), 1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_link_under_https_is_a_button),
		UNIT_TEST(other_languages_get_english_below),
		UNIT_TEST(anything_else_is_answered_with_help),
		UNIT_TEST(
			who_writes_faster_than_they_are_answered_gets_one_answer),
		UNIT_TEST(groups_bots_and_edits_are_not_answered),
		UNIT_TEST(an_invites_code_is_taken_down_by_its_hash),
		UNIT_TEST(the_same_answer_again_replaces_its_link),
	};

	pg_start();
	return unit_main("master_answer", tests, ARRAY_LEN(tests), argc, argv);
}
