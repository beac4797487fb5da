/*
 * fuzz_telegram_update.c - any bytes as Telegram's update and as its replies.
 */
#include "config.h"

#include "base/text.h"
#include "chan/telegram.h"
#include "fuzz/message.h"
#include "harness/fuzz.h"

static void check_business(const struct tg_update *u)
{
	bool is_business =
		u->kind >= TG_CONNECTION && u->kind <= TG_BUSINESS_DELETED;

	check_text(u->connection);
	check_text(u->chat_name);
	check_text(u->business.user_name);
	FUZZ_CHECK(!is_business || *u->connection);
	FUZZ_CHECK(u->kind != TG_CONNECTION || u->business.user_id > 0);
	FUZZ_CHECK(u->kind != TG_BUSINESS_DELETED || u->n_deleted > 0);
	for (size_t i = 0; i < u->n_deleted; i++)
		FUZZ_CHECK(u->deleted[i] > 0);
}

static void read_update(struct arena *a, const char *s, size_t len)
{
	struct tg_update u;
	struct json_object *body;
	struct err err = { 0 };

	if (!json_read_clean(a, s, len, &body, &err))
		return;
	if (!tg_update_read(a, body, &u, &err)) {
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
		return;
	}
	FUZZ_CHECK(u.chat_type && u.chat_title && u.from_name &&
		   u.from_username && u.member_status && u.callback_data);
	FUZZ_CHECK(u.kind == TG_OTHER || u.update_id > 0);
	FUZZ_CHECK(u.topic >= 0 && u.reply_to >= 0);
	if (u.command)
		FUZZ_CHECK(u.command[0] == '/' && u.command[1]);
	if (u.kind == TG_MESSAGE || u.kind == TG_EDITED ||
	    u.kind == TG_BUSINESS_MESSAGE || u.kind == TG_BUSINESS_EDITED)
		check_message(&u.m);
	check_business(&u);
	tg_topic_link(a, u.chat_id, u.topic);
}

static void read_replies(struct arena *a, const struct http_reply *reply)
{
	enum chan_trouble trouble;
	struct tg_connection connection;
	struct tg_member member;
	struct chan_sent sent;
	struct tg_chat chat;
	struct tg_me me;
	const char *path;
	struct err err = { 0 };
	int64_t topic;

	tg_get_me_read(a, reply, &me, &trouble, &err);
	tg_get_chat_read(a, reply, &chat, &trouble, &err);
	tg_get_member_read(a, reply, &member, &trouble, &err);
	tg_get_file_read(a, reply, &path, &trouble, &err);
	tg_create_topic_read(a, reply, &topic, &sent, &err);
	if (tg_get_connection_read(a, reply, &connection, &trouble, &err))
		FUZZ_CHECK(*connection.id && connection.user_id > 0);
	if (!chan_telegram.send_read(a, reply, &sent, &err))
		FUZZ_CHECK(err.kind != ERR_NONE && *err.text && !sent.id &&
			   text_is_utf8(err.text, strlen(err.text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const int statuses[] = { 200, 400, 429, 502 };
	static struct arena a;
	const char *s = arena_strn(&a, (const char *)bytes, len);

	read_update(&a, s, len);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		read_replies(&a, &(struct http_reply){ .end = HTTP_ANSWERED,
						       .status = statuses[i],
						       .body = s,
						       .len = len,
						       .mime = "" });
	arena_reset(&a);
	return 0;
}
