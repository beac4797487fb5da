/*
 * team.c - a message on its way to the team: topic, card, parts.
 *
 * Telegram cannot be asked whether an unsure send happened.  To a working
 * group, our own people, it is sent again and counted; a second copy is
 * better than a buyer nobody answers.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/backoff.h"
#include "core/inbound.h"
#include "daemon/limits.h"
#include "daemon/team_impl.h"

bool team_end(struct job *j, struct chan_end *end)
{
	struct err err = { 0 };

	*end = (struct chan_end){ .api_base = j->dm->s->telegram_api_base };
	if (unseal(&j->a, "bots.token", j->d.bot_token, &end->token, &err))
		return true;
	job_hold(j, arena_printf(&j->a, "bot:%" PRId64, j->d.bot_id), err.text);
	return false;
}

static void start_call(struct job *j)
{
	j->call.a = &j->a;
	if (!j->call.rq.timeout_ms)
		j->call.rq.timeout_ms = CALL_TIMEOUT_MS;
	call_start(j->dm->loop, &j->call);
}

void team_attempt(struct job *j, int step, const char *action,
		  const char *content, void (*done)(struct call *c))
{
	j->call.done = done;
	job_attempt(j, step, action, content, start_call);
}

bool team_may_call(struct job *j)
{
	int64_t free_at;

	if (place_take_small(j->dm, j->place, clock_now_us(), &free_at))
		return true;
	job_queue(j);
	return false;
}

static bool may_send(struct job *j, size_t n)
{
	int64_t free_at;

	if (job_has_room(j, n) || place_take(j->dm, j->place, j->d.bot_group_id,
					     n, clock_now_us(), &free_at))
		return true;
	job_queue(j);
	return false;
}

/* A working group?  Otherwise the lane waits until there is one. */
static bool has_place(struct job *j)
{
	const struct delivery *d = &j->d;

	if (!d->bot_id) {
		job_hold(j,
			 arena_printf(&j->a, "project:%" PRId64, d->project_id),
			 "У проекта нет бота: выберите его в настройках "
			 "проекта.");
		return false;
	}
	if (!d->bot_group_id || d->bot_broken) {
		job_hold(j, arena_printf(&j->a, "bot:%" PRId64, d->bot_id),
			 d->bot_group_id
				 ? "Бот не может писать в группу: причина — "
				   "в его состоянии."
				 : "Бот не привязан к рабочей группе: укажите "
				   "её номер (его скажет /getid).");
		return false;
	}
	return true;
}

/* ---- what Avito knows of the chat: needed for the topic's name ---- */

static void write_details(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);

	avito_chat_write(&j->a, end, j->d.chat, &q->call.rq);
}

static bool learn(struct job *j, const struct avito_chat *c, struct err *err)
{
	struct inbound in = {
		.client_id = j->d.client_id,
		.account_id = j->d.source_id,
		.now = clock_now_us(),
	};
	int64_t id;

	if (!inbound_chat(j->dm->db, &j->a, &in, c, &id, err))
		return false;
	j->d.buyer_name = c->buyer_name;
	j->d.buyer_url = c->buyer_url;
	j->d.item_title = c->item_title;
	j->d.item_price = c->item_price;
	j->d.item_url = c->item_url;
	j->d.details_known = true;
	j->parts = NULL; /* the buyer has a name now */
	return true;
}

/* Avito told us to wait: a moment, if that is all.  false: it would be too
 * long. */
static bool may_wait_for_details(struct job *j, const struct err *limit)
{
	int64_t until = clock_now_us() + limit->retry_s * SECOND_US;

	if (limit->retry_s == 0 || until > j->d.created_at + DETAILS_WAIT_US)
		return false;
	job_later(j, until, false, limit->text);
	return true;
}

static void on_details(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct err err = q->err;
	enum chan_trouble trouble;
	struct avito_chat chat;

	j->tried_details = true;
	if (!err.kind &&
	    avito_chat_read(&j->a, &q->call.reply, j->d.account_user_id, &chat,
			    &trouble, &err))
		learn(j, &chat, &err);
	/* The message itself is worth more than the names around it. */
	if (err.kind == ERR_LIMIT && may_wait_for_details(j, &err))
		return;
	if (err.kind == ERR_DOWN && j->d.attempts < DETAILS_TRIES) {
		job_failed(j, &err);
		return;
	}
	if (err.kind)
		log_warn("dialog.details_missing",
			 lf_int("dialog", j->d.dialog_id),
			 lf_str("reason", err.text));
	j->drain(j);
}

/* ---- the message, and those that travel with it ---- */

/* What was under way when its outcome got lost goes again as it was. */
static bool remember(struct job *j)
{
	struct attempt at;
	struct err err = { 0 };

	if (attempt_last(j->dm->db, &j->a, &j->d, &at, &err) && at.is_unsure) {
		j->topic_again = at.part == STEP_TOPIC;
		j->unsure_again = !j->topic_again;
		log_warn("delivery.sent_again", lf_int("delivery", j->d.id),
			 lf_str("direction", j->d.direction));
	}
	/* It travelled with another one that is gone. */
	if (err.kind == ERR_MISSING) {
		err = (struct err){ 0 };
		j->unsure_again = 1;
	}
	if (err.kind || !lane_joined(j->dm->db, &j->a, &j->d, &j->joined,
				     &j->n_joined, &err)) {
		job_drop(j, &err);
		return false;
	}
	if (j->unsure_again)
		j->unsure_again += (int)j->n_joined;
	j->remembered = true;
	return true;
}

/* The group's quota is the bottleneck: what waits behind comes along. */
static bool gather(struct job *j)
{
	struct err err = { 0 };

	if (!place_is_tight(j->place, clock_now_us()) ||
	    !compose_may_join(&j->d))
		return true;
	if (lane_behind(j->dm->db, &j->a, &j->d, JOINED_MAX, &j->joined,
			&j->n_joined, &err))
		return true;
	job_drop(j, &err);
	return false;
}

/* false: the job has ended. */
static bool compose(struct job *j)
{
	bool again = strcmp(j->d.state, "queued") != 0;

	if (again ? !j->remembered && !remember(j) : !gather(j))
		return false;
	compose_team(&j->a, &j->d, j->chan, &j->parts, &j->n_parts);
	compose_joined(&j->a, &j->d, j->joined, &j->n_joined, j->chan, j->parts,
		       j->n_parts);
	job_load_copies(j);
	return true;
}

/* ---- files ---- */

/* One that will never be had: the team is told so in its place. */
static void on_files(struct job *j, int part, const struct err *err)
{
	const char *reason = err->text;

	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT) {
		if (j->d.attempts + 1 < BACKOFF_ATTEMPTS_MAX) {
			job_failed(j, err);
			return;
		}
		reason = "Файл получить не удалось: нужно прислать его снова.";
	}
	if (err->kind)
		compose_without_file(&j->a, &j->d, j->chan, reason,
				     &j->parts[part]);
	j->drain(j);
}

void team_send(struct job *j, struct chan_out *out, size_t n, int part,
	       const char *action, void (*done)(struct call *c))
{
	struct chan_end end;

	for (size_t i = 0; i < n; i++) {
		out[i].chat =
			arena_printf(&j->a, "%" PRId64, j->d.bot_group_id);
		out[i].topic = j->d.bot_topics ? j->d.topic_id : 0;
	}
	if (!team_end(j, &end) || !may_send(j, n))
		return;
	j->in_call = n;
	j->call.rq = (struct http_request){ 0 };
	if (n > 1)
		j->chan->album_write(&j->a, &end, out, n, &j->call.rq);
	else
		j->chan->send_write(&j->a, &end, out, &j->call.rq);
	if (part >= 0 && j->parts[part].has_file)
		j->call.rq.timeout_ms = FILE_TIMEOUT_MS;
	team_attempt(j, part, action, out->text ? out->text : "", done);
}

/* ---- the message ---- */

static const char *action_of(enum chan_kind kind)
{
	switch (kind) {
	case CHAN_IMAGE:
		return "telegram.send_photo";
	case CHAN_VOICE:
		return "telegram.send_voice";
	case CHAN_TEXT:
		return "telegram.send_message";
	default:
		return "telegram.send_file";
	}
}

static void on_parts(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	struct chan_sent sent[CARGO_FILES_MAX] = { 0 };
	struct err err = { 0 };

	if (j->in_call > 1 ? j->chan->album_read(&j->a, &c->reply, sent,
						 j->in_call, &err)
			   : j->chan->send_read(&j->a, &c->reply, sent, &err))
		job_parts_done(j, sent);
	else
		team_refused(j, sent, &err);
}

static void send_parts(struct job *j, int part)
{
	struct chan_out out[CARGO_FILES_MAX];
	size_t n = cargo_parts(j, part);

	for (size_t i = 0; i < n; i++)
		out[i] = cargo_out(j, part + (int)i);
	/* What has several parts answers with the first of them. */
	if (part == 0)
		out->reply_to = delivery_quote(&j->a, &j->d, "telegram",
					       j->d.bot_group_id);
	/* All that is sent again may be there twice. */
	if (j->unsure_again && n > 1)
		j->unsure_again = (int)n;
	team_send(j, out, n, part,
		  n > 1 ? TELEGRAM_SEND_ALBUM : action_of(out->kind), on_parts);
}

/* ---- mending ---- */

/* Of an album it is not told which file was at fault: each goes by itself.
 * What is not taken as what it is may be taken as a document; else the team is
 * told of it in its place. */
static bool without_file(struct job *j, const struct err *err)
{
	struct part *p = j->part < 0 ? NULL : &j->parts[j->part];

	if (!p || !p->has_file || err->kind != ERR_INPUT)
		return false;
	if (j->in_call > 1)
		j->alone_to = j->part + (int)j->in_call;
	else if (!cargo_as_document(j, j->part))
		compose_without_file(&j->a, &j->d, j->chan, err->text, p);
	job_other_way(j, err->text);
	return true;
}

/* A second time in one go it waits like any other trouble. */
void team_refused(struct job *j, const struct chan_sent *sent, struct err *err)
{
	j->trouble = sent->trouble;
	if (team_mend(j, sent) || without_file(j, err))
		return;
	/* Somebody deletes topics as fast as we make them. */
	if (sent->trouble == CHAN_TOPIC_GONE)
		err->kind = ERR_DOWN;
	job_failed(j, err);
}

void team_drain(struct job *j)
{
	struct delivery *d = &j->d;
	int part;

	if (!has_place(j))
		return;
	if (!d->details_known && !j->tried_details) {
		job_ask(j, write_details, on_details);
		return;
	}
	if (!j->parts && !compose(j))
		return;
	part = job_next_part(j);
	if (part < (int)j->n_parts && !cargo_is_ready(j, part)) {
		cargo_load(j, part, cargo_parts(j, part), on_files);
		return;
	}
	if (!team_is_home(j))
		return;
	if (part < (int)j->n_parts)
		send_parts(j, part);
	else
		job_done(j);
}
