/*
 * business.c - personal accounts that let a source's bot answer for them.
 */
#include "config.h"

#include <inttypes.h>

#include "core/business.h"
#include "store/lane.h"
#include "store/notice.h"

const char *business_object(struct arena *a, int64_t id)
{
	return arena_printf(a, "connection:%" PRId64, id);
}

static const char *owner_of(struct arena *a, const struct business *b)
{
	return *b->username
		       ? arena_printf(a, "%s (@%s)", b->user_name, b->username)
		       : b->user_name;
}

const char *business_trouble(struct arena *a, const struct business *b)
{
	if (!b->is_enabled)
		return arena_printf(
			a,
			"Аккаунт %s больше не подключён к боту. Его "
			"владелец может подключить бота снова: Telegram → "
			"Настройки → Telegram для бизнеса → Чат-боты",
			owner_of(a, b));
	if (!b->can_reply)
		return arena_printf(
			a,
			"Боту не разрешено отвечать за аккаунт %s. Его "
			"владелец может разрешить это: Telegram → Настройки "
			"→ Telegram для бизнеса → Чат-боты",
			owner_of(a, b));
	return NULL;
}

static bool follow(struct db *db, struct arena *a, const struct business *b,
		   int64_t now, struct err *err)
{
	const char *object = business_object(a, b->id);
	const char *trouble = business_trouble(a, b);
	struct notice n = {
		.client_id = b->client_id,
		.kind = NOTICE_CONNECTION,
		.object = object,
	};

	if (!trouble)
		return notice_close(db, a, b->client_id, NOTICE_CONNECTION,
				    object, now, err) &&
		       lanes_wake(db, a, object, now, err);
	n.text = arena_printf(a, "%s. Ответы его клиентам ждут.", trouble);
	return notice_raise(db, a, &n, now, err);
}

bool business_told(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, const struct tg_connection *c, int64_t now,
		   bool *known, struct err *err)
{
	struct business b = {
		.client_id = client_id,
		.external_id = c->id,
		.user_id = c->user_id,
		.user_name = c->user_name,
		.username = c->username,
		.user_chat_id = c->user_chat_id,
		.is_enabled = c->is_enabled,
		.can_reply = c->can_reply,
		.can_read = c->can_read,
		.can_delete = c->can_delete,
		.told_at = c->told_at ? c->told_at : now,
	};

	if (!business_store(db, a, &b, bot_id, now, err))
		return false;
	*known = b.id != 0;
	return !*known || follow(db, a, &b, now, err);
}

bool business_lost(struct db *db, struct arena *a, const struct business *b,
		   bool is_enabled, int64_t now, struct err *err)
{
	struct business lost = *b;

	lost.can_reply = false;
	lost.is_enabled = b->is_enabled && is_enabled;
	return business_refused(db, a, b->id, b->external_id, is_enabled,
				err) &&
	       follow(db, a, &lost, now, err);
}
