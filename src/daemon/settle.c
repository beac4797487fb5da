/*
 * settle.c - has an unsure send to Avito happened?
 *
 * First among our own messages that came back by webhook while it was open,
 * then in the chat itself: our own messages behind the newest one that we
 * knew when the attempt began, of that kind and text (an image: by its id in
 * the address), bound to no message yet.  Two identical texts need two.
 * Found: the part is sent.  Not found in two readings with a pause: it is
 * sent again.  That Avito takes a message later than the second reading is
 * the risk that remains; it is logged as delivery.sent_again.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "chan/avito.h"
#include "daemon/job.h"
#include "daemon/limits.h"

/* Readings before it is sent again. */
#define READS_MAX 2

struct settling {
	struct attempt at;
	int page;
	/* Candidates, newest first. */
	const char **ids;
	size_t n, room;
	bool reached; /* the known message, or what is older than the attempt */
};

static const char *kind_of(const struct attempt *at)
{
	return strcmp(at->action, "avito.send_image") == 0 ? "image" : "text";
}

static bool same_text(const char *x, const char *y)
{
	const char *blank = " \n\r\t";
	size_t nx, ny;

	x += strspn(x, blank);
	y += strspn(y, blank);
	nx = strlen(x);
	ny = strlen(y);
	while (nx && strchr(blank, x[nx - 1]))
		nx--;
	while (ny && strchr(blank, y[ny - 1]))
		ny--;
	return nx == ny && memcmp(x, y, nx) == 0;
}

static bool may_be_it(const struct settling *s, const struct chan_message *m)
{
	if (m->author != CHAN_SELLER ||
	    strcmp(chan_kind_name(m->kind), kind_of(&s->at)) != 0)
		return false;
	if (m->kind == CHAN_IMAGE)
		return m->media.url && *s->at.content &&
		       strstr(m->media.url, s->at.content);
	return same_text(m->text, s->at.content);
}

static void go_on(struct job *j, const struct settling *s, const char *found)
{
	j->settled = true;
	if (found) {
		job_settle(j, &s->at, found);
		return;
	}
	log_warn("delivery.sent_again", lf_int("delivery", j->d.id));
	j->drain(j);
}

/* The oldest unbound candidate: sends happened in order. */
static bool pick(struct job *j, const struct settling *s, const char **found,
		 struct err *err)
{
	bool *bound = arena_array(&j->a, s->n, sizeof(*bound));

	*found = NULL;
	if (s->n == 0)
		return true;
	if (!ids_bound(j->dm->db, &j->a, j->d.client_id, j->d.source_id, s->ids,
		       s->n, bound, err))
		return false;
	for (size_t i = s->n; i > 0 && !*found; i--)
		if (!bound[i - 1])
			*found = s->ids[i - 1];
	return true;
}

static void fail(struct job *j, const struct err *err)
{
	/* A chat that is gone will never tell; those behind must not wait. */
	if (err->kind == ERR_INPUT || err->kind == ERR_MISSING)
		job_dead_unsure(j, err->text);
	else
		/* As unsure as before, and no attempt is burnt. */
		job_unsure(j, err);
}

static void read_page(struct settling *s, const struct chan_message *m,
		      size_t n)
{
	int64_t oldest = s->at.started_at - SETTLE_SKEW_US;

	for (size_t i = 0; i < n && !s->reached; i++) {
		s->reached = strcmp(m[i].id, s->at.known_id) == 0 ||
			     m[i].created_at < oldest;
		if (!s->reached && may_be_it(s, &m[i]))
			s->ids[s->n++] = m[i].id;
	}
	if (n < AVITO_PAGE_MAX)
		s->reached = true;
}

static void on_page(struct avito_ask *q);

static void write_page(struct avito_ask *q, const struct chan_end *end)
{
	struct job *j = container_of(q, struct job, ask);

	avito_messages_write(&j->a, end, j->d.chat, AVITO_PAGE_MAX,
			     j->settling->page * AVITO_PAGE_MAX, &q->call.rq);
}

static void on_page(struct avito_ask *q)
{
	struct job *j = container_of(q, struct job, ask);
	struct settling *s = j->settling;
	enum chan_trouble trouble;
	struct chan_message *m;
	struct err err = q->err;
	const char *found;
	size_t n;

	if (err.kind == ERR_AUTH || err.kind == ERR_DENIED) {
		j->trouble = q->trouble;
		job_failed(j, &err);
		return;
	}
	if (err.kind || !avito_messages_read(&j->a, &q->call.reply, j->d.chat,
					     j->d.account_user_id, &m, &n,
					     &trouble, &err)) {
		fail(j, &err);
		return;
	}
	read_page(s, m, n);
	if (!s->reached && ++s->page < SETTLE_PAGES)
		job_ask(j, write_page, on_page);
	else if (!pick(j, s, &found, &err))
		fail(j, &err);
	else if (!found && j->d.settle_reads + 1 < READS_MAX)
		job_looked(j);
	else
		go_on(j, s, found);
}

void settle_start(struct job *j)
{
	struct settling *s = arena_alloc(&j->a, sizeof(*s));
	const char *echo = NULL;
	struct err err = { 0 };

	s->ids = arena_array(&j->a, SETTLE_PAGES * AVITO_PAGE_MAX,
			     sizeof(*s->ids));
	j->settling = s;
	if (!attempt_last(j->dm->db, &j->a, &j->d, &s->at, &err)) {
		/* No attempt was begun: nothing can have happened. */
		if (err.kind == ERR_MISSING)
			go_on(j, s, NULL);
		else
			fail(j, &err);
		return;
	}
	/* A death between two parts left nothing open. */
	if (!s->at.is_unsure) {
		j->settled = true;
		j->drain(j);
	} else if (!parked_find(j->dm->db, &j->a, &j->d, kind_of(&s->at),
				s->at.content, &echo, &err)) {
		fail(j, &err);
	} else if (echo) {
		go_on(j, s, echo);
	} else {
		job_ask(j, write_page, on_page);
	}
}
