/*
 * arena.h - memory that dies together.
 *
 * One arena per unit of work.  Allocation cannot fail (out of memory ends
 * the process), nothing is freed one by one, and arena_reset() at the end of
 * the work takes it all.  Foreign objects join with arena_defer().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/attr.h"

/* All zero is an empty arena, ready to use. */
struct arena {
	struct arena_block *blocks;
	struct arena_defer *defers;
};

/* Zeroed memory, aligned for any type, alive until the next arena_reset(). */
void *arena_alloc(struct arena *a, size_t size);

/* An array of n zeroed items; a product that overflows ends the process. */
void *arena_array(struct arena *a, size_t n, size_t item_size);

/* Copies, always NUL-terminated.  arena_str(a, NULL) is NULL. */
char *arena_str(struct arena *a, const char *s);
char *arena_strn(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Call free_fn(obj) at reset, newest first.  Takes ownership of obj. */
void arena_defer(struct arena *a, void (*free_fn)(void *obj), void *obj);

/* Everything ends here.  One small block is kept, zeroed, for the next unit
 * of work; arena_release() gives that back, too. */
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

/* malloc() for what outlives a unit of work: never NULL, zeroed. */
void *mem_new(size_t size);

#endif
