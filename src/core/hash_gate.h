/*
 * hash_gate.h - how many passwords are hashed at once.
 *
 * Each hashing takes 64 MiB and a core for a while, so all processes forked
 * after hash_gate_init() share two places.  A process that dies in the middle
 * gives its place back by dying.
 */
#ifndef CORE_HASH_GATE_H
#define CORE_HASH_GATE_H

#include <stdbool.h>

#include "base/err.h"

/* Once, before fork().  Without it everybody may enter. */
void hash_gate_init(void);

/* Two more may wait, 2 s at most; then, and for everybody else, ERR_LIMIT. */
bool hash_gate_enter(struct err *err);
void hash_gate_leave(void);

#endif
