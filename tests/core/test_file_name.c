/*
 * test_file_name.c - names of strangers' files do no harm where they are shown.
 */
#include "config.h"

#include "core/file_name.h"
#include "harness/unit.h"

static void assert_clean(const char *name, const char *clean)
{
	UNIT_ASSERT_STR(file_name_clean(&unit_arena, name), clean);
}

static void usual_names_stay(void)
{
	assert_clean("photo 1.jpg", "photo 1.jpg");
	assert_clean("Договор № 5 (копия).pdf", "Договор № 5 (копия).pdf");
	assert_clean("żółć 写真 🙂.png", "żółć 写真 🙂.png");
	assert_clean("archive.tar.gz", "archive.tar.gz");
}

static void nothing_of_a_path_is_kept(void)
{
	assert_clean("../../etc/passwd", "passwd");
	assert_clean("C:\\Users\\me\\фото.jpg", "фото.jpg");
	assert_clean("/", "");
	assert_clean("..", "");
}

static void unseen_characters_go(void)
{
	assert_clean("a\x01\r\nb\x7f.txt", "ab.txt");
	assert_clean("photo\u202egpj.exe", "photogpj.exe");
	assert_clean("\u2066a\u2069\u200b\ufeffb\u00ad.txt", "ab.txt");
	assert_clean("a\xc2\x85\u2028b", "ab");
	assert_clean("\U000e0041x", "x");
}

static void what_file_systems_refuse_goes(void)
{
	assert_clean("a:b*c?d\"e<f>g|h.txt", "abcdefgh.txt");
	assert_clean(" . .hidden. . ", "hidden");
	assert_clean("...", "");
	assert_clean("", "");
}

static char *letters(size_t n, const char *end)
{
	struct arena *a = &unit_arena;
	char *s = arena_alloc(a, n * 2 + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(s + i * 2, "я", 2);
	return arena_printf(a, "%s%s", s, end);
}

static void long_name_is_cut_in_front_of_its_extension(void)
{
	assert_clean(letters(120, ""), letters(120, ""));
	assert_clean(letters(121, ""), letters(120, ""));
	assert_clean(letters(500, ".pdf"), letters(118, ".pdf"));
	/* An odd number of bytes: no half letter. */
	assert_clean(letters(500, ".jpeg"), letters(117, ".jpeg"));
	/* What is that long is no extension. */
	assert_clean(
		letters(10, arena_printf(&unit_arena, ".%s", letters(200, ""))),
		letters(10,
			arena_printf(&unit_arena, ".%s", letters(109, ""))));
}

static void assert_disposition(const char *name, bool is_inline,
			       const char *header)
{
	UNIT_ASSERT_STR(file_name_disposition(&unit_arena, name, is_inline),
			header);
}

static void plain_name_stands_in_quotes(void)
{
	assert_disposition("a b.txt", false,
			   "attachment; filename=\"a b.txt\"");
	assert_disposition("a.png", true, "inline; filename=\"a.png\"");
}

static void other_names_are_told_twice(void)
{
	assert_disposition("ю%.txt", false,
			   "attachment; filename=\"__.txt\"; "
			   "filename*=UTF-8''%D1%8E%25.txt");
}

static void nothing_breaks_out_of_the_header(void)
{
	assert_disposition("a\"; filename=\"b\r\nX: y", false,
			   "attachment; filename=\"a; filename=bX y\"");
	assert_disposition("\r\n", true, "inline");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(usual_names_stay),
		UNIT_TEST(nothing_of_a_path_is_kept),
		UNIT_TEST(unseen_characters_go),
		UNIT_TEST(what_file_systems_refuse_goes),
		UNIT_TEST(long_name_is_cut_in_front_of_its_extension),
		UNIT_TEST(plain_name_stands_in_quotes),
		UNIT_TEST(other_names_are_told_twice),
		UNIT_TEST(nothing_breaks_out_of_the_header),
	};

	return unit_main("file_name", tests, ARRAY_LEN(tests), argc, argv);
}
