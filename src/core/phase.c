/*
 * phase.c - when something that comes round is its turn.
 */
#include "config.h"

#include "core/phase.h"

/* 2^64 divided by the golden ratio: multiples of it, taken as fractions, fill
 * an interval as evenly as a sequence can. */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* Any odd number: another rhythm, another order. */
#define APART UINT64_C(0xd1342543de82ef95)

int64_t phase_next(int64_t id, int rhythm, int64_t every_us, int64_t after)
{
	uint64_t fraction = (uint64_t)id * GOLDEN;
	int64_t offset, since;

	for (int i = 0; i < rhythm; i++)
		fraction *= APART;
	/* 32 bits of it are plenty, and the product fits. */
	offset = (int64_t)((fraction >> 32) * (uint64_t)every_us >> 32);
	since = (after - offset) % every_us;
	return after - since + every_us;
}
