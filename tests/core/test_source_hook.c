/*
 * test_source_hook.c - what people write to a source's bot and to connected
 * accounts, as the web's role under row level security.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "chan/telegram.h"
#include "core/hook.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/echo.h"

#define SECRET "hook-secret-of-the-path"
#define NOW_S  (RELAY_NOW / 1000000)

static struct db *db, *daemon;
static struct relay r;
static int64_t source_id;
static struct hook h;

static struct secret text_secret(const char *s)
{
	return secret_copy(&unit_arena, s, strlen(s));
}

static int64_t count(const char *fmt)
{
	return pg_count(
		arena_printf(&unit_arena, "SELECT count(*) FROM %s", fmt));
}

/* The group's bot of the client is its source as well. */
static void fresh(void)
{
	pg_reset();
	r = relay_seed(1);
	pg_run(arena_printf(&unit_arena,
			    "UPDATE bots SET webhook_secret_hash = '%s'",
			    secret_hash(&unit_arena, text_secret(SECRET))));
	source_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO telegram_sources (client_id, project_id, bot_id,"
		" created_at, updated_at) VALUES (%" PRId64 ", %" PRId64
		", %" PRId64 ", now(), now()) RETURNING id",
		r.client_id, r.project_id, r.bot_id));
}

static enum hook_result
bring_to(int64_t object_id, const char *secret,
	 bool (*take)(struct db *db, struct arena *a, struct hook *h,
		      enum hook_result *result, struct err *err),
	 const char *body)
{
	enum hook_result result = HOOK_NOT_JSON;
	struct err err = { 0 };

	h = (struct hook){
		.object_id = object_id,
		.secret = text_secret(secret),
		.header = hook_header_secret(&unit_arena, text_secret(SECRET))
				  .bytes,
		.body = body,
		.body_len = strlen(body),
		.now = RELAY_NOW,
		.request_id = "rq",
	};
	CU_ASSERT_TRUE(take(db, &unit_arena, &h, &result, &err));
	UNIT_ASSERT_STR(err.text, "");
	return result;
}

static enum hook_result bring(const char *fmt, ...) PRINTF_LIKE(1, 2);
static enum hook_result bring(const char *fmt, ...)
{
	static int update;
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return bring_to(source_id, SECRET, hook_source,
			arena_printf(&unit_arena, "{\"update_id\":%d,%s}",
				     ++update, text));
}

#define PERSON                                                               \
	"\"from\":{\"id\":501,\"is_bot\":false,\"first_name\":\"Анна\"," \
	"\"username\":\"anna\",\"language_code\":\"ru\"},"                   \
	"\"chat\":{\"id\":501,\"type\":\"private\"}"

static enum hook_result says(int message, const char *text)
{
	return bring("\"message\":{\"message_id\":%d,\"date\":%" PRId64
		     ",\"text\":\"%s\"," PERSON "}",
		     message, NOW_S, text);
}

static enum hook_result becomes(const char *status)
{
	return bring("\"my_chat_member\":{\"date\":%" PRId64
		     ",\"old_chat_member\":{\"status\":\"member\"},"
		     "\"new_chat_member\":{\"status\":\"%s\"}," PERSON "}",
		     NOW_S, status);
}

static void a_private_message_makes_a_dialog_that_knows_the_person(void)
{
	fresh();
	CU_ASSERT_EQUAL(says(7, "Сколько стоит?"), HOOK_TAKEN);
	CU_ASSERT_TRUE(h.ring);
	UNIT_ASSERT_STR(pg_text("SELECT concat_ws(' ', source, source_id,"
				" external_chat_id, buyer_external_id,"
				" buyer_name, buyer_url, buyer_language,"
				" details_at IS NOT NULL) FROM dialogs"),
			arena_printf(&unit_arena,
				     "telegram %" PRId64
				     " 501 501 Анна https://t.me/anna ru t",
				     source_id));
	UNIT_ASSERT_STR(pg_text("SELECT concat_ws(' ', m.origin, m.external_id,"
				" m.author, m.author_name, x.direction)"
				" FROM messages m JOIN deliveries x"
				"  ON x.message_id = m.id"),
			"telegram 501/7 buyer Анна team");
}

static void the_same_message_is_stored_once(void)
{
	fresh();
	says(7, "Раз");
	CU_ASSERT_EQUAL(says(7, "Раз"), HOOK_TAKEN);
	CU_ASSERT_FALSE(h.ring);
	says(8, "Два");
	UNIT_ASSERT_INT(count("deliveries"), 2);
	UNIT_ASSERT_INT(count("dialogs"), 1);
}

static void both_addresses_lead_here(void)
{
	const char *body = "{\"update_id\":5,\"message\":{\"message_id\":9,"
			   "\"date\":1,\"text\":\"Да\"," PERSON "}}";

	fresh();
	CU_ASSERT_EQUAL(bring_to(r.bot_id, SECRET, hook_telegram, body),
			HOOK_TAKEN);
	CU_ASSERT_EQUAL(bring_to(source_id, SECRET, hook_source, body),
			HOOK_TAKEN);
	UNIT_ASSERT_INT(count("messages"), 1);
	CU_ASSERT_EQUAL(bring_to(source_id, "guess", hook_source, body),
			HOOK_REFUSED);
	CU_ASSERT_EQUAL(bring_to(source_id + 1, SECRET, hook_source, body),
			HOOK_REFUSED);
}

static void a_paused_source_takes_nothing(void)
{
	fresh();
	pg_run("UPDATE telegram_sources SET monitoring = false");
	CU_ASSERT_EQUAL(says(7, "Раз"), HOOK_TAKEN);
	UNIT_ASSERT_INT(count("dialogs"), 0);
}

static void the_first_label_stays_and_each_is_a_line(void)
{
	fresh();
	says(1, "/start spring");
	says(2, "/start autumn");
	says(3, "/start");
	UNIT_ASSERT_STR(pg_text("SELECT origin FROM dialogs"), "spring");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(kind || ':' || text, '; '"
				" ORDER BY id) FROM messages"),
			"system:Клиент открыл бота по ссылке с меткой «spring»"
			"; system:Клиент открыл бота по ссылке с меткой "
			"«autumn»; system:Клиент открыл бота");
}

static void a_new_name_is_learnt(void)
{
	fresh();
	says(1, "Раз");
	pg_run("UPDATE dialogs SET buyer_name = 'Прежнее', origin = 'x'");
	says(2, "Два");
	UNIT_ASSERT_STR(pg_text("SELECT buyer_name || origin FROM dialogs"),
			"Аннаx");
}

static void hold_an_answer(void)
{
	pg_run("INSERT INTO lanes (client_id, dialog_id, direction, last_seq,"
	       " held_by) SELECT client_id, id, 'buyer', 1, 'dialog:' || id"
	       " FROM dialogs");
}

static void who_blocks_the_bot_is_marked_once(void)
{
	fresh();
	says(1, "Раз");
	CU_ASSERT_EQUAL(becomes("kicked"), HOOK_TAKEN);
	CU_ASSERT_TRUE(h.ring);
	becomes("kicked");
	CU_ASSERT_FALSE(h.ring);
	UNIT_ASSERT_INT(count("dialogs WHERE blocked_at IS NOT NULL"), 1);
	UNIT_ASSERT_INT(count("messages WHERE origin = 'tuberry'"), 1);
	hold_an_answer();
	becomes("member");
	UNIT_ASSERT_INT(count("dialogs WHERE blocked_at IS NOT NULL"), 0);
	UNIT_ASSERT_INT(count("messages WHERE origin = 'tuberry'"), 2);
	UNIT_ASSERT_INT(count("lanes WHERE held_by IS NOT NULL"), 0);
}

static void whoever_writes_takes_messages_again(void)
{
	fresh();
	says(1, "Раз");
	becomes("kicked");
	hold_an_answer();
	says(2, "Два");
	UNIT_ASSERT_INT(count("dialogs WHERE blocked_at IS NOT NULL"), 0);
	UNIT_ASSERT_INT(count("lanes WHERE held_by IS NOT NULL"), 0);
}

static void strangers_who_block_make_no_dialog(void)
{
	fresh();
	becomes("kicked");
	becomes("member");
	UNIT_ASSERT_INT(count("dialogs"), 0);
}

/* ---- business ---- */

static enum hook_result connects(int64_t date_s, bool enabled, bool may)
{
	return bring("\"business_connection\":{\"id\":\"bc%" PRId64
		     "\",\"user_chat_id\":900,\"date\":%" PRId64
		     ",\"user\":{\"id\":900,\"first_name\":\"Макс\"},"
		     "\"rights\":{\"can_reply\":%s},\"is_enabled\":%s}",
		     date_s, date_s, may ? "true" : "false",
		     enabled ? "true" : "false");
}

static enum hook_result writes(int from, int message, int64_t date_s,
			       const char *more)
{
	return bring("\"business_message\":{\"business_connection_id\":\"bc1\","
		     "\"message_id\":%d,\"date\":%" PRId64
		     ",\"text\":\"Слово\",%s\"from\":{\"id\":%d,"
		     "\"first_name\":\"Кто\"},\"chat\":{\"id\":501,\"type\":"
		     "\"private\",\"first_name\":\"Анна\"}}",
		     message, date_s, more, from);
}

static void a_connection_is_one_row_for_each_owner(void)
{
	fresh();
	CU_ASSERT_EQUAL(connects(1, true, true), HOOK_TAKEN);
	connects(2, true, false);
	UNIT_ASSERT_STR(pg_text("SELECT concat_ws(' ', external_id, user_name,"
				" is_enabled, can_reply)"
				" FROM business_connections"),
			"bc2 Макс t f");
	UNIT_ASSERT_INT(count("notices WHERE closed_at IS NULL"), 1);
	/* Rights that change carry the connection's own date. */
	connects(2, true, true);
	UNIT_ASSERT_INT(count("notices WHERE closed_at IS NULL"), 0);
	connects(1, false, false);
	UNIT_ASSERT_STR(pg_text("SELECT external_id FROM business_connections"
				" WHERE is_enabled AND can_reply"),
			"bc2");
}

static void a_connection_that_comes_back_wakes_what_waits(void)
{
	fresh();
	connects(1, false, false);
	says(1, "Раз");
	pg_run("UPDATE lanes SET due_at = NULL, held_by = 'connection:'"
	       " || (SELECT id FROM business_connections)");
	connects(2, true, true);
	UNIT_ASSERT_INT(count("lanes WHERE held_by IS NULL"), 1);
}

static void both_sides_of_an_account_are_told_apart(void)
{
	fresh();
	connects(1, true, true);
	writes(501, 1, NOW_S, "");
	writes(900, 2, NOW_S, "");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(author || ' ' ||"
				" external_id, ', ' ORDER BY id)"
				" FROM messages"),
			"buyer 501@900/1, seller 501@900/2");
	UNIT_ASSERT_STR(pg_text("SELECT buyer_name FROM dialogs"
				" WHERE connection_id IS NOT NULL"
				"  AND waiting_since IS NULL"),
			"Анна");
}

static void an_unknown_connection_is_asked_for_first(void)
{
	fresh();
	CU_ASSERT_EQUAL(writes(501, 1, NOW_S, ""), HOOK_LATER);
	CU_ASSERT_TRUE(h.ring);
	UNIT_ASSERT_STR(pg_text("SELECT args->>'connection' FROM tasks"
				" WHERE kind = 'business.learn'"),
			"bc1");
	UNIT_ASSERT_INT(count("dialogs"), 0);
	CU_ASSERT_EQUAL(writes(501, 1, NOW_S - 301, ""), HOOK_TAKEN);
	UNIT_ASSERT_INT(count("quarantine"), 1);
	connects(1, true, true);
	CU_ASSERT_EQUAL(writes(501, 1, NOW_S, ""), HOOK_TAKEN);
	UNIT_ASSERT_INT(count("messages"), 1);
}

/* It has no date by which we could give up. */
static void a_deletion_in_an_unknown_connection_is_not_brought_for_ever(void)
{
	fresh();
	CU_ASSERT_EQUAL(bring("\"deleted_business_messages\":{"
			      "\"business_connection_id\":\"bc1\","
			      "\"chat\":{\"id\":501,\"type\":\"private\"},"
			      "\"message_ids\":[1]}"),
			HOOK_TAKEN);
	UNIT_ASSERT_INT(count("quarantine"), 1);
	UNIT_ASSERT_INT(count("tasks WHERE kind = 'business.learn'"), 1);
}

/* An operator's answer that was given up as unsure. */
static void give_up(const char *state)
{
	pg_run(arena_printf(
		&unit_arena,
		"WITH g AS (SELECT client_id, id FROM dialogs),"
		" m AS (INSERT INTO messages (client_id, dialog_id, origin,"
		"  origin_id, external_id, author, kind, text, written_at,"
		"  created_at) SELECT client_id, id, 'telegram', -5, '55',"
		"  'operator', 'text', 'Слово ', now(), now() FROM g"
		"  RETURNING client_id, dialog_id, id),"
		" l AS (INSERT INTO lanes (client_id, dialog_id, direction,"
		"  last_seq, head_seq) SELECT client_id, id, 'buyer', 1, 2"
		"  FROM g),"
		" x AS (INSERT INTO deliveries (client_id, dialog_id,"
		"  direction, seq, message_id, state, created_at, updated_at)"
		"  SELECT client_id, dialog_id, 'buyer', 1, id, '%s',"
		"  to_timestamp(%" PRId64 "), to_timestamp(%" PRId64
		") FROM m RETURNING client_id, id)"
		" INSERT INTO attempts (client_id, delivery_id, part, action,"
		"  content, started_at, finished_at, outcome)"
		"  SELECT client_id, id, 0, 'telegram.send_message', 'Слово',"
		"  now(), now(), 'unsure' FROM x",
		state, NOW_S, NOW_S));
}

#define BY_OUR_BOT "\"sender_business_bot\":{\"id\":7001},"

static void what_was_given_up_is_settled_when_it_comes_back(void)
{
	fresh();
	connects(1, true, true);
	writes(501, 1, NOW_S, "");
	give_up("dead");
	writes(900, 2, NOW_S, BY_OUR_BOT);
	CU_ASSERT_TRUE(h.ring);
	UNIT_ASSERT_INT(count("messages WHERE author = 'seller'"), 0);
	UNIT_ASSERT_STR(pg_text("SELECT external_id FROM message_copies"
				" WHERE place = 'telegram'"),
			"501@900/2");
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE direction = 'buyer'"),
			"queued");
	UNIT_ASSERT_STR(pg_text("SELECT outcome FROM attempts"), "settled");
	/* Another one like it was typed by somebody. */
	writes(900, 3, NOW_S, BY_OUR_BOT);
	UNIT_ASSERT_INT(count("messages WHERE author = 'seller'"), 1);
}

static void another_bots_words_settle_nothing(void)
{
	fresh();
	connects(1, true, true);
	writes(501, 1, NOW_S, "");
	give_up("dead");
	writes(900, 2, NOW_S, "\"sender_business_bot\":{\"id\":7999},");
	UNIT_ASSERT_INT(count("messages WHERE author = 'seller'"), 1);
	UNIT_ASSERT_INT(count("message_copies"), 0);
}

static void our_message_that_is_on_its_way_waits_for_its_answer(void)
{
	fresh();
	connects(1, true, true);
	writes(501, 1, NOW_S, "");
	give_up("sending");
	pg_run("UPDATE lanes SET head_seq = 1 WHERE direction = 'buyer'");
	writes(900, 2, NOW_S, BY_OUR_BOT);
	UNIT_ASSERT_INT(count("messages WHERE is_parked"), 1);
}

/* The answer is lost after the message has come back. */
static void what_came_back_while_it_was_open_settles_it(void)
{
	struct delivery d = { .kind = "text", .request_id = "" };
	struct err err = { 0 };
	bool ok;

	our_message_that_is_on_its_way_waits_for_its_answer();
	pg_run("UPDATE deliveries SET state = 'dead'"
	       " WHERE direction = 'buyer'");
	d.client_id = r.client_id;
	d.source_id = source_id;
	d.chat = "501@900";
	d.dialog_id = pg_count("SELECT id FROM dialogs");
	d.id = pg_count("SELECT id FROM deliveries WHERE direction = 'buyer'");
	ok = db_begin(daemon, &err) &&
	     echo_settle_parked(daemon, &unit_arena, &d, RELAY_NOW, &err);
	CU_ASSERT_TRUE(db_finish(daemon, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	UNIT_ASSERT_INT(count("messages WHERE is_parked"), 0);
	UNIT_ASSERT_INT(count("message_copies"), 1);
	UNIT_ASSERT_STR(pg_text("SELECT state FROM deliveries"
				" WHERE direction = 'buyer'"),
			"queued");
}

static void who_quotes_a_lost_message_has_got_it(void)
{
	fresh();
	says(1, "Раз");
	give_up("dead");
	bring("\"message\":{\"message_id\":9,\"date\":%" PRId64
	      ",\"text\":\"Спасибо\",\"reply_to_message\":{\"message_id\":8,"
	      "\"from\":{\"id\":7001,\"is_bot\":true},\"text\":\"Слово\","
	      "\"chat\":{\"id\":501,\"type\":\"private\"}}," PERSON "}",
	      NOW_S);
	UNIT_ASSERT_STR(pg_text("SELECT external_id FROM message_copies"),
			"501/8");
	UNIT_ASSERT_INT(count("messages WHERE quote_message_id IS NOT NULL"),
			1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(
			a_private_message_makes_a_dialog_that_knows_the_person),
		UNIT_TEST(the_same_message_is_stored_once),
		UNIT_TEST(both_addresses_lead_here),
		UNIT_TEST(a_paused_source_takes_nothing),
		UNIT_TEST(the_first_label_stays_and_each_is_a_line),
		UNIT_TEST(a_new_name_is_learnt),
		UNIT_TEST(who_blocks_the_bot_is_marked_once),
		UNIT_TEST(whoever_writes_takes_messages_again),
		UNIT_TEST(strangers_who_block_make_no_dialog),
		UNIT_TEST(a_connection_is_one_row_for_each_owner),
		UNIT_TEST(a_connection_that_comes_back_wakes_what_waits),
		UNIT_TEST(both_sides_of_an_account_are_told_apart),
		UNIT_TEST(an_unknown_connection_is_asked_for_first),
		UNIT_TEST(
			a_deletion_in_an_unknown_connection_is_not_brought_for_ever),
		UNIT_TEST(what_was_given_up_is_settled_when_it_comes_back),
		UNIT_TEST(another_bots_words_settle_nothing),
		UNIT_TEST(our_message_that_is_on_its_way_waits_for_its_answer),
		UNIT_TEST(what_came_back_while_it_was_open_settles_it),
		UNIT_TEST(who_quotes_a_lost_message_has_got_it),
	};
	int failed;

	secret_init();
	pg_start();
	db = db_new(pg_url(PG_WEB), "test_source_hook", 20000);
	daemon = db_new(pg_url(PG_DAEMON), "test_source_hook", 20000);
	failed = unit_main("source_hook", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	db_free(daemon);
	return failed;
}
