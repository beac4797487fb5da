/*
 * fuzz.h - what a fuzz target defines, and how it complains.
 */
#ifndef HARNESS_FUZZ_H
#define HARNESS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* libFuzzer's entry point: one input, 0 always. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define FUZZ_CHECK(claim)                       \
	do {                                    \
		if (!(claim))                   \
			bug("not: %s", #claim); \
	} while (0)

#endif
