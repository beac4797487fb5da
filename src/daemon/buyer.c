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

static struct chan_out out_of(struct job *j)
{
	const struct part *p = &j->parts[j->part];
	struct chan_out out = { .kind = p->kind,
				.chat = j->d.chat,
				.text = p->text };

	if (p->has_file) {
		out.bytes = j->file.bytes;
		out.len = j->file.len;
		out.mime = j->file.mime;
		out.name = *j->d.files->name ? j->d.files->name : NULL;
		out.file_ref = j->made;
	}
	return out;
}

static void write_part(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_out out = out_of(j);

	j->chan->send_write(&j->a, end, &out, &q->call.rq);
}

/* Avito's word, or that of whoever got its token. */
static void refused(struct job *j, const struct chan_sent *sent,
		    const struct err *err)
{
	j->trouble = sent->trouble ? sent->trouble : j->ask.trouble;
	job_failed(j, err);
}

static void on_part(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_sent sent = { 0 };
	struct err err = q->err;

	if (!err.kind && j->chan->send_read(&j->a, &q->call.reply, &sent, &err))
		job_part_done(j, sent.id);
	else
		refused(j, &sent, &err);
}

static void ask_part(struct job *j)
{
	job_ask(j, write_part, on_part);
}

static void send_part(struct job *j)
{
	const struct part *p = &j->parts[j->part];

	job_attempt(j, j->part,
		    p->has_file ? "avito.send_image" : "avito.send_message",
		    p->has_file ? j->made : p->text, ask_part);
}

/* An uploaded file that is never sent harms nobody: no attempt of its own. */
static void write_upload(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_out out = out_of(j);

	j->chan->upload_write(&j->a, end, &out, &q->call.rq);
	q->call.rq.timeout_ms = FILE_TIMEOUT_MS;
}

static void on_upload(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct chan_sent uploaded = { 0 };
	struct err err = q->err;

	if (!err.kind &&
	    j->chan->upload_read(&j->a, &q->call.reply, &uploaded, &err)) {
		j->made = uploaded.id;
		j->drain(j);
		return;
	}
	if (err.kind == ERR_UNSURE)
		err.kind = ERR_DOWN;
	refused(j, &uploaded, &err);
}

static void on_file(struct file_get *g)
{
	struct job *j = container_of(g, struct job, file);
	struct err err = g->err;

	/* It is not Avito's account that Telegram does not let in. */
	if (err.kind == ERR_AUTH || err.kind == ERR_DENIED)
		err.kind = ERR_DOWN;
	j->has_file = !err.kind && compose_fit_file(j->chan, &j->parts[0].kind,
						    g->len, &err);
	if (j->has_file)
		j->drain(j);
	else
		job_failed(j, &err);
}

static bool compose(struct job *j)
{
	struct err err = { 0 };

	if (!compose_buyer(&j->a, &j->d, j->chan, &j->parts, &j->n_parts,
			   &err)) {
		job_dead(j, err.text);
		return false;
	}
	job_load_copies(j);
	return true;
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
	if (!account_is_good(j) || (!j->parts && !compose(j)))
		return;
	if (strcmp(j->d.state, "queued") != 0 && !j->settled) {
		settle_start(j);
		return;
	}
	j->part = job_next_part(j);
	if (j->part == (int)j->n_parts) {
		job_done(j);
	} else if (!j->parts[j->part].has_file) {
		send_part(j);
	} else if (!j->has_file) {
		job_get_file(j, on_file);
	} else if ((j->chan->can & CHAN_MUST_UPLOAD) && !j->made) {
		if (job_renew(j))
			job_ask(j, write_upload, on_upload);
	} else {
		send_part(j);
	}
}
