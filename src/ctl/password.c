/*
 * password.c - a password from a pipe, a file, or made up.
 */
#include "config.h"

#include <stdio.h>

#include "core/user.h"
#include "ctl/password.h"
#include "ctl/secret_file.h"

#define MADE_UP_BYTES 15 /* 20 characters */

static bool read_line(struct arena *a, FILE *f, struct secret *password,
		      struct err *err)
{
	if (secret_line(a, f, PASSWORD_BYTES_MAX, password))
		return true;
	return err_set(err, ERR_INPUT,
		       "the password's line is empty or longer than %d bytes",
		       PASSWORD_BYTES_MAX);
}

bool password_read(struct arena *a, const struct password_source *from,
		   struct secret *password, bool *made_up, struct err *err)
{
	*made_up = false;
	if (from->from_stdin && from->file)
		return err_set(err, ERR_INPUT,
			       "give either --password-stdin or "
			       "--password-file, not both");
	if (from->from_stdin)
		return read_line(a, stdin, password, err);
	if (from->file)
		return secret_file(a, from->file, PASSWORD_BYTES_MAX, password,
				   err);
	*password = secret_random(a, MADE_UP_BYTES);
	*made_up = true;
	return true;
}
