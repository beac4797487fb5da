/*
 * window.h - limits that all processes keep together: of the other side, by the
 * daemons, and of visitors, by the workers.
 *
 * "30 a second for a bot, 20 a minute for a group": in no span of that length
 * more than `limit` places are taken, wherever the span begins.  Redis holds
 * the times of the last takes; each process remembers its own besides, and a
 * place is granted only when both agree.
 *
 * When Redis is away, was emptied, or has been either within the last span,
 * each daemon keeps to its share of the limit, and to what the others were
 * seen to have taken.  So the limit holds then as well, except that takes of
 * the others since this process last looked at that window are not known, and
 * that a limit lower than the number of daemons is kept on average only.  The
 * clocks of several machines must agree to within the margin.
 *
 * Times are the caller's: a clock that a test moves, moves the windows.  One
 * that is set back costs a span at most.
 */
#ifndef STORE_WINDOW_H
#define STORE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct windows;

struct window {
	const char *key; /* "bot:5", "chat:5:-100123"; up to WINDOW_KEY_MAX */
	int limit;       /* from 1 */
	int64_t span_us; /* the same key always has the same span */
	int weight; /* places that one take needs; up to the limit; 0: one */
};

#define WINDOW_KEY_MAX  127 /* bytes */
#define WINDOWS_AT_ONCE 4

/* One per process.  `url` as in store/redis.h; connects to nothing yet, so
 * after fork() is early enough.  NULL: the address is malformed.  Ignores
 * SIGPIPE in this process. */
struct windows *windows_new(const char *url);
void windows_free(struct windows *w);

/* How many daemons live, this one included; 1 until told. */
void windows_daemons(struct windows *w, int alive);

/*
 * Takes up to `want` times a place (or as many as weigh that much), each time in all n windows (at most
 * WINDOWS_AT_ONCE, all different) at once.  Returns how many; when that is
 * fewer than wanted, *free_at is when it is worth asking for the next, always
 * later than now.  Costs one round trip to Redis, and a fraction of a second
 * once a second when Redis hangs.
 */
int windows_take(struct windows *w, const struct window *list, size_t n,
		 int want, int64_t now, int64_t *free_at);

/* What Redis answers is enough, even when it was away or emptied: for limits
 * of our own, where a burst after that breaks no promise to anybody, and where
 * windows_forget() must reach all processes. */
void windows_believe(struct windows *w);

/* As if nothing had been taken from the window: by this process, and by the
 * others as far as Redis tells them. */
void windows_forget(struct windows *w, const char *key);

/* The span that is really kept: longer by a margin, since of two requests that
 * leave a minute apart the second may have the shorter way. */
int64_t window_kept_us(const struct window *window);

#endif
