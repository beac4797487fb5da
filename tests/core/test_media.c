/*
 * test_media.c - files are kept by content; waiting grows and is capped.
 */
#include "config.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "core/backoff.h"
#include "core/media.h"
#include "harness/unit.h"

static char dir[] = "/tmp/tuberry-media-XXXXXX";

static int remove_one(const char *path, const struct stat *st UNUSED,
		      int type UNUSED, struct FTW *ftw UNUSED)
{
	return remove(path);
}

static const char *store(int64_t client_id, const char *bytes)
{
	const char *sha256 = NULL;
	struct err err = { 0 };

	CU_ASSERT_TRUE(media_store(&unit_arena, dir, client_id, bytes,
				   strlen(bytes), &sha256, &err));
	return sha256;
}

static void stored_file_is_read_back(void)
{
	const char *sha256 = store(1, "bytes"), *bytes = NULL;
	struct err err = { 0 };
	size_t len = 0;

	CU_ASSERT_TRUE(
		media_load(&unit_arena, dir, 1, sha256, &bytes, &len, &err));
	UNIT_ASSERT_INT(len, 5);
	UNIT_ASSERT_STR(bytes, "bytes");
}

static void same_content_has_one_name_and_clients_are_apart(void)
{
	const char *sha256 = store(1, "same"), *bytes;
	struct err err = { 0 };
	size_t len;

	UNIT_ASSERT_STR(store(1, "same"), sha256);
	CU_ASSERT_FALSE(
		media_load(&unit_arena, dir, 2, sha256, &bytes, &len, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_MISSING);
}

static void room_is_what_is_free_and_unknown_is_room(void)
{
	CU_ASSERT_TRUE(media_has_room(dir, 1));
	CU_ASSERT_FALSE(media_has_room(dir, INT64_MAX));
	CU_ASSERT_TRUE(media_has_room("/no/such/folder", INT64_MAX));
}

static void folder_that_is_not_there_is_down_and_logged(void)
{
	const char *sha256;
	struct err err = { 0 };

	unit_expect_log(LOG_ERROR, "media.failed");
	CU_ASSERT_FALSE(media_store(&unit_arena, "/nonexistent", 1, "x", 1,
				    &sha256, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_DOWN);
}

static void type_is_told_by_content(void)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0"
				  "\1\10\2\0\0\0\x90wS\xde";

	UNIT_ASSERT_STR(media_sniff(&unit_arena, png, sizeof(png) - 1),
			"image/png");
	UNIT_ASSERT_STR(media_sniff(&unit_arena, "hello\n", 6), "text/plain");
}

static void only_what_holds_no_scripts_is_shown_in_place(void)
{
	static const char *const never[] = {
		"text/html",
		"image/svg+xml",
		"text/xml",
		"application/pdf",
		"text/plain",
		"application/octet-stream",
		"text/javascript",
		"image/svg",
		"application/xhtml+xml",
		"",
		"image/jpegfoo",
	};

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		CU_ASSERT_PTR_NULL(media_inline_type(never[i]));
	UNIT_ASSERT_STR(media_inline_type("image/jpeg"), "image/jpeg");
	UNIT_ASSERT_STR(media_inline_type("audio/x-m4a"), "audio/mp4");
}

static void backoff_grows_to_its_cap_and_never_is_nothing(void)
{
	for (int failures = 0; failures < 40; failures++) {
		int64_t ceiling = BACKOFF_BASE_US
				  << (failures < 9 ? failures : 9);

		if (ceiling > BACKOFF_CAP_US)
			ceiling = BACKOFF_CAP_US;
		for (int i = 0; i < 100; i++) {
			int64_t us = backoff_us(failures);

			CU_ASSERT_TRUE(us >= BACKOFF_BASE_US / 10);
			CU_ASSERT_TRUE(us <= ceiling);
		}
	}
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(stored_file_is_read_back),
		UNIT_TEST(same_content_has_one_name_and_clients_are_apart),
		UNIT_TEST(room_is_what_is_free_and_unknown_is_room),
		UNIT_TEST(folder_that_is_not_there_is_down_and_logged),
		UNIT_TEST(type_is_told_by_content),
		UNIT_TEST(only_what_holds_no_scripts_is_shown_in_place),
		UNIT_TEST(backoff_grows_to_its_cap_and_never_is_nothing),
	};
	int status;

	secret_init();
	if (!mkdtemp(dir))
		return 1;
	status = unit_main("media", tests, ARRAY_LEN(tests), argc, argv);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}
