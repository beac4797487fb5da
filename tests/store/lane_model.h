/*
 * lane_model.h - what lanes should be like: the store's rules once more, in
 * plain memory, for tests that compare the two.
 *
 * Times are microseconds.  Everything lives as long as the arena that the
 * items were made in.
 */
#ifndef TESTS_STORE_LANE_MODEL_H
#define TESTS_STORE_LANE_MODEL_H

#include "store/outcome.h"

#define MODEL_ITEMS_MAX 400 /* in one lane */

/* A delivery. */
struct item {
	const char *text; /* its message's, which nobody else's has */
	const char *state;
	int attempts;
	bool is_alone;
	const struct item *leader; /* it travelled with that one */
	int64_t attempt;           /* the last one; 0: none */
	bool is_unsure;            /* that one's outcome */
	int64_t turn;              /* its place in the lane's order */
};

struct lane {
	const char *chat;
	int64_t dialog_id;
	const char *direction;
	struct item *items[MODEL_ITEMS_MAX]; /* in order */
	int n;
	int64_t last_turn;  /* given to an item */
	int64_t ended_turn; /* of the last one that ended in work */
	const char *token;  /* NULL: not leased */
	const char *held_by;
	int64_t due_at, queued_at;
};

bool item_is(const struct item *x, const char *state);
bool item_is_finished(const struct item *x);

/* At the lane's end. */
void lane_add(struct lane *l, struct item *x, int64_t now);

/* The lowest unfinished one; NULL: none. */
struct item *lane_head(const struct lane *l);
struct item *lane_find(const struct lane *l, const char *text);

/* Texts that may travel with the head, or that did when its outcome got
 * lost.  At most `limit`. */
int lane_may_join(const struct lane *l, struct item **list, int limit);
int lane_travelled(const struct lane *l, struct item **list, int limit);

/* An outcome of a holder that owns the lane, for it and what travels with
 * it.  false: somebody was overtaken. */
bool lane_end_with(struct lane *l, const struct outcome *o, struct item **items,
		   int n, int64_t now);

/* By a person; false: refused. */
bool lane_retry(struct lane *l, struct item *x, int64_t now);
bool lane_discard(struct lane *l, struct item *x);
bool lane_confirm(struct lane *l, struct item *x, int64_t now);

/* All of it in words, as lanes_sql tells the database's. */
const char *lanes_words(struct arena *a, const struct lane *lanes, int n);
extern const char lanes_sql[];

#endif
