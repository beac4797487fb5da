/*
 * world.c - what both stand-ins share: memory, version, ids, files.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/embedded.h"
#include "sandbox/world.h"

#define FIRST_SEED UINT64_C(0x9e3779b97f4a7c15)

struct world world;

void world_touch(void)
{
	world.version++;
	world.touched = true;
}

uint64_t world_random(void)
{
	uint64_t z = world.seed += FIRST_SEED;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

const char *world_hex(struct arena *a, size_t digits)
{
	char *s = arena_alloc(a, digits + 1);

	for (size_t i = 0; i < digits; i++)
		s[i] = "0123456789abcdef"[world_random() % 16];
	return s;
}

int64_t now_s(void)
{
	return clock_now_us() / CLOCK_SECOND_US;
}

static unsigned be16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned be32(const unsigned char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

/* Walks JPEG's segments to the frame header. */
static void measure_jpeg(struct file *f)
{
	const unsigned char *s = (const unsigned char *)f->bytes;
	size_t at = 2;

	while (at + 9 < f->len && s[at] == 0xff) {
		unsigned char kind = s[at + 1];

		if (kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 &&
		    kind != 0xc8 && kind != 0xcc) {
			f->height = (int)be16(s + at + 5);
			f->width = (int)be16(s + at + 7);
			return;
		}
		at += 2 + be16(s + at + 2);
	}
}

static void measure(struct file *f)
{
	const unsigned char *s = (const unsigned char *)f->bytes;

	if (f->len > 24 && memcmp(s, "\x89PNG\r\n\x1a\n", 8) == 0) {
		f->width = (int)(be32(s + 16) & 0xffffff);
		f->height = (int)(be32(s + 20) & 0xffffff);
	} else if (f->len > 4 && s[0] == 0xff && s[1] == 0xd8) {
		measure_jpeg(f);
	} else if (f->len > 30 && memcmp(s, "RIFF", 4) == 0 &&
		   memcmp(s + 8, "WEBPVP8 ", 8) == 0) {
		f->width = (s[27] << 8 | s[26]) & 0x3fff;
		f->height = (s[29] << 8 | s[28]) & 0x3fff;
	}
}

static struct file *file_put(const char *id, const char *name, const char *mime,
			     const char *bytes, size_t len)
{
	struct file *f = arena_alloc(&world.a, sizeof(*f));

	f->id = arena_str(&world.a, id);
	f->name = arena_str(&world.a, name ? name : id);
	f->mime = arena_str(&world.a, mime ? mime : "application/octet-stream");
	f->bytes = bytes;
	f->len = len;
	f->claim = (int64_t)len;
	measure(f);
	map_put(&world.files, &world.a, id, f);
	return f;
}

struct file *file_add(const char *name, const char *mime, const char *bytes,
		      size_t len)
{
	const char *id = arena_printf(&world.a, "f%" PRId64, ++world.next_file);

	return file_put(id, name, mime, arena_strn(&world.a, bytes, len), len);
}

struct file *file_find(const char *id)
{
	return map_find(&world.files, id);
}

struct json_object *file_json(const struct file *f)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "file", f->id);
	json_put_str(o, "name", f->name);
	json_put_str(o, "mime", f->mime);
	json_put_i64(o, "bytes", f->claim);
	json_put_i64(o, "width", f->width);
	json_put_i64(o, "height", f->height);
	return o;
}

static void put_json(void *o)
{
	json_object_put(o);
}

struct json_object *world_keep(struct json_object *o)
{
	if (o)
		arena_defer(&world.a, put_json, json_object_get(o));
	return o;
}

void world_release(void)
{
	map_release(&world.files);
	arena_release(&world.a);
}

void world_reset(void)
{
	world_release();
	world.seed = 0;
	world.next_file = 0;
	for (const struct embedded *e = sandbox_files; e->name; e++) {
		if (strncmp(e->name, "sample.", 7) == 0)
			file_put(e->name, e->name, e->mime, e->bytes, e->len);
	}
	world_touch();
}
