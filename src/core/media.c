/*
 * media.c - files of messages, kept per client by what they contain.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <magic.h>

#include "base/log.h"
#include "base/secret.h"
#include "core/media.h"

/* On a full disk messages wait and burn no attempts. */
#define FULL_RETRY_S 30

#define DIR_MODE  0750
#define FILE_MODE 0640

static const char *folder(struct arena *a, const char *dir, int64_t client_id,
			  const char *sha256)
{
	return arena_printf(a, "%s/%" PRId64 "/%.2s", dir, client_id, sha256);
}

static bool trouble(struct err *err, const char *what)
{
	int reason = errno;

	log_error("media.failed", lf_str("action", what),
		  lf_str("reason", strerror(reason)));
	if (reason != ENOSPC && reason != EDQUOT)
		return err_set(err, ERR_DOWN, "Файл не удалось сохранить (%s).",
			       strerror(reason));
	err_set(err, ERR_LIMIT, "Ждёт: кончилось место для файлов.");
	err->retry_s = FULL_RETRY_S;
	return false;
}

bool media_has_room(const char *dir, int64_t bytes)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) < 0)
		return true;
	return (int64_t)(fs.f_bavail * fs.f_frsize) >= bytes;
}

static bool make_folders(struct arena *a, const char *dir, int64_t client_id,
			 const char *sha256, struct err *err)
{
	const char *of_client = arena_printf(a, "%s/%" PRId64, dir, client_id);
	const char *last = folder(a, dir, client_id, sha256);

	if ((mkdir(of_client, DIR_MODE) < 0 && errno != EEXIST) ||
	    (mkdir(last, DIR_MODE) < 0 && errno != EEXIST))
		return trouble(err, "mkdir");
	return true;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool media_store(struct arena *a, const char *dir, int64_t client_id,
		 const char *bytes, size_t len, const char **sha256,
		 struct err *err)
{
	const char *hash = secret_hash(a, (struct secret){ bytes, len });
	const char *path, *aside;
	bool ok;
	int fd;

	if (!make_folders(a, dir, client_id, hash, err))
		return false;
	path = arena_printf(a, "%s/%s", folder(a, dir, client_id, hash), hash);
	aside = arena_printf(a, "%s.%ld", path, (long)getpid());
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return trouble(err, "open");
	ok = write_all(fd, bytes, len) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || rename(aside, path) < 0) {
		trouble(err, "write");
		unlink(aside);
		return false;
	}
	*sha256 = hash;
	return true;
}

bool media_load(struct arena *a, const char *dir, int64_t client_id,
		const char *sha256, const char **bytes, size_t *len,
		struct err *err)
{
	const char *path = arena_printf(
		a, "%s/%s", folder(a, dir, client_id, sha256), sha256);
	struct stat st;
	char *content;
	FILE *f = fopen(path, "re");

	if (!f || fstat(fileno(f), &st) < 0) {
		if (f)
			fclose(f);
		return err_set(err, ERR_MISSING,
			       "Файла больше нет: нужно прислать его снова.");
	}
	content = arena_alloc(a, (size_t)st.st_size + 1);
	*len = fread(content, 1, (size_t)st.st_size, f);
	fclose(f);
	*bytes = content;
	return *len == (size_t)st.st_size ||
	       err_set(err, ERR_MISSING,
		       "Файла больше нет: нужно прислать его снова.");
}

/* Opened anew for each file: its database takes 10 MB once it was used, and
 * opening it less time than reading the file. */
const char *media_sniff(struct arena *a, const char *bytes, size_t len)
{
	magic_t magic = magic_open(MAGIC_MIME_TYPE);
	const char *mime;

	if (!magic || magic_load(magic, NULL) != 0)
		die("libmagic does not start: its database is missing");
	mime = magic_buffer(magic, bytes, len);
	mime = arena_str(a, mime ? mime : "application/octet-stream");
	magic_close(magic);
	return mime;
}
