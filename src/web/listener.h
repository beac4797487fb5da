/*
 * listener.h - the socket a pool of workers accepts on.
 *
 * Made by ourselves: libfcgi's own opening takes a live server's socket away
 * and ends the process when anything fails.
 */
#ifndef WEB_LISTENER_H
#define WEB_LISTENER_H

#include "base/err.h"

/*
 * `address` is a path (a unix socket, mode 0660: nginx must share the user or
 * the group) or HOST:PORT.  The descriptor does not block and closes at exec.
 * -1: *err says why.
 */
int listener_open(const char *address, struct err *err);

/* Removes a unix socket's name; the descriptor stays the caller's. */
void listener_unlink(const char *address);

#endif
