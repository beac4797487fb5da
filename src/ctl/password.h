/*
 * password.h - a password from a pipe, a file, or made up.
 */
#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

#include <stdbool.h>

#include "base/secret.h"

struct password_source {
	bool from_stdin;
	const char *file; /* NULL: none */
};

/* The first line.  Neither: a random one, and *made_up says so.  ERR_INPUT:
 * both, unreadable, empty, or a file that others can read. */
bool password_read(struct arena *a, const struct password_source *from,
		   struct secret *password, bool *made_up, struct err *err);

#endif
