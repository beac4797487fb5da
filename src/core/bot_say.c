/*
 * bot_say.c - a short answer of the bot to somebody in its group.
 */
#include "config.h"

#include <inttypes.h>

#include "base/json.h"
#include "core/bot_say.h"
#include "store/task.h"

bool bot_say(struct db *db, struct arena *a, struct in_group *g,
	     const char *text, struct err *err)
{
	struct json_object *args = json_new(a);
	struct task t = {
		.client_id = g->client_id,
		.kind = "telegram.say",
		.subject_id = g->bot_id,
		.key = arena_printf(a, "update:%" PRId64, g->u->update_id),
		.due_at = g->now,
		.request_id = g->request_id,
	};

	json_put_i64(args, "chat", g->u->chat_id);
	json_put_i64(args, "topic", g->u->topic);
	json_put_i64(args, "reply_to", g->u->message_id);
	json_put_str(args, "text", text);
	t.args = json_text(args);
	g->ring = true;
	return task_add(db, a, &t, err);
}
