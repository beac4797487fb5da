/*
 * buyer.c - a message on its way to the buyer on Avito.
 *
 * Nothing goes out twice: what a crash or a lost answer left open is settled
 * (settle.c) before anything is sent.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "chan/avito.h"
#include "daemon/job.h"
#include "daemon/limits.h"
#include "daemon/to_buyer.h"

static struct chan_out out_of(struct job *j, int part)
{
	struct chan_out out = cargo_out(j, part);

	out.chat = j->d.chat;
	out.file_ref = j->ready[part];
	return out;
}

static void write_part(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_out out = out_of(j, j->part);

	j->chan->send_write(&j->a, end, &out, &q->call.rq);
}

/* Avito's word, or that of whoever got its token. */
static void refused(struct job *j, int part, const struct chan_sent *sent,
		    const struct err *err)
{
	j->trouble = sent->trouble ? sent->trouble : j->ask.trouble;
	to_buyer_refused(j, part, err);
}

static void on_part(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_sent sent = { 0 };
	struct err err = q->err;

	if (!err.kind && j->chan->send_read(&j->a, &q->call.reply, &sent, &err))
		job_parts_done(j, &sent);
	else
		refused(j, j->part, &sent, &err);
}

static void ask_part(struct job *j)
{
	job_ask(j, write_part, on_part);
}

static void send_part(struct job *j, int part)
{
	const struct part *p = &j->parts[part];

	j->in_call = 1;
	job_attempt(j, part,
		    p->has_file ? "avito.send_image" : "avito.send_message",
		    p->has_file ? j->ready[part] : p->text, ask_part);
}

/* ---- files ---- */

/* An uploaded file that is never sent harms nobody: no attempt of its own. */
static void write_upload(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_out out = out_of(j, j->cargo.part);

	j->chan->upload_write(&j->a, end, &out, &q->call.rq);
	q->call.rq.timeout_ms = FILE_TIMEOUT_MS;
}

static void on_upload(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_sent uploaded = { 0 };
	struct err err = q->err;
	int part = j->cargo.part;

	if (!err.kind &&
	    j->chan->upload_read(&j->a, &q->call.reply, &uploaded, &err)) {
		j->ready[part] = uploaded.id;
		j->drain(j);
		return;
	}
	if (err.kind == ERR_UNSURE)
		err.kind = ERR_DOWN;
	refused(j, part, &uploaded, &err);
}

static void on_file(struct job *j, int part, const struct err *why)
{
	struct err err = *why;

	/* It is not Avito's account that Telegram does not let in. */
	if (err.kind == ERR_AUTH || err.kind == ERR_DENIED)
		err.kind = ERR_DOWN;
	if (err.kind) {
		refused(j, part, &(struct chan_sent){ 0 }, &err);
	} else if (!j->parts[j->cargo.part].has_file) {
		j->drain(j);
	} else if (!(j->chan->can & CHAN_MUST_UPLOAD)) {
		j->ready[j->cargo.part] = "";
		j->drain(j);
	} else if (job_renew(j)) {
		job_ask(j, write_upload, on_upload);
	}
}

/* The first file from `part` on that must be there before that part is sent:
 * all of a message that has not begun, so that it goes as a whole or not at
 * all.  n_parts: none. */
static int file_wanted(const struct job *j, int part)
{
	int end = to_buyer_has_begun(j) ? part + 1 : (int)j->n_parts;

	for (; part < end && part < (int)j->n_parts; part++)
		if (j->parts[part].has_file && !j->ready[part] &&
		    !j->refused[part])
			return part;
	return (int)j->n_parts;
}

static bool account_is_good(struct job *j)
{
	if (j->d.account_user_id && strcmp(j->d.account_status, "error") != 0)
		return true;
	job_hold(j, arena_printf(&j->a, "avito:%" PRId64, j->d.source_id),
		 "Аккаунт Avito не работает: причина — в его состоянии.");
	return false;
}

void buyer_drain(struct job *j)
{
	int part, wanted;

	if (!account_is_good(j) || (!j->parts && !to_buyer_compose(j)))
		return;
	if (strcmp(j->d.state, "queued") != 0 && !j->settled) {
		settle_start(j);
		return;
	}
	part = job_next_part(j);
	wanted = file_wanted(j, part);
	if (wanted < (int)j->n_parts)
		cargo_load(j, wanted, 1, on_file);
	else if (part < (int)j->n_parts)
		send_part(j, part);
	else
		to_buyer_finish(j);
}
