/*
 * tg_commands.c - the commands that bots offer, by scope and language.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "sandbox/tg_api.h"

#define COMMANDS_MAX 100

static bool command_fits(struct json_object *o)
{
	const char *name = json_str(o, "command", "");
	const char *about = json_str(o, "description", "");
	size_t len = strlen(name);

	return len >= 1 && len <= 32 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
	       *about && text_units(about) <= 256;
}

/* The same words for the same scope, however its members are ordered.
 * NULL: the call has failed. */
static const char *scope_of(struct tg_call *c)
{
	static const char known[] =
		" default all_private_chats all_group_chats"
		" all_chat_administrators chat chat_administrators"
		" chat_member ";
	static const char spec[] = "type:S! chat_id:C user_id:I";
	struct json_object *o = json_object_at(c->params, "scope");
	const char *type = json_str(o, "type", "default");
	struct json_object *chat = json_member(o, "chat_id");
	bool wants_chat = strncmp(type, "chat", 4) == 0;

	if (o)
		spec_check(spec, o, "telegram", c->method->name);
	if (!strstr(known, arena_printf(c->a, " %s ", type)) ||
	    wants_chat != (chat != NULL)) {
		tg_violation(c, "scope %s", o ? json_text(o) : "");
		tg_fail(c, 400, "can't parse BotCommandScope");
		return NULL;
	}
	return arena_printf(c->a, "%s/%s/%lld/%s", type,
			    chat ? json_object_get_string(chat) : "",
			    (long long)json_i64(o, "user_id", 0),
			    json_str(c->params, "language_code", ""));
}

static void keep(struct tg_call *c, const char *scope, struct json_object *list)
{
	struct json_object *all = json_object_new_object();

	if (c->bot->commands) {
		json_object_object_foreach(c->bot->commands, name, v)
			json_put(all, name, json_object_get(v));
	}
	json_object_object_del(all, scope);
	if (list)
		json_put(all, scope, json_object_get(list));
	c->bot->commands = world_keep(all);
	json_object_put(all);
	world_touch();
	tg_true(c);
}

void tg_run_set_commands(struct tg_call *c)
{
	struct json_object *list = json_array_at(c->params, "commands");
	size_t n = json_object_array_length(list);
	const char *scope = scope_of(c);

	if (!scope)
		return;
	for (size_t i = 0; i < n; i++) {
		if (n <= COMMANDS_MAX &&
		    command_fits(json_object_array_get_idx(list, i)))
			continue;
		tg_violation(c, "command %zu of %zu is not allowed", i, n);
		tg_fail(c, 400, "BOT_COMMAND_INVALID");
		return;
	}
	keep(c, scope, list);
}

void tg_run_delete_commands(struct tg_call *c)
{
	const char *scope = scope_of(c);

	if (scope)
		keep(c, scope, NULL);
}

void tg_run_get_commands(struct tg_call *c)
{
	const char *scope = scope_of(c);
	struct json_object *list;

	if (!scope)
		return;
	list = json_array_at(c->bot->commands, scope);
	tg_ok(c, list ? json_object_get(list) : json_object_new_array());
}
