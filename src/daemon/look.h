/*
 * look.h - claims due lanes, while there is room; tasks are shift.h's.
 *
 * One question is asked again and again: is there room, and is anything due?
 * It is asked when the doorbell rings, when something ends, when the next
 * thing falls due, when a place opens, and every few seconds anyway.
 */
#ifndef DAEMON_LOOK_H
#define DAEMON_LOOK_H

#include "daemon/daemon.h"

/* From now on. */
void look_start(struct daemon *dm);

/* What is in work ends; nothing more is taken. */
void look_stop(struct daemon *dm);

#endif
