/*
 * hash_gate.h - hashing passwords without being in anybody's way.
 *
 * Each hashing takes 64 MiB and a core for a while, so all processes forked
 * after hash_gate_init() share two places, on a machine with one or two cores a
 * single one: there a second makes none of both faster and all others slower
 * (docs/BENCHMARKS.md).  A process that dies in the middle gives its place back
 * by dying.
 *
 * Besides, who hashes gives way: it happens in a thread that lives as long as
 * that and has a lower priority.  The process could lower its own, but raise
 * it again only with a privilege; a child would cost a copy of its page tables.
 * The priority is a nice value, which leaves hashing a small share of a busy
 * machine; under SCHED_IDLE it would have none, and nobody would come in.
 */
#ifndef CORE_HASH_GATE_H
#define CORE_HASH_GATE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"

/* Once, before fork().  Without it everybody may enter. */
void hash_gate_init(long cores);

/* ERR_LIMIT when hash_gate_enter() would refuse at once: asked before anything
 * is looked up, it makes a storm cheap. */
bool hash_gate_may_come(struct err *err);

/* Up to four are inside or wait, 2 s at most; then, and for everybody else,
 * ERR_LIMIT. */
bool hash_gate_enter(struct err *err);
void hash_gate_leave(void);

/* password_hash() and password_matches() of base/secret.h behind everybody
 * else's work; to be called inside. */
bool hash_gate_hash(struct arena *a, struct secret password, const char **hash,
		    struct err *err);
bool hash_gate_matches(const char *hash, struct secret password);

#endif
