/*
 * journal.c - what the jobs of one turn have to write, in one transaction.
 */
#include "config.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "daemon/ending.h"
#include "daemon/journal.h"
#include "daemon/limits.h"
#include "store/attempt.h"
#include "store/counter.h"
#include "store/lane.h"

struct journal {
	struct daemon *dm;
	struct timer timer;
	struct job *jobs; /* that wait to be written, newest first */
	int64_t retry_ms; /* 0: the database is there */
};

/* What one transaction writes. */
struct page {
	struct arena a;
	struct job **jobs;
	size_t n;
	struct attempt_new *begins;
	struct job **begin_of;
	size_t n_begins;
	struct outcome *outcomes;
	struct job **end_of;
	size_t n_ends;
};

static void write_pages(struct journal *jn);

static void fire(struct timer *t)
{
	write_pages(container_of(t, struct journal, timer));
}

static struct journal *journal_of(struct daemon *dm)
{
	if (!dm->journal) {
		dm->journal = mem_new(sizeof(*dm->journal));
		dm->journal->dm = dm;
		dm->journal->timer.fire = fire;
	}
	return dm->journal;
}

static void add(struct job *j)
{
	struct journal *jn = journal_of(j->dm);

	j->next_written = jn->jobs;
	jn->jobs = j;
	if (!jn->timer.due_ms)
		loop_arm(j->dm->loop, &jn->timer, jn->retry_ms);
}

void journal_begin(struct job *j)
{
	add(j);
}

void journal_end(struct job *j)
{
	add(j);
}

void journal_forget(struct job *j)
{
	struct job **at;

	if (!j->dm->journal)
		return;
	at = &j->dm->journal->jobs;
	while (*at && *at != j)
		at = &(*at)->next_written;
	if (*at)
		*at = j->next_written;
}

static void page_fill(struct page *p, struct job **jobs, size_t n)
{
	*p = (struct page){ .jobs = jobs, .n = n };
	p->begins = arena_array(&p->a, n, sizeof(*p->begins));
	p->begin_of = arena_array(&p->a, n, sizeof(struct job *));
	p->outcomes = arena_array(&p->a, n, sizeof(*p->outcomes));
	p->end_of = arena_array(&p->a, n, sizeof(struct job *));
	for (size_t i = 0; i < n; i++) {
		if (jobs[i]->ending) {
			p->outcomes[p->n_ends] = ending_outcome(jobs[i]);
			p->end_of[p->n_ends++] = jobs[i];
		} else {
			p->begins[p->n_begins] = jobs[i]->begin;
			p->begin_of[p->n_begins++] = jobs[i];
		}
	}
}

/* A message of which it is not known whether it arrived goes again. */
static void count_unsure(struct db *db, struct page *p)
{
	int64_t n = 0, orphans = 0;

	for (size_t i = 0; i < p->n_begins; i++) {
		n += p->begin_of[i]->unsure_again;
		orphans += p->begin_of[i]->topic_again;
	}
	if (n)
		counter_queue(db, &p->a, COUNTER_UNSURE, n);
	if (orphans)
		counter_queue(db, &p->a, COUNTER_ORPHANS, orphans);
}

static bool write_begins(struct db *db, struct page *p, int64_t now,
			 struct err *err)
{
	if (p->n_begins == 0)
		return true;
	count_unsure(db, p);
	return attempts_begin(db, &p->a, p->begins, p->n_begins, now, err);
}

static bool write_ends(struct db *db, struct page *p, int64_t now,
		       struct err *err)
{
	if (p->n_ends == 0)
		return true;
	if (!outcomes_write(db, &p->a, p->outcomes, p->n_ends, now, err))
		return false;
	for (size_t i = 0; i < p->n_ends; i++)
		if (p->outcomes[i].is_owned &&
		    !ending_aftermath(p->end_of[i], &p->outcomes[i], err))
			return false;
	return true;
}

/* Whether somebody has answered is asked behind the lock. */
static bool begins_by_itself(const struct page *p)
{
	size_t i = 0;

	while (i < p->n_begins && !p->begins[i].d->is_auto_reply)
		i++;
	return i < p->n_begins;
}

static void lock_lanes(struct db *db, struct page *p)
{
	const struct delivery **list;

	if (p->n < 2 && !begins_by_itself(p))
		return;
	list = arena_array(&p->a, p->n, sizeof(*list));
	for (size_t i = 0; i < p->n; i++)
		list[i] = &p->jobs[i]->d;
	lanes_queue_lock(db, &p->a, list, p->n);
}

static bool page_write(struct daemon *dm, struct page *p, struct err *err)
{
	int64_t now = clock_now_us();
	bool ok = db_begin(dm->db, err);

	if (ok) {
		lock_lanes(dm->db, p);
		ok = write_ends(dm->db, p, now, err) &&
		     write_begins(dm->db, p, now, err);
	}
	fault("delivery.writing");
	return db_finish(dm->db, ok, err);
}

static void went(struct job *j, bool is_owned)
{
	static const struct err lost = { .kind = ERR_CONFLICT,
					 .text = "the lease was lost" };

	log_set_id(j->d.request_id);
	if (!is_owned)
		job_drop(j, &lost);
	else if (j->ending)
		job_written(j);
	else
		job_begun(j);
	log_set_id(NULL);
}

static void page_done(struct page *p)
{
	if (p->n_ends)
		fault("delivery.written");
	if (p->n_begins)
		fault("delivery.attempted");
	for (size_t i = 0; i < p->n_ends; i++)
		went(p->end_of[i], p->outcomes[i].is_owned);
	for (size_t i = 0; i < p->n_begins; i++) {
		struct job *j = p->begin_of[i];

		j->attempt_id = p->begins[i].id;
		if (p->begins[i].unwanted)
			job_unwanted(j, p->begins[i].unwanted);
		else
			went(j, j->attempt_id != 0);
	}
}

static bool passes(const struct err *err)
{
	return err->kind == ERR_DOWN || err->kind == ERR_UNSURE;
}

/* One of them is refused for what it is: the others must not suffer. */
static void page_singly(struct daemon *dm, struct page *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct job *j = p->jobs[i];
		struct err err = { 0 };
		struct page one;

		page_fill(&one, &j, 1);
		if (page_write(dm, &one, &err)) {
			page_done(&one);
		} else if (passes(&err)) {
			add(j);
		} else {
			log_set_id(j->d.request_id);
			job_drop(j, &err);
			log_set_id(NULL);
		}
		arena_release(&one.a);
	}
}

/* The database is away.  Writing twice what was written after all is
 * harmless: the lease's token and the open attempt are gone after the
 * first. */
static void keep(struct journal *jn, struct page *p)
{
	jn->retry_ms = jn->retry_ms ? jn->retry_ms * 2 : DB_RETRY_MS;
	if (jn->retry_ms > DB_RETRY_MAX_MS)
		jn->retry_ms = DB_RETRY_MAX_MS;
	for (size_t i = p->n; i > 0; i--)
		add(p->jobs[i - 1]);
}

static void write_page(struct journal *jn, struct job **jobs, size_t n)
{
	const struct delivery before = jobs[0]->d;
	struct err err = { 0 };
	struct page p;

	page_fill(&p, jobs, n);
	if (page_write(jn->dm, &p, &err)) {
		jn->retry_ms = 0;
		page_done(&p);
		arena_release(&p.a);
		return;
	}
	/* What a step (which goes alone) noted of itself was not saved
	 * either. */
	jobs[0]->d = before;
	if (passes(&err)) {
		keep(jn, &p);
	} else {
		page_singly(jn->dm, &p);
	}
	arena_release(&p.a);
}

/* A step that changes its dialog besides may lose to somebody faster; such a
 * one goes by itself, so that nobody else loses with it. */
static bool goes_alone(const struct job *j)
{
	return j->ending && j->ending->also;
}

static void write_pages(struct journal *jn)
{
	struct job *all = jn->jobs;
	struct arena a = { 0 };
	struct job **many;
	size_t n = 0, n_many = 0;

	for (struct job *j = all; j; j = j->next_written)
		n++;
	many = arena_array(&a, n, sizeof(struct job *));
	jn->jobs = NULL;
	/* Oldest first: back to front. */
	for (size_t i = n; all; all = all->next_written)
		many[--i] = all;
	for (size_t i = 0; i < n; i++) {
		struct job *j = many[i];

		if (goes_alone(j))
			write_page(jn, &j, 1);
		else
			many[n_many++] = j;
	}
	if (n_many)
		write_page(jn, many, n_many);
	arena_release(&a);
}

void journal_close(struct daemon *dm)
{
	struct journal *jn = journal_of(dm);
	struct job **at = &jn->jobs;

	while (*at) {
		if ((*at)->ending)
			at = &(*at)->next_written;
		else
			*at = (*at)->next_written;
	}
	write_pages(jn);
}
