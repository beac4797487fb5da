/*
 * blocked.c - a person who takes no messages, and takes them again.
 */
#include "config.h"

#include <inttypes.h>

#include "core/blocked.h"
#include "store/message.h"
#include "store/source_chat.h"

static const char *text_of(struct arena *a, const struct blocked *b)
{
	if (!b->is_blocked)
		return "✅ Клиент снова принимает сообщения: то, что ждало, "
		       "отправляется.";
	if (b->why)
		return arena_printf(a, "🚫 %s. Ответы ждут.", b->why);
	return "🚫 Клиент заблокировал бота: ответы ждут, пока он его не "
	       "разблокирует.";
}

bool blocked_set(struct db *db, struct arena *a, const struct blocked *b,
		 bool *changed, struct err *err)
{
	struct dialog_event e = {
		.client_id = b->client_id,
		.dialog_id = b->dialog_id,
		.key = arena_printf(a, "%s:%" PRId64,
				    b->is_blocked ? "blocked" : "unblocked",
				    b->now),
		.text = text_of(a, b),
		.now = b->now,
		.request_id = b->request_id,
	};
	int64_t id;

	if (!dialog_set_blocked(db, a, b->client_id, b->dialog_id,
				b->is_blocked ? b->now : 0, b->now, changed,
				err))
		return false;
	return !*changed || message_take_event(db, a, &e, &id, err);
}
