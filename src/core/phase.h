/*
 * phase.h - when something that comes round is its turn.
 *
 * Each id has its own place within the interval, and consecutive ids lie as
 * far apart as they can; so a thousand of them are spread evenly by
 * construction, whatever happened before: a start, an outage, a slow night.
 */
#ifndef CORE_PHASE_H
#define CORE_PHASE_H

#include <stdint.h>

/* The first turn of `id` behind `after`, microseconds.  What comes round in
 * another rhythm for the same ids takes another `rhythm`, so that its turns
 * do not fall together. */
int64_t phase_next(int64_t id, int rhythm, int64_t every_us, int64_t after);

#endif
