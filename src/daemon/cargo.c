/*
 * cargo.c - the files that leave in one call.
 */
#include "config.h"

#include <string.h>

#include "core/reach.h"
#include "daemon/cargo.h"
#include "daemon/job.h"
#include "daemon/limits.h"

static void load_next(struct job *j);

static void finish(struct job *j, int part, const struct err *err)
{
	struct err copy = *err;

	j->cargo.done(j, part, &copy);
}

static struct delivery_file *file_of(const struct job *j, int part)
{
	return &j->d.files[j->parts[part].file];
}

/* What has words to go instead is not lost with its file. */
static void fail(struct job *j, int part, const struct err *err)
{
	static const struct err none = { 0 };
	bool for_good = err->kind == ERR_INPUT || err->kind == ERR_MISSING;

	finish(j, part,
	       for_good && compose_instead(&j->parts[part]) ? &none : err);
}

static void take(struct job *j, int part, const struct cargo_file *f)
{
	struct cargo *c = &j->cargo;
	struct err err = { 0 };

	if (!compose_fit_file(j->chan, &j->parts[part].kind, f->len, &err)) {
		fail(j, part, &err);
		return;
	}
	/* Too much for one call: it comes again from disk, for the next. */
	if (c->n && c->bytes + f->len > CARGO_BYTES_MAX) {
		c->full = true;
		finish(j, part, &err);
		return;
	}
	c->files[c->n++] = *f;
	c->bytes += f->len;
	load_next(j);
}

static void on_picture(struct convert *v)
{
	struct cargo *c = container_of(v, struct cargo, convert);
	struct job *j = container_of(c, struct job, cargo);
	int part = c->part + (int)c->n;

	if (v->err.kind)
		fail(j, part, &v->err);
	else
		take(j, part,
		     &(struct cargo_file){ .bytes = v->png.s,
					   .len = v->png.len,
					   .mime = "image/png",
					   .name = "picture.png" });
}

/* Who takes stickers knows WebP; to others it is no picture. */
static bool wants_png(const struct job *j, int part, const char *mime)
{
	return j->parts[part].kind == CHAN_IMAGE &&
	       strcmp(mime, "image/webp") == 0 &&
	       !chan_takes(j->chan, CHAN_STICKER);
}

static void on_file(struct file_get *g)
{
	struct cargo *c = container_of(g, struct cargo, get);
	struct job *j = container_of(c, struct job, cargo);
	int part = c->part + (int)c->n;

	if (g->err.kind) {
		fail(j, part, &g->err);
		return;
	}
	file_of(j, part)->sha256 = arena_str(&j->a, g->sha256);
	if (wants_png(j, part, g->mime)) {
		c->convert = (struct convert){ .dm = j->dm,
					       .a = &c->a,
					       .webp = g->bytes,
					       .len = g->len,
					       .done = on_picture };
		convert_start(&c->convert);
		return;
	}
	take(j, part,
	     &(struct cargo_file){ .bytes = g->bytes,
				   .len = g->len,
				   .mime = g->mime,
				   .name = file_of(j, part)->name });
}

/* Those that go by their ids.  false: one is out of reach. */
static bool pass_by(struct job *j, struct err *err)
{
	struct cargo *c = &j->cargo;

	for (; c->n < c->want; c->n++) {
		const struct delivery_file *f = file_of(j, c->part + (int)c->n);
		const char *trouble = reach_trouble(&j->a, &j->d, f);

		if (trouble)
			return err_set(err, ERR_INPUT, "%s", trouble);
		if (!reach_by_id(&j->d, f))
			return true;
		c->files[c->n] =
			(struct cargo_file){ .ref = f->ref, .name = f->name };
	}
	return true;
}

static void load_next(struct job *j)
{
	struct cargo *c = &j->cargo;
	struct err err = { 0 };
	bool ok = pass_by(j, &err);
	int part = c->part + (int)c->n;

	if (!ok || c->n == c->want) {
		finish(j, part, &err);
		return;
	}
	if (!job_renew(j))
		return;
	c->get = (struct file_get){ .dm = j->dm,
				    .a = &c->a,
				    .d = &j->d,
				    .file = file_of(j, part),
				    .done = on_file };
	file_get(&c->get);
}

static void fire_load(struct timer *t)
{
	struct cargo *c = container_of(t, struct cargo, timer);

	load_next(container_of(c, struct job, cargo));
}

void cargo_load(struct job *j, int part, size_t n,
		void (*done)(struct job *j, int part, const struct err *err))
{
	struct cargo *c = &j->cargo;

	cargo_release(j);
	c->part = part;
	c->want = n < CARGO_FILES_MAX ? n : CARGO_FILES_MAX;
	c->done = done;
	c->timer.fire = fire_load;
	loop_arm(j->dm->loop, &c->timer, 0);
}

static bool holds(const struct cargo *c, int part)
{
	return part >= c->part && part < c->part + (int)c->n;
}

static size_t together(const struct job *j, int part)
{
	size_t n = 1, max;

	if (part < j->alone_to)
		return 1;
	max = compose_together(j->chan, j->parts, j->n_parts, (size_t)part);
	while (n < max && !j->sent[part + (int)n])
		n++;
	return n;
}

bool cargo_is_ready(const struct job *j, int part)
{
	const struct cargo *c = &j->cargo;

	if (!j->parts[part].has_file)
		return true;
	return holds(c, part) &&
	       (c->full || holds(c, part + (int)together(j, part) - 1));
}

size_t cargo_parts(const struct job *j, int part)
{
	size_t n = together(j, part), there;

	if (!holds(&j->cargo, part))
		return n;
	there = j->cargo.n - (size_t)(part - j->cargo.part);
	return n < there ? n : there;
}

struct chan_out cargo_out(const struct job *j, int part)
{
	const struct part *p = &j->parts[part];
	struct chan_out out = { .kind = p->kind,
				.text = p->text,
				.entities = p->entities,
				.data = p->data };
	const struct delivery_file *f;

	if (!p->has_file)
		return out;
	f = file_of(j, part);
	out.name = f->name;
	if (holds(&j->cargo, part)) {
		const struct cargo_file *c =
			&j->cargo.files[part - j->cargo.part];

		out.file_ref = c->ref;
		out.bytes = c->bytes;
		out.len = c->len;
		out.mime = c->mime;
		out.name = c->name;
	}
	if (!*out.name)
		out.name = NULL;
	out.width = f->width;
	out.height = f->height;
	out.duration_s = f->duration_s;
	return out;
}

bool cargo_as_document(struct job *j, int part)
{
	struct part *p = &j->parts[part];

	if (!p->has_file || p->kind == CHAN_DOCUMENT ||
	    !chan_takes(j->chan, CHAN_DOCUMENT))
		return false;
	p->kind = CHAN_DOCUMENT;
	return true;
}

void cargo_release(struct job *j)
{
	struct cargo *c = &j->cargo;

	loop_disarm(j->dm->loop, &c->timer);
	file_get_cancel(&c->get);
	convert_cancel(&c->convert);
	arena_release(&c->a);
	*c = (struct cargo){ 0 };
}
