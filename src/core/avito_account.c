/*
 * avito_account.c - the rules for Avito accounts.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "core/auto_reply.h"
#include "core/avito_account.h"
#include "store/bot.h"
#include "store/dialog_source.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/project.h"
#include "store/task.h"

#define WEBHOOK_SECRET_BYTES  32
#define SECRET_COLUMN         "avito_accounts.api_client_secret"
#define WEBHOOK_SECRET_COLUMN "avito_accounts.webhook_secret"
#define TASK_URL_COLUMN       "tasks.url"

static void take_secret(struct arena *a, struct avito_account *x,
			struct secret secret, struct problems *problems)
{
	problems_check_text(problems, "api_client_secret",
			    secret.len ? secret.bytes : "", 1,
			    AVITO_SECRET_MAX);
	if (!secret.len)
		return;
	x->secret_sealed = seal(a, SECRET_COLUMN, secret);
	x->secret_tail = secret_tail(a, secret);
}

/* Turns a missing object into a problem with the field that named it. */
static bool noted(struct problems *problems, const char *field, struct err *err)
{
	if (err->kind != ERR_MISSING)
		return false;
	problems_add_err(problems, field, err);
	*err = (struct err){ 0 };
	return true;
}

static bool check(struct db *db, struct arena *a, struct avito_account *x,
		  struct problems *problems, struct err *err)
{
	struct project project;
	struct bot bot;

	problems_check_text(problems, "api_client_id", x->api_client_id, 1,
			    AVITO_CLIENT_ID_MAX);
	if (project_find(db, a, x->client_id, x->project_id, &project, err))
		x->client_id = project.client_id;
	else if (!noted(problems, "project_id", err))
		return false;
	if (x->bot_id && !bot_find(db, a, x->client_id, x->bot_id, &bot, err) &&
	    !noted(problems, "bot_id", err))
		return false;
	if (x->auto_reply &&
	    !auto_reply_check(db, a, &x->auto_reply, problems, err))
		return false;
	return problems_none(problems, err);
}

static bool leave_task(struct db *db, struct arena *a,
		       const struct avito_account *x, const char *kind,
		       const char *args, int64_t now, struct err *err)
{
	struct task t = {
		.client_id = x->client_id,
		.kind = kind,
		.subject_id = x->id,
		.args = args,
		.due_at = now,
		.request_id = log_id(),
	};

	return task_add(db, a, &t, err);
}

bool avito_account_add(struct db *db, struct arena *a, struct avito_account *x,
		       struct secret secret, int64_t now,
		       struct problems *problems, struct err *err)
{
	struct secret hook = secret_random(a, WEBHOOK_SECRET_BYTES);

	x->status = "checking";
	x->created_at = x->updated_at = now;
	x->webhook_secret_sealed = seal(a, WEBHOOK_SECRET_COLUMN, hook);
	x->webhook_secret_hash = secret_hash(a, hook);
	take_secret(a, x, secret, problems);
	return check(db, a, x, problems, err) &&
	       avito_account_insert(db, a, x, err) &&
	       leave_task(db, a, x, "avito.check", NULL, now, err);
}

static bool store_change(struct db *db, struct arena *a,
			 const struct avito_account *before,
			 struct avito_account *x, bool renewed, int64_t now,
			 struct err *err)
{
	bool moved = x->project_id != before->project_id;
	bool recheck = renewed || x->monitoring != before->monitoring ||
		       x->webhook != before->webhook;

	if (!avito_account_store(db, a, x, renewed, err))
		return false;
	if (recheck && !leave_task(db, a, x, "avito.check", NULL, now, err))
		return false;
	if (moved && !dialogs_move_of(db, a, x->client_id, "avito", x->id,
				      x->project_id, err))
		return false;
	return (!moved && x->bot_id == before->bot_id) ||
	       lanes_wake_client(db, a, x->client_id, now, err);
}

bool avito_account_change(struct db *db, struct arena *a,
			  const struct avito_account *before,
			  struct avito_account *x, struct secret secret,
			  int64_t now, struct problems *problems,
			  struct err *err)
{
	bool renewed = secret.len ||
		       strcmp(x->api_client_id, before->api_client_id) != 0;

	if (secret.len)
		take_secret(a, x, secret, problems);
	if (!check(db, a, x, problems, err))
		return false;
	if (renewed) {
		x->status = "checking";
		x->last_error = NULL;
	}
	x->updated_at = now;
	return store_change(db, a, before, x, renewed, now, err);
}

bool avito_account_check(struct db *db, struct arena *a,
			 struct avito_account *x, int64_t now, struct err *err)
{
	x->status = "checking";
	x->last_error = NULL;
	x->updated_at = now;
	return avito_account_store(db, a, x, false, err) &&
	       leave_task(db, a, x, "avito.check", NULL, now, err);
}

/* By then a check that is under way has ended. */
#define CHECK_ENDS_US INT64_C(60000000)

/* The account's row will be gone when the daemon says goodbye. */
static bool leave_farewell(struct db *db, struct arena *a,
			   const struct avito_account *x,
			   const char *webhook_base_url, int64_t now,
			   struct err *err)
{
	struct json_object *args = json_new(a);
	struct secret hook, url;
	const char *text;

	if (!x->webhook && !x->webhook_subscribed_at)
		return true;
	/* A check may be subscribing it at this moment. */
	if (!x->webhook_subscribed_at)
		now += CHECK_ENDS_US;
	if (!unseal(a, WEBHOOK_SECRET_COLUMN, x->webhook_secret_sealed, &hook,
		    err))
		return false;
	text = arena_printf(a, "%s/api/webhooks/avito/%" PRId64 "/%s",
			    webhook_base_url, x->id, hook.bytes);
	url = (struct secret){ text, strlen(text) };
	json_put_str(args, "api_client_id", x->api_client_id);
	json_put_str(args, "secret_sealed", x->secret_sealed);
	json_put_str(args, "url_sealed", seal(a, TASK_URL_COLUMN, url));
	return leave_task(db, a, x, "avito.unsubscribe", json_text(args), now,
			  err);
}

bool avito_account_remove(struct db *db, struct arena *a,
			  const struct avito_account *x, bool with_dialogs,
			  const char *webhook_base_url, int64_t now,
			  struct err *err)
{
	int64_t n;

	if (!dialogs_count_of(db, a, x->client_id, "avito", x->id, &n, err))
		return false;
	if (n > 0 && !with_dialogs)
		return err_set(err, ERR_CONFLICT,
			       "the account has %" PRId64
			       " dialogs; add ?with_dialogs=true to delete "
			       "them, too",
			       n);
	return leave_farewell(db, a, x, webhook_base_url, now, err) &&
	       notice_close(db, a, x->client_id, NULL,
			    arena_printf(a, "avito:%" PRId64, x->id), now,
			    err) &&
	       avito_account_delete(db, a, x, err);
}
