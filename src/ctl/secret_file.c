/*
 * secret_file.c - a secret in the first line of a file or a pipe.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "ctl/secret_file.h"

bool secret_line(struct arena *a, FILE *f, size_t max, struct secret *secret)
{
	/* One more for the line's end, one for NUL. */
	char *bytes = arena_alloc(a, max + 2);
	size_t len;

	if (!fgets(bytes, (int)max + 2, f))
		bytes[0] = '\0';
	len = strcspn(bytes, "\r\n");
	if (len > 0 && len <= max)
		*secret = secret_copy(a, bytes, len);
	explicit_bzero(bytes, max + 2);
	return len > 0 && len <= max;
}

bool secret_file(struct arena *a, const char *path, size_t max,
		 struct secret *secret, struct err *err)
{
	FILE *f = fopen(path, "re");
	bool ok = true;

	if (!f)
		return err_set(err, ERR_INPUT, "cannot read %s: %s", path,
			       strerror(errno));
	/* The buffer of stdio would keep a copy. */
	setvbuf(f, NULL, _IONBF, 0);
	if (!secret_is_private(fileno(f)))
		ok = err_set(err, ERR_INPUT,
			     "%s holds a secret and others can read it; "
			     "chmod 600 %s",
			     path, path);
	else if (!secret_line(a, f, max, secret))
		ok = err_set(err, ERR_INPUT,
			     "the first line of %s is empty or longer than "
			     "%zu bytes",
			     path, max);
	fclose(f);
	return ok;
}
