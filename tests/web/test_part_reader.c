/*
 * test_part_reader.c - a form that comes bit by bit is read as it was meant.
 */
#include "config.h"

#include "base/buf.h"
#include "harness/unit.h"
#include "web/part_reader.h"

#define TYPE "multipart/form-data; boundary=b"
#define FILE_HEAD                                                  \
	"Content-Disposition: form-data; name=\"file\"; filename=" \
	"\"фото.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
#define BIG 300000

struct rest {
	const char *s;
	size_t len, bite;
};

static struct rest rest;
static struct part_reader r;
static struct http_part part;
static struct err err;

static size_t read_bite(void *from, char *s, size_t len)
{
	struct rest *left = from;
	size_t n = left->len < len ? left->len : len;

	if (n > left->bite)
		n = left->bite;
	memcpy(s, left->s, n);
	left->s += n;
	left->len -= n;
	return n;
}

static void begin(const char *body, size_t len, size_t bite)
{
	rest = (struct rest){ body, len, bite };
	r = (struct part_reader){ .read = read_bite, .from = &rest };
	err = (struct err){ 0 };
	CU_ASSERT_TRUE_FATAL(
		part_reader_init(&r, &unit_arena, TYPE, PART_WINDOW_MIN, &err));
}

static bool next(void)
{
	return part_next(&r, &part, &err);
}

/* The part's bytes; NULL: they do not end. */
static const char *value(size_t *len)
{
	const char *bytes;
	struct buf b;
	size_t n;

	buf_init(&b, &unit_arena, BIG * 2);
	while (part_bytes(&r, &bytes, &n, &err) && n)
		buf_add(&b, bytes, n);
	if (len)
		*len = b.len;
	return err.kind ? NULL : b.s;
}

static void file_and_field_are_read_whatever_the_bits(void)
{
	static const char body[] =
		"--b\r\n" FILE_HEAD "bytes\r\n-\r\n--\r\n--a\r\n--b\r\n"
		"Content-Disposition: form-data; name=\"client_id\"\r\n\r\n"
		"5\r\n--b--\r\n";

	for (size_t bite = 1; bite < sizeof(body); bite++) {
		begin(body, sizeof(body) - 1, bite);
		CU_ASSERT_TRUE_FATAL(next());
		UNIT_ASSERT_STR(part.name, "file");
		UNIT_ASSERT_STR(part.filename, "фото.jpg");
		UNIT_ASSERT_STR(value(NULL), "bytes\r\n-\r\n--\r\n--a");
		CU_ASSERT_TRUE_FATAL(next());
		UNIT_ASSERT_STR(part.name, "client_id");
		CU_ASSERT_PTR_NULL(part.filename);
		UNIT_ASSERT_STR(value(NULL), "5");
		CU_ASSERT_TRUE(next());
		CU_ASSERT_PTR_NULL(part.name);
	}
}

static void large_file_passes_through_a_small_window(void)
{
	char *file = arena_alloc(&unit_arena, BIG);
	const char *got;
	struct buf b;
	size_t len;

	for (size_t i = 0; i < BIG; i++)
		file[i] = (char)(i * 7 % 253);
	for (size_t i = 0; i + 5 < BIG; i += 997)
		memcpy(file + i, "\r\n--a", 5);
	buf_init(&b, &unit_arena, BIG * 2);
	buf_add_str(&b, "--b\r\n" FILE_HEAD);
	buf_add(&b, file, BIG);
	buf_add_str(&b, "\r\n--b--\r\n");
	begin(b.s, b.len, 1500);
	CU_ASSERT_TRUE_FATAL(next());
	got = value(&len);
	UNIT_ASSERT_INT(len, BIG);
	CU_ASSERT_TRUE(got && memcmp(got, file, BIG) == 0);
	CU_ASSERT_TRUE(next() && !part.name);
}

static void boundary_may_lie_across_the_end_of_the_window(void)
{
	static char file[PART_WINDOW_MIN * 2];
	size_t len;

	memset(file, 'x', sizeof(file));
	for (size_t n = PART_WINDOW_MIN / 2; n < sizeof(file); n++) {
		struct buf b;

		buf_init(&b, &unit_arena, PART_WINDOW_MIN * 3);
		buf_add_str(&b, "--b\r\n" FILE_HEAD);
		buf_add(&b, file, n);
		buf_add_str(&b, "\r\n--b--\r\n");
		begin(b.s, b.len, PART_WINDOW_MIN);
		CU_ASSERT_TRUE_FATAL(next());
		CU_ASSERT_PTR_NOT_NULL(value(&len));
		CU_ASSERT_EQUAL(len, n);
		CU_ASSERT_TRUE(next() && !part.name);
		arena_reset(&unit_arena);
	}
}

static void empty_file_and_empty_form_are_read(void)
{
	begin("--b\r\n" FILE_HEAD "\r\n--b--", strlen(FILE_HEAD) + 12, 9);
	CU_ASSERT_TRUE(next());
	UNIT_ASSERT_STR(value(NULL), "");
	CU_ASSERT_TRUE(next() && !part.name);
	begin("--b--\r\n", 7, 1);
	CU_ASSERT_TRUE(next() && !part.name);
}

/* As the caller goes away at any byte. */
static void cut_form_is_always_refused(void)
{
	static const char body[] = "--b\r\n" FILE_HEAD "bytes\r\n--b--";

	for (size_t len = 0; len < sizeof(body) - 1; len++) {
		begin(body, len, 7);
		while (next() && part.name && value(NULL))
			;
		CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
	}
}

static void what_parts_refuses_is_refused(void)
{
	static const char *const bad[] = {
		"x--b--",
		"--b\nx",
		"--b--\r\nx",
		"--bx\r\n",
		"--b\r\nno head\r\n\r\n\r\n--b--",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		begin(bad[i], strlen(bad[i]), 100);
		while (next() && part.name && value(NULL))
			;
		CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
	}
}

static void head_without_end_is_refused_in_time(void)
{
	size_t len = 1024 * 1024;
	char *body = arena_alloc(&unit_arena, len);

	memset(body, 'a', len);
	memcpy(body, "--b\r\n", 5);
	begin(body, len, 1000);
	CU_ASSERT_FALSE(next());
	/* Most of it has not even been read. */
	CU_ASSERT_TRUE(rest.len > len / 2);
}

static void type_without_boundary_is_refused(void)
{
	r = (struct part_reader){ .read = read_bite, .from = &rest };
	CU_ASSERT_FALSE(part_reader_init(&r, &unit_arena, "multipart/form-data",
					 PART_WINDOW_MIN, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(file_and_field_are_read_whatever_the_bits),
		UNIT_TEST(large_file_passes_through_a_small_window),
		UNIT_TEST(boundary_may_lie_across_the_end_of_the_window),
		UNIT_TEST(empty_file_and_empty_form_are_read),
		UNIT_TEST(cut_form_is_always_refused),
		UNIT_TEST(what_parts_refuses_is_refused),
		UNIT_TEST(head_without_end_is_refused_in_time),
		UNIT_TEST(type_without_boundary_is_refused),
	};

	return unit_main("part_reader", tests, ARRAY_LEN(tests), argc, argv);
}
