/*
 * test_upload.c - a file that cannot be stored is refused with the reason, and
 * none goes out without a worker's word.
 */
#include "config.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/secret.h"
#include "harness/pg.h"
#include "web/call.h"

#define FORM_BODY                                                \
	"--b\r\nContent-Disposition: form-data; name=\"file\"; " \
	"filename=\"a.txt\"\r\n\r\nhello, text\r\n--b--\r\n"
#define FORM_MIME "multipart/form-data; boundary=b"

static char dir[] = "/tmp/tuberry-web-upload-XXXXXX";
static const char *token;

static int remove_one(const char *path, const struct stat *st UNUSED,
		      int type UNUSED, struct FTW *ftw UNUSED)
{
	return remove(path);
}

static void setup(void)
{
	pg_reset();
	call_setup(pg_url(PG_WEB));
	call_settings.media_dir = dir;
	token = call_token(call_user(call_client("Ours"), "anna", "owner"));
}

static struct answer send_file(void)
{
	return call(&(struct ask){ .token = token,
				   .method = "POST",
				   .path = "/api/upload",
				   .body = FORM_BODY,
				   .mime = FORM_MIME });
}

static void file_is_stored_and_handed_to_nginx(void)
{
	struct answer r;

	setup();
	r = send_file();
	UNIT_ASSERT_INT(r.status, 201);
	r = call_get(token, json_str(r.json, "url", "?"));
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_STR(r.mime, "application/octet-stream");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.headers, "X-Accel-Redirect: /protected/media/"));
	UNIT_ASSERT_STR(r.text, "");
}

static void larger_file_than_the_disk_has_room_for_is_507(void)
{
	static const char *const params[] = {
		"CONTENT_TYPE=" FORM_MIME, "CONTENT_LENGTH=4000000000000000000",
		NULL
	};
	struct answer r;

	setup();
	call_settings.upload_max_bytes = INT64_MAX / 2;
	r = call(&(struct ask){ .token = token,
				.method = "POST",
				.path = "/api/upload",
				.params = params });
	UNIT_ASSERT_INT(r.status, 507);
	UNIT_ASSERT_STR(json_str(r.json, "title", "?"), "Insufficient Storage");
}

static void folder_that_is_not_there_is_503(void)
{
	struct answer r;

	setup();
	call_settings.media_dir = "/nonexistent";
	unit_expect_log(LOG_ERROR, "media.failed");
	r = send_file();
	UNIT_ASSERT_INT(r.status, 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Retry-After: "));
	UNIT_ASSERT_STR(json_str(r.json, "detail", "?"),
			"the file could not be stored; try again");
}

static void length_that_is_no_number_is_413(void)
{
	static const char *const params[] = { "CONTENT_TYPE=" FORM_MIME,
					      "CONTENT_LENGTH=-1", NULL };

	setup();
	UNIT_ASSERT_INT(call(&(struct ask){ .token = token,
					    .method = "POST",
					    .path = "/api/upload",
					    .params = params })
				.status,
			413);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(file_is_stored_and_handed_to_nginx),
		UNIT_TEST(larger_file_than_the_disk_has_room_for_is_507),
		UNIT_TEST(folder_that_is_not_there_is_503),
		UNIT_TEST(length_that_is_no_number_is_413),
	};
	int status;

	secret_init();
	pg_start();
	if (!mkdtemp(dir))
		return 1;
	status = unit_main("upload", tests, ARRAY_LEN(tests), argc, argv);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}
