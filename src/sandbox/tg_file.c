/*
 * tg_file.c - files of the Telegram stand-in: ids, uploads, downloads.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/journal.h"
#include "sandbox/telegram.h"
#include "sandbox/tg_api.h"

#define PHOTO_MAX    ((size_t)10 << 20)
#define UPLOAD_MAX   ((size_t)50 << 20)
#define DOWNLOAD_MAX (INT64_C(20) << 20)

static struct json_object *file_object(const char *kind, const struct file *f)
{
	struct json_object *o = json_object_new_object();
	struct arena a = { 0 };

	json_put_str(o, "file_id", arena_printf(&a, "%s.%s", kind, f->id));
	json_put_str(o, "file_unique_id", arena_printf(&a, "u-%s", f->id));
	json_put_i64(o, "file_size", f->claim);
	arena_release(&a);
	return o;
}

static void put_size(struct json_object *o, const struct file *f, int part)
{
	json_put_i64(o, "width", (f->width ? f->width : 320) / part);
	json_put_i64(o, "height", (f->height ? f->height : 240) / part);
}

static struct json_object *photo_sizes(const struct file *f)
{
	struct json_object *list = json_object_new_array();

	for (int part = 2; part > 0; part--) {
		struct json_object *o = file_object("photo", f);

		put_size(o, f, part);
		json_object_array_add(list, o);
	}
	return list;
}

static bool begins(const struct file *f, size_t at, const char *with,
		   size_t len)
{
	return f->len > at + len && memcmp(f->bytes + at, with, len) == 0;
}

static bool is_gzip(const struct file *f)
{
	return begins(f, 0, "\x1f\x8b", 2);
}

static bool is_matroska(const struct file *f)
{
	return begins(f, 0, "\x1a\x45\xdf\xa3", 4);
}

static bool is_webp(const struct file *f)
{
	return begins(f, 0, "RIFF", 4) && begins(f, 8, "WEBP", 4);
}

static bool is_mp4(const struct file *f)
{
	return begins(f, 4, "ftyp", 4);
}

static bool is_mp3(const struct file *f)
{
	return begins(f, 0, "ID3", 3) || begins(f, 0, "\xff\xfb", 2) ||
	       begins(f, 0, "\xff\xf3", 2);
}

/* Of kinds that Telegram takes in a few formats only. */
static bool format_fits(const char *kind, const struct file *f)
{
	if (strcmp(kind, "sticker") == 0)
		return is_webp(f) || is_gzip(f) || is_matroska(f);
	if (strcmp(kind, "voice") == 0)
		return begins(f, 0, "OggS", 4) || is_mp4(f) || is_mp3(f);
	return strcmp(kind, "video_note") != 0 || is_mp4(f);
}

struct json_object *tg_file_fields(const char *kind, const struct file *f)
{
	struct json_object *fields = json_object_new_object();
	struct json_object *o;

	if (strcmp(kind, "photo") == 0) {
		json_put(fields, kind, photo_sizes(f));
		return fields;
	}
	o = file_object(kind, f);
	if (strcmp(kind, "sticker") == 0) {
		json_put_str(o, "type", "regular");
		put_size(o, f, 1);
		json_put_bool(o, "is_animated", is_gzip(f));
		json_put_bool(o, "is_video", is_matroska(f));
	} else {
		json_put_str(o, "mime_type", f->mime);
	}
	if (strcmp(kind, "voice") == 0 || strcmp(kind, "audio") == 0 ||
	    strcmp(kind, "video_note") == 0)
		json_put_i64(o, "duration", 2);
	if (strcmp(kind, "video_note") == 0)
		json_put_i64(o, "length", 240);
	if (strcmp(kind, "video") == 0 || strcmp(kind, "animation") == 0) {
		put_size(o, f, 1);
		json_put_i64(o, "duration", 2);
	}
	if (strcmp(kind, "document") == 0 || strcmp(kind, "audio") == 0 ||
	    strcmp(kind, "video") == 0 || strcmp(kind, "animation") == 0)
		json_put_str(o, "file_name", f->name);
	json_put(fields, kind, o);
	/* For programs that do not know the newer kind. */
	if (strcmp(kind, "animation") == 0) {
		o = file_object("document", f);
		json_put_str(o, "mime_type", f->mime);
		json_put_str(o, "file_name", f->name);
		json_put(fields, "document", o);
	}
	return fields;
}

/* "kind.BOT.f1" as its parts. */
static const struct file *by_id(const struct tg_call *c, const char *id,
				const char **kind)
{
	const char *first = strchr(id, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	long long bot;

	if (!second ||
	    !text_read_i64(
		    arena_strn(c->a, first + 1, (size_t)(second - first - 1)),
		    1, INT64_MAX, &bot) ||
	    bot != c->bot->user->id)
		return NULL;
	*kind = arena_strn(c->a, id, (size_t)(first - id));
	return file_find(second + 1);
}

static const struct file *take_upload(struct tg_call *c, const char *name,
				      const char *kind)
{
	const struct field *f = form_find(&c->parts, name);
	bool photo = strcmp(kind, "photo") == 0;
	struct file *file;

	if (!f || !f->filename) {
		tg_violation(c, "attach://%s names no uploaded part", name);
		tg_fail(c, 400, "there is no %s in the request", kind);
		return NULL;
	}
	if (f->len == 0) {
		tg_violation(c, "an empty file");
		tg_fail(c, 400, "file must be non-empty");
		return NULL;
	}
	if (f->len > (photo ? PHOTO_MAX : UPLOAD_MAX)) {
		tg_violation(c, "an upload of %zu bytes", f->len);
		if (photo)
			tg_fail(c, 400, "file is too big");
		else
			tg_fail(c, 413, "%s", "");
		return NULL;
	}
	file = file_add(f->filename, f->mime, f->value, f->len);
	if (photo && !file->width) {
		tg_violation(c, "a photo that is no JPEG or PNG image");
		tg_fail(c, 400, "IMAGE_PROCESS_FAILED");
		return NULL;
	}
	if (!format_fits(kind, file)) {
		tg_violation(c, "a %s of a format that is sent otherwise",
			     kind);
		tg_fail(c, 400, "wrong file type: it is no %s", kind);
		return NULL;
	}
	if (photo && (file->width + file->height > 10000 ||
		      file->width > 20 * file->height ||
		      file->height > 20 * file->width)) {
		tg_violation(c, "a photo of %dx%d", file->width, file->height);
		tg_fail(c, 400, "PHOTO_INVALID_DIMENSIONS");
		return NULL;
	}
	return file;
}

/* Only our own files can be fetched: the sandbox calls nobody. */
static const struct file *from_url(struct tg_call *c, const char *url)
{
	size_t len = strlen(world.url);
	const char *name = strrchr(url, '/') + 1;

	if (strncmp(url, world.url, len) == 0 &&
	    strncmp(url + len, "/files/file/", 12) == 0 && file_find(name))
		return file_find(name);
	tg_fail(c, 400, "failed to get HTTP URL content");
	return NULL;
}

const struct file *tg_param_file(struct tg_call *c, const char *value,
				 const char *kind)
{
	const char *have = "";
	const struct file *f;

	if (strncmp(value, "attach://", 9) == 0)
		return take_upload(c, value + 9, kind);
	if (strncmp(value, "http://", 7) == 0 ||
	    strncmp(value, "https://", 8) == 0)
		return from_url(c, value);
	f = by_id(c, value, &have);
	if (!f) {
		tg_fail(c, 400,
			"wrong remote file identifier specified: "
			"can't unserialize it");
		return NULL;
	}
	if (strcmp(have, kind) != 0) {
		tg_violation(c, "a file_id of kind %s where %s is sent", have,
			     kind);
		tg_fail(c, 400, "can't use file of type %s as %s", have, kind);
		return NULL;
	}
	return f;
}

void tg_run_get_file(struct tg_call *c)
{
	const char *id = json_str(c->params, "file_id", ""), *kind = "";
	const struct file *f = by_id(c, id, &kind);
	struct json_object *o;

	if (!f) {
		tg_fail(c, 400, "invalid file_id");
		return;
	}
	if (f->claim > DOWNLOAD_MAX) {
		tg_fail(c, 400, "file is too big");
		return;
	}
	o = json_object_new_object();
	json_put_str(o, "file_id", id);
	json_put_str(o, "file_unique_id", arena_printf(c->a, "u-%s", f->id));
	json_put_i64(o, "file_size", f->claim);
	json_put_str(o, "file_path",
		     arena_printf(c->a, "%ss/file_%s", kind, f->id));
	tg_ok(c, o);
}

void tg_run_download(struct req *rq)
{
	const char *token = req_seg(rq, 2), *name = req_seg(rq, 4);
	const struct tg_bot *bot = NULL;
	const struct file *f = NULL;

	if (req_header(rq, "Authorization"))
		violation("telegram", "getFile.download",
			  "the Bot API takes no Authorization header");
	if (strncmp(token, "bot", 3) == 0)
		bot = map_find(&tg.tokens, token + 3);
	if (strncmp(name, "file_", 5) == 0)
		f = file_find(name + 5);
	rq->call.path = "/file/bot/...";
	if (bot)
		rq->call.account =
			arena_printf(&rq->a, "%" PRId64, bot->user->id);
	if (bot && f) {
		/* Name and type are not promised by the real one, either. */
		reply(rq, 200, "application/octet-stream",
		      arena_strn(&rq->a, f->bytes, f->len), f->len);
	} else {
		const char *body = telegram_error_body(&rq->a, 404, 0);

		rq->call.error = "Not Found";
		reply(rq, 404, "application/json", body, strlen(body));
	}
}
