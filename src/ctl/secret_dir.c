/*
 * secret_dir.c - a folder of secrets, a file each, replaced as a whole.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/secret_dir.h"

/* -1: *err says why not. */
static int dir_open(const char *dir, struct err *err)
{
	struct stat st;
	int fd;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
		err_set(err, ERR_INPUT, "cannot make %s: %s", dir,
			strerror(errno));
		return -1;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, ERR_INPUT, "cannot use %s: %s", dir,
			strerror(errno));
	} else if (st.st_uid != geteuid()) {
		err_set(err, ERR_INPUT,
			"%s belongs to somebody else; name a folder that this "
			"command may make itself",
			dir);
	} else if (st.st_mode & 0077) {
		err_set(err, ERR_INPUT, "others may look into %s; chmod 700 %s",
			dir, dir);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Hidden, and nobody else's: two may be at it. */
static const char *name_aside(struct arena *a, const char *name)
{
	return arena_printf(a, ".%s.%ld", name, (long)getpid());
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Renaming fails on nothing else that could be foreseen. */
static bool can_replace(int dir_fd, const struct secret_entry *e,
			struct err *err)
{
	struct stat st;

	return fstatat(dir_fd, e->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       !S_ISDIR(st.st_mode) ||
	       err_set(err, ERR_INPUT, "cannot replace %s: it is a folder",
		       e->name);
}

static bool write_aside(struct arena *a, int dir_fd,
			const struct secret_entry *e, struct err *err)
{
	const char *aside = name_aside(a, e->name);
	int fd;
	bool ok;

	unlinkat(dir_fd, aside, 0); /* of a process with our number */
	fd = openat(dir_fd, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ok = fd >= 0 && write_all(fd, e->value.bytes, e->value.len) &&
	     write_all(fd, "\n", 1) && fsync(fd) == 0;
	if (!ok)
		err_set(err, ERR_INPUT, "cannot write %s: %s", e->name,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool put_in_place(struct arena *a, int dir_fd,
			 const struct secret_entry *e, struct err *err)
{
	if (renameat(dir_fd, name_aside(a, e->name), dir_fd, e->name) == 0)
		return true;
	return err_set(err, ERR_INPUT, "cannot replace %s: %s", e->name,
		       strerror(errno));
}

bool secret_dir_write(struct arena *a, const char *dir,
		      const struct secret_entry *list, size_t n,
		      struct err *err)
{
	int fd = dir_open(dir, err);
	bool ok = fd >= 0;

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = can_replace(fd, &list[i], err) &&
		     write_aside(a, fd, &list[i], err);
	for (size_t i = 0; ok && i < n; i++)
		ok = put_in_place(a, fd, &list[i], err);
	for (size_t i = 0; !ok && i < n; i++)
		unlinkat(fd, name_aside(a, list[i].name), 0);
	close(fd);
	return ok;
}

bool secret_dir_remove(const char *dir, const char *name, bool *removed,
		       struct err *err)
{
	int fd = dir_open(dir, err);
	bool ok;

	if (fd < 0)
		return false;
	*removed = unlinkat(fd, name, 0) == 0;
	ok = *removed || errno == ENOENT ||
	     err_set(err, ERR_INPUT, "cannot remove %s: %s", name,
		     strerror(errno));
	close(fd);
	return ok;
}
