/*
 * bot.c - the rules for Telegram bots.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/bot.h"
#include "store/lane.h"
#include "store/master_bot.h"
#include "store/notice.h"
#include "store/task.h"

#define WEBHOOK_SECRET_BYTES  32
#define TOKEN_COLUMN          "bots.token"
#define WEBHOOK_SECRET_COLUMN "bots.webhook_secret"

static void take_token(struct arena *a, struct bot *b, struct secret token,
		       struct problems *problems)
{
	int64_t id = tg_token_id(token);

	if (!id) {
		problems_add(problems, "token",
			     "must be a bot token as @BotFather gives it, "
			     "like 123456789:AA…");
		return;
	}
	if (b->telegram_id && b->telegram_id != id) {
		problems_add(problems, "token",
			     "belongs to another bot; add that one as a new "
			     "bot");
		return;
	}
	b->telegram_id = id;
	b->token_sealed = seal(a, TOKEN_COLUMN, token);
	b->token_tail = secret_tail(a, token);
}

static void check_group(const struct bot *b, struct problems *problems)
{
	if (b->group_chat_id > 0)
		problems_add(problems, "group_chat_id",
			     "must be a group's id, which is negative; /getid "
			     "in the group tells it");
}

static void new_webhook_secret(struct arena *a, struct bot *b)
{
	struct secret s = secret_random(a, WEBHOOK_SECRET_BYTES);

	b->webhook_secret_sealed = seal(a, WEBHOOK_SECRET_COLUMN, s);
	b->webhook_secret_hash = secret_hash(a, s);
}

static bool leave_task(struct db *db, struct arena *a, const struct bot *b,
		       const char *kind, const char *args, int64_t now,
		       struct err *err)
{
	struct task t = {
		.client_id = b->client_id,
		.kind = kind,
		.subject_id = b->id,
		.args = args,
		.due_at = now,
		.request_id = log_id(),
	};

	return task_add(db, a, &t, err);
}

static bool leave_check(struct db *db, struct arena *a, const struct bot *b,
			int64_t now, struct err *err)
{
	return leave_task(db, a, b, "bot.check", NULL, now, err) &&
	       leave_task(db, a, b, "bot.webhook", NULL, now, err);
}

static void taken(struct err *err, const char *field, const char *text)
{
	err_field(err, field, "%s", text);
	err->kind = ERR_CONFLICT;
}

/* What the constraints' names mean to people. */
static bool explain(struct err *err)
{
	if (err->kind != ERR_CONFLICT)
		return false;
	if (strcmp(err->field, "bots_telegram_id") == 0)
		taken(err, "token",
		      "this bot is already connected in this installation");
	else if (strcmp(err->field, "bots_group") == 0)
		taken(err, "group_chat_id",
		      "this group is bound to a bot of another client");
	return false;
}

/* Its updates would come here no more. */
static bool check_no_master(struct db *db, struct arena *a, const struct bot *b,
			    struct err *err)
{
	struct master_bot master;

	if (!master_bot_find(db, a, &master, err))
		return false;
	if (master.telegram_id != b->telegram_id)
		return true;
	taken(err, "token",
	      "this is the bot by which people sign in here; take another one "
	      "for the group");
	return false;
}

bool bot_add(struct db *db, struct arena *a, struct bot *b, struct secret token,
	     int64_t now, struct problems *problems, struct err *err)
{
	b->telegram_id = 0;
	b->status = "checking";
	b->created_at = b->updated_at = now;
	take_token(a, b, token, problems);
	check_group(b, problems);
	if (!problems_none(problems, err))
		return false;
	new_webhook_secret(a, b);
	return check_no_master(db, a, b, err) &&
	       (bot_insert(db, a, b, err) || explain(err)) &&
	       leave_check(db, a, b, now, err);
}

bool bot_change(struct db *db, struct arena *a, const struct bot *before,
		struct bot *b, struct secret token, int64_t now,
		struct problems *problems, struct err *err)
{
	bool regrouped = b->group_chat_id != before->group_chat_id;
	bool recheck =
		token.len || regrouped || b->topic_mode != before->topic_mode;

	if (token.len)
		take_token(a, b, token, problems);
	check_group(b, problems);
	if (!problems_none(problems, err))
		return false;
	if (regrouped)
		b->group_title = "";
	if (recheck) {
		b->status = "checking";
		b->last_error = NULL;
	}
	b->updated_at = now;
	return (bot_store(db, a, b, err) || explain(err)) &&
	       (!recheck || (leave_check(db, a, b, now, err) &&
			     lanes_wake_client(db, a, b->client_id, now, err)));
}

bool bot_renew_webhook(struct db *db, struct arena *a, struct bot *b,
		       int64_t now, struct err *err)
{
	/* The one that Telegram knows stays good; one in between, which was
	 * never confirmed, need not. */
	if (!b->webhook_old_hash)
		b->webhook_old_hash = b->webhook_secret_hash;
	new_webhook_secret(a, b);
	b->updated_at = now;
	return bot_store(db, a, b, err) &&
	       leave_task(db, a, b, "bot.webhook", NULL, now, err);
}

bool bot_drop_webhook(struct db *db, struct arena *a, const struct bot *b,
		      int64_t now, struct err *err)
{
	return leave_task(db, a, b, "bot.webhook", "{\"drop\":true}", now, err);
}

static bool check_unused(struct db *db, struct arena *a, const struct bot *b,
			 struct err *err)
{
	struct bot_use use;

	if (!bot_used(db, a, b, &use, err))
		return false;
	if (use.projects || use.accounts)
		return err_set(err, ERR_CONFLICT,
			       "the bot is used by projects (%" PRId64
			       ") and Avito accounts (%" PRId64
			       "); give those another bot first",
			       use.projects, use.accounts);
	if (use.sources)
		return err_set(err, ERR_CONFLICT,
			       "the bot is a Telegram source; delete that "
			       "first");
	if (use.open_deliveries)
		return err_set(err, ERR_CONFLICT,
			       "%" PRId64 " messages are on their way through "
			       "the bot; wait or discard them first",
			       use.open_deliveries);
	return true;
}

bool bot_remove(struct db *db, struct arena *a, const struct bot *b,
		int64_t now, struct err *err)
{
	struct json_object *args = json_new(a);

	json_put_str(args, "token_sealed", b->token_sealed);
	return check_unused(db, a, b, err) && bot_delete(db, a, b, err) &&
	       notice_close(db, a, b->client_id, NULL,
			    arena_printf(a, "bot:%" PRId64, b->id), now, err) &&
	       leave_task(db, a, b, "bot.unhook", json_text(args), now, err) &&
	       lanes_wake_client(db, a, b->client_id, now, err);
}

bool bot_check(struct db *db, struct arena *a, struct bot *b, int64_t now,
	       struct err *err)
{
	b->status = "checking";
	b->last_error = NULL;
	b->updated_at = now;
	return bot_store(db, a, b, err) && leave_check(db, a, b, now, err);
}

const char *bot_hook_address(struct arena *a, const char *webhook_base_url,
			     int64_t bot_id, int64_t group_chat_id,
			     int64_t source_id)
{
	if (group_chat_id || !source_id)
		return arena_printf(a, "%s/api/webhooks/telegram/%" PRId64 "/",
				    webhook_base_url, bot_id);
	return arena_printf(a, "%s/api/webhooks/source-telegram/%" PRId64 "/",
			    webhook_base_url, source_id);
}

bool bot_webhook_url(struct arena *a, const char *webhook_base_url,
		     const struct bot *b, const char **url, struct err *err)
{
	struct secret s;

	if (!unseal(a, WEBHOOK_SECRET_COLUMN, b->webhook_secret_sealed, &s,
		    err))
		return false;
	*url = arena_printf(a, "%s%s",
			    bot_hook_address(a, webhook_base_url, b->id,
					     b->group_chat_id, b->source_id),
			    s.bytes);
	return true;
}
