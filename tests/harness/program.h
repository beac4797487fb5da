/*
 * program.h - one of our programs, run by a test to its end.
 *
 * The environment is emptied but for PATH, TMPDIR, HOME and the sanitizers'
 * options, so that settings of the machine do not leak in.
 */
#ifndef HARNESS_PROGRAM_H
#define HARNESS_PROGRAM_H

#include <stddef.h>

struct ran {
	int status; /* exit status; -1: a signal ended it */
	const char *out, *err;
};

struct program {
	const char *path;       /* in the build directory: "tuberryctl" */
	const char *const *env; /* "NAME=VALUE", NULL at the end; or NULL */
	const char *in;         /* standard input; NULL: nothing */
};

/* Texts live until the running test ends.  The last argument is NULL. */
struct ran run_program(const struct program *p, ...) __attribute__((sentinel));

#endif
