/*
 * test_dialog.c - dialogs, their messages and deliveries as people see them.
 */
#include "config.h"

#include <inttypes.h>

#include "base/secret.h"
#include "core/as.h"
#include "core/dialog.h"
#include "core/send.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/delivery_list.h"
#include "store/message_list.h"

static struct relay ours, other;

/* A dialog at `minutes` past RELAY_NOW with one message of its buyer. */
static void add(const struct relay *r, const char *chat, const char *text,
		int minutes)
{
	struct message_in m = relay_text(r, chat, text);

	m.chat = chat;
	m.buyer_id = chat;
	m.written_at += minutes * INT64_C(60000000);
	CU_ASSERT_NOT_EQUAL(relay_take(as_db, &m, message_take_buyer), 0);
}

static void fresh(void)
{
	struct db *super = db_new(pg_url(PG_DAEMON), "test_dialog", 20000);
	struct db *web;

	as_setup();
	ours = relay_seed(1);
	other = relay_seed(2);
	/* Messages come in by the daemon. */
	web = as_db;
	as_db = super;
	add(&ours, "chat-a", "first", 0);
	add(&ours, "chat-b", "second", 1);
	add(&other, "chat-c", "foreign", 2);
	as_db = web;
	db_free(super);
}

static int64_t dialog_of(const char *chat)
{
	return pg_count(arena_printf(&unit_arena,
				     "SELECT id FROM dialogs WHERE"
				     " external_chat_id = '%s'",
				     chat));
}

/* The chats of a list, "a,b". */
static const char *chats(struct dialog_filter f)
{
	const char *text = "";
	struct dialog *list;
	size_t n = 0;

	f.client_id = ours.client_id;
	f.limit = f.limit ? f.limit : 9;
	as_begin(ours.client_id);
	CU_ASSERT_TRUE(
		dialogs_list(as_db, &unit_arena, &f, &list, &n, &as_err));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(&unit_arena, "%s%s%s", text, i ? "," : "",
				    list[i].external_chat_id);
	as_end(true);
	return text;
}

static void the_newest_dialog_comes_first(void)
{
	fresh();
	UNIT_ASSERT_STR(chats((struct dialog_filter){ 0 }), "chat-b,chat-a");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .limit = 1 }), "chat-b");
	UNIT_ASSERT_STR(chats((struct dialog_filter){
				.before_at = RELAY_NOW + 60000000,
				.before_id = dialog_of("chat-b") }),
			"chat-a");
}

static void filters_narrow_the_list(void)
{
	fresh();
	pg_run("UPDATE dialogs SET buyer_name = 'Иван 100%', status = 'closed',"
	       " unread_count = 0 WHERE external_chat_id = 'chat-a'");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .status = "closed" }),
			"chat-a");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .by_unread = true,
						      .unread = true }),
			"chat-b");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .q = "иван" }), "chat-a");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .q = "0%" }), "chat-a");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .q = "_" }), "");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .q = "chat-b" }),
			"chat-b");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .q = "77" }),
			"chat-b,chat-a");
	UNIT_ASSERT_STR(
		chats((struct dialog_filter){ .project_id = other.project_id }),
		"");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .assignee_id = 5 }), "");
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .unassigned = true }),
			"chat-b,chat-a");
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

static bool assign(int64_t dialog_id, const char *status, int64_t assignee)
{
	struct dialog d;
	bool ok;

	as_begin(ours.client_id);
	ok = dialog_lock(as_db, &unit_arena, ours.client_id, 0, dialog_id, &d,
			 &as_err);
	d.status = status;
	d.assignee_id = assignee;
	return as_end(ok && dialog_change(as_db, &unit_arena, &d, RELAY_NOW,
					  &as_problems, &as_err));
}

static void a_dialog_is_assigned_to_a_user_of_the_client(void)
{
	int64_t anna, olga, id;

	fresh();
	anna = add_user(ours.client_id, "anna");
	olga = add_user(other.client_id, "olga");
	id = dialog_of("chat-a");
	CU_ASSERT_TRUE(assign(id, "closed", anna));
	UNIT_ASSERT_STR(chats((struct dialog_filter){ .assignee_id = anna }),
			"chat-a");
	CU_ASSERT_FALSE(assign(id, "ajar", olga));
	UNIT_ASSERT_STR(as_bad_fields(), "status,assignee_id");
	pg_run("UPDATE users SET disabled_at = now()");
	CU_ASSERT_FALSE(assign(id, "open", anna));
	UNIT_ASSERT_STR(as_bad_fields(), "assignee_id");
}

static void a_dialog_of_somebody_else_is_missing(void)
{
	struct dialog d;

	fresh();
	as_begin(ours.client_id);
	CU_ASSERT_FALSE(dialog_find(as_db, &unit_arena, ours.client_id, 0,
				    dialog_of("chat-c"), &d, &as_err));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_err = (struct err){ 0 };
	CU_ASSERT_FALSE(dialog_find(as_db, &unit_arena, ours.client_id, 5,
				    dialog_of("chat-a"), &d, &as_err));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_end(false);
}

static bool send(const char *chat, const char *text, const char *ref,
		 int64_t *id)
{
	struct web_row m = {
		.client_id = ours.client_id,
		.dialog_id = dialog_of(chat),
		.user_id = 5,
		.user_name = "Anna",
		.text = text,
		.client_ref = ref,
		.now = RELAY_NOW,
	};

	as_begin(ours.client_id);
	return as_end(
		send_from_web(as_db, &unit_arena, &m, NULL, 0, id, &as_err));
}

static void a_web_message_goes_both_ways_once(void)
{
	int64_t first, again;

	fresh();
	CU_ASSERT_TRUE(send("chat-a", "Hello", "ref-1", &first));
	CU_ASSERT_TRUE(send("chat-a", "Hello", "ref-1", &again));
	CU_ASSERT_EQUAL(first, again);
	UNIT_ASSERT_STR(pg_text(arena_printf(
				&unit_arena,
				"SELECT string_agg(direction, ',' ORDER BY"
				" direction) FROM deliveries WHERE message_id ="
				" %" PRId64,
				first)),
			"buyer,team");
	CU_ASSERT_FALSE(send("chat-b", "Hello", "ref-1", &again));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
}

static void a_web_message_is_checked(void)
{
	char text[SEND_TEXT_MAX + 2];
	int64_t id;

	fresh();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CU_ASSERT_FALSE(send("chat-a", " \n", NULL, &id));
	UNIT_ASSERT_STR(as_err.field, "text");
	CU_ASSERT_FALSE(send("chat-a", text, NULL, &id));
	UNIT_ASSERT_STR(as_err.field, "text");
	CU_ASSERT_TRUE(send("chat-a", text + 1, NULL, &id));
	CU_ASSERT_FALSE(send("chat-a", "x", "", &id));
	UNIT_ASSERT_STR(as_err.field, "client_ref");
	CU_ASSERT_FALSE(send("chat-c", "x", NULL, &id));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

/* "text=status" of a dialog's messages, in order. */
static const char *messages(const char *chat, int64_t before, int limit)
{
	const char *text = "";
	struct message_line *list;
	size_t n = 0;

	as_begin(ours.client_id);
	CU_ASSERT_TRUE(messages_list(as_db, &unit_arena, ours.client_id,
				     dialog_of(chat), before, limit, &list, &n,
				     &as_err));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(&unit_arena, "%s%s%s=%s", text,
				    i ? "," : "", list[i].text, list[i].status);
	as_end(true);
	return text;
}

static void messages_tell_the_worst_of_their_ways(void)
{
	int64_t id;

	fresh();
	CU_ASSERT_TRUE(send("chat-a", "Hello", NULL, &id));
	UNIT_ASSERT_STR(messages("chat-a", 0, 9), "first=queued,Hello=queued");
	UNIT_ASSERT_STR(messages("chat-a", 0, 1), "Hello=queued");
	UNIT_ASSERT_STR(messages("chat-a", id, 1), "first=queued");
	pg_run("UPDATE deliveries SET state = 'done' WHERE direction = 'team'");
	UNIT_ASSERT_STR(messages("chat-a", 0, 9),
			"first=delivered,Hello=queued");
	pg_run("UPDATE deliveries SET state = 'dead', last_error = 'blocked'"
	       " WHERE direction = 'buyer'");
	UNIT_ASSERT_STR(messages("chat-a", id, 9), "first=delivered");
	UNIT_ASSERT_STR(messages("chat-a", 0, 9), "first=delivered,Hello=dead");
}

static void a_message_shows_files_and_copies(void)
{
	struct message_line m;
	int64_t id;

	fresh();
	CU_ASSERT_TRUE(send("chat-a", "Hello", NULL, &id));
	pg_run(arena_printf(&unit_arena,
			    "INSERT INTO attachments (client_id, message_id,"
			    " kind) VALUES (%" PRId64 ", %" PRId64 ", 'photo');"
			    "INSERT INTO message_copies (client_id, message_id,"
			    " place, place_id, part, external_id, created_at)"
			    " VALUES (%" PRId64 ", %" PRId64
			    ", 'avito', 3, 0, 'x', now())",
			    ours.client_id, id, ours.client_id, id));
	as_begin(ours.client_id);
	CU_ASSERT_TRUE(message_find(as_db, &unit_arena, ours.client_id, id, &m,
				    &as_err));
	CU_ASSERT_PTR_NOT_NULL(strstr(m.files, "\"photo\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(m.copies, "\"avito\""));
	CU_ASSERT_PTR_NULL(m.error);
	CU_ASSERT_FALSE(message_find(as_db, &unit_arena, other.client_id, id,
				     &m, &as_err));
	as_end(false);
}

static void deliveries_are_listed_with_text_and_ledger(void)
{
	struct delivery_filter f = { .client_id = ours.client_id, .limit = 9 };
	struct delivery_line *list, one;
	struct attempt_line *attempts;
	size_t n;

	fresh();
	as_begin(ours.client_id);
	CU_ASSERT_TRUE(
		deliveries_list(as_db, &unit_arena, &f, &list, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 2);
	UNIT_ASSERT_STR(list[0].text, "second");
	f.before = list[0].id;
	f.state = "queued";
	CU_ASSERT_TRUE(
		deliveries_list(as_db, &unit_arena, &f, &list, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 1);
	UNIT_ASSERT_STR(list[0].text, "first");
	f.assignee_id = 5;
	CU_ASSERT_TRUE(
		deliveries_list(as_db, &unit_arena, &f, &list, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 0);
	CU_ASSERT_TRUE(delivery_find(as_db, &unit_arena, ours.client_id, 0,
				     f.before, &one, &as_err));
	CU_ASSERT_TRUE(delivery_attempts(as_db, &unit_arena, &one, &attempts,
					 &n, &as_err));
	UNIT_ASSERT_INT((int)n, 0);
	CU_ASSERT_FALSE(delivery_find(as_db, &unit_arena, other.client_id, 0,
				      f.before, &one, &as_err));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_end(false);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_newest_dialog_comes_first),
		UNIT_TEST(filters_narrow_the_list),
		UNIT_TEST(a_dialog_is_assigned_to_a_user_of_the_client),
		UNIT_TEST(a_dialog_of_somebody_else_is_missing),
		UNIT_TEST(a_web_message_goes_both_ways_once),
		UNIT_TEST(a_web_message_is_checked),
		UNIT_TEST(messages_tell_the_worst_of_their_ways),
		UNIT_TEST(a_message_shows_files_and_copies),
		UNIT_TEST(deliveries_are_listed_with_text_and_ledger),
	};

	secret_init();
	pg_start();
	return unit_main("dialog", tests, ARRAY_LEN(tests), argc, argv);
}
