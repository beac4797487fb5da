/*
 * map.c - look things up by name or number, in the order they were added.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "sandbox/map.h"

#define FIRST_SIZE   16
#define I64_TEXT_MAX 24

void *map_find(const struct map *m, const char *key)
{
	void *value = NULL;

	if (m->table && key)
		lh_table_lookup_ex(m->table, key, &value);
	return value;
}

void *map_find_i64(const struct map *m, int64_t key)
{
	char text[I64_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64, key);
	return map_find(m, text);
}

void map_put(struct map *m, struct arena *a, const char *key, void *value)
{
	struct lh_entry *e;

	if (!m->table)
		m->table = lh_kchar_table_new(FIRST_SIZE, NULL);
	if (!m->table)
		die("out of memory");
	e = lh_table_lookup_entry(m->table, key);
	if (e)
		lh_entry_set_val(e, value);
	else if (lh_table_insert(m->table, arena_str(a, key), value) != 0)
		die("out of memory");
}

void map_put_i64(struct map *m, struct arena *a, int64_t key, void *value)
{
	char text[I64_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64, key);
	map_put(m, a, text, value);
}

void map_remove(struct map *m, const char *key)
{
	if (m->table)
		lh_table_delete(m->table, key);
}

size_t map_count(const struct map *m)
{
	return m->table ? (size_t)lh_table_length(m->table) : 0;
}

void map_release(struct map *m)
{
	if (m->table)
		lh_table_free(m->table);
	m->table = NULL;
}

struct lh_entry *map_first(const struct map *m)
{
	return m->table ? lh_table_head(m->table) : NULL;
}

void *map_value(const struct lh_entry *e)
{
	return lh_entry_v(e);
}

void list_insert(struct list *l, struct arena *a, size_t index, void *item)
{
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 8;
		void **at = arena_array(a, size, sizeof(void *));

		if (l->n)
			memcpy(at, l->at, l->n * sizeof(void *));
		l->at = at;
		l->size = size;
	}
	if (index < l->n)
		memmove(l->at + index + 1, l->at + index,
			(l->n - index) * sizeof(void *));
	l->at[index] = item;
	l->n++;
}

void list_add(struct list *l, struct arena *a, void *item)
{
	list_insert(l, a, l->n, item);
}

void list_remove(struct list *l, const void *item)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i] != item)
			continue;
		l->n--;
		memmove(l->at + i, l->at + i + 1, (l->n - i) * sizeof(void *));
		return;
	}
}
