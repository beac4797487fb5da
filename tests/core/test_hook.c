/*
 * test_hook.c - webhooks, as the web's role under row level security.
 */
#include "config.h"

#include "core/hook.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"

#define SECRET "hook-secret-of-the-path"

static struct db *db;
static struct relay r;

static struct secret text_secret(const char *s)
{
	return secret_copy(&unit_arena, s, strlen(s));
}

static void fresh(void)
{
	const char *hash = secret_hash(&unit_arena, text_secret(SECRET));

	pg_reset();
	r = relay_seed(1);
	pg_run(arena_printf(&unit_arena,
			    "UPDATE bots SET webhook_secret_hash = '%s'",
			    hash));
	pg_run(arena_printf(
		&unit_arena,
		"UPDATE avito_accounts SET webhook_secret_hash = '%s'", hash));
}

static struct hook hook_for(int64_t object_id, const char *secret,
			    const char *body)
{
	return (struct hook){
		.object_id = object_id,
		.secret = text_secret(secret),
		.header = hook_header_secret(&unit_arena, text_secret(SECRET))
				  .bytes,
		.body = body,
		.body_len = strlen(body),
		.now = RELAY_NOW,
		.request_id = "rq",
	};
}

static enum hook_result
run(bool (*take)(struct db *db, struct arena *a, struct hook *h,
		 enum hook_result *result, struct err *err),
    struct hook *h)
{
	enum hook_result result = HOOK_NOT_JSON;
	struct err err = { 0 };

	CU_ASSERT_TRUE(take(db, &unit_arena, h, &result, &err));
	UNIT_ASSERT_STR(err.text, "");
	return result;
}

static enum hook_result avito(const char *body, bool *ring)
{
	struct hook h = hook_for(r.account_id, SECRET, body);
	enum hook_result result = run(hook_avito, &h);

	*ring = h.ring;
	return result;
}

static enum hook_result telegram(const char *body, bool *ring)
{
	struct hook h = hook_for(r.bot_id, SECRET, body);
	enum hook_result result = run(hook_telegram, &h);

	*ring = h.ring;
	return result;
}

/* What Avito posts for a text of the buyer; user and author as told. */
static const char *avito_text(int64_t user, int64_t author, const char *id,
			      const char *text)
{
	return arena_printf(
		&unit_arena,
		"{\"id\":\"e1\",\"version\":\"v3.0.0\",\"timestamp\":"
		"1760000501,\"payload\":{\"type\":\"message\",\"value\":{"
		"\"id\":\"%s\",\"chat_id\":\"u2i-x~1\",\"chat_type\":\"u2i\","
		"\"user_id\":%lld,\"author_id\":%lld,\"created\":1760000500,"
		"\"type\":\"text\",\"content\":{\"text\":\"%s\"},"
		"\"item_id\":77,\"read\":null}}}",
		id, (long long)user, (long long)author, text);
}

#define USER (RELAY_AVITO_USER + 1)

static void right_secret_stores_the_message(void)
{
	bool ring;

	fresh();
	CU_ASSERT_EQUAL(avito(avito_text(USER, 40002, "m1", "Да?"), &ring),
			HOOK_TAKEN);
	CU_ASSERT_TRUE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages m"
				 " JOIN deliveries d ON d.message_id = m.id"
				 " WHERE m.text = 'Да?'"
				 "  AND m.author = 'buyer'"),
			1);
	CU_ASSERT_EQUAL(avito(avito_text(USER, 40002, "m1", "Да?"), &ring),
			HOOK_TAKEN);
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 1);
}

static void wrong_secret_or_id_is_refused_and_stores_nothing(void)
{
	struct hook h;

	fresh();
	h = hook_for(r.account_id, "guess",
		     avito_text(USER, 40002, "m1", "Да?"));
	CU_ASSERT_EQUAL(run(hook_avito, &h), HOOK_REFUSED);
	h = hook_for(r.account_id + 1, SECRET,
		     avito_text(USER, 40002, "m1", "Да?"));
	CU_ASSERT_EQUAL(run(hook_avito, &h), HOOK_REFUSED);
	h = hook_for(r.bot_id, "guess", "{}");
	CU_ASSERT_EQUAL(run(hook_telegram, &h), HOOK_REFUSED);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"), 0);
}

static void former_secret_is_good_until_the_new_one_is_confirmed(void)
{
	bool ring;

	fresh();
	pg_run("UPDATE avito_accounts SET webhook_old_hash ="
	       " webhook_secret_hash, webhook_secret_hash = 'new'");
	CU_ASSERT_EQUAL(avito(avito_text(USER, 40002, "m1", "Да?"), &ring),
			HOOK_TAKEN);
	pg_run("UPDATE avito_accounts SET webhook_old_hash = NULL");
	CU_ASSERT_EQUAL(avito(avito_text(USER, 40002, "m2", "Да?"), &ring),
			HOOK_REFUSED);
}

static void telegrams_header_is_demanded_besides_the_path(void)
{
	struct hook h;

	fresh();
	h = hook_for(r.bot_id, SECRET, "{}");
	CU_ASSERT_EQUAL(run(hook_telegram, &h), HOOK_TAKEN);
	h.header = NULL;
	CU_ASSERT_EQUAL(run(hook_telegram, &h), HOOK_REFUSED);
	h.header = SECRET;
	CU_ASSERT_EQUAL(run(hook_telegram, &h), HOOK_REFUSED);
}

static void no_json_is_told_and_unknown_kinds_are_taken(void)
{
	static const char *const taken[] = {
		"{}",
		"[]",
		"null",
		"{\"update_id\":1}",
		"{\"update_id\":2,\"shipping_query\":{}}",
		"{\"payload\":{\"type\":\"read\",\"value\":{}}}",
	};
	bool ring;

	fresh();
	CU_ASSERT_EQUAL(avito("{", &ring), HOOK_NOT_JSON);
	CU_ASSERT_EQUAL(telegram("no", &ring), HOOK_NOT_JSON);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		CU_ASSERT_EQUAL(avito(taken[i], &ring), HOOK_TAKEN);
		CU_ASSERT_FALSE(ring);
		CU_ASSERT_EQUAL(telegram(taken[i], &ring), HOOK_TAKEN);
		CU_ASSERT_FALSE(ring);
	}
	/* An update that is no object at all is worth a look. */
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(source || body, ',')"
				" FROM quarantine"),
			"telegram[],telegramnull");
}

static void what_is_not_understood_goes_to_quarantine(void)
{
	bool ring;

	fresh();
	CU_ASSERT_EQUAL(avito("{\"payload\":{\"type\":\"message\","
			      "\"value\":{\"id\":5}}}",
			      &ring),
			HOOK_TAKEN);
	CU_ASSERT_EQUAL(
		telegram("{\"update_id\":1,\"message\":{\"chat\":7}}", &ring),
		HOOK_TAKEN);
	CU_ASSERT_EQUAL(avito(avito_text(9, 40002, "m1", "Да?"), &ring),
			HOOK_TAKEN);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM quarantine"), 3);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"), 0);
}

static void nul_and_lone_surrogates_become_replacement_characters(void)
{
	bool ring;

	fresh();
	CU_ASSERT_EQUAL(
		avito(avito_text(USER, 40002, "m1", "a\\u0000b\\ud800c"),
		      &ring),
		HOOK_TAKEN);
	UNIT_ASSERT_STR(pg_text("SELECT text FROM messages"), "a\xef\xbf\xbd"
							      "b\xef\xbf\xbd"
							      "c");
}

/* An update with a text in the group; `topic` 0 is General. */
static const char *update(int64_t update_id, int64_t message_id, int64_t topic,
			  const char *text)
{
	const char *where = topic ? arena_printf(&unit_arena,
						 "\"message_thread_id\":%lld,"
						 "\"is_topic_message\":true,",
						 (long long)topic)
				  : "";

	return arena_printf(
		&unit_arena,
		"{\"update_id\":%lld,\"message\":{\"message_id\":%lld,%s"
		"\"from\":{\"id\":9,\"is_bot\":false,\"first_name\":\"Иван\"},"
		"\"chat\":{\"id\":%lld,\"title\":\"W\",\"is_forum\":true,"
		"\"type\":\"supergroup\"},\"date\":1760000600,"
		"\"text\":\"%s\"}}",
		(long long)update_id, (long long)message_id, where,
		(long long)(RELAY_GROUP - 1), text);
}

static void make_topic(void)
{
	bool ring;

	avito(avito_text(USER, 40002, "m1", "Да?"), &ring);
	pg_run("UPDATE dialogs SET bot_id = (SELECT id FROM bots),"
	       " topic_id = 5");
	pg_run("INSERT INTO dialog_topics SELECT client_id, -1001234567891,"
	       " 5, id, created_at FROM dialogs");
}

static void operators_text_goes_to_the_buyer(void)
{
	bool ring;

	fresh();
	make_topic();
	CU_ASSERT_EQUAL(telegram(update(1, 55, 5, "Да"), &ring), HOOK_TAKEN);
	CU_ASSERT_TRUE(ring);
	CU_ASSERT_EQUAL(telegram(update(1, 55, 5, "Да"), &ring), HOOK_TAKEN);
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			1);
	UNIT_ASSERT_STR(pg_text("SELECT author_name FROM messages"
				" WHERE author = 'operator'"),
			"Иван");
}

static void text_outside_a_dialogs_topic_goes_nowhere_by_itself(void)
{
	bool ring;

	fresh();
	make_topic();
	telegram(update(1, 55, 0, "Коллеги!"), &ring);
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM unrouted"), 0);
	telegram(update(2, 56, 6, "Чужая тема"), &ring);
	CU_ASSERT_TRUE(ring);
	telegram(update(2, 56, 6, "Чужая тема"), &ring);
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM unrouted"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			0);
}

/* A text in topic 6, as an answer to its creation by Telegram's user `by`. */
static const char *update_naming_topic(int64_t update_id, int64_t by)
{
	return arena_printf(
		&unit_arena,
		"{\"update_id\":%lld,\"message\":{\"message_id\":%lld,"
		"\"message_thread_id\":6,\"is_topic_message\":true,"
		"\"from\":{\"id\":9,\"is_bot\":false,\"first_name\":\"Иван\"},"
		"\"chat\":{\"id\":%lld,\"title\":\"W\",\"is_forum\":true,"
		"\"type\":\"supergroup\"},\"date\":1760000600,\"text\":\"Да\","
		"\"reply_to_message\":{\"message_id\":6,\"from\":{\"id\":%lld,"
		"\"is_bot\":true,\"first_name\":\"B\"},\"forum_topic_created\":"
		"{\"name\":\"Анна · Лампа\"}}}}",
		(long long)update_id, (long long)update_id,
		(long long)(RELAY_GROUP - 1), (long long)by);
}

#define THE_BOT 7001

/* Making a topic for each dialog's first delivery came to `outcome`. */
static void try_topics(const char *outcome)
{
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO attempts (client_id, delivery_id, part, action,"
		" content, started_at, outcome) SELECT client_id, id, -3,"
		" 'telegram.create_topic', 'Анна · Лампа', created_at, %s"
		" FROM deliveries WHERE direction = 'team' AND seq = 1",
		outcome));
}

static int64_t to_the_buyer(void)
{
	return pg_count("SELECT count(*) FROM deliveries"
			" WHERE direction = 'buyer'");
}

static void topic_with_an_unknown_end_is_adopted_by_its_name(void)
{
	static const char *const outcomes[] = { "'unsure'", "NULL" };
	bool ring;

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		fresh();
		avito(avito_text(USER, 40002, "m1", "Да?"), &ring);
		try_topics(outcomes[i]);
		telegram(update_naming_topic(1, THE_BOT), &ring);
		CU_ASSERT_TRUE(ring);
		UNIT_ASSERT_INT(to_the_buyer(), 1);
		UNIT_ASSERT_INT(pg_count("SELECT topic_id FROM dialogs"
					 " WHERE bot_id IS NOT NULL"),
				6);
		UNIT_ASSERT_STR(pg_text("SELECT outcome FROM attempts"),
				"settled");
		/* Once, and from now on by the usual way. */
		telegram(update_naming_topic(1, THE_BOT), &ring);
		CU_ASSERT_FALSE(ring);
		telegram(update_naming_topic(2, THE_BOT), &ring);
		UNIT_ASSERT_INT(to_the_buyer(), 2);
	}
}

/* Avito accounts are numbered apart from Telegram sources. */
static void topic_of_a_person_in_telegram_is_adopted_too(void)
{
	bool ring;

	fresh();
	avito(avito_text(USER, 40002, "m1", "Да?"), &ring);
	try_topics("'unsure'");
	pg_run("UPDATE dialogs SET source = 'telegram', source_id = 77");
	telegram(update_naming_topic(1, THE_BOT), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 1);
}

static void adopted_topic_does_not_displace_the_one_there_is(void)
{
	bool ring;

	fresh();
	make_topic();
	pg_run("UPDATE dialogs SET group_chat_id = -1001234567891,"
	       " card_message_id = 8");
	try_topics("'unsure'");
	telegram(update_naming_topic(1, THE_BOT), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 1);
	UNIT_ASSERT_INT(pg_count("SELECT topic_id FROM dialogs"
				 " WHERE card_message_id = 8"),
			5);
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(topic_id::text, ','"
				" ORDER BY topic_id) FROM dialog_topics"),
			"5,6");
}

static void topic_is_not_adopted_on_a_guess(void)
{
	bool ring;

	/* Its making is known to have failed or succeeded. */
	fresh();
	avito(avito_text(USER, 40002, "m1", "Да?"), &ring);
	try_topics("'failed'");
	try_topics("'done'");
	telegram(update_naming_topic(1, THE_BOT), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 0);
	/* Somebody else made it. */
	try_topics("'unsure'");
	telegram(update_naming_topic(2, 9), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 0);
	/* The bot is not in charge of that dialog. */
	pg_run("UPDATE projects SET bot_id = NULL");
	telegram(update_naming_topic(3, THE_BOT), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 0);
	pg_run("UPDATE projects SET bot_id = (SELECT id FROM bots)");
	/* Two dialogs of that name. */
	pg_run("WITH g AS (INSERT INTO dialogs (client_id, project_id, source,"
	       "   source_id, external_chat_id, last_message_at, created_at)"
	       "  SELECT client_id, project_id, source, source_id, 'twin',"
	       "   last_message_at, created_at FROM dialogs"
	       "  RETURNING client_id, id, created_at),"
	       " l AS (INSERT INTO lanes (client_id, dialog_id, direction,"
	       "   last_seq) SELECT client_id, id, 'team', 1 FROM g)"
	       " INSERT INTO deliveries (client_id, dialog_id, direction, seq,"
	       "  message_id, created_at, updated_at) SELECT g.client_id, g.id,"
	       "  'team', 1, m.id, g.created_at, g.created_at"
	       " FROM g, messages m");
	try_topics("'unsure'");
	telegram(update_naming_topic(4, THE_BOT), &ring);
	UNIT_ASSERT_INT(to_the_buyer(), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialog_topics"), 0);
}

static void getid_is_answered_once_and_never_sent_to_the_buyer(void)
{
	bool ring;

	fresh();
	make_topic();
	telegram(update(1, 55, 5, "/getid"), &ring);
	CU_ASSERT_TRUE(ring);
	telegram(update(1, 55, 5, "/getid"), &ring);
	CU_ASSERT_FALSE(ring);
	UNIT_ASSERT_STR(pg_text("SELECT args->>'text' FROM tasks"
				" WHERE kind = 'telegram.say'"),
			"chat_id: -1001234567891\nThread ID: 5");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"
				 " WHERE kind = 'telegram.say'"),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			0);
}

static void command_for_another_bot_is_left_to_it(void)
{
	bool ring;

	fresh();
	telegram(update(1, 55, 0, "/getid@other_bot"), &ring);
	CU_ASSERT_FALSE(ring);
	telegram(update(2, 56, 0, "/getid@Bot_1"), &ring);
	CU_ASSERT_TRUE(ring);
}

static const char *member_update(int64_t update_id)
{
	return arena_printf(
		&unit_arena,
		"{\"update_id\":%lld,\"my_chat_member\":{\"chat\":{\"id\":"
		"-1009,\"title\":\"Новая\",\"is_forum\":true,\"type\":"
		"\"supergroup\"},\"from\":{\"id\":9,\"is_bot\":false,"
		"\"first_name\":\"Иван\"},\"date\":1760000600,"
		"\"old_chat_member\":{\"user\":{\"id\":7001,\"is_bot\":true,"
		"\"first_name\":\"B\"},\"status\":\"left\"},"
		"\"new_chat_member\":{\"user\":{\"id\":7001,\"is_bot\":true,"
		"\"first_name\":\"B\"},\"status\":\"administrator\","
		"\"can_manage_topics\":true}}}",
		(long long)update_id);
}

static void group_is_bound_only_by_an_owner_and_never_rebound(void)
{
	bool ring;

	fresh();
	pg_run("UPDATE bots SET group_chat_id = NULL");
	telegram(member_update(1), &ring);
	CU_ASSERT_TRUE(ring);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM bots"
				 " WHERE seen_chat_id = -1009"
				 "  AND group_chat_id IS NULL"),
			1);
	pg_run("INSERT INTO users (client_id, login, name, role,"
	       " telegram_user_id, created_at)"
	       " SELECT id, 'own', 'O', 'owner', 9, created_at FROM clients");
	telegram(member_update(2), &ring);
	UNIT_ASSERT_INT(pg_count("SELECT group_chat_id FROM bots"), -1009);
	pg_run("UPDATE bots SET group_chat_id = -5");
	telegram(member_update(3), &ring);
	UNIT_ASSERT_INT(pg_count("SELECT group_chat_id FROM bots"), -5);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"
				 " WHERE kind = 'bot.check'"),
			1);
}

static void group_that_became_a_supergroup_is_followed(void)
{
	bool ring;

	fresh();
	telegram(arena_printf(&unit_arena,
			      "{\"update_id\":1,\"message\":{\"message_id\":3,"
			      "\"from\":{\"id\":9,\"is_bot\":false,"
			      "\"first_name\":\"I\"},\"chat\":{\"id\":%lld,"
			      "\"title\":\"W\",\"type\":\"group\"},"
			      "\"date\":1760000600,\"migrate_to_chat_id\":"
			      "-100777}}",
			      (long long)(RELAY_GROUP - 1)),
		 &ring);
	UNIT_ASSERT_INT(pg_count("SELECT group_chat_id FROM bots"), -100777);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(right_secret_stores_the_message),
		UNIT_TEST(wrong_secret_or_id_is_refused_and_stores_nothing),
		UNIT_TEST(former_secret_is_good_until_the_new_one_is_confirmed),
		UNIT_TEST(telegrams_header_is_demanded_besides_the_path),
		UNIT_TEST(no_json_is_told_and_unknown_kinds_are_taken),
		UNIT_TEST(what_is_not_understood_goes_to_quarantine),
		UNIT_TEST(
			nul_and_lone_surrogates_become_replacement_characters),
		UNIT_TEST(operators_text_goes_to_the_buyer),
		UNIT_TEST(text_outside_a_dialogs_topic_goes_nowhere_by_itself),
		UNIT_TEST(topic_with_an_unknown_end_is_adopted_by_its_name),
		UNIT_TEST(topic_of_a_person_in_telegram_is_adopted_too),
		UNIT_TEST(adopted_topic_does_not_displace_the_one_there_is),
		UNIT_TEST(topic_is_not_adopted_on_a_guess),
		UNIT_TEST(getid_is_answered_once_and_never_sent_to_the_buyer),
		UNIT_TEST(command_for_another_bot_is_left_to_it),
		UNIT_TEST(group_is_bound_only_by_an_owner_and_never_rebound),
		UNIT_TEST(group_that_became_a_supergroup_is_followed),
	};
	int status;

	secret_init();
	pg_start();
	db = db_new(pg_url(PG_WEB), "test", 5000);
	status = unit_main("hook", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
