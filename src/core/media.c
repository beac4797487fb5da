/*
 * media.c - files of messages, kept per client by what they contain.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <magic.h>

#include "base/log.h"
#include "core/media.h"
#include "core/media_draft.h"

/* On a full disk messages wait and burn no attempts. */
#define FULL_RETRY_S 30

const char *media_name(struct arena *a, int64_t client_id, const char *sha256)
{
	return arena_printf(a, "%" PRId64 "/%.2s/%s", client_id, sha256,
			    sha256);
}

static const char *path_of(struct arena *a, const char *dir, int64_t client_id,
			   const char *sha256)
{
	return arena_printf(a, "%s/%s", dir, media_name(a, client_id, sha256));
}

bool media_trouble(struct err *err, const char *what)
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

bool media_adopt(struct arena *a, const char *dir, int64_t client_id,
		 const char *sha256, const char *path, struct err *err)
{
	const char *own = arena_printf(a, "%s/%" PRId64, dir, client_id);
	const char *last = arena_printf(a, "%s/%.2s", own, sha256);

	if ((mkdir(own, MEDIA_DIR_MODE) < 0 && errno != EEXIST) ||
	    (mkdir(last, MEDIA_DIR_MODE) < 0 && errno != EEXIST))
		return media_trouble(err, "mkdir");
	return rename(path, path_of(a, dir, client_id, sha256)) == 0 ||
	       media_trouble(err, "rename");
}

bool media_store(struct arena *a, const char *dir, int64_t client_id,
		 const char *bytes, size_t len, const char **sha256,
		 struct err *err)
{
	struct media_draft *m;

	if (!media_draft_begin(a, dir, &m, err) ||
	    !media_draft_add(m, bytes, len, err) ||
	    !media_draft_keep(m, client_id, err))
		return false;
	*sha256 = media_draft_name(m);
	return true;
}

bool media_is_here(struct arena *a, const char *dir, int64_t client_id,
		   const char *sha256)
{
	return access(path_of(a, dir, client_id, sha256), R_OK) == 0;
}

bool media_remove(struct arena *a, const char *dir, int64_t client_id,
		  const char *sha256, struct err *err)
{
	return unlink(path_of(a, dir, client_id, sha256)) == 0 ||
	       errno == ENOENT || media_trouble(err, "unlink");
}

bool media_load(struct arena *a, const char *dir, int64_t client_id,
		const char *sha256, const char **bytes, size_t *len,
		struct err *err)
{
	FILE *f = fopen(path_of(a, dir, client_id, sha256), "re");
	struct stat st;
	char *content;

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

const char *media_inline_type(const char *mime)
{
	/* libmagic's word, and the registered one. */
	static const struct {
		const char *known, *told;
	} types[] = {
		{ "image/jpeg", "image/jpeg" }, { "image/png", "image/png" },
		{ "image/gif", "image/gif" },   { "image/webp", "image/webp" },
		{ "audio/ogg", "audio/ogg" },   { "audio/mp4", "audio/mp4" },
		{ "audio/x-m4a", "audio/mp4" }, { "audio/mpeg", "audio/mpeg" },
		{ "video/mp4", "video/mp4" },   { "video/webm", "video/webm" },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].known, mime) == 0)
			return types[i].told;
	return NULL;
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
