/*
 * secret_file.h - a secret in the first line of a file or a pipe.
 */
#ifndef CTL_SECRET_FILE_H
#define CTL_SECRET_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/secret.h"

/* False: the line is empty, or longer than `max` bytes. */
bool secret_line(struct arena *a, FILE *f, size_t max, struct secret *secret);

/* ERR_INPUT: unreadable, open to others, empty or too long. */
bool secret_file(struct arena *a, const char *path, size_t max,
		 struct secret *secret, struct err *err);

#endif
