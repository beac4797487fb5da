/*
 * source_hook.c - updates of a bot that is a Telegram source.
 *
 * Messages are unique by chat and number, so what comes twice needs no look at
 * the update's own number.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/blocked.h"
#include "core/business.h"
#include "core/changed.h"
#include "core/inbound.h"
#include "core/source_hook.h"
#include "core/topic_title.h"
#include "store/echo.h"
#include "store/source_chat.h"
#include "store/task.h"

/* An update of a connection that Telegram itself knows nothing of is brought
 * again for so long. */
#define UNKNOWN_FOR_US INT64_C(300000000)

/* One update on its way through here. */
struct work {
	struct db *db;
	struct arena *a;
	struct source_hook *h;
	const struct tg_update *u;
	struct source_chat chat;
	struct source_found found;
};

static const char *person_url(struct arena *a, const char *username)
{
	return *username ? arena_printf(a, "https://t.me/%s", username) : "";
}

static bool is_private(const struct tg_update *u)
{
	return strcmp(u->chat_type, "private") == 0 && u->chat_id > 0;
}

static bool is_start(const struct tg_update *u)
{
	return u->command && strcmp(u->command, "/start") == 0;
}

/* ---- private chats with the bot ---- */

static void describe_private(struct work *w)
{
	const struct tg_update *u = w->u;

	w->chat.chat = tg_place_id(w->a, u->chat_id, 0);
	w->chat.buyer_id = arena_printf(w->a, "%" PRId64, u->from_id);
	w->chat.buyer_name = u->from_name;
	w->chat.buyer_url = person_url(w->a, u->from_username);
	w->chat.language = u->from_language;
	w->chat.origin = is_start(u) ? u->command_args : "";
	w->chat.at = u->m.created_at ? u->m.created_at : w->h->now;
}

static bool unblock(struct work *w, struct err *err)
{
	struct blocked b = {
		.client_id = w->h->client_id,
		.dialog_id = w->found.dialog_id,
		.now = w->h->now,
		.request_id = w->h->request_id,
	};
	bool changed;

	return blocked_set(w->db, w->a, &b, &changed, err);
}

static struct message_in message_of(struct work *w, struct message_file *file)
{
	const struct tg_update *u = w->u;
	const char *place = w->chat.chat;

	return (struct message_in){
		.client_id = w->h->client_id,
		.source = "telegram",
		.source_id = w->found.source_id,
		.chat = place,
		.external_id = tg_place_message_id(w->a, place, u->message_id),
		.author_id = u->m.author_id,
		.author_name = u->from_name,
		.kind = chan_kind_name(u->m.kind),
		.foreign_kind = u->m.foreign_kind,
		.text = u->m.text,
		.entities = u->m.entities,
		.data = u->m.data,
		.album = u->album,
		.quote_id = u->reply_to ? tg_place_message_id(w->a, place,
							      u->reply_to)
					: NULL,
		.files = file,
		.n_files = inbound_file(&u->m, file),
		.buyer_id = w->chat.buyer_id,
		.written_at = w->chat.at,
		.now = w->h->now,
		.request_id = w->h->request_id,
	};
}

/* Somebody came by a button or a link: no words of theirs, but worth a line. */
static void tell_start(struct work *w, struct message_in *m)
{
	m->kind = chan_kind_name(CHAN_SYSTEM);
	m->entities = NULL;
	m->text = *w->chat.origin ? arena_printf(w->a,
						 "Клиент открыл бота по "
						 "ссылке с меткой «%s»",
						 w->chat.origin)
				  : "Клиент открыл бота";
}

/* Behind the message, as source_chat.h says. */
static bool learn(struct work *w, struct err *err)
{
	if (w->found.is_told || !w->found.dialog_id)
		return true;
	source_chat_queue_told(w->db, w->a, &w->chat, w->found.dialog_id,
			       w->found.connection_id);
	return topic_title_mend(w->db, w->a, w->found.dialog_id, w->h->now,
				w->h->request_id, err);
}

/* Who quotes a message of ours has got it, whatever its send came to. */
static bool settle_quoted(struct work *w, const struct message_in *m,
			  struct err *err)
{
	struct echo e = {
		.client_id = m->client_id,
		.source_id = m->source_id,
		.chat = m->chat,
		.external_id = m->quote_id,
		.kind = chan_kind_name(CHAN_TEXT),
		.text = w->u->reply_text,
		.sender_bot = w->u->reply_by_bot,
		.now = m->now,
		.request_id = m->request_id,
	};
	bool settled;

	return !e.sender_bot || !*e.text ||
	       echo_settle(w->db, w->a, &e, &settled, err);
}

static bool take_buyer(struct work *w, struct err *err)
{
	struct message_file file;
	struct message_in m = message_of(w, &file);
	int64_t id;

	if (is_start(w->u) && !w->chat.connection)
		tell_start(w, &m);
	/* Whoever writes has unblocked us, even if nobody said so. */
	if (w->found.is_blocked && !unblock(w, err))
		return false;
	if (!settle_quoted(w, &m, err))
		return false;
	if (!message_take_buyer(w->db, w->a, &m, &id, err))
		return false;
	if (!learn(w, err))
		return false;
	w->h->ring = id != 0 || w->found.is_blocked;
	return true;
}

static bool on_private(struct work *w, struct err *err)
{
	describe_private(w);
	if (!source_chat_open(w->db, w->a, &w->chat, &w->found, err))
		return false;
	if (!w->found.source_id)
		return true;
	w->h->result = SOURCE_TAKEN;
	return take_buyer(w, err);
}

/* "kicked": the person has blocked the bot; "member": no longer. */
static bool on_member(struct work *w, struct err *err)
{
	struct blocked b = {
		.client_id = w->h->client_id,
		.is_blocked = strcmp(w->u->member_status, "kicked") == 0,
		.now = w->h->now,
		.request_id = w->h->request_id,
	};

	describe_private(w);
	if (!source_chat_find(w->db, w->a, &w->chat, &w->found, err))
		return false;
	if (!w->found.source_id)
		return true;
	w->h->result = SOURCE_TAKEN;
	b.dialog_id = w->found.dialog_id;
	return !b.dialog_id || w->found.is_blocked == b.is_blocked ||
	       blocked_set(w->db, w->a, &b, &w->h->ring, err);
}

/* ---- business connections ---- */

static bool on_connection(struct work *w, struct err *err)
{
	bool known;

	if (!business_told(w->db, w->a, w->h->client_id, w->h->bot_id,
			   &w->u->business, w->h->now, &known, err))
		return false;
	if (known)
		w->h->result = SOURCE_TAKEN;
	w->h->ring = known;
	return true;
}

static bool ask_of_connection(struct work *w, struct err *err)
{
	struct json_object *args = json_new(w->a);
	struct task t = {
		.client_id = w->h->client_id,
		.kind = "business.learn",
		.subject_id = w->h->bot_id,
		.key = w->u->connection,
		.due_at = w->h->now,
		.request_id = w->h->request_id,
	};

	json_put_str(args, "connection", w->u->connection);
	t.args = json_text(args);
	w->h->ring = true;
	return task_add(w->db, w->a, &t, err);
}

/* A deletion has no date, and nothing of that chat is here. */
static bool is_worth_waiting(const struct work *w)
{
	return w->u->m.created_at &&
	       w->h->now - w->u->m.created_at <= UNKNOWN_FOR_US;
}

/* *ready false: whose account it is nobody has told us yet. */
static bool find_owner(struct work *w, bool *ready, struct err *err)
{
	*ready = false;
	w->chat.connection = w->u->connection;
	if (!source_find(w->db, w->a, &w->chat, &w->found, err))
		return false;
	if (!w->found.source_id)
		return true;
	*ready = w->found.connection_id != 0;
	w->h->result = *ready                ? SOURCE_TAKEN
		       : is_worth_waiting(w) ? SOURCE_LATER
					     : SOURCE_LOST;
	return *ready || ask_of_connection(w, err);
}

static void describe_business(struct work *w)
{
	const struct tg_update *u = w->u;

	w->chat.chat = tg_place_id(w->a, u->chat_id, w->found.owner_id);
	w->chat.buyer_id = arena_printf(w->a, "%" PRId64, u->chat_id);
	w->chat.buyer_name = u->chat_name;
	w->chat.buyer_url = person_url(w->a, u->chat_username);
	w->chat.language = u->from_id == u->chat_id ? u->from_language : "";
	w->chat.origin = "";
	w->chat.at = u->m.created_at ? u->m.created_at : w->h->now;
}

/* What was given up as unsure has arrived. */
static bool take_echo(struct work *w, const struct message_in *m, bool *taken,
		      struct err *err)
{
	struct echo e = {
		.client_id = m->client_id,
		.source_id = m->source_id,
		.chat = m->chat,
		.external_id = m->external_id,
		.kind = m->kind,
		.text = m->text,
		.sender_bot = w->u->sent_by_bot,
		.now = m->now,
		.request_id = m->request_id,
	};

	*taken = false;
	return !e.sender_bot || echo_settle(w->db, w->a, &e, taken, err);
}

/* The owner himself, or the bot in his name. */
static bool take_owner(struct work *w, struct err *err)
{
	struct message_file file;
	struct message_in m = message_of(w, &file);
	int64_t id = 0;
	bool taken;

	if (!take_echo(w, &m, &taken, err) ||
	    (!taken && !message_take_own(w->db, w->a, &m, &id, err)))
		return false;
	if (!learn(w, err))
		return false;
	w->h->ring = taken || id != 0;
	return true;
}

static bool on_business(struct work *w, struct err *err)
{
	bool ready;

	if (!find_owner(w, &ready, err) || !ready)
		return !err->kind;
	describe_business(w);
	if (!source_chat_open(w->db, w->a, &w->chat, &w->found, err))
		return false;
	return w->u->from_id == w->found.owner_id ? take_owner(w, err)
						  : take_buyer(w, err);
}

/* ---- what happens to messages that are here already ---- */

static bool on_changed(struct work *w, struct err *err)
{
	struct changed c = {
		.u = w->u,
		.client_id = w->h->client_id,
		.source_id = w->found.source_id,
		.chat = w->chat.chat,
		.now = w->h->now,
		.request_id = w->h->request_id,
	};

	w->h->result = SOURCE_TAKEN;
	if (!changed_take(w->db, w->a, &c, err))
		return false;
	w->h->ring = c.ring;
	return true;
}

static bool on_private_changed(struct work *w, struct err *err)
{
	describe_private(w);
	return source_chat_find(w->db, w->a, &w->chat, &w->found, err) &&
	       (!w->found.source_id || on_changed(w, err));
}

static bool on_business_changed(struct work *w, struct err *err)
{
	bool ready;

	if (!find_owner(w, &ready, err) || !ready)
		return !err->kind;
	describe_business(w);
	return on_changed(w, err);
}

static bool run(struct work *w, struct err *err)
{
	const struct tg_update *u = w->u;

	switch (u->kind) {
	case TG_MESSAGE:
		return !is_private(u) || u->from_is_bot || on_private(w, err);
	case TG_MEMBER:
		return !is_private(u) || on_member(w, err);
	case TG_CONNECTION:
		return on_connection(w, err);
	case TG_BUSINESS_MESSAGE:
		return on_business(w, err);
	case TG_EDITED:
	case TG_REACTION:
		return !is_private(u) || on_private_changed(w, err);
	case TG_BUSINESS_EDITED:
	case TG_BUSINESS_DELETED:
		return on_business_changed(w, err);
	default:
		return true;
	}
}

bool source_hook(struct db *db, struct arena *a, struct source_hook *h,
		 struct err *err)
{
	struct work w = {
		.db = db,
		.a = a,
		.h = h,
		.u = h->u,
		.chat = { .client_id = h->client_id,
			  .bot_id = h->bot_id,
			  .now = h->now },
	};

	h->ring = false;
	h->result = SOURCE_NOT_OURS;
	return run(&w, err);
}
