/*
 * upload.c - files that people bring, for messages to take.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/file_name.h"
#include "core/image_size.h"
#include "core/media.h"
#include "core/upload.h"
#include "store/tenant.h"

/* No upload takes longer: nginx has the whole body first. */
#define DRAFT_KEEP_S 3600

#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN   "application/vnd.oasis.opendocument."

/* What libmagic calls it; what it is to others; the message that it makes.
 * Nothing here runs where it is opened, or speaks in our name in a browser. */
static const struct kind {
	const char *magic, *mime, *kind, *extension;
} kinds[] = {
	/* clang-format off */
	{ "image/jpeg",      "image/jpeg",      "image",    ".jpg" },
	{ "image/png",       "image/png",       "image",    ".png" },
	{ "image/gif",       "image/gif",       "image",    ".gif" },
	{ "image/webp",      "image/webp",      "image",    ".webp" },
	{ "image/heic",      "image/heic",      "document", ".heic" },
	{ "image/bmp",       "image/bmp",       "document", ".bmp" },
	{ "image/tiff",      "image/tiff",      "document", ".tiff" },
	{ "audio/ogg",       "audio/ogg",       "audio",    ".ogg" },
	{ "audio/x-m4a",     "audio/mp4",       "audio",    ".m4a" },
	{ "audio/mp4",       "audio/mp4",       "audio",    ".m4a" },
	{ "audio/mpeg",      "audio/mpeg",      "audio",    ".mp3" },
	{ "audio/x-wav",     "audio/wav",       "audio",    ".wav" },
	{ "audio/flac",      "audio/flac",      "audio",    ".flac" },
	{ "video/mp4",       "video/mp4",       "video",    ".mp4" },
	{ "video/webm",      "video/webm",      "video",    ".webm" },
	{ "video/quicktime", "video/quicktime", "video",    ".mov" },
	{ "video/3gpp",      "video/3gpp",      "video",    ".3gp" },
	{ "application/pdf", "application/pdf", "document", ".pdf" },
	{ "application/zip", "application/zip", "document", ".zip" },
	{ "application/x-rar", "application/vnd.rar", "document", ".rar" },
	{ "application/x-7z-compressed", "application/x-7z-compressed", "document", ".7z" },
	{ "application/msword", "application/msword", "document", ".doc" },
	{ "application/vnd.ms-excel", "application/vnd.ms-excel", "document", ".xls" },
	{ OFFICE "wordprocessingml.document", OFFICE "wordprocessingml.document", "document", ".docx" },
	{ OFFICE "spreadsheetml.sheet", OFFICE "spreadsheetml.sheet", "document", ".xlsx" },
	{ OFFICE "presentationml.presentation", OFFICE "presentationml.presentation", "document", ".pptx" },
	{ OPEN "text",       OPEN "text",       "document", ".odt" },
	{ OPEN "spreadsheet", OPEN "spreadsheet", "document", ".ods" },
	{ "text/plain",      "text/plain",      "document", ".txt" },
	{ "text/csv",        "text/csv",        "document", ".csv" },
	{ "text/rtf",        "application/rtf", "document", ".rtf" },
	/* clang-format on */
};

/* Recorded speech: the one codec that messengers have for it. */
static bool is_voice(const struct media_draft *m, const char *mime)
{
	size_t len = m->head_len < 64 ? m->head_len : 64;

	return strcmp(mime, "audio/ogg") == 0 &&
	       memmem(m->head, len, "OpusHead", 8);
}

/* One container for both; libmagic looks at its brand alone. */
static bool has_sound_only(const struct media_draft *m, const char *mime)
{
	return strcmp(mime, "video/mp4") == 0 &&
	       memmem(m->head, m->head_len, "soun", 4) &&
	       !memmem(m->head, m->head_len, "vide", 4);
}

static const struct kind *kind_find(const char *magic)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].magic, magic) == 0)
			return &kinds[i];
	return NULL;
}

static bool recognise(struct arena *a, const struct media_draft *m,
		      struct upload *u, struct err *err)
{
	const char *magic = media_sniff(a, m->head, m->head_len);
	const struct kind *k =
		kind_find(has_sound_only(m, magic) ? "audio/mp4" : magic);

	if (!k)
		return err_set(err, ERR_DENIED,
			       "files of the type %s are not accepted: send "
			       "pictures, sound, video, PDF, office documents, "
			       "archives or plain text",
			       magic);
	u->mime = k->mime;
	u->kind = is_voice(m, k->mime) ? "voice" : k->kind;
	u->name = file_name_clean(a, u->name);
	if (!*u->name)
		u->name = arena_printf(a, "%s%s", u->kind, k->extension);
	return true;
}

static bool client_is_there(struct db *db, struct arena *a, int64_t id,
			    struct err *err)
{
	struct tenant t;

	if (tenant_find(db, a, id, &t, err))
		return true;
	if (err->kind == ERR_MISSING)
		err_field(err, "client_id", "there is no such client");
	return false;
}

bool upload_accept(struct db *db, struct arena *a, struct media_draft *m,
		   struct upload *u, struct err *err)
{
	if (m->bytes == 0)
		return err_field(err, "file", "must not be empty");
	if (!recognise(a, m, u, err) ||
	    !client_is_there(db, a, u->client_id, err))
		return false;
	if (!image_size(m->head, m->head_len, &u->width, &u->height))
		u->width = u->height = 0;
	u->bytes = m->bytes;
	u->sha256 = media_draft_name(m);
	return upload_content_lock(db, a, u->client_id, u->sha256, err) &&
	       media_draft_keep(m, u->client_id, err) &&
	       upload_insert(db, a, u, err);
}

/* Nobody can begin to refer to it: the lock is ours until the commit. */
static bool remove_unused(struct db *db, struct arena *a, const char *dir,
			  const struct upload *u, struct err *err)
{
	bool unused;

	return upload_content_lock(db, a, u->client_id, u->sha256, err) &&
	       upload_content_unused(db, a, u->client_id, u->sha256, &unused,
				     err) &&
	       (!unused || media_remove(a, dir, u->client_id, u->sha256, err));
}

static bool sweep_some(struct db *db, struct arena *a, const char *dir,
		       int64_t before, size_t *n, struct err *err)
{
	struct upload *list;
	bool ok;

	*n = 0;
	ok = db_begin(db, err) && uploads_forget(db, a, before, &list, n, err);
	for (size_t i = 0; ok && i < *n; i++)
		ok = remove_unused(db, a, dir, &list[i], err);
	return db_finish(db, ok, err);
}

bool uploads_sweep(struct db *db, struct arena *a, const char *dir, int64_t now,
		   struct err *err)
{
	size_t n;

	media_drafts_sweep(a, dir, now / CLOCK_SECOND_US - DRAFT_KEEP_S);
	do {
		if (!sweep_some(db, a, dir, now - UPLOAD_KEEP_US, &n, err))
			return false;
	} while (n > 0);
	return true;
}
