/*
 * master.c - the installation's own bot: its token and name in force.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "chan/telegram.h"
#include "core/master.h"
#include "store/setting.h"
#include "store/task.h"

#define TOKEN_SETTING "master_bot_token"
#define NAME_SETTING  "master_bot_name"
#define TOKEN_COLUMN  "settings.value"

static bool find_token(struct db *db, struct arena *a, const struct settings *s,
		       struct master *m, struct err *err)
{
	struct setting v;
	struct err closed = { 0 };

	if (s->master_bot_token.len) {
		m->source = MASTER_CONFIGURATION;
		m->token = s->master_bot_token;
	} else {
		if (!setting_find(db, a, TOKEN_SETTING, &v, err))
			return false;
		if (!v.sealed)
			return true;
		m->source = MASTER_CABINET;
		if (!unseal(a, TOKEN_COLUMN, v.sealed, &m->token, &closed)) {
			m->closed = arena_str(a, closed.text);
			return true;
		}
	}
	m->telegram_id = tg_token_id(m->token);
	return true;
}

static bool find_name(struct db *db, struct arena *a, const struct settings *s,
		      struct master *m, struct err *err)
{
	struct master_bot bot;
	struct setting v;

	m->name = s->master_bot_name;
	if (*m->name)
		return true;
	if (!setting_find(db, a, NAME_SETTING, &v, err))
		return false;
	if (v.value) {
		m->name = v.value;
		return true;
	}
	if (!master_bot_find(db, a, &bot, err))
		return false;
	if (bot.telegram_id == m->telegram_id)
		m->name = bot.username;
	return true;
}

bool master_find(struct db *db, struct arena *a, const struct settings *s,
		 struct master *m, struct err *err)
{
	*m = (struct master){ .name = "" };
	return find_token(db, a, s, m, err) && find_name(db, a, s, m, err);
}

bool master_token(struct db *db, struct arena *a, const struct settings *s,
		  struct secret *token, struct err *err)
{
	struct master m = { 0 };

	if (!find_token(db, a, s, &m, err))
		return false;
	*token = m.token;
	return !m.closed || err_set(err, ERR_DOWN, "%s", m.closed);
}

const char *master_source_name(enum master_source source)
{
	static const char *const names[] = {
		[MASTER_NONE] = "none",
		[MASTER_CABINET] = "cabinet",
		[MASTER_CONFIGURATION] = "configuration",
	};

	return names[source];
}

static void check(const struct settings *s, const struct master_change *c,
		  struct problems *problems)
{
	if (c->has_token && s->master_bot_token.len)
		problems_add(problems, TOKEN_SETTING,
			     "is set by MASTER_BOT_TOKEN of the configuration; "
			     "change it there");
	else if (c->has_token && c->token.len && !tg_token_id(c->token))
		problems_add(problems, TOKEN_SETTING,
			     "must be a bot token as @BotFather gives it, "
			     "like 123456789:AA…");
	if (c->has_name && *s->master_bot_name)
		problems_add(problems, NAME_SETTING,
			     "is set by MASTER_BOT_NAME of the configuration; "
			     "change it there");
	else if (c->has_name && *c->name && !tg_is_username(c->name))
		problems_add(problems, NAME_SETTING,
			     "must be a bot's name like tuberry_bot, without "
			     "@");
}

static bool check_unused(struct db *db, struct arena *a, struct secret token,
			 struct err *err)
{
	bool yes;

	if (!token.len)
		return true;
	if (!master_bot_is_clients(db, a, tg_token_id(token), &yes, err))
		return false;
	if (!yes)
		return true;
	err_field(err, TOKEN_SETTING,
		  "this bot works in a client's group; the master bot must be "
		  "one of its own");
	err->kind = ERR_CONFLICT;
	return false;
}

static bool set_token(struct db *db, struct arena *a, struct secret token,
		      int64_t now, struct err *err)
{
	struct setting v = { 0 };
	struct task poll = {
		.kind = "master.poll",
		.due_at = now,
		.request_id = log_id(),
	};

	if (token.len)
		v.sealed = seal(a, TOKEN_COLUMN, token);
	return check_unused(db, a, token, err) &&
	       setting_put(db, a, TOKEN_SETTING, &v, now, err) &&
	       master_bot_begin(db, a, token.len ? tg_token_id(token) : 0,
				err) &&
	       task_add(db, a, &poll, err);
}

static bool set_name(struct db *db, struct arena *a, const char *name,
		     int64_t now, struct err *err)
{
	struct setting v = { .value = *name ? name : NULL };

	return setting_put(db, a, NAME_SETTING, &v, now, err);
}

bool master_set(struct db *db, struct arena *a, const struct settings *s,
		const struct master_change *c, int64_t now,
		struct problems *problems, struct err *err)
{
	check(s, c, problems);
	return problems_none(problems, err) &&
	       (!c->has_token || set_token(db, a, c->token, now, err)) &&
	       (!c->has_name || set_name(db, a, c->name, now, err));
}
