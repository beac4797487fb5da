/*
 * outbox.h - webhooks on their way out.
 *
 * A queue sends one post at a time and keeps its order; a group bounds how
 * many of its queues send at once.  Who owns a post decides after each
 * attempt whether it is done or comes again.  Posts belong to the outbox from
 * outbox_add() until `done` said so or outbox_reset().
 */
#ifndef SANDBOX_OUTBOX_H
#define SANDBOX_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "sandbox/http.h"
#include "sandbox/loop.h"

struct outbox_queue;

/* All zero is fine; width 0 means one at a time. */
struct outbox_group {
	int width;
	int in_flight;
	struct outbox_queue *blocked, **blocked_end;
};

/* What came back. */
struct outbox_result {
	int status;        /* 0: no answer */
	const char *error; /* "" with an answer */
	const char *body;
	size_t len;
	int64_t retry_after_s;
};

/* Verdicts of `done`: milliseconds until the next try, or this. */
#define OUTBOX_DONE (-1)

struct outbox_post {
	const char *service, *account; /* for the journal */
	/* Fills url, body, headers and timeout_ms before each attempt; false:
	 * the post is dropped. */
	bool (*prepare)(struct outbox_post *p);
	int64_t (*done)(struct outbox_post *p, const struct outbox_result *r);
	/* The post is freed after this; may be NULL. */
	void (*gone)(struct outbox_post *p);
	void *owner;
	struct arena a; /* the post's own; released with it */

	const char *url;
	const char *body;
	size_t len;
	struct header *headers;
	bool gzip;
	int64_t timeout_ms;
	int attempt; /* of the present or last try, from 1 */

	struct outbox_post *next;
	struct outbox_queue *queue;
};

struct outbox_post *outbox_new(void);
/* delay_ms: not before. `newest_first` queues take their last post. */
void outbox_add(struct outbox_group *g, const char *queue, bool newest_first,
		int64_t delay_ms, struct outbox_post *p);
void outbox_header(struct outbox_post *p, const char *name, const char *value);

/* Sends `gone` for every post of the group that is not on its way; those on
 * their way end as usual but are not tried again. */
void outbox_forget(struct outbox_group *g);

/* The group could not send because of a setting that has changed. */
void outbox_wake(struct outbox_group *g);

int64_t outbox_waiting(void);
int64_t outbox_in_flight(void);
int64_t outbox_group_count(const struct outbox_group *g);

/* Drops everything; nobody is told. */
void outbox_reset(void);
void outbox_release(void);

#endif
