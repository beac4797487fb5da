/*
 * test_parts.c - a multipart body is read as its sender meant it, or not.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/multipart.h"
#include "base/secret.h"
#include "harness/unit.h"
#include "web/parts.h"

#define MAX  4
#define TYPE "multipart/form-data; boundary=b"
#define HEAD "Content-Disposition: form-data; name=\"a\"\r\n"

static struct http_part *parts;
static size_t n;
static struct err err;

static bool read_as(const char *type, const char *body, size_t len)
{
	err = (struct err){ 0 };
	return parts_read(&unit_arena, type, body, len, MAX, &parts, &n, &err);
}

static bool read_text(const char *body)
{
	return read_as(TYPE, body, strlen(body));
}

/* One part with these header lines and the value "v". */
static bool read_head(const char *head)
{
	return read_text(
		arena_printf(&unit_arena, "--b\r\n%s\r\nv\r\n--b--\r\n", head));
}

static const char *value(size_t i)
{
	return arena_strn(&unit_arena, parts[i].bytes, parts[i].len);
}

static void what_our_writer_writes_is_read_back(void)
{
	static const char bytes[] = "\0\r\n--\r\n\r\n\xff";
	static const struct http_part sent[] = {
		{ "text", NULL, NULL, "привет\r\n", 14 },
		{ "a\"b%", NULL, NULL, "", 0 },
		{ "file", "фото \"1\".jpg", "image/jpeg", bytes,
		  sizeof(bytes) },
	};
	struct multipart m;
	struct buf b;

	multipart_write(&unit_arena, sent, ARRAY_LEN(sent), &m);
	buf_init(&b, &unit_arena, 4096);
	for (size_t i = 0; i < m.n_pieces; i++)
		buf_add(&b, m.pieces[i].iov_base, m.pieces[i].iov_len);
	CU_ASSERT_TRUE_FATAL(read_as(m.mime, b.s, b.len));
	UNIT_ASSERT_INT(n, 3);
	for (size_t i = 0; i < n; i++) {
		UNIT_ASSERT_STR(parts[i].name, sent[i].name);
		UNIT_ASSERT_STR(parts[i].filename, sent[i].filename);
		UNIT_ASSERT_STR(parts[i].mime, sent[i].mime);
		UNIT_ASSERT_INT(parts[i].len, sent[i].len);
		CU_ASSERT_EQUAL(
			memcmp(parts[i].bytes, sent[i].bytes, sent[i].len), 0);
	}
}

static void a_form_without_parts_is_empty(void)
{
	CU_ASSERT_TRUE(read_text("--b--\r\n"));
	UNIT_ASSERT_INT(n, 0);
	CU_ASSERT_TRUE(read_text("--b--"));
}

static void the_boundary_is_taken_from_the_type(void)
{
	static const char body[] = "--b\r\n" HEAD "\r\nv\r\n--b--\r\n";
	static const char *const good[] = {
		"multipart/form-data; boundary=b",
		"multipart/form-data;boundary=\"b\"",
		"multipart/form-data ; charset=utf-8 ; BOUNDARY=b ",
	};
	static const char *const bad[] = {
		"multipart/form-data",
		"multipart/form-data; boundary",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=\"b",
		"multipart/form-data; boundary=b; boundary=b",
		"multipart/form-data; boundary=b; x",
		"multipart/form-data; boundary=b x",
		"multipart/form-data; boundary=c",
		"multipart/form-data; xboundary=b",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CU_ASSERT_TRUE(read_as(good[i], body, strlen(body)));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(read_as(bad[i], body, strlen(body)));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
}

/* An empty form with this boundary. */
static bool read_boundary(const char *boundary)
{
	const char *body = arena_printf(&unit_arena, "--%s--", boundary);

	return read_as(arena_printf(&unit_arena,
				    "multipart/form-data; boundary=\"%s\"",
				    boundary),
		       body, strlen(body));
}

static void a_boundary_is_what_rfc_2046_allows(void)
{
	char longest[72];

	memset(longest, 'b', sizeof(longest));
	longest[71] = '\0';
	CU_ASSERT_FALSE(read_boundary(longest));
	longest[70] = '\0';
	CU_ASSERT_TRUE(read_boundary(longest));
	CU_ASSERT_TRUE(read_boundary("----WebKitFormBoundary'()+_,-./:=? 1"));
	CU_ASSERT_FALSE(read_boundary("b "));
	CU_ASSERT_FALSE(read_boundary("b*"));
	CU_ASSERT_FALSE(read_boundary("\xd0\xb1"));
}

static void a_broken_frame_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"--b",
		"--b\r\n",
		"--b-",
		"\r\n--b--",
		"preamble\r\n--b--",
		"--b--\r\nepilogue",
		"--b--\r\n\r\n",
		"--c--",
		"--b\n" HEAD "\r\nv\r\n--b--",
		"--b \r\n" HEAD "\r\nv\r\n--b--",
		"--b\r\n" HEAD "v\r\n--b--",
		"--b\r\n" HEAD "\r\nv",
		"--b\r\n" HEAD "\r\nv--b--",
		"--b\r\n" HEAD "\r\nv\n--b--",
		"--b\r\n" HEAD "\r\nv\r\n--b",
		"--b\r\n" HEAD "\r\nv\r\n--bc--",
		"--b\r\n" HEAD "\r\n--b--",
		"--b\r\n\r\nv\r\n--b--",
		"--b\r\n\r\n\r\nv\r\n--b--",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(read_text(bad[i]));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
}

static void a_value_may_look_like_a_frame(void)
{
	CU_ASSERT_TRUE_FATAL(read_text(
		"--b\r\n" HEAD "\r\n--b\r\n\r\n--\r\n--c\r\n--b\r\n" HEAD
		"\r\n\r\n--b--\r\n"));
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_STR(value(0), "--b\r\n\r\n--\r\n--c");
	UNIT_ASSERT_STR(value(1), "");
}

static void odd_headers_are_refused(void)
{
	static const char *const bad[] = {
		"Content-Type: text/plain\r\n",
		"Content-Disposition: form-data\r\n",
		"Content-Disposition: form-data; name=\"\"\r\n",
		"Content-Disposition: form-data; name=\"a\r\n",
		"Content-Disposition: form-data; name=\"a\" x\r\n",
		"Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n",
		"Content-Disposition: form-data; name=\"a\"; filename*=x\r\n",
		"Content-Disposition: form-data; name=\"a%0D%0Ab\"\r\n",
		"Content-Disposition: form-data; name=\"a\tb\"\r\n",
		"Content-Disposition: form-data; name=\"\xff\"\r\n",
		"Content-Disposition: attachment; name=\"a\"\r\n",
		"Content-Disposition: form-datax; name=\"a\"\r\n",
		"Content-Disposition : form-data; name=\"a\"\r\n",
		HEAD HEAD,
		HEAD "Content-Disposition: form-data; filename=\"a\"\r\n",
		HEAD "no colon\r\n",
		HEAD ": no name\r\n",
		HEAD "Content-Transfer-Encoding: base64\r\n",
		HEAD "Content-Type: text/plain\r\nContent-Type: text/html\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(read_head(bad[i]));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
	CU_ASSERT_TRUE(read_head(HEAD "X-Foreign: yes\r\n"));
	CU_ASSERT_TRUE(read_head("content-disposition:form-data;name=a\r\n"));
}

static void a_filename_keeps_nothing_of_a_path(void)
{
	static const char *const names[][2] = {
		{ "a.jpg", "a.jpg" },
		{ "/etc/passwd", "passwd" },
		{ "..\\..\\C:\\a b.jpg", "a b.jpg" },
		{ "..", "" },
		{ "a/..", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CU_ASSERT_TRUE_FATAL(read_head(arena_printf(
			&unit_arena,
			"Content-Disposition: form-data; name=\"a\"; "
			"filename=\"%s\"\r\n",
			names[i][0])));
		UNIT_ASSERT_STR(parts[0].filename, names[i][1]);
	}
}

static void sizes_and_counts_have_limits(void)
{
	struct buf b;
	char name[200];

	buf_init(&b, &unit_arena, 4096);
	for (size_t i = 0; i < MAX; i++)
		buf_add_str(&b, "--b\r\n" HEAD "\r\nv\r\n");
	CU_ASSERT_TRUE(
		read_text(arena_printf(&unit_arena, "%s--b--\r\n", b.s)));
	CU_ASSERT_FALSE(read_text(arena_printf(
		&unit_arena, "%s--b\r\n" HEAD "\r\nv\r\n--b--\r\n", b.s)));
	memset(name, 'x', sizeof(name));
	CU_ASSERT_FALSE(read_head(arena_printf(
		&unit_arena,
		"Content-Disposition: form-data; name=\"%.129s\"\r\n", name)));
	CU_ASSERT_TRUE(read_head(arena_printf(
		&unit_arena,
		"Content-Disposition: form-data; name=\"%.128s\"\r\n", name)));
	buf_init(&b, &unit_arena, 4096);
	for (size_t i = 0; i < 20; i++)
		buf_addf(&b, "X%zu: %.100s\r\n", i, name);
	CU_ASSERT_FALSE(read_head(arena_printf(&unit_arena, HEAD "%s", b.s)));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(what_our_writer_writes_is_read_back),
		UNIT_TEST(a_form_without_parts_is_empty),
		UNIT_TEST(the_boundary_is_taken_from_the_type),
		UNIT_TEST(a_boundary_is_what_rfc_2046_allows),
		UNIT_TEST(a_broken_frame_is_refused),
		UNIT_TEST(a_value_may_look_like_a_frame),
		UNIT_TEST(odd_headers_are_refused),
		UNIT_TEST(a_filename_keeps_nothing_of_a_path),
		UNIT_TEST(sizes_and_counts_have_limits),
	};

	secret_init();
	return unit_main("web/parts", tests, ARRAY_LEN(tests), argc, argv);
}
