/*
 * arena.c - memory that dies together.
 *
 * Blocks are chained, newest first.  A request larger than a block gets a
 * block of its own behind the current one, so that the rest of the current
 * block stays in use.
 */
#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"

/* A few hold a typical request; hundreds of calls under way hold one each. */
#define BLOCK_BYTES 4096
#define ALIGN_BYTES 16

struct arena_block {
	struct arena_block *next;
	size_t size; /* of bytes[] */
	size_t used;
	char bytes[] __attribute__((aligned(ALIGN_BYTES)));
};

struct arena_defer {
	struct arena_defer *next;
	void (*free_fn)(void *obj);
	void *obj;
};

void *mem_new(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		die("out of memory");
	return p;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b))
		die("out of memory");
	b = mem_new(sizeof(*b) + size);
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	if (size > SIZE_MAX - ALIGN_BYTES)
		die("out of memory");
	size = (size + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
	if (!b || size > b->size - b->used) {
		struct arena_block *fresh =
			block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES);

		if (b && size > BLOCK_BYTES) {
			fresh->next = b->next;
			b->next = fresh;
		} else {
			fresh->next = b;
			a->blocks = fresh;
		}
		b = fresh;
	}
	p = b->bytes + b->used;
	b->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t item_size)
{
	size_t size;

	if (__builtin_mul_overflow(n, item_size, &size))
		die("out of memory");
	return arena_alloc(a, size);
}

char *arena_strn(struct arena *a, const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		die("out of memory");
	copy = arena_alloc(a, len + 1);
	if (len)
		memcpy(copy, s, len);
	return copy;
}

char *arena_str(struct arena *a, const char *s)
{
	return s ? arena_strn(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		bug("arena_printf: bad format");
	s = arena_alloc(a, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return s;
}

void arena_defer(struct arena *a, void (*free_fn)(void *obj), void *obj)
{
	struct arena_defer *d = arena_alloc(a, sizeof(*d));

	d->free_fn = free_fn;
	d->obj = obj;
	d->next = a->defers;
	a->defers = d;
}

static void run_defers(struct arena *a)
{
	/* A free function may use the arena and even defer again. */
	while (a->defers) {
		struct arena_defer *d = a->defers;

		a->defers = d->next;
		d->free_fn(d->obj);
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *b, *next, *keep = NULL;

	run_defers(a);
	for (b = a->blocks; b; b = next) {
		next = b->next;
		if (!keep && b->size == BLOCK_BYTES)
			keep = b;
		else
			free(b);
	}
	a->blocks = keep;
	if (keep) {
		memset(keep->bytes, 0, keep->used);
		keep->used = 0;
		keep->next = NULL;
	}
}

void arena_release(struct arena *a)
{
	arena_reset(a);
	free(a->blocks);
	a->blocks = NULL;
}
