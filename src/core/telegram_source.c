/*
 * telegram_source.c - the rules for Telegram sources.
 *
 * A source without a group of its bot has a webhook address of its own, so
 * the webhook is set anew whenever a bot becomes a source or ceases to be one.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "chan/telegram.h"
#include "core/auto_reply.h"
#include "core/bot.h"
#include "core/business.h"
#include "core/telegram_source.h"
#include "store/dialog_source.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/project.h"

/* Turns a missing object into a problem with the field that named it. */
static bool noted(struct problems *problems, const char *field, struct err *err)
{
	if (err->kind != ERR_MISSING)
		return false;
	problems_add_err(problems, field, err);
	*err = (struct err){ 0 };
	return true;
}

/* The project tells whose the source is. */
static bool check(struct db *db, struct arena *a, struct telegram_source *s,
		  struct problems *problems, struct err *err)
{
	struct project project;

	if (project_find(db, a, s->client_id, s->project_id, &project, err))
		s->client_id = project.client_id;
	else if (!noted(problems, "project_id", err))
		return false;
	return !s->auto_reply ||
	       auto_reply_check(db, a, &s->auto_reply, problems, err);
}

static bool same_token(struct arena *a, const struct bot *b,
		       struct secret token)
{
	struct secret known;
	struct err ignored = { 0 };

	return unseal(a, "bots.token", b->token_sealed, &known, &ignored) &&
	       secret_equal(known, token);
}

/* The bot that the token names, made if the client has it not; *made: it will
 * be looked at anyway. */
static bool bot_by_token(struct db *db, struct arena *a,
			 struct telegram_source *s, struct secret token,
			 struct bot *b, bool *made, int64_t now,
			 struct problems *problems, struct err *err)
{
	bool found = false;

	if (tg_token_id(token) &&
	    !bot_lock_known(db, a, s->client_id, tg_token_id(token), b, &found,
			    err))
		return false;
	if (found && !same_token(a, b, token))
		problems_add(problems, "token",
			     "this bot is connected with another token; "
			     "change that one, or name the bot by bot_id");
	if (found)
		return problems_none(problems, err);
	*made = true;
	*b = (struct bot){ .client_id = s->client_id, .topic_mode = true };
	return bot_add(db, a, b, token, now, problems, err);
}

static bool find_bot(struct db *db, struct arena *a, struct telegram_source *s,
		     struct secret token, struct bot *b, bool *made,
		     int64_t now, struct problems *problems, struct err *err)
{
	*made = false;
	if (token.len && s->bot_id)
		problems_add(problems, "bot_id",
			     "must be absent where a token is given");
	else if (!token.len && !s->bot_id)
		problems_add(problems, "token",
			     "is required, unless bot_id names a bot");
	if (!problems_none(problems, err))
		return false;
	if (token.len)
		return bot_by_token(db, a, s, token, b, made, now, problems,
				    err);
	return (bot_lock(db, a, s->client_id, s->bot_id, b, err) ||
		noted(problems, "bot_id", err)) &&
	       problems_none(problems, err);
}

/* What the constraint's name means to people. */
static bool explain(struct err *err, const char *field)
{
	if (err->kind == ERR_CONFLICT &&
	    strcmp(err->field, "telegram_sources_bot") == 0) {
		err_field(err, field, "this bot is a source already");
		err->kind = ERR_CONFLICT;
	}
	return false;
}

bool telegram_source_add(struct db *db, struct arena *a,
			 struct telegram_source *s, struct secret token,
			 int64_t now, struct problems *problems,
			 struct err *err)
{
	const char *field = token.len ? "token" : "bot_id";
	struct bot b;
	bool made;

	s->created_at = s->updated_at = now;
	if (!check(db, a, s, problems, err) ||
	    !find_bot(db, a, s, token, &b, &made, now, problems, err))
		return false;
	s->bot_id = b.id;
	return (telegram_source_insert(db, a, s, err) || explain(err, field)) &&
	       (made || bot_check(db, a, &b, now, err));
}

static bool change_token(struct db *db, struct arena *a,
			 const struct telegram_source *s, struct secret token,
			 int64_t now, struct problems *problems,
			 struct err *err)
{
	struct bot before, b;

	if (!token.len)
		return problems_none(problems, err);
	if (!bot_lock(db, a, s->client_id, s->bot_id, &before, err))
		return false;
	b = before;
	return bot_change(db, a, &before, &b, token, now, problems, err);
}

bool telegram_source_change(struct db *db, struct arena *a,
			    const struct telegram_source *before,
			    struct telegram_source *s, struct secret token,
			    int64_t now, struct problems *problems,
			    struct err *err)
{
	s->updated_at = now;
	if (!check(db, a, s, problems, err) ||
	    !change_token(db, a, s, token, now, problems, err) ||
	    !telegram_source_store(db, a, s, err))
		return false;
	return s->project_id == before->project_id ||
	       (dialogs_move_of(db, a, s->client_id, "telegram", s->id,
				s->project_id, err) &&
		lanes_wake_client(db, a, s->client_id, now, err));
}

/* Nobody is asked to mend what is gone. */
static bool close_notices(struct db *db, struct arena *a,
			  const struct telegram_source *s, int64_t now,
			  struct err *err)
{
	struct business *list;
	size_t n;

	if (!businesses_list(db, a, &s->id, 1, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!notice_close(db, a, s->client_id, NULL,
				  business_object(a, list[i].id), now, err))
			return false;
	return notice_close(db, a, s->client_id, NULL,
			    arena_printf(a, "source:%" PRId64, s->id), now,
			    err);
}

bool telegram_source_remove(struct db *db, struct arena *a,
			    const struct telegram_source *s, bool with_dialogs,
			    int64_t now, struct err *err)
{
	struct bot b;
	int64_t n;

	if (!dialogs_count_of(db, a, s->client_id, "telegram", s->id, &n, err))
		return false;
	if (n > 0 && !with_dialogs)
		return err_set(err, ERR_CONFLICT,
			       "the source has %" PRId64 " dialogs; add "
			       "?with_dialogs=true to delete them, too",
			       n);
	return bot_lock(db, a, s->client_id, s->bot_id, &b, err) &&
	       close_notices(db, a, s, now, err) &&
	       telegram_source_delete(db, a, s, err) &&
	       bot_check(db, a, &b, now, err);
}
