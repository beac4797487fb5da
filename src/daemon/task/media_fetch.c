/*
 * media_fetch.c - fetches the file of a message that nobody has carried yet.
 *
 * What goes to the team is fetched on its way.  History and what a filter
 * hides go nowhere, so their files come when somebody looks at them in the
 * web.
 */
#include "config.h"

#include "base/clock.h"
#include "daemon/file_get.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/attachment.h"

struct fetch {
	struct run *r;
	struct delivery d;
	struct file_get get;
};

static bool write_gone(struct run *r, struct err *err)
{
	const struct fetch *f = r->state;

	return attachment_gone(r->dm->db, &r->a, f->d.client_id,
			       r->t.subject_id, err);
}

/* A service that cannot be asked now is asked again; what it does not have is
 * asked for no more. */
static void on_file(struct file_get *g)
{
	struct fetch *f = container_of(g, struct fetch, get);

	switch (g->err.kind) {
	case ERR_NONE:
		run_done(f->r);
		return;
	case ERR_INPUT:
	case ERR_MISSING:
		run_done_with(f->r, write_gone);
		return;
	default:
		run_error(f->r, &g->err);
	}
}

static void start(struct run *r)
{
	struct fetch *f = arena_alloc(&r->a, sizeof(*f));
	struct err err = { 0 };

	r->state = f;
	f->r = r;
	if (!attachment_source(r->dm->db, &r->a, r->t.subject_id, &f->d,
			       &err)) {
		/* It was deleted meanwhile. */
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
		return;
	}
	/* A voice has its address looked up before it is fetched. */
	if (!run_renew_for(r, CALL_TIMEOUT_MS + FILE_TIMEOUT_MS))
		return;
	f->get = (struct file_get){ .dm = r->dm,
				    .a = &r->a,
				    .d = &f->d,
				    .file = f->d.files,
				    .done = on_file };
	file_get(&f->get);
}

const struct task_type task_media_fetch = {
	.kind = "media.fetch",
	.start = start,
};
