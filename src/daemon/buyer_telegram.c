/*
 * buyer_telegram.c - a message on its way to a person in Telegram: from a
 * source's bot, or in the name of an account whose owner lets it answer.
 *
 * Telegram cannot be asked whether an unsure send happened, and a stranger
 * shall not get anything twice: it ends, the operators are asked, and only
 * their word sends it again.  In an account's chats our own messages come back
 * to us, which settles it.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chan/telegram.h"
#include "core/blocked.h"
#include "core/business.h"
#include "daemon/ending.h"
#include "daemon/limits.h"
#include "daemon/to_buyer.h"
#include "store/lane.h"
#include "store/message.h"
#include "store/task.h"

#define LOST_TEXT                                                                                              \
	"Отправка прервалась, и Telegram не говорит, дошло ли это до " \
	"клиента."

/* ---- may it be sent at all? ---- */

/* The team is told at once that the answer waits; once for each. */
static bool tell_waiting(struct job *j, struct err *err)
{
	struct dialog_event e = {
		.client_id = j->d.client_id,
		.dialog_id = j->d.dialog_id,
		.key = arena_printf(&j->a, "held:%" PRId64, j->d.id),
		.text = arena_printf(&j->a, "⏸ Ответ ждёт. %s",
				     j->ending->reason),
		.now = clock_now_us(),
		.request_id = j->d.request_id,
	};
	int64_t id;

	return message_take_event(j->dm->db, &j->a, &e, &id, err);
}

#define SETTINGS_PATH "Telegram → Настройки → Telegram для бизнеса → Чат-боты"

static const char *connection_trouble(const struct job *j)
{
	if (!j->d.connection_id ||
	    (j->d.connection_enabled && j->d.connection_can_reply))
		return NULL;
	return j->d.connection_enabled
		       ? "Владелец аккаунта не разрешает боту отвечать. "
			 "Разрешить: " SETTINGS_PATH "."
		       : "Владелец аккаунта отключил бота. Подключить "
			 "снова: " SETTINGS_PATH ".";
}

static const char *held_by_dialog(struct job *j)
{
	return arena_printf(&j->a, "dialog:%" PRId64, j->d.dialog_id);
}

static bool look_again(struct job *j, struct err *err)
{
	return lane_wake_unblocked(j->dm->db, &j->a, j->d.dialog_id,
				   clock_now_us(), err);
}

/* false: the job has ended. */
static bool is_reachable(struct job *j)
{
	const char *trouble = connection_trouble(j);

	if (j->d.blocked)
		job_hold_also(j, held_by_dialog(j),
			      "Клиент не принимает сообщения: ждём, пока он "
			      "разблокирует бота.",
			      look_again);
	else if (trouble)
		job_hold_also(j, business_object(&j->a, j->d.connection_id),
			      trouble, tell_waiting);
	else if (j->d.source_bot_broken)
		job_hold(j, place_object(j->place),
			 "Бот источника не работает: причина — в его "
			 "состоянии.");
	else
		return true;
	return false;
}

/* ---- what came of it ---- */

/* The person takes nothing, and the team is told. */
static bool mark_blocked(struct job *j, struct err *err)
{
	struct blocked b = {
		.client_id = j->d.client_id,
		.dialog_id = j->d.dialog_id,
		.is_blocked = true,
		.now = clock_now_us(),
		.request_id = j->d.request_id,
	};
	bool changed;

	return blocked_set(j->dm->db, &j->a, &b, &changed, err);
}

/* The connection is not what we took it for; perhaps we have missed what
 * Telegram said of it, so it is asked for once more. */
static bool lose_connection(struct job *j, struct err *err)
{
	struct json_object *args = json_new(&j->a);
	struct task ask = {
		.client_id = j->d.client_id,
		.kind = "business.learn",
		.subject_id = j->d.source_bot_id,
		.key = j->d.connection,
		.due_at = clock_now_us() + RECHECK_US,
		.request_id = j->d.request_id,
	};
	bool goes_on =
		j->call.reply.status == 403; /* only a right is missing */
	struct business b;
	int64_t bot_id;

	json_put_str(args, "connection", j->d.connection);
	ask.args = json_text(args);
	return business_find(j->dm->db, &j->a, j->d.connection_id, &b, &bot_id,
			     err) &&
	       business_lost(j->dm->db, &j->a, &b, goes_on, clock_now_us(),
			     err) &&
	       task_add(j->dm->db, &j->a, &ask, err) && tell_waiting(j, err);
}

/* In an account's chat it may have come back to us already.  Of an album that
 * says nothing: one item that is back must not let the others go again. */
static bool is_back(struct job *j, const struct attempt *last)
{
	struct err ignored = { 0 };
	const char *echo = NULL;
	struct attempt *at;

	if (!j->d.connection_id || last->part < 0 ||
	    last->part >= (int)j->n_parts ||
	    strcmp(last->action, TELEGRAM_SEND_ALBUM) == 0 ||
	    !parked_find(j->dm->db, &j->a, &j->d,
			 chan_kind_name(j->parts[last->part].kind),
			 last->content, &echo, &ignored) ||
	    !echo)
		return false;
	at = arena_alloc(&j->a, sizeof(*at));
	*at = *last;
	j->settled = true;
	job_settle(j, at, echo);
	return true;
}

/* Whoever says that it has arrived cannot see that more was to follow. */
static const char *with_rest(struct job *j, const struct attempt *last,
			     const char *reason)
{
	size_t first = last->part < 0 ? 0 : (size_t)last->part, rest = 0;
	size_t in_call = 1;

	if (first < j->n_parts &&
	    strcmp(last->action, TELEGRAM_SEND_ALBUM) == 0)
		in_call =
			compose_together(j->chan, j->parts, j->n_parts, first);
	for (size_t i = first + in_call; i < j->n_parts; i++)
		rest += !j->sent[i];
	if (!rest)
		return reason;
	return arena_printf(
		&j->a,
		"%s\nЕщё не отправлено частей этого сообщения: %zu. "
		"«Дошло» их не отправит.",
		reason, rest);
}

/* What the refusals of the Bot API mean in a private chat. */
static void refused(struct job *j, const struct chan_sent *sent,
		    const struct err *why)
{
	struct attempt at = { .id = j->attempt_id,
			      .part = j->part,
			      .action = j->begin.action,
			      .content = j->begin.content };
	struct err err = *why;

	j->trouble = sent->trouble;
	if (err.kind == ERR_UNSURE) {
		if (is_back(j, &at))
			return;
		err_set(&err, ERR_UNSURE, "%s", with_rest(j, &at, why->text));
	}
	switch (sent->trouble) {
	case CHAN_BLOCKED:
		job_hold_also(j, held_by_dialog(j), err.text, mark_blocked);
		return;
	case CHAN_NOT_CONNECTED:
		if (j->d.connection_id) {
			job_hold_also(
				j, business_object(&j->a, j->d.connection_id),
				err.text, lose_connection);
			return;
		}
		break;
	case CHAN_KICKED:
	case CHAN_NO_RIGHTS:
		/* It is this chat's trouble, not the bot's. */
		err_set(&err, ERR_INPUT,
			"Telegram не пускает бота в чат с этим человеком: "
			"попросите его написать боту снова");
		break;
	default:
		break;
	}
	/* Of an album it is not told which file was at fault. */
	if (j->in_call > 1 && err.kind == ERR_INPUT) {
		j->alone_to = j->part + (int)j->in_call;
		job_other_way(j, err.text);
		return;
	}
	if (sent->trouble == CHAN_BAD_FILE && cargo_as_document(j, j->part))
		job_other_way(j, err.text);
	else
		to_buyer_refused(j, j->part, &err);
}

static void name_parts(struct job *j, struct chan_sent *sent)
{
	for (size_t i = 0; i < j->in_call; i++)
		sent[i].id = tg_place_message_id(&j->a, j->d.chat,
						 strtoll(sent[i].id, NULL, 10));
}

static void on_parts(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	struct chan_sent sent[CARGO_FILES_MAX] = { 0 };
	struct err err = { 0 };

	if (j->in_call > 1 ? j->chan->album_read(&j->a, &c->reply, sent,
						 j->in_call, &err)
			   : j->chan->send_read(&j->a, &c->reply, sent, &err)) {
		name_parts(j, sent);
		job_parts_done(j, sent);
	} else {
		refused(j, sent, &err);
	}
}

/* ---- sending ---- */

static void start_call(struct job *j)
{
	j->call.a = &j->a;
	call_start(j->dm->loop, &j->call);
}

static bool bot_end(struct job *j, struct chan_end *end)
{
	struct err err = { 0 };

	*end = (struct chan_end){ .api_base = j->dm->s->telegram_api_base };
	if (j->d.connection_id)
		end->connection = j->d.connection;
	if (unseal(&j->a, "bots.token", j->d.source_bot_token, &end->token,
		   &err))
		return true;
	job_hold(j, place_object(j->place), err.text);
	return false;
}

static bool may_send(struct job *j, size_t n)
{
	int64_t chat = strtoll(tg_place_chat(&j->a, j->d.chat), NULL, 10);
	int64_t free_at;
	bool alone;

	if (job_has_room(j, n) ||
	    place_take_person(j->dm, j->place, chat, n, clock_now_us(),
			      &free_at, &alone))
		return true;
	if (alone)
		job_later(j, free_at, false,
			  "Telegram просит писать человеку не чаще раза в "
			  "секунду.");
	else
		job_queue(j);
	return false;
}

static const char *action_of(enum chan_kind kind)
{
	return kind == CHAN_TEXT ? "telegram.send_message"
				 : "telegram.send_file";
}

static void send_parts(struct job *j, int part)
{
	struct chan_out out[CARGO_FILES_MAX];
	size_t n = cargo_parts(j, part);
	struct chan_end end;

	if (!bot_end(j, &end) || !may_send(j, n))
		return;
	for (size_t i = 0; i < n; i++) {
		out[i] = cargo_out(j, part + (int)i);
		out[i].chat = j->d.chat;
	}
	/* What has several parts answers with the first of them. */
	if (part == 0)
		out->reply_to = delivery_quote(&j->a, &j->d, j->d.source,
					       j->d.source_id);
	j->in_call = n;
	j->call.rq = (struct http_request){ .timeout_ms = CALL_TIMEOUT_MS };
	if (n > 1)
		j->chan->album_write(&j->a, &end, out, n, &j->call.rq);
	else
		j->chan->send_write(&j->a, &end, out, &j->call.rq);
	if (j->parts[part].has_file)
		j->call.rq.timeout_ms = FILE_TIMEOUT_MS;
	j->call.done = on_parts;
	job_attempt(j, part, n > 1 ? TELEGRAM_SEND_ALBUM : action_of(out->kind),
		    out->text ? out->text : "", start_call);
}

/* ---- files ---- */

/* Whoever has the file is no trouble of the source's. */
static void on_files(struct job *j, int part, const struct err *why)
{
	struct err err = *why;

	if (err.kind == ERR_AUTH || err.kind == ERR_DENIED)
		err.kind = ERR_DOWN;
	if (err.kind)
		to_buyer_refused(j, part, &err);
	else
		j->drain(j);
}

/* ---- what a crash left ---- */

/* Whether the last call happened is not known: only a person may say so, and
 * meanwhile those behind go on. */
static void look_back(struct job *j)
{
	struct err err = { 0 };
	struct attempt at;

	if (!attempt_last(j->dm->db, &j->a, &j->d, &at, &err)) {
		if (err.kind != ERR_MISSING) {
			job_drop(j, &err);
			return;
		}
		at.is_unsure = false;
	}
	if (!at.is_unsure) {
		j->settled = true;
		j->drain(j);
	} else if (!is_back(j, &at)) {
		job_dead_unsure(j, with_rest(j, &at, LOST_TEXT));
	}
}

void buyer_telegram_drain(struct job *j)
{
	int part;

	if (!j->parts && !to_buyer_compose(j))
		return;
	if (strcmp(j->d.state, "queued") != 0 && !j->settled) {
		look_back(j);
		return;
	}
	part = job_next_part(j);
	if (part == (int)j->n_parts)
		to_buyer_finish(j);
	else if (!is_reachable(j))
		return;
	else if (!cargo_is_ready(j, part))
		cargo_load(j, part, cargo_parts(j, part), on_files);
	else
		send_parts(j, part);
}
