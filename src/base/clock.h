/*
 * clock.h - what time it is, the one place that asks.
 *
 * Wall-clock times (names end in _at) are microseconds since 1970 in UTC, 0
 * for "never".  Monotonic times (names end in _ms) only measure distances.
 * Rules take the time as a parameter; they never ask here themselves.
 *
 * In builds with --enable-test-hooks the wall clock is shifted by the number
 * of microseconds (a native int64_t) at the start of the file that
 * TUBERRY_CLOCK_FILE names, so that a test moves time for all processes at
 * once; clock_set() moves it for one process.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define CLOCK_SECOND_US INT64_C(1000000)

int64_t clock_now_us(void);
int64_t clock_mono_ms(void);

/* Tests: the wall clock stands still at this time; 0 lets it run again. */
void clock_set(int64_t at);

/* "2026-01-31T23:59:59.123456Z" with its NUL. */
#define CLOCK_TEXT_MAX 28

/* RFC 3339 in UTC, always with six digits behind the second. */
void clock_write(int64_t at, char out[CLOCK_TEXT_MAX]);
const char *clock_text(struct arena *a, int64_t at);

/* RFC 3339 (any offset, fraction optional) or PostgreSQL's ISO form
 * "2026-01-31 23:59:59.12+00".  False: not a time. */
bool clock_read(const char *s, int64_t *at);

#endif
