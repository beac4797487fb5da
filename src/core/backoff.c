/*
 * backoff.c - how long to wait before trying again.
 */
#include "config.h"

#include <sodium.h>

#include "core/backoff.h"

int64_t backoff_us(int failures)
{
	int64_t ceiling = BACKOFF_BASE_US;
	int64_t floor = BACKOFF_BASE_US / 10;

	for (int i = 0; i < failures && ceiling < BACKOFF_CAP_US; i++)
		ceiling *= 2;
	if (ceiling > BACKOFF_CAP_US)
		ceiling = BACKOFF_CAP_US;
	return floor + randombytes_uniform((uint32_t)(ceiling - floor));
}
