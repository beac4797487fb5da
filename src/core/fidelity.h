/*
 * fidelity.h - what becomes of every kind of message on its way, as a document.
 *
 * docs/FIDELITY.md is what `tuberryctl show-fidelity` prints, and a test
 * compares the two.  It is asked of the drivers' bits and of compose.h, which
 * the daemon asks, too.  The end-to-end tests name each of its cells.
 */
#ifndef CORE_FIDELITY_H
#define CORE_FIDELITY_H

#include "base/arena.h"
#include "base/buf.h"

void fidelity_describe(struct arena *a, struct buf *b);

#endif
