/*
 * bot_commands.c - which commands Telegram offers to a bot's groups.
 *
 * In Russian, and in English to those whose Telegram speaks something else.
 */
#include "config.h"

#include "chan/telegram.h"
#include "core/command.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"
#include "store/link.h"

static void tell(struct run *r, bool russian, void (*done)(struct call *c))
{
	struct command_offer *offers;
	size_t n = command_offers(&r->a, russian, &offers);
	struct tg_command *list = arena_array(&r->a, n, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = (struct tg_command){ offers[i].word, offers[i].text };
	r->call.rq = (struct http_request){ 0 };
	tg_set_commands_write(&r->a, &r->end, list, n, russian ? "ru" : NULL,
			      &r->call.rq);
	run_call(r, done);
}

/* false: the run has ended. */
static bool is_told(struct run *r)
{
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&r->a, &r->call.reply, &result, &trouble, NULL, &err))
		return true;
	small_failed(r, r->t.subject_id, &err);
	return false;
}

static bool write_told(struct run *r, struct err *err)
{
	return bot_commands_told(r->dm->db, &r->a, r->t.subject_id,
				 COMMANDS_VERSION, err);
}

static void on_others(struct call *c)
{
	struct run *r = container_of(c, struct run, call);

	if (is_told(r))
		run_done_with(r, write_told);
}

static void on_russian(struct call *c)
{
	struct run *r = container_of(c, struct run, call);

	if (is_told(r) && run_renew(r))
		tell(r, false, on_others);
}

static void start(struct run *r)
{
	if (!run_bot(r))
		return;
	if (r->bot->commands_version == COMMANDS_VERSION)
		run_done(r);
	else if (small_is_open(r, r->t.subject_id, 0))
		tell(r, true, on_russian);
}

const struct task_type task_bot_commands = {
	.kind = "bot.commands",
	.start = start,
};
