/*
 * glance.c - a list that looks as it did has nothing new in it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "daemon/glance.h"

#define SLOTS_FIRST 64 /* a power of 2 */

struct glance {
	int64_t account_id;          /* 0: an empty slot */
	uint64_t seen[GLANCE_LISTS]; /* 0: nothing */
};

/* Open addressing, at most half full. */
struct glances {
	struct glance *slots;
	size_t n, size;
	unsigned char key[crypto_shorthash_KEYBYTES];
};

struct glances *glances_new(void)
{
	struct glances *g = mem_new(sizeof(*g));

	g->size = SLOTS_FIRST;
	g->slots = mem_new(g->size * sizeof(*g->slots));
	crypto_shorthash_keygen(g->key);
	return g;
}

/* Its slot, or the empty one where it would be. */
static struct glance *slot_of(const struct glances *g, int64_t account_id)
{
	size_t i = (size_t)account_id & (g->size - 1);

	while (g->slots[i].account_id && g->slots[i].account_id != account_id)
		i = (i + 1) & (g->size - 1);
	return &g->slots[i];
}

static void grow(struct glances *g)
{
	struct glance *old = g->slots;
	size_t n = g->size;

	g->size *= 2;
	g->slots = mem_new(g->size * sizeof(*g->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].account_id)
			*slot_of(g, old[i].account_id) = old[i];
	free(old);
}

static uint64_t fingerprint(const struct glances *g, const char *body,
			    size_t len)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t seen;

	crypto_shorthash(hash, (const unsigned char *)body, len, g->key);
	memcpy(&seen, hash, sizeof(seen));
	return seen ? seen : 1;
}

bool glance_is_same(const struct glances *g, int64_t account_id,
		    enum glance_list list, const char *body, size_t len)
{
	uint64_t seen = slot_of(g, account_id)->seen[list];

	return seen && seen == fingerprint(g, body, len);
}

void glance_keep(struct glances *g, int64_t account_id, enum glance_list list,
		 const char *body, size_t len)
{
	struct glance *slot = slot_of(g, account_id);

	if (!slot->account_id && ++g->n > g->size / 2) {
		grow(g);
		slot = slot_of(g, account_id);
	}
	slot->account_id = account_id;
	slot->seen[list] = fingerprint(g, body, len);
}
