/*
 * hook_avito.c - Avito's webhook v3.
 */
#include "config.h"

#include "chan/avito.h"
#include "core/hook.h"
#include "core/inbound.h"
#include "store/hook.h"

static bool take(struct db *db, struct arena *a, struct hook *h,
		 int64_t client_id, const struct chan_message *m,
		 struct err *err)
{
	struct inbound in = {
		.client_id = client_id,
		.account_id = h->object_id,
		.now = h->now,
		.request_id = h->request_id,
	};
	int64_t id;

	if (!inbound_avito(db, a, &in, m, &id, err))
		return false;
	h->ring = id != 0;
	return true;
}

static bool set_aside(struct db *db, struct arena *a, const struct hook *h,
		      int64_t client_id, struct json_object *body,
		      const char *reason, struct err *err)
{
	/* The parsed tree, not the raw bytes: those may hold what PostgreSQL
	 * cannot store. */
	return quarantine_add(db, a, client_id, "avito", h->object_id, reason,
			      json_text(body), h->now, h->request_id, err);
}

static bool dispatch(struct db *db, struct arena *a, struct hook *h,
		     int64_t client_id, int64_t user_id,
		     enum hook_result *result, struct err *err)
{
	struct err problem = { 0 };
	struct json_object *body;
	struct avito_hook hook = { 0 };

	if (!json_read_clean(a, h->body, h->body_len, &body, &problem)) {
		*result = HOOK_NOT_JSON;
		return true;
	}
	*result = HOOK_TAKEN;
	if (!avito_hook_read(a, body, &hook, &problem))
		return set_aside(db, a, h, client_id, body, problem.text, err);
	if (!hook.is_message)
		return true;
	if (hook.user_id != user_id)
		return set_aside(db, a, h, client_id, body,
				 "the message is for another account", err);
	return take(db, a, h, client_id, &hook.m, err);
}

bool hook_avito(struct db *db, struct arena *a, struct hook *h,
		enum hook_result *result, struct err *err)
{
	int64_t client_id = 0, user_id = 0;
	bool ok;

	*result = HOOK_REFUSED;
	ok = db_begin(db, err) &&
	     hook_find_avito(db, a, h->object_id, secret_hash(a, h->secret),
			     &client_id, &user_id, err) &&
	     (client_id == 0 ||
	      dispatch(db, a, h, client_id, user_id, result, err));
	return db_finish(db, ok, err);
}
