/*
 * fuzz_avito_hook.c - any bytes as Avito's webhook and as its replies.
 */
#include "config.h"

#include "base/text.h"
#include "chan/avito.h"
#include "fuzz/message.h"
#include "harness/fuzz.h"

#define USER 30001

static void read_hook(struct arena *a, const char *s, size_t len)
{
	struct avito_hook hook;
	struct json_object *body;
	struct err err = { 0 };

	if (!json_read_clean(a, s, len, &body, &err))
		return;
	if (!avito_hook_read(a, body, &hook, &err)) {
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
		return;
	}
	if (!hook.is_message)
		return;
	FUZZ_CHECK(hook.user_id > 0);
	check_message(&hook.m);
	FUZZ_CHECK(says_something(&hook.m));
}

static void read_lists(struct arena *a, const struct http_reply *reply)
{
	struct chan_message *messages;
	struct avito_chat *chats;
	enum chan_trouble trouble;
	const char **urls;
	struct err err = { 0 };
	size_t n;

	if (avito_messages_read(a, reply, "c", USER, &messages, &n, &trouble,
				&err))
		for (size_t i = 0; i < n; i++)
			check_message(&messages[i]);
	if (avito_chats_read(a, reply, USER, &chats, &n, &trouble, &err))
		for (size_t i = 0; i < n; i++)
			FUZZ_CHECK(*chats[i].id && chats[i].buyer_name &&
				   chats[i].item_image && chats[i].last_id);
	if (avito_subscriptions_read(a, reply, &urls, &n, &trouble, &err))
		for (size_t i = 0; i < n; i++)
			FUZZ_CHECK(*urls[i]);
}

static void read_replies(struct arena *a, const struct http_reply *reply)
{
	struct avito_token token;
	struct avito_self self;
	struct avito_chat chat;
	struct chan_sent sent;
	enum chan_trouble trouble;
	const char *url;
	struct err err = { 0 };

	read_lists(a, reply);
	avito_token_read(a, reply, &token, &err);
	avito_self_read(a, reply, &self, &trouble, &err);
	avito_chat_read(a, reply, USER, &chat, &trouble, &err);
	avito_voice_read(a, reply, "v", &url, &trouble, &err);
	avito_done_read(a, reply, &trouble, &err);
	chan_avito.upload_read(a, reply, &sent, &err);
	if (!chan_avito.send_read(a, reply, &sent, &err))
		FUZZ_CHECK(err.kind != ERR_NONE && *err.text && !sent.id &&
			   text_is_utf8(err.text, strlen(err.text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const int statuses[] = { 200, 400, 403, 429, 503 };
	static struct arena a;
	const char *s = arena_strn(&a, (const char *)bytes, len);

	read_hook(&a, s, len);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		read_replies(&a, &(struct http_reply){ .end = HTTP_ANSWERED,
						       .status = statuses[i],
						       .body = s,
						       .len = len,
						       .mime = "" });
	arena_reset(&a);
	return 0;
}
