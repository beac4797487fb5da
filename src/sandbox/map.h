/*
 * map.h - look things up by name or number, in the order they were added.
 *
 * A thin cover over json-c's hash table.  Keys are copied into the arena
 * given; values are the caller's.  All zero is an empty map.
 */
#ifndef SANDBOX_MAP_H
#define SANDBOX_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/linkhash.h>

#include "base/arena.h"

struct map {
	struct lh_table *table;
};

void *map_find(const struct map *m, const char *key);
void *map_find_i64(const struct map *m, int64_t key);

/* Replaces what was there. */
void map_put(struct map *m, struct arena *a, const char *key, void *value);
void map_put_i64(struct map *m, struct arena *a, int64_t key, void *value);
void map_remove(struct map *m, const char *key);
size_t map_count(const struct map *m);

/* Frees the table, not the values. */
void map_release(struct map *m);

/* for (e = map_first(m); e; e = e->next) ... map_value(e) */
struct lh_entry *map_first(const struct map *m);
void *map_value(const struct lh_entry *e);

/* A growing array of pointers; its memory is the arena's. */
struct list {
	void **at;
	size_t n, size;
};

void list_add(struct list *l, struct arena *a, void *item);
/* So that item becomes at[index]. */
void list_insert(struct list *l, struct arena *a, size_t index, void *item);
void list_remove(struct list *l, const void *item);

#endif
