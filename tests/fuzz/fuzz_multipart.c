/*
 * fuzz_multipart.c - any bytes as a multipart form: the first line is the
 * Content-Type.  What is read can be written and is then read as the same.
 */
#include "config.h"

#include "base/multipart.h"
#include "base/secret.h"
#include "fuzz/fields.h"
#include "web/body.h"
#include "web/parts.h"

#define PARTS_MAX (FORM_FIELDS_MAX + 1)
#define BODY_MAX  65536

static void check_name(const char *s)
{
	FUZZ_CHECK(text_is_utf8(s, strlen(s)));
	for (; *s; s++)
		FUZZ_CHECK((unsigned char)*s >= ' ' && *s != 0x7f);
}

static void check_part(const struct http_part *p, const char *body, size_t len)
{
	FUZZ_CHECK(*p->name);
	check_name(p->name);
	if (p->filename) {
		FUZZ_CHECK(text_is_utf8(p->filename, strlen(p->filename)));
		FUZZ_CHECK(!strpbrk(p->filename, "/\\"));
	}
	FUZZ_CHECK(p->bytes >= body && p->bytes + p->len <= body + len);
}

static bool is_same(const struct http_part *a, const struct http_part *b)
{
	return strcmp(a->name, b->name) == 0 && !a->filename == !b->filename &&
	       (!a->filename || strcmp(a->filename, b->filename) == 0) &&
	       a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static void read_again(struct arena *a, const struct http_part *parts, size_t n)
{
	struct http_part *again;
	struct multipart m;
	struct err err = { 0 };
	struct buf b;
	size_t count;

	multipart_write(a, parts, n, &m);
	buf_init(&b, a, BODY_MAX);
	for (size_t i = 0; i < m.n_pieces; i++)
		buf_add(&b, m.pieces[i].iov_base, m.pieces[i].iov_len);
	FUZZ_CHECK(!b.overflow);
	FUZZ_CHECK(parts_read(a, m.mime, b.s, b.len, PARTS_MAX, &again, &count,
			      &err));
	FUZZ_CHECK(count == n);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(is_same(&parts[i], &again[i]));
}

static void read_parts(struct arena *a, const char *type, const char *body,
		       size_t len)
{
	struct http_part *parts;
	struct err err = { 0 };
	size_t n;

	if (!parts_read(a, type, body, len, PARTS_MAX, &parts, &n, &err)) {
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
		return;
	}
	FUZZ_CHECK(n <= PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		check_part(&parts[i], body, len);
	read_again(a, parts, n);
}

static void read_form(struct arena *a, const char *type, const char *body,
		      size_t len)
{
	struct fuzz_request f;

	fuzz_request_init(&f, a, BODY_FORM,
			  arena_printf(a, "CONTENT_TYPE=%s", type), body, len);
	if (body_read(&f.rq) == 0)
		check_fields(&f.rq.body, PARTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *s = (const char *)bytes;
	const char *end = len ? memchr(s, '\n', len) : NULL;
	const char *type;

	if (!end)
		return 0;
	secret_init();
	type = arena_strn(&a, s, (size_t)(end - s));
	read_parts(&a, type, end + 1, len - (size_t)(end + 1 - s));
	read_form(&a, type, end + 1, len - (size_t)(end + 1 - s));
	arena_reset(&a);
	return 0;
}
