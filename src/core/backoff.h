/*
 * backoff.h - how long to wait before trying again.
 */
#ifndef CORE_BACKOFF_H
#define CORE_BACKOFF_H

#include <stdint.h>

/* A delivery that failed this often is dead. */
#define BACKOFF_ATTEMPTS_MAX 12

#define BACKOFF_BASE_US INT64_C(1000000)   /* 1 s */
#define BACKOFF_CAP_US  INT64_C(300000000) /* 5 min */

/* Exponential with full jitter: a random time up to base * 2^failures, at
 * most the cap and at least a tenth of the base, in microseconds.  Spreads
 * those that failed together. */
int64_t backoff_us(int failures);

#endif
