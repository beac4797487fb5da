/*
 * settings.c - what administrators set for the installation.
 */
#include "config.h"

#include <string.h>

#include "chan/telegram.h"
#include "core/installation.h"
#include "core/master.h"
#include "web/api/api.h"
#include "web/api/object.h"
#include "web/api/settings.h"

#define NAME_MAX_CHARS 64

/* How the bot in force is doing; of a token that the daemon has not looked at
 * yet nothing is known. */
static void put_state(struct json_object *o, const struct master *m,
		      const struct master_bot *bot)
{
	const char *status = bot->status, *error = bot->last_error;

	if (m->closed) {
		status = "error";
		error = m->closed;
	} else if (bot->telegram_id != m->telegram_id) {
		status = m->telegram_id ? "checking" : "off";
		error = NULL;
	}
	json_put_str(o, "status", status);
	json_put_str(o, "last_error", error);
}

bool settings_json(struct req *rq, struct json_object **out)
{
	struct json_object *o = json_new(rq->a);
	struct json_object *bot = json_object_new_object();
	struct master_bot state;
	const char *sign_up;
	struct master m;

	json_put(o, "master_bot", bot);
	if (!master_find(rq->db, rq->a, rq->settings, &m, &rq->err) ||
	    !master_bot_find(rq->db, rq->a, &state, &rq->err) ||
	    !sign_up_find(rq->db, rq->a, &sign_up, &rq->err))
		return false;
	json_put_bool(bot, "token_set", m.source != MASTER_NONE);
	json_put_str(bot, "token_tail",
		     m.token.len ? secret_tail(rq->a, m.token) : NULL);
	json_put_str(bot, "name", m.name);
	put_state(bot, &m, &state);
	json_put_str(bot, "source", master_source_name(m.source));
	json_put_str(o, "sign_up", sign_up);
	*out = o;
	return true;
}

static void read_master(struct req *rq, struct master_change *c)
{
	c->has_token = form_has(&rq->body, "master_bot_token");
	form_secret(&rq->body, "master_bot_token", &c->token, TG_TOKEN_MAX,
		    FORM_BLANK | FORM_NULL);
	c->has_name = form_has(&rq->body, "master_bot_name");
	form_text(&rq->body, "master_bot_name", &c->name, NAME_MAX_CHARS,
		  FORM_BLANK | FORM_NULL);
	if (!c->name)
		c->name = "";
}

bool settings_change(struct req *rq, struct problems *problems)
{
	struct master_change c = { 0 };
	struct json_object *before, *after;
	const char *sign_up = NULL;

	read_master(rq, &c);
	form_word(&rq->body, "sign_up", &sign_up, sign_up_words, FORM_OPTIONAL);
	if (req_bad(rq) || !settings_json(rq, &before) ||
	    !master_set(rq->db, rq->a, rq->settings, &c, rq->now, problems,
			&rq->err) ||
	    (sign_up &&
	     !sign_up_set(rq->db, rq->a, sign_up, rq->now, &rq->err)) ||
	    !settings_json(rq, &after))
		return false;
	req_audit(rq, "settings.change", "settings", before, after);
	rq->ring = true;
	return true;
}

enum http_status api_settings(struct req *rq)
{
	struct json_object *o;

	if (req_bad(rq) || !settings_json(rq, &o))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_settings_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct json_object *o;

	if (!settings_change(rq, &problems))
		return reply_refused(rq, &problems);
	if (!settings_json(rq, &o))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, o);
}
