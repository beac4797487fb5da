/*
 * takes.h - what this process took from each window, and when.
 *
 * Behind window.c: its own memory of the last span, so that neither a Redis
 * that is away nor one that was emptied makes it forget what it has just
 * sent.  Wall-clock times, told by the caller.
 */
#ifndef STORE_TAKES_H
#define STORE_TAKES_H

#include <stdbool.h>
#include <stdint.h>

/* Of one window.  Members are for reading, except those of the others. */
struct takes {
	struct takes *next; /* in its bucket */
	int64_t keep_us;
	int64_t *at; /* ascending */
	int n, size;
	int others; /* taken by other processes, as they were last seen */
	int64_t others_at;
	char key[];
};

struct takes_table;

struct takes_table *takes_table_new(void);
void takes_table_free(struct takes_table *table);

/* Drops idle windows, a few each time; what the functions below returned
 * before may be gone then. */
void takes_sweep(struct takes_table *table, int64_t now);

/* Takes older than keep_us are forgotten, those of the future (somebody set
 * the clock back) count as made now.  NULL: too many windows are alive. */
struct takes *takes_open(struct takes_table *table, const char *key,
			 int64_t keep_us, int64_t now);

void takes_add(struct takes *t, int count, int64_t now);

/* As if nothing had been taken from it. */
void takes_forget(struct takes_table *table, const char *key);

/* When the k-th newest was made, k from 1; INT64_MIN: there are fewer.  With
 * the others, theirs count as made when they were seen. */
int64_t takes_nth(const struct takes *t, int k, bool with_others);

/* How many this process made after that time. */
int takes_since(const struct takes *t, int64_t since);

#endif
