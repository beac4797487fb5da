/*
 * test_message.c - what comes in is stored once, with all it causes.
 */
#include "config.h"

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/lane.h"
#include "store/quote.h"

static struct db *db;
static struct relay r;

static void fresh(void)
{
	pg_reset();
	r = relay_seed(1);
}

static void buyers_message_makes_dialog_lane_and_delivery(void)
{
	struct message_in m = relay_text(&r, "m1", "Ещё продаёте?");

	fresh();
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"
				 " WHERE external_chat_id = 'chat-1'"
				 "  AND unread_count = 1 AND item_id = 77"
				 "  AND waiting_since IS NOT NULL"),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM lanes"
				 " WHERE direction = 'team' AND last_seq = 1"
				 "  AND due_at IS NOT NULL"),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE state = 'queued' AND seq = 1"),
			1);
}

static void same_message_twice_changes_nothing(void)
{
	struct message_in m = relay_text(&r, "m1", "Раз");

	fresh();
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_INT(relay_take(db, &m, message_take_buyer), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT unread_count FROM dialogs"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT last_seq FROM lanes"), 1);
}

static void deliveries_of_a_lane_are_numbered_in_order(void)
{
	struct message_in m1 = relay_text(&r, "m1", "Раз");
	struct message_in m2 = relay_text(&r, "m2", "Два");

	fresh();
	relay_take(db, &m1, message_take_buyer);
	relay_take(db, &m2, message_take_buyer);
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(m.text, ',' ORDER BY d.seq)"
				" FROM deliveries d JOIN messages m"
				" ON m.id = d.message_id"),
			"Раз,Два");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"), 1);
}

static void file_is_stored_with_its_message(void)
{
	struct message_file file = { .kind = "image",
				     .url = "https://img.example/1.jpg",
				     .width = 640,
				     .height = 480 };
	struct message_in m = relay_text(&r, "m1", "");

	fresh();
	m.kind = "image";
	m.files = &file;
	m.n_files = 1;
	relay_take(db, &m, message_take_buyer);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM attachments"
				 " WHERE width = 640 AND sha256 IS NULL"),
			1);
}

static void history_is_stored_and_not_relayed(void)
{
	struct message_in m = relay_text(&r, "m1", "Давно");

	fresh();
	m.history = true;
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 0);
	UNIT_ASSERT_INT(pg_count("SELECT unread_count FROM dialogs"), 0);
}

static void system_message_is_hidden_unless_the_project_wants_it(void)
{
	struct message_in m1 = relay_text(&r, "m1", "Смотрели телефон");
	struct message_in m2 = relay_text(&r, "m2", "Смотрели телефон");

	fresh();
	relay_take(db, &m1, message_take_system);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 0);
	pg_run("UPDATE projects SET hide_system_messages = false");
	relay_take(db, &m2, message_take_system);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"), 1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE author = 'system'"),
			2);
}

static void message_typed_in_the_app_is_the_sellers_and_answers(void)
{
	struct message_in m1 = relay_text(&r, "m1", "Продаёте?");
	struct message_in m2 = relay_text(&r, "m2", "Да");

	fresh();
	relay_take(db, &m1, message_take_buyer);
	CU_ASSERT_TRUE(relay_take(db, &m2, message_take_own) > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'team'"),
			2);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"
				 " WHERE waiting_since IS NULL"
				 "  AND unread_count = 0"),
			1);
}

/* An operator's answer on its way to the buyer, claimed and attempted. */
static struct delivery open_send(void)
{
	struct message_in m = relay_text(&r, "m1", "Продаёте?");
	struct claim c = { .due = 10,
			   .now = RELAY_NOW,
			   .lease_until = RELAY_NOW + 60000000 };
	struct attempt_new t = { .action = "avito.send_message",
				 .content = "Да" };
	struct delivery *list;
	struct err err = { 0 };
	size_t n;

	relay_take(db, &m, message_take_buyer);
	pg_run("UPDATE dialogs SET bot_id = (SELECT id FROM bots)");
	CU_ASSERT_TRUE(db_begin(db, &err));
	struct web_row w = {
		.client_id = r.client_id,
		.dialog_id = pg_count("SELECT id FROM dialogs"),
		.user_id = 5,
		.user_name = "Анна",
		.text = "Да",
		.now = RELAY_NOW,
	};
	int64_t id;
	CU_ASSERT_TRUE(message_take_web(db, &unit_arena, &w, &id, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	pg_run("UPDATE lanes SET due_at = NULL WHERE direction = 'team'");
	CU_ASSERT_TRUE(lanes_claim(db, &unit_arena, &c, &list, &n, &err));
	CU_ASSERT_EQUAL_FATAL(n, 1);
	t.d = &list[0];
	CU_ASSERT_TRUE(relay_begin(db, &t) > 0);
	return list[0];
}

/* As Avito's message m2. */
static bool arrived(const struct delivery *d)
{
	return relay_outcome(
		db, (struct outcome){ .d = d,
				      .lane = LANE_FREE,
				      .state = "done",
				      .copies = (const char *[]){ "m2" },
				      .n_copies = 1,
				      .place = "avito",
				      .place_id = r.account_id });
}

static void echo_of_a_known_copy_changes_nothing(void)
{
	struct delivery d;
	struct message_in echo = relay_text(&r, "m2", "Да");

	fresh();
	d = open_send();
	CU_ASSERT_TRUE(arrived(&d));
	UNIT_ASSERT_INT(relay_take(db, &echo, message_take_own), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE author = 'seller'"),
			0);
}

static void echo_before_the_answer_is_parked_and_then_absorbed(void)
{
	struct delivery d;
	struct message_in echo = relay_text(&r, "m2", "Да");

	fresh();
	d = open_send();
	CU_ASSERT_TRUE(relay_take(db, &echo, message_take_own) > 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries d"
				 " JOIN messages m ON m.id = d.message_id"
				 " WHERE m.author = 'seller'"),
			0);
	CU_ASSERT_TRUE(arrived(&d));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages"
				 " WHERE author = 'seller'"),
			0);
}

static void parked_message_of_another_hand_goes_to_the_team_afterwards(void)
{
	struct delivery d;
	struct message_in typed = relay_text(&r, "m3", "Другое");
	struct err err = { 0 };

	fresh();
	d = open_send();
	CU_ASSERT_TRUE(relay_take(db, &typed, message_take_own) > 0);
	CU_ASSERT_TRUE(messages_unpark(db, &unit_arena, r.client_id,
				       d.dialog_id, RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries d"
				 " JOIN messages m ON m.id = d.message_id"
				 " WHERE m.author = 'seller'"
				 "  AND NOT m.is_parked"),
			1);
}

/* A dialog with topic 5 of the client's bot. */
static void make_topic(void)
{
	struct message_in m = relay_text(&r, "m1", "Продаёте?");

	relay_take(db, &m, message_take_buyer);
	pg_run("UPDATE dialogs SET bot_id = (SELECT min(id) FROM bots),"
	       " topic_id = 5");
	pg_run("INSERT INTO dialog_topics SELECT client_id, -1001234567891,"
	       " 5, id, created_at FROM dialogs");
}

static struct topic_message answer(int64_t message_id)
{
	return (struct topic_message){
		.client_id = r.client_id,
		.bot_id = r.bot_id,
		.chat_id = RELAY_GROUP - 1,
		.topic_id = 5,
		.message_id = message_id,
		.update_id = 100 + message_id,
		.from_id = 9,
		.from_name = "Иван",
		.kind = "text",
		.text = "Да",
		.written_at = RELAY_NOW,
		.now = RELAY_NOW,
	};
}

static int64_t take_topic(const struct topic_message *m)
{
	struct err err = { 0 };
	int64_t id = -1;

	CU_ASSERT_TRUE(message_take_topic(db, &unit_arena, m, &id, &err));
	UNIT_ASSERT_STR(err.text, "");
	return id;
}

static void answer_in_a_topic_goes_to_the_buyer_once(void)
{
	struct topic_message m;

	fresh();
	make_topic();
	m = answer(55);
	CU_ASSERT_TRUE(take_topic(&m) > 0);
	UNIT_ASSERT_INT(take_topic(&m), 0);
	m.update_id++; /* the same message through another update */
	UNIT_ASSERT_INT(take_topic(&m), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT unread_count FROM dialogs"), 0);
}

static void only_the_topics_own_bot_acts(void)
{
	struct topic_message m;

	fresh();
	make_topic();
	m = answer(55);
	m.bot_id = r.bot_id + 1;
	UNIT_ASSERT_INT(take_topic(&m), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE direction = 'buyer'"),
			0);
}

static void linked_operators_only_when_the_project_says_so(void)
{
	struct topic_message m;

	fresh();
	make_topic();
	pg_run("UPDATE projects SET operators = 'linked'");
	m = answer(55);
	UNIT_ASSERT_INT(take_topic(&m), 0);
	pg_run("INSERT INTO users (client_id, login, name, role,"
	       " telegram_user_id, created_at)"
	       " SELECT id, 'ivan', 'Иван', 'manager', 9, created_at"
	       " FROM clients");
	m = answer(56);
	CU_ASSERT_TRUE(take_topic(&m) > 0);
}

/* The answer to our send was still on its way when somebody quoted it. */
static void a_quote_is_learnt_when_what_it_means_is_written_down(void)
{
	struct message_in m = relay_text(&r, "m2", "Об этом");
	struct delivery d = { .quote_copies = "", .origin = "avito" };
	struct err err = { 0 };

	fresh();
	make_topic();
	m.quote_id = "a9";
	d.message_id = relay_take(db, &m, message_take_buyer);
	d.client_id = r.client_id;
	d.origin_id = r.account_id;
	d.dialog_id = pg_count("SELECT min(id) FROM dialogs");
	d.quote_id = "a9";
	CU_ASSERT_TRUE(quote_learn(db, &unit_arena, &d, &err));
	UNIT_ASSERT_INT(d.quote_message_id, 0);
	pg_run("INSERT INTO message_copies SELECT client_id, min(id), 'avito',"
	       " min(origin_id), 0, 'a9', min(created_at) FROM messages"
	       " GROUP BY client_id");
	pg_run("INSERT INTO message_copies SELECT client_id, min(id),"
	       " 'telegram', -5, 0, '77', min(created_at) FROM messages"
	       " GROUP BY client_id");
	CU_ASSERT_TRUE(quote_learn(db, &unit_arena, &d, &err));
	UNIT_ASSERT_STR(delivery_quote(&unit_arena, &d, "telegram", -5), "77");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM messages WHERE"
				 " quote_message_id IS NOT NULL"),
			1);
}

static void web_message_goes_both_ways_and_once_per_reference(void)
{
	struct message_in m = relay_text(&r, "m1", "Продаёте?");
	struct err err = { 0 };
	int64_t first, second;

	fresh();
	relay_take(db, &m, message_take_buyer);
	struct web_row w = {
		.client_id = r.client_id,
		.dialog_id = pg_count("SELECT id FROM dialogs"),
		.user_id = 5,
		.user_name = "Анна",
		.text = "Да",
		.client_ref = "ref-1",
		.now = RELAY_NOW,
	};
	CU_ASSERT_TRUE(message_take_web(db, &unit_arena, &w, &first, &err));
	CU_ASSERT_TRUE(message_take_web(db, &unit_arena, &w, &second, &err));
	CU_ASSERT_EQUAL(first, second);
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(direction, ','"
				" ORDER BY direction) FROM deliveries"
				" WHERE message_id = (SELECT id FROM messages"
				"  WHERE origin = 'web')"),
			"buyer,team");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(buyers_message_makes_dialog_lane_and_delivery),
		UNIT_TEST(same_message_twice_changes_nothing),
		UNIT_TEST(deliveries_of_a_lane_are_numbered_in_order),
		UNIT_TEST(file_is_stored_with_its_message),
		UNIT_TEST(history_is_stored_and_not_relayed),
		UNIT_TEST(system_message_is_hidden_unless_the_project_wants_it),
		UNIT_TEST(message_typed_in_the_app_is_the_sellers_and_answers),
		UNIT_TEST(echo_of_a_known_copy_changes_nothing),
		UNIT_TEST(echo_before_the_answer_is_parked_and_then_absorbed),
		UNIT_TEST(
			parked_message_of_another_hand_goes_to_the_team_afterwards),
		UNIT_TEST(answer_in_a_topic_goes_to_the_buyer_once),
		UNIT_TEST(only_the_topics_own_bot_acts),
		UNIT_TEST(linked_operators_only_when_the_project_says_so),
		UNIT_TEST(a_quote_is_learnt_when_what_it_means_is_written_down),
		UNIT_TEST(web_message_goes_both_ways_and_once_per_reference),
	};
	int status;

	pg_start();
	r = relay_seed(1);
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("message", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
