/*
 * settings.c - how the stand-ins behave where the real ones leave a choice.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/text.h"
#include "sandbox/settings.h"

struct settings set;

struct setting {
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *def;
	int64_t min, max;
	const char *choices; /* CONF_STR: "a|b"; NULL: any text */
	const char *help;
	bool fixed; /* since the start */
};

#define INT(name, def, min, max, help)                                      \
	{                                                                   \
#name, CONF_INT, offsetof(struct settings, name), def, min, \
			max, NULL, help, false                              \
	}
#define FIXED(name, def, min, max, help)                                    \
	{                                                                   \
#name, CONF_INT, offsetof(struct settings, name), def, min, \
			max, NULL, help, true                               \
	}
#define BOOL(name, def, help)                                                 \
	{                                                                     \
#name, CONF_BOOL, offsetof(struct settings, name), def, 0, 0, \
			NULL, help, false                                     \
	}
#define WORD(name, def, choices, help)                                       \
	{                                                                    \
#name, CONF_STR, offsetof(struct settings, name), def, 0, 0, \
			choices, help, false                                 \
	}

#define DAY_S   86400
#define HOUR_MS 3600000

static const struct setting table[] = {
	FIXED(port, "0", 0, 65535, "TCP port on 127.0.0.1; 0: a free one"),
	FIXED(journal_max, "20000", 100, 1000000,
	      "entries kept in each journal"),
	WORD(webhook_route, "", NULL,
	     "FROM=TO: webhook URLs that begin with FROM go to TO, so that "
	     "https://name.test/ can lead to a loopback address"),

	INT(avito_expired_status, "403", 401, 403,
	    "status for an expired access token"),
	INT(avito_bad_secret_status, "401", 400, 403,
	    "status of /token for a wrong secret"),
	BOOL(avito_tokens_coexist, "true",
	     "false: a new token ends the older ones"),
	INT(avito_token_ttl_s, "86400", 1, 30 * DAY_S,
	    "life of an access token, seconds"),
	BOOL(avito_many_subscriptions, "false",
	     "false: the last subscriber pushes out the one before"),
	INT(avito_webhook_timeout_ms, "2000", 10, HOUR_MS,
	    "time for a webhook's answer"),
	INT(avito_webhook_attempts, "3", 1, 1000,
	    "how often a webhook is tried"),
	INT(avito_webhook_spacing_ms, "1000", 0, HOUR_MS,
	    "pause before each further try"),
	INT(avito_webhook_delay_ms, "0", 0, HOUR_MS,
	    "a webhook leaves so long after its message"),
	WORD(avito_webhook_order, "chat", "chat|parallel|newest_first",
	     "chat: in order within a chat; parallel: each on its own; "
	     "newest_first: those that wait go out in reverse"),
	INT(avito_webhook_copies, "1", 0, 100,
	    "each webhook is sent so often; 0: never"),
	BOOL(avito_webhook_same_envelope, "true",
	     "false: each try and copy has its own envelope id"),
	INT(avito_webhook_disable_after, "0", 0, 100000,
	    "failed webhooks in a row that end a subscription; 0: none do"),
	BOOL(avito_webhook_signature, "true",
	     "send x-avito-messenger-signature (its key is unknown)"),
	BOOL(avito_webhook_test_call, "false",
	     "subscribing sends {} to the URL"),
	INT(avito_rate_per_minute, "0", 0, 1000000,
	    "messenger calls per minute and account; 0: no limit"),
	INT(avito_items_rate_per_minute, "0", 0, 1000000,
	    "item list calls per minute and account; 0: no limit"),
	INT(avito_item_rate_per_minute, "0", 0, 1000000,
	    "single item calls per minute and account; 0: no limit"),
	BOOL(avito_retry_after, "true", "429 carries Retry-After"),
	WORD(avito_read_name, "is_read", "is_read|isRead|none",
	     "name of the read flag in the history"),
	WORD(avito_echo, "after", "after|before|none",
	     "webhook of an own message: after the answer to its send, before "
	     "it (the answer waits for the webhook's), or not at all"),
	INT(avito_echo_delay_ms, "20", 0, HOUR_MS,
	    "with avito_echo=after: pause between answer and webhook"),
	BOOL(avito_send_marks_read, "false", "a send marks the chat read"),
	WORD(avito_text_unit, "points", "points|units",
	     "what the 1000 characters of a text are: code points or UTF-16 "
	     "units"),
	BOOL(avito_accepts_blank, "false", "blank texts are accepted"),
	WORD(avito_list_shape, "object", "object|array",
	     "message list: {\"messages\":[...]} or a bare array"),
	WORD(avito_u2u_context, "absent", "null|absent",
	     "context of chats without an ad"),
	WORD(avito_deleted_as, "text", "text|deleted",
	     "a message its author removed: type text with Avito's words, or "
	     "type deleted"),
	INT(avito_late_delete_status, "400", 400, 409,
	    "status for deleting a message older than an hour"),
	INT(avito_voice_link_s, "3600", 1, 30 * DAY_S,
	    "life of a voice link, seconds"),
	INT(avito_image_link_s, "0", 0, 30 * DAY_S,
	    "life of an image link, seconds; 0: for ever"),
	INT(avito_image_id_s, "0", 0, 30 * DAY_S,
	    "an uploaded image can be sent for so long, seconds; 0: for ever"),
	WORD(avito_buyer_ids, "same", "same|per_account",
	     "is a buyer's id the same towards every account?"),
	INT(avito_history_max, "0", 0, 1000000,
	    "newest messages of a chat that can be read; 0: all"),

	BOOL(telegram_rate_limits, "false", "the limits below are in force"),
	INT(telegram_rate_chat_per_minute, "60", 1, 1000000,
	    "messages to one person"),
	INT(telegram_rate_group_per_minute, "20", 1, 1000000,
	    "messages to one group"),
	INT(telegram_rate_per_s, "30", 1, 1000000,
	    "messages of one bot to all chats"),
	INT(telegram_webhook_timeout_ms, "60000", 10, HOUR_MS,
	    "time for a webhook's answer"),
	INT(telegram_webhook_backoff_ms, "2000", 0, HOUR_MS,
	    "pause before the second repeat (the first comes at once); it "
	    "doubles each time"),
	INT(telegram_webhook_backoff_max_ms, "60000", 0, HOUR_MS,
	    "the longest such pause"),
	INT(telegram_update_life_s, "86400", 1, 30 * DAY_S,
	    "an update that cannot be delivered dies after so many seconds"),
	INT(telegram_callback_life_s, "150", 1, DAY_S,
	    "the same for callback queries, and for answering them"),
	BOOL(telegram_https_only, "false",
	     "setWebhook takes https and ports 443, 80, 88, 8443 only"),
	BOOL(telegram_closed_for_admins, "false",
	     "administrators get TOPIC_CLOSED, too"),
	BOOL(telegram_answer_twice_fails, "true",
	     "a second answerCallbackQuery fails"),
	WORD(telegram_cross_topic_reply, "refuse", "refuse|drop",
	     "a reply to a message of another topic: 400, or sent without "
	     "the reply"),
	BOOL(telegram_private_reactions, "true",
	     "bots are told of reactions in private chats"),
	BOOL(telegram_business_echo, "true",
	     "what a bot sends, edits and deletes for an account comes back "
	     "as an update"),
};

static struct settings first; /* what settings_reset() goes back to */
static struct arena texts;    /* of settings changed while running */

static void *at(const struct setting *s)
{
	return (char *)&set + s->offset;
}

static const char **text_at(const struct setting *s)
{
	return at(s);
}

static bool is_choice(const struct setting *s, const char *word)
{
	size_t len = strlen(word);
	const char *p = s->choices;

	while (p) {
		if (strncmp(p, word, len) == 0 && (p[len] == '|' || !p[len]))
			return len > 0;
		p = strchr(p, '|');
		p = p ? p + 1 : NULL;
	}
	return !s->choices;
}

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

/* The same name as in the environment and in files: SANDBOX_AVITO_ECHO. */
static const char *file_name(struct arena *a, const char *name)
{
	char *s = arena_printf(a, "SANDBOX_%s", name);

	for (char *p = s; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return s;
}

bool settings_load(struct arena *a, const char *path, struct buf *report)
{
	struct conf_key keys[ARRAY_LEN(table)] = { 0 };
	bool ok;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct setting *s = &table[i];

		keys[i] = (struct conf_key){ file_name(a, s->name),
					     s->type,
					     s->offset,
					     s->def,
					     s->min,
					     s->max,
					     s->help };
	}
	ok = conf_load(a, keys, ARRAY_LEN(keys), path, &set, report);
	for (size_t i = 0; ok && i < ARRAY_LEN(table); i++) {
		const struct setting *s = &table[i];

		if (s->type == CONF_STR && !is_choice(s, *text_at(s))) {
			buf_addf(report, "%s: must be one of %s\n",
				 keys[i].name, s->choices);
			ok = false;
		}
	}
	return ok;
}

static bool check(const struct setting *s, struct json_object *v,
		  struct err *err)
{
	int64_t n;

	switch (s->type) {
	case CONF_INT:
		n = json_object_get_int64(v);
		if (!json_object_is_type(v, json_type_int) || n < s->min ||
		    n > s->max)
			return err_field(err, s->name,
					 "%s must be a whole number from %lld "
					 "to %lld",
					 s->name, (long long)s->min,
					 (long long)s->max);
		return true;
	case CONF_BOOL:
		if (!json_object_is_type(v, json_type_boolean))
			return err_field(err, s->name,
					 "%s must be true or false", s->name);
		return true;
	default:
		if (!json_object_is_type(v, json_type_string) ||
		    !is_choice(s, json_object_get_string(v)))
			return err_field(err, s->name, "%s must be one of %s",
					 s->name,
					 s->choices ? s->choices : "text");
		return true;
	}
}

static void apply(const struct setting *s, struct json_object *v)
{
	if (s->type == CONF_INT)
		*(int64_t *)at(s) = json_object_get_int64(v);
	else if (s->type == CONF_BOOL)
		*(bool *)at(s) = json_object_get_boolean(v);
	else
		*text_at(s) = arena_str(&texts, json_object_get_string(v));
}

bool settings_patch(struct json_object *o, struct err *err)
{
	json_object_object_foreach(o, name, v)
	{
		const struct setting *s = find(name);

		if (!s || s->fixed)
			return err_field(err, name,
					 "%s is no setting that can change",
					 name);
		if (!check(s, v, err))
			return false;
	}
	json_object_object_foreach(o, again, value) apply(find(again), value);
	return true;
}

bool settings_assign(const char *pair, struct err *err)
{
	struct arena a = { 0 };
	const char *eq = strchr(pair, '=');
	const char *name, *text;
	const struct setting *s;
	struct json_object *v = NULL;
	bool ok;

	if (!eq)
		return err_set(err, ERR_INPUT, "%s: expected NAME=VALUE", pair);
	name = arena_strn(&a, pair, (size_t)(eq - pair));
	text = eq + 1;
	s = find(name);
	if (!s) {
		err_set(err, ERR_INPUT, "%s: no such setting", name);
		arena_release(&a);
		return false;
	}
	if (s->type == CONF_STR)
		v = json_object_new_string(text);
	else
		v = json_tokener_parse(text);
	ok = check(s, v, err);
	if (ok)
		apply(s, v);
	json_object_put(v);
	arena_release(&a);
	return ok;
}

void settings_keep(void)
{
	first = set;
}

void settings_reset(void)
{
	int64_t port = set.port;

	set = first;
	set.port = port;
}

struct json_object *settings_json(void)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct setting *s = &table[i];

		if (s->type == CONF_INT)
			json_put_i64(o, s->name, *(int64_t *)at(s));
		else if (s->type == CONF_BOOL)
			json_put_bool(o, s->name, *(bool *)at(s));
		else
			json_put_str(o, s->name, *text_at(s));
	}
	return o;
}

void settings_describe(struct buf *b)
{
	buf_add_str(b, "| setting | default | meaning |\n"
		       "| --- | --- | --- |\n");
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		buf_addf(b, "| `%s` | %s%s%s | %s |\n", table[i].name,
			 *table[i].def ? "`" : "",
			 *table[i].def ? table[i].def : "empty",
			 *table[i].def ? "`" : "", table[i].help);
}

void settings_release(void)
{
	arena_release(&texts);
}
