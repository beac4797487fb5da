/*
 * password.c - a password from a pipe, a file, or made up.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/user.h"
#include "ctl/password.h"

#define MADE_UP_BYTES 15 /* 20 characters */

static bool read_line(struct arena *a, FILE *f, struct secret *password,
		      struct err *err)
{
	char line[PASSWORD_MAX + 2];
	size_t len;

	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	len = strcspn(line, "\r\n");
	if (len == 0 || len > PASSWORD_MAX)
		return err_set(err, ERR_INPUT,
			       "the password's line is empty or longer than %d "
			       "characters",
			       PASSWORD_MAX);
	*password = secret_copy(a, line, len);
	explicit_bzero(line, sizeof(line));
	return true;
}

static bool read_file(struct arena *a, const char *path,
		      struct secret *password, struct err *err)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	bool ok;

	if (!f)
		return err_set(err, ERR_INPUT, "cannot read %s: %s", path,
			       strerror(errno));
	if (fstat(fileno(f), &st) < 0 || (st.st_mode & 0077))
		ok = err_set(err, ERR_INPUT,
			     "%s holds a secret and others can read it; "
			     "chmod 600 %s",
			     path, path);
	else
		ok = read_line(a, f, password, err);
	fclose(f);
	return ok;
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
		return read_file(a, from->file, password, err);
	*password = secret_random(a, MADE_UP_BYTES);
	*made_up = true;
	return true;
}
