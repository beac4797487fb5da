/*
 * route.c - a message in the team's group outside of every dialog's topic.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "core/command.h"
#include "core/route.h"
#include "core/topic_command.h"
#include "core/topic_message.h"
#include "store/hook.h"

/* Two numbers of 19 digits, a letter, two colons: Telegram takes 64. */
#define DATA_MAX 48

/* One message on its way. */
struct stray {
	struct db *db;
	struct arena *a;
	struct in_group *g;
	struct json_object *body;
	struct route_ask q;
	struct fallback f;
	struct message_file file;
	struct topic_message m;
};

/* ---- into a dialog ---- */

/* The update was seen before: by the way through the topic, or when somebody
 * was asked. */
static bool take(struct db *db, struct arena *a, struct topic_message *m,
		 int64_t dialog_id, struct err *err)
{
	int64_t id;

	m->dialog_id = dialog_id;
	update_queue_forget(db, a, m->client_id, m->bot_id, m->update_id);
	return message_take_topic(db, a, m, &id, err);
}

static struct unrouted new_row(struct stray *x, const char *way)
{
	return (struct unrouted){
		.client_id = x->g->client_id,
		.bot_id = x->g->bot_id,
		.chat_id = x->g->u->chat_id,
		.message_id = x->g->u->message_id,
		.body = json_text(x->body),
		.way = way,
		.created_at = x->g->now,
	};
}

/* Taken at once.  *u is kept, so that what belongs to it finds it. */
static bool take_at_once(struct stray *x, struct unrouted *u, struct err *err)
{
	u->settled_at = x->g->now;
	if (!unrouted_add(x->db, x->a, u, err))
		return false;
	if (u->id == 0 || !u->dialog_id)
		return true;
	x->g->ring = true;
	return take(x->db, x->a, &x->m, u->dialog_id, err);
}

static bool quoted(struct stray *x, const struct route *r, struct err *err)
{
	struct unrouted u = new_row(x, "quote");

	if (!r->is_ours || !r->may)
		return true;
	u.dialog_id = r->dialog_id;
	if (x->m.album)
		return take_at_once(x, &u, err);
	x->g->ring = true;
	return take(x->db, x->a, &x->m, r->dialog_id, err);
}

/* ---- what is nobody's ---- */

/* An item of an album goes the way of the first one. */
static bool follow(struct stray *x, const struct unrouted *first,
		   struct err *err)
{
	struct unrouted u = new_row(x, "album");

	if (first->bot_id != x->g->bot_id)
		return true;
	u.dialog_id = first->dialog_id;
	if (first->settled_at)
		return take_at_once(x, &u, err);
	return unrouted_add(x->db, x->a, &u, err);
}

static bool fall_back(struct stray *x, const char *way, struct err *err)
{
	struct unrouted u = new_row(x, way);

	if (strcmp(way, "latest") == 0 &&
	    !route_latest(x->db, x->a, &x->q, &u.dialog_id, err))
		return false;
	if (strcmp(way, "ask") == 0 ? !unrouted_add(x->db, x->a, &u, err)
				    : !take_at_once(x, &u, err))
		return false;
	if (u.id == 0)
		return true;
	x->g->ring = true;
	return unrouted_show(x->db, x->a, &u, x->g->now, x->g->request_id, err);
}

static bool nobodys(struct stray *x, const struct route *r, struct err *err)
{
	bool general, named;
	const char *way;

	if (!fallback_find(x->db, x->a, x->g->client_id, x->g->bot_id,
			   x->g->u->chat_id, &x->f, err))
		return false;
	general = r->among_colleagues || (x->f.has_topics && !x->g->u->topic);
	named = topic_message_unname(x->a, &x->m, x->f.username);
	if (x->m.is_note || !*x->f.way || !x->f.is_bound ||
	    (!named && (general || !x->f.is_first ||
			topic_message_names(x->a, &x->m, x->f.others))))
		return true;
	if (!x->m.n_files && text_is_blank(x->m.text))
		return bot_say(x->db, x->a, x->g, command_help(x->a), err);
	way = x->f.way;
	if (general && strcmp(way, "latest") == 0)
		way = "ask";
	return fall_back(x, way, err);
}

bool route_message(struct db *db, struct arena *a, struct in_group *g,
		   struct json_object *body, struct err *err)
{
	struct stray x = {
		.db = db,
		.a = a,
		.g = g,
		.body = body,
		.q = { .client_id = g->client_id,
		       .bot_id = g->bot_id,
		       .chat_id = g->u->chat_id,
		       .topic_id = g->u->topic,
		       .reply_to = g->u->reply_to,
		       .from_id = g->u->from_id },
	};
	struct unrouted first = { 0 };
	struct route r;

	x.m = topic_message_read(a, g, &x.file);
	if (!route_trace(db, a, &x.q, &r, err))
		return false;
	/* That topic did not take it: it was seen, or this person may not.
	 * Of an album the words' item speaks for all. */
	if (r.in_topic && r.is_ours && !r.may && !x.m.is_note &&
	    (!x.m.album || !text_is_blank(x.m.text)))
		return topic_command_refuse(db, a, g, err);
	if (r.in_topic || g->u->from_id == TG_CHANNEL_POSTS)
		return true;
	if (r.dialog_id)
		return quoted(&x, &r, err);
	if (x.m.is_note)
		return true;
	if (x.m.album && !unrouted_album(db, a, g->client_id, g->u->chat_id,
					 x.m.album, &first, err))
		return false;
	return first.id ? follow(&x, &first, err) : nobodys(&x, &r, err);
}

/* ---- edited while it waits ---- */

static const char *album_of(struct arena *a, const struct unrouted *u)
{
	struct json_object *body;
	struct err bad = { 0 };

	return json_read_clean(a, u->body, strlen(u->body), &body, &bad)
		       ? json_str(json_object_at(body, "message"),
				  "media_group_id", NULL)
		       : NULL;
}

/* Whoever wrote it does not mean it for a buyer any more. */
static bool withdraw(struct db *db, struct arena *a, const struct in_group *g,
		     struct unrouted *u, struct err *err)
{
	struct unrouted *list;
	size_t n;

	if (!unrouted_waiting(db, a, u, album_of(a, u), &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		list[i].decided_by = g->u->from_name;
		if (!unrouted_settle(db, a, &list[i], g->now, err) ||
		    !unrouted_show(db, a, &list[i], g->now, g->request_id, err))
			return false;
	}
	return true;
}

static bool stays_inside(struct arena *a, const struct in_group *g,
			 const char *username)
{
	struct message_file file;
	struct topic_message m = topic_message_read(a, g, &file);

	topic_message_unname(a, &m, username);
	return g->u->command || m.is_note;
}

bool route_edited(struct db *db, struct arena *a, struct in_group *g,
		  struct json_object *body, struct err *err)
{
	struct json_object *message = json_object_at(body, "edited_message");
	struct unrouted u;
	struct fallback f;

	if (!unrouted_by_message(db, a, g->client_id, g->u->chat_id,
				 g->u->message_id, &u, err))
		return false;
	if (!u.id || u.settled_at || u.bot_id != g->bot_id)
		return true;
	g->ring = true;
	if (!fallback_find(db, a, u.client_id, u.bot_id, u.chat_id, &f, err))
		return false;
	if (stays_inside(a, g, f.username))
		return withdraw(db, a, g, &u, err);
	return unrouted_edit(db, a, &u, json_text(message), err);
}

/* ---- a button ---- */

bool route_data_read(const char *data, struct route_data *d)
{
	size_t len = strlen(data);
	char copy[DATA_MAX], *second;
	long long unrouted, dialog;

	if (len >= sizeof(copy) || strncmp(data, "u:", 2) != 0)
		return false;
	memcpy(copy, data, len + 1);
	second = strchr(copy + 2, ':');
	if (!second)
		return false;
	*second++ = '\0';
	if (!text_read_i64(copy + 2, 1, INT64_MAX, &unrouted) ||
	    !text_read_i64(second, 0, INT64_MAX, &dialog))
		return false;
	*d = (struct route_data){ unrouted, dialog };
	/* One spelling only: no sign, no leading zero. */
	snprintf(copy, sizeof(copy), "u:%lld:%lld", unrouted, dialog);
	return strcmp(copy, data) == 0;
}

/* false: p->toast says why, or *err is set. */
static bool may_press(struct db *db, struct arena *a, struct press *p,
		      const struct route_data *d, struct err *err)
{
	struct route_ask q = {
		.client_id = p->at.client_id,
		.bot_id = p->at.bot_id,
		.chat_id = p->at.chat_id,
		.from_id = p->at.from_id,
	};
	struct err problem = { 0 };
	bool may = false;

	if (d->dialog_id)
		may = route_may_choose(db, a, &q, d->dialog_id, &problem);
	else
		route_may_dismiss(db, a, &q, &may, &problem);
	if (may)
		return true;
	if (problem.kind == ERR_MISSING)
		return false;
	if (problem.kind && problem.kind != ERR_DENIED)
		*err = problem;
	p->toast = "Вам нельзя: в этом проекте отвечают только люди, чей "
		   "Telegram привязан в кабинете.";
	return false;
}

/* As if it had been written in the dialog's topic. */
static bool take_stored(struct db *db, struct arena *a, const struct press *p,
			const struct unrouted *u, const char *username,
			struct err *err)
{
	struct json_object *body;
	struct tg_update update;
	struct in_group g = {
		.client_id = u->client_id,
		.bot_id = u->bot_id,
		.u = &update,
		.now = p->now,
		.request_id = p->request_id,
	};
	struct message_file file;
	struct topic_message m;

	if (!json_read_clean(a, u->body, strlen(u->body), &body, err) ||
	    !tg_update_read(a, body, &update, err))
		return false;
	m = topic_message_read(a, &g, &file);
	topic_message_unname(a, &m, username);
	return take(db, a, &m, u->dialog_id, err);
}

/* The message, and what else of its album waits. */
static bool settle(struct db *db, struct arena *a, const struct press *p,
		   const struct unrouted *u, int64_t dialog_id, struct err *err)
{
	struct unrouted *list;
	struct fallback f;
	size_t n;

	if (!fallback_find(db, a, u->client_id, u->bot_id, u->chat_id, &f,
			   err) ||
	    !unrouted_waiting(db, a, u, album_of(a, u), &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		list[i].dialog_id = dialog_id;
		list[i].decided_by = p->who;
		if (!unrouted_settle(db, a, &list[i], p->now, err) ||
		    (dialog_id &&
		     !take_stored(db, a, p, &list[i], f.username, err)))
			return false;
	}
	return true;
}

int64_t route_topic(struct arena *a, const struct unrouted *u)
{
	struct json_object *body, *message;
	struct err bad = { 0 };

	if (!json_read_clean(a, u->body, strlen(u->body), &body, &bad))
		return 0;
	message = json_object_at(body, "message");
	return json_flag(message, "is_topic_message", false)
		       ? json_i64(message, "message_thread_id", 0)
		       : 0;
}

/* "It is ours" about a whole topic. */
static bool dismiss_topic(struct db *db, struct arena *a, const struct press *p,
			  const struct unrouted *u, struct err *err)
{
	int64_t topic = route_topic(a, u);

	return !topic || topic_is_colleagues(db, a, u->client_id, u->chat_id,
					     topic, p->now, err);
}

bool route_press(struct db *db, struct arena *a, struct press *p,
		 const struct route_data *d, struct err *err)
{
	struct unrouted u;
	struct err problem = { 0 };

	if (!unrouted_lock(db, a, p->at.client_id, d->unrouted_id, &u,
			   &problem)) {
		if (problem.kind != ERR_MISSING)
			*err = problem;
		return problem.kind == ERR_MISSING;
	}
	if (u.bot_id != p->at.bot_id || u.chat_id != p->at.chat_id ||
	    (!u.settled_at && u.created_at < p->now - ROUTE_ASK_US))
		return true;
	if (u.settled_at) {
		if (u.dialog_id)
			p->toast = "Уже отправлено.";
		return true;
	}
	if (!may_press(db, a, p, d, err))
		return !err->kind;
	u.answer_id = p->at.message_id;
	p->acted = true;
	p->toast = d->dialog_id ? "Отправляем." : "Не отправлено.";
	return settle(db, a, p, &u, d->dialog_id, err) &&
	       (d->dialog_id || dismiss_topic(db, a, p, &u, err)) &&
	       unrouted_said(db, a, &u, err) &&
	       unrouted_show(db, a, &u, p->now, p->request_id, err);
}
