/*
 * media_draft.c - a file that comes bit by bit.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "core/media.h"
#include "core/media_draft.h"

#define FOLDER     "tmp"
#define NAME_BYTES 18
#define FILE_MODE  0640

/* Whatever has not been kept. */
static void drop(void *draft)
{
	struct media_draft *m = draft;

	if (m->fd >= 0)
		close(m->fd);
	if (!m->is_kept)
		unlink(m->path);
}

bool media_draft_begin(struct arena *a, const char *dir,
		       struct media_draft **draft, struct err *err)
{
	const char *folder = arena_printf(a, "%s/" FOLDER, dir);
	struct media_draft *m = arena_alloc(a, sizeof(*m));

	*m = (struct media_draft){ .a = a, .dir = dir };
	m->path = arena_printf(a, "%s/%s", folder,
			       secret_random(a, NAME_BYTES).bytes);
	m->head = m->head_room = arena_alloc(a, MEDIA_HEAD_BYTES);
	digest_begin(&m->digest, a);
	if (mkdir(folder, MEDIA_DIR_MODE) < 0 && errno != EEXIST)
		return media_trouble(err, "mkdir");
	m->fd = open(m->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		     FILE_MODE);
	if (m->fd < 0)
		return media_trouble(err, "open");
	arena_defer(a, drop, m);
	*draft = m;
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

bool media_draft_add(struct media_draft *m, const char *bytes, size_t len,
		     struct err *err)
{
	size_t room = MEDIA_HEAD_BYTES - m->head_len;

	memcpy(m->head_room + m->head_len, bytes, len < room ? len : room);
	m->head_len += len < room ? len : room;
	m->bytes += (int64_t)len;
	digest_add(&m->digest, bytes, len);
	return write_all(m->fd, bytes, len) || media_trouble(err, "write");
}

const char *media_draft_name(struct media_draft *m)
{
	if (!m->sha256)
		m->sha256 = digest_finish(&m->digest);
	return m->sha256;
}

bool media_draft_keep(struct media_draft *m, int64_t client_id, struct err *err)
{
	bool ok = fsync(m->fd) == 0;

	ok = close(m->fd) == 0 && ok;
	m->fd = -1;
	if (!ok)
		return media_trouble(err, "write");
	m->is_kept = media_adopt(m->a, m->dir, client_id, media_draft_name(m),
				 m->path, err);
	return m->is_kept;
}

int media_drafts_sweep(struct arena *a, const char *dir, int64_t before_s)
{
	DIR *folder = opendir(arena_printf(a, "%s/" FOLDER, dir));
	struct dirent *e;
	struct stat st;
	int n = 0;

	/* The folder is this call's own; readdir_r() is deprecated. */
	/* cppcheck-suppress readdirCalled */
	while (folder && (e = readdir(folder)))
		if (fstatat(dirfd(folder), e->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < before_s &&
		    unlinkat(dirfd(folder), e->d_name, 0) == 0)
			n++;
	if (folder)
		closedir(folder);
	return n;
}
