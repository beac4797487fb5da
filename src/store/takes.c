/*
 * takes.c - what this process took from each window, and when.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/takes.h"

#define BUCKETS   4096  /* a power of two */
#define TAKES_MAX 65536 /* windows alive; about 10 MB */

struct takes_table {
	struct takes *bucket[BUCKETS];
	unsigned hand; /* the bucket to be swept next */
	int n;
};

struct takes_table *takes_table_new(void)
{
	return mem_new(sizeof(struct takes_table));
}

static void takes_free(struct takes *t)
{
	free(t->at);
	free(t);
}

void takes_table_free(struct takes_table *table)
{
	struct takes *t;

	if (!table)
		return;
	for (int i = 0; i < BUCKETS; i++) {
		while ((t = table->bucket[i])) {
			table->bucket[i] = t->next;
			takes_free(t);
		}
	}
	free(table);
}

/* FNV-1a. */
static unsigned bucket_of(const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash % BUCKETS;
}

static void forget_old(struct takes *t, int64_t now)
{
	int old = 0;

	for (int i = t->n - 1; i >= 0 && t->at[i] > now; i--)
		t->at[i] = now;
	while (old < t->n && t->at[old] + t->keep_us <= now)
		old++;
	t->n -= old;
	if (old)
		memmove(t->at, t->at + old, (size_t)t->n * sizeof(*t->at));
	if (t->others_at > now)
		t->others_at = now;
	if (t->others_at + t->keep_us <= now)
		t->others = 0;
}

void takes_sweep(struct takes_table *table, int64_t now)
{
	struct takes **at = &table->bucket[table->hand++ % BUCKETS];
	struct takes *t;

	while ((t = *at)) {
		forget_old(t, now);
		if (t->n || t->others) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		takes_free(t);
		table->n--;
	}
}

static struct takes *takes_find(const struct takes_table *table,
				const char *key)
{
	struct takes *t = table->bucket[bucket_of(key)];

	while (t && strcmp(t->key, key) != 0)
		t = t->next;
	return t;
}

struct takes *takes_open(struct takes_table *table, const char *key,
			 int64_t keep_us, int64_t now)
{
	struct takes *t = takes_find(table, key);
	struct takes **bucket;

	if (t) {
		t->keep_us = keep_us;
		forget_old(t, now);
		return t;
	}
	if (table->n == TAKES_MAX)
		return NULL;
	bucket = &table->bucket[bucket_of(key)];
	t = mem_new(sizeof(*t) + strlen(key) + 1);
	memcpy(t->key, key, strlen(key) + 1);
	t->keep_us = keep_us;
	t->next = *bucket;
	*bucket = t;
	table->n++;
	return t;
}

void takes_add(struct takes *t, int count, int64_t now)
{
	if (t->n + count > t->size) {
		t->size =
			t->n + count > 2 * t->size ? t->n + count : 2 * t->size;
		t->at = reallocarray(t->at, (size_t)t->size, sizeof(*t->at));
		if (!t->at)
			die("out of memory");
	}
	while (count-- > 0)
		t->at[t->n++] = now;
}

void takes_forget(struct takes_table *table, const char *key)
{
	struct takes *t = takes_find(table, key);

	if (t)
		t->n = t->others = 0;
}

int takes_since(const struct takes *t, int64_t since)
{
	int n = 0;

	while (n < t->n && t->at[t->n - 1 - n] > since)
		n++;
	return n;
}

int64_t takes_nth(const struct takes *t, int k, bool with_others)
{
	if (with_others && t->others) {
		int newer = takes_since(t, t->others_at);

		if (k > newer && k <= newer + t->others)
			return t->others_at;
		if (k > newer)
			k -= t->others;
	}
	return k <= t->n ? t->at[t->n - k] : INT64_MIN;
}
