/*
 * changed.c - what an update of Telegram says of a message that is here
 * already.
 */
#include "config.h"

#include <inttypes.h>

#include "core/changed.h"
#include "core/deletion.h"
#include "core/edit.h"
#include "store/change.h"

static bool at_source(const struct changed *c)
{
	return c->chat != NULL;
}

static struct message_name name_of(struct arena *a, const struct changed *c,
				   int64_t message)
{
	return (struct message_name){
		.client_id = c->client_id,
		.place = "telegram",
		.place_id = at_source(c) ? c->source_id : c->u->chat_id,
		.external_id =
			at_source(c) ? tg_place_message_id(a, c->chat, message)
				     : arena_printf(a, "%" PRId64, message),
	};
}

static bool edited(struct db *db, struct arena *a, struct changed *c,
		   struct err *err)
{
	struct edit e = {
		.name = name_of(a, c, c->u->message_id),
		.m = &c->u->m,
		.bot_id = c->bot_id,
		.is_command = c->u->command != NULL,
		.edited_at = c->u->edited_at,
		.now = c->now,
		.request_id = c->request_id,
	};
	bool ok = at_source(c) ? edit_at_source(db, a, &e, err)
			       : edit_in_topic(db, a, &e, err);

	c->ring = e.ring;
	c->refusal = e.refusal;
	return ok;
}

static bool deleted(struct db *db, struct arena *a, struct changed *c,
		    struct err *err)
{
	size_t n = c->u->n_deleted;
	struct message_name *names = arena_array(a, n, sizeof(*names));
	struct deletions x = {
		.names = names,
		.n = n,
		.now = c->now,
		.request_id = c->request_id,
	};

	for (size_t i = 0; i < n; i++)
		names[i] = name_of(a, c, c->u->deleted[i]);
	if (!deletions_at_source(db, a, &x, err))
		return false;
	c->ring = x.ring;
	return true;
}

/* A colleague who may not write may not react either. */
static bool reacted(struct db *db, struct arena *a, struct changed *c,
		    struct err *err)
{
	struct message_name name = name_of(a, c, c->u->message_id);
	struct message_state s;
	struct message_reaction r = {
		.client_id = c->client_id,
		.side = at_source(c) ? "buyer" : "team",
		.author_id = arena_printf(a, "%" PRId64, c->u->from_id),
		.emojis = c->u->emojis,
		.n = c->u->n_emojis,
		.now = c->now,
		.request_id = c->request_id,
	};
	bool may = true;

	if (!message_look(db, a, &name, false, &s, err))
		return false;
	if (s.id == 0 || (!at_source(c) && s.bot_id != c->bot_id))
		return true;
	if (!at_source(c) && !dialog_operator(db, a, c->client_id, s.dialog_id,
					      c->u->from_id, &may, err))
		return false;
	if (!may)
		return true;
	r.id = s.id;
	c->ring = true;
	return message_react(db, a, &r, err);
}

bool changed_take(struct db *db, struct arena *a, struct changed *c,
		  struct err *err)
{
	c->ring = false;
	c->refusal = NULL;
	switch (c->u->kind) {
	case TG_EDITED:
	case TG_BUSINESS_EDITED:
		return edited(db, a, c, err);
	case TG_BUSINESS_DELETED:
		return deleted(db, a, c, err);
	case TG_REACTION:
		return reacted(db, a, c, err);
	default:
		return true;
	}
}
