/*
 * file_get.c - the file of a message, from MEDIA_DIR or from its service.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "chan/telegram.h"
#include "core/media.h"
#include "daemon/file_get.h"
#include "daemon/limits.h"
#include "store/attachment.h"

static void finish(struct file_get *g)
{
	g->busy = false;
	g->done(g);
}

static void fire_finish(struct timer *t)
{
	finish(container_of(t, struct file_get, timer));
}

static void finish_later(struct file_get *g)
{
	g->timer.fire = fire_finish;
	loop_arm(g->dm->loop, &g->timer, 0);
}

static void keep(struct file_get *g, const struct http_reply *r)
{
	g->bytes = r->body;
	g->len = r->len;
	g->mime = media_sniff(g->a, r->body, r->len);
	if (media_store(g->a, g->dm->s->media_dir, g->d->client_id, r->body,
			r->len, &g->sha256, &g->err))
		attachment_stored(g->dm->db, g->a, g->d->client_id, g->file->id,
				  g->sha256, g->mime, (int64_t)r->len, &g->err);
}

static void read_bytes(struct file_get *g, const struct http_reply *r)
{
	if (r->end == HTTP_REFUSED)
		err_set(&g->err, ERR_INPUT, "Файл не получен (%s).",
			r->problem);
	else if (r->end != HTTP_ANSWERED)
		err_set(&g->err, ERR_DOWN,
			"Файл пока не получен (%s); повторим позже.",
			r->problem);
	else if (r->status == 429 || r->status >= 500)
		err_set(&g->err, ERR_DOWN,
			"Файл пока не получен (код %d); повторим позже.",
			r->status);
	else if (r->status != 200)
		err_set(&g->err, ERR_MISSING,
			"Файл больше не получить (код %d): нужно прислать его "
			"снова.",
			r->status);
	else if (r->len == 0)
		err_set(&g->err, ERR_MISSING,
			"Файл пуст: нужно прислать его снова.");
	else
		keep(g, r);
	g->err.retry_s = r->retry_after_s;
}

static void on_bytes(struct call *c)
{
	struct file_get *g = container_of(c, struct file_get, call);

	read_bytes(g, &c->reply);
	finish(g);
}

static void start_call(struct file_get *g)
{
	g->call.rq.answer_max = (size_t)g->dm->s->media_max_bytes;
	g->call.rq.timeout_ms = FILE_TIMEOUT_MS;
	call_start(g->dm->loop, &g->call);
}

/* Somebody else named this address: the client checks where it leads. */
static void get_foreign(struct file_get *g, const char *url)
{
	g->call = (struct call){ .a = g->a, .done = on_bytes };
	g->call.rq = (struct http_request){
		.method = "GET",
		.url = url,
		.idempotent = true,
		.foreign = true,
	};
	start_call(g);
}

static void write_voice(struct avito_ask *q, const struct chan_end *end)
{
	struct file_get *g = container_of(q, struct file_get, ask);

	avito_voice_write(g->a, end, g->file->ref, &q->call.rq);
}

static void on_voice(struct avito_ask *q)
{
	struct file_get *g = container_of(q, struct file_get, ask);
	enum chan_trouble trouble;
	const char *url;

	if (q->err.kind)
		g->err = q->err;
	else if (avito_voice_read(g->a, &q->call.reply, g->file->ref, &url,
				  &trouble, &g->err))
		get_foreign(g, url);
	if (g->err.kind)
		finish(g);
}

/* A voice message's address lives an hour: a fresh one each time. */
static void get_voice(struct file_get *g)
{
	g->ask = (struct avito_ask){
		.dm = g->dm,
		.a = g->a,
		.pass = avito_pass_for(g->d),
		.write = write_voice,
		.done = on_voice,
	};
	avito_ask(&g->ask);
}

static bool bot_end(struct file_get *g, struct chan_end *end)
{
	*end = (struct chan_end){ .api_base = g->dm->s->telegram_api_base };
	/* Who saw the message can fetch it: above zero is a source, below it
	 * the team's group. */
	return unseal(g->a, "bots.token",
		      g->d->origin_id > 0 ? g->d->source_bot_token
					  : g->d->bot_token,
		      &end->token, &g->err);
}

static void on_path(struct call *c)
{
	struct file_get *g = container_of(c, struct file_get, call);
	enum chan_trouble trouble;
	struct chan_end end;
	const char *path;

	if (!tg_get_file_read(g->a, &c->reply, &path, &trouble, &g->err) ||
	    !bot_end(g, &end)) {
		finish(g);
		return;
	}
	g->call = (struct call){ .a = g->a, .done = on_bytes };
	tg_download_write(g->a, &end, path, &g->call.rq);
	start_call(g);
}

static void get_from_telegram(struct file_get *g)
{
	struct chan_end end;

	if (!bot_end(g, &end)) {
		finish_later(g);
		return;
	}
	g->call = (struct call){ .a = g->a, .done = on_path };
	tg_get_file_write(g->a, &end, g->file->ref, &g->call.rq);
	g->call.rq.timeout_ms = CALL_TIMEOUT_MS;
	call_start(g->dm->loop, &g->call);
}

static bool from_disk(struct file_get *g)
{
	struct err gone = { 0 };

	if (!*g->file->sha256 ||
	    !media_load(g->a, g->dm->s->media_dir, g->d->client_id,
			g->file->sha256, &g->bytes, &g->len, &gone))
		return false;
	g->mime = media_sniff(g->a, g->bytes, g->len);
	g->sha256 = g->file->sha256;
	return true;
}

void file_get(struct file_get *g)
{
	const struct delivery_file *f = g->file;

	g->busy = true;
	g->err = (struct err){ 0 };
	if (from_disk(g)) {
		finish_later(g);
	} else if (strcmp(g->d->origin, "telegram") == 0 && *f->ref) {
		get_from_telegram(g);
	} else if (strcmp(f->kind, "voice") == 0 && *f->ref) {
		get_voice(g);
	} else if (*f->url) {
		get_foreign(g, f->url);
	} else {
		err_set(&g->err, ERR_MISSING,
			"Файл больше не получить: нужно прислать его снова.");
		finish_later(g);
	}
}

void file_get_cancel(struct file_get *g)
{
	if (!g->busy)
		return;
	loop_disarm(g->dm->loop, &g->timer);
	avito_ask_cancel(&g->ask);
	if (g->call.busy)
		call_cancel(g->dm->loop, &g->call);
	g->busy = false;
}
