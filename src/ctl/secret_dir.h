/*
 * secret_dir.h - a folder of secrets, a file each, replaced as a whole.
 *
 * Files are 0600, the folder 0700 and ours.  New ones are written aside, to
 * disk, and renamed when all of them are there; two who do so at once leave
 * the files of one or the other, never half of one.
 */
#ifndef CTL_SECRET_DIR_H
#define CTL_SECRET_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct secret_entry {
	const char *name; /* the file's, without a slash */
	struct secret value;
};

/* The folder is made if it is missing (its parent is not).  ERR_INPUT: nothing
 * has changed. */
bool secret_dir_write(struct arena *a, const char *dir,
		      const struct secret_entry *list, size_t n,
		      struct err *err);

/* A file that is not there is fine. */
bool secret_dir_remove(const char *dir, const char *name, bool *removed,
		       struct err *err);

#endif
