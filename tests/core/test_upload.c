/*
 * test_upload.c - files that people bring: what they are, and how long they
 * stay.
 */
#include "config.h"

#include <dirent.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "core/as.h"
#include "core/media.h"
#include "core/upload.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define OUR_USER 7
#define NOW      INT64_C(1790000000000000)
#define GIF      "GIF89a\x20\x00\x10\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;"
#define OGG      "OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\023"
#define OPUS     OGG "OpusHead\1\1\070\1\200\273\0\0\0\0\0"

static char dir[] = "/tmp/tuberry-upload-XXXXXX";
static struct as_clients c;
static struct db *daemon_db;

static int remove_one(const char *path, const struct stat *st UNUSED,
		      int type UNUSED, struct FTW *ftw UNUSED)
{
	return remove(path);
}

/* How many files lie in MEDIA_DIR. */
static int n_files;

static int count_one(const char *path UNUSED, const struct stat *st UNUSED,
		     int type, struct FTW *ftw UNUSED)
{
	n_files += type == FTW_F;
	return 0;
}

static int files(void)
{
	n_files = 0;
	nftw(dir, count_one, 16, FTW_PHYS);
	return n_files;
}

static bool bring_as(const char *name, const char *bytes, size_t len,
		     struct upload *u)
{
	struct media_draft *m;

	u->name = name;
	as_begin(u->client_id);
	return as_end(media_draft_begin(&unit_arena, dir, &m, &as_err) &&
		      media_draft_add(m, bytes, len, &as_err) &&
		      upload_accept(as_db, &unit_arena, m, u, &as_err));
}

static bool bring(const char *bytes, size_t len, struct upload *u)
{
	*u = (struct upload){ .client_id = c.ours,
			      .user_id = OUR_USER,
			      .created_at = NOW };
	return bring_as("имя.bin", bytes, len, u);
}

static void setup(void)
{
	c = as_setup();
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mkdir(dir, 0700);
}

static void content_tells_what_it_is(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *mime, *kind;
	} all[] = {
		{ GIF, sizeof(GIF) - 1, "image/gif", "image" },
		{ OPUS, sizeof(OPUS) - 1, "audio/ogg", "voice" },
		{ "%PDF-1.4\n", 9, "application/pdf", "document" },
		{ "просто текст\n", 24, "text/plain", "document" },
	};
	struct upload u;

	setup();
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CU_ASSERT_TRUE(bring(all[i].bytes, all[i].len, &u));
		UNIT_ASSERT_STR(u.mime, all[i].mime);
		UNIT_ASSERT_STR(u.kind, all[i].kind);
		UNIT_ASSERT_INT(u.bytes, all[i].len);
		UNIT_ASSERT_STR(u.name, "имя.bin");
		CU_ASSERT_TRUE(u.id > 0);
	}
	CU_ASSERT_TRUE(bring(GIF, sizeof(GIF) - 1, &u));
	UNIT_ASSERT_INT(u.width, 32);
	UNIT_ASSERT_INT(u.height, 16);
}

static void what_could_run_or_speak_for_us_is_refused(void)
{
	static const char *const bad[] = {
		"<!DOCTYPE html><html><script>alert(1)</script></html>",
		"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/"
		"svg\"><script/></svg>",
		"#!/bin/sh\nrm -rf /\n",
		"\x7f"
		"ELF\2\1\1",
	};
	struct upload u;

	setup();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(bring(bad[i], strlen(bad[i]), &u));
		CU_ASSERT_EQUAL(as_err.kind, ERR_DENIED);
	}
	CU_ASSERT_FALSE(bring("", 0, &u));
	UNIT_ASSERT_STR(as_err.field, "file");
	arena_reset(&unit_arena);
	UNIT_ASSERT_INT(files(), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM uploads"), 0);
}

static void name_that_is_left_empty_is_made_up(void)
{
	struct upload u = { .client_id = c.ours, .created_at = NOW };

	setup();
	u.client_id = c.ours;
	CU_ASSERT_TRUE(bring_as("../..", GIF, sizeof(GIF) - 1, &u));
	UNIT_ASSERT_STR(u.name, "image.gif");
}

static void client_that_is_not_there_is_named(void)
{
	struct upload u = { .created_at = NOW, .name = "a" };
	struct media_draft *m;

	setup();
	as_begin(0);
	u.client_id = 999999;
	CU_ASSERT_FALSE(
		as_end(media_draft_begin(&unit_arena, dir, &m, &as_err) &&
		       media_draft_add(m, GIF, sizeof(GIF) - 1, &as_err) &&
		       upload_accept(as_db, &unit_arena, m, &u, &as_err)));
	UNIT_ASSERT_STR(as_err.field, "client_id");
}

static void same_content_twice_is_one_file(void)
{
	struct upload one, two;

	setup();
	CU_ASSERT_TRUE(bring("text\n", 5, &one));
	CU_ASSERT_TRUE(bring("text\n", 5, &two));
	CU_ASSERT_TRUE(one.id != two.id);
	UNIT_ASSERT_STR(one.sha256, two.sha256);
	UNIT_ASSERT_INT(files(), 1);
}

static bool take(const int64_t *ids, size_t n_ids, struct upload **list,
		 size_t *n)
{
	as_begin(c.ours);
	return as_end(uploads_take(as_db, &unit_arena, c.ours, OUR_USER, ids,
				   n_ids, NOW, list, n, &as_err));
}

static void unused_ones_are_taken_once_in_their_order(void)
{
	struct upload one, two, *list;
	int64_t ids[3];
	size_t n;

	setup();
	CU_ASSERT_TRUE(bring("one\n", 4, &one) && bring("two\n", 4, &two));
	ids[0] = two.id;
	ids[1] = 999999;
	ids[2] = one.id;
	CU_ASSERT_TRUE_FATAL(take(ids, 3, &list, &n));
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_INT(list[0].id, two.id);
	UNIT_ASSERT_INT(list[1].id, one.id);
	UNIT_ASSERT_STR(list[1].sha256, one.sha256);
	CU_ASSERT_TRUE(take(ids, 3, &list, &n));
	UNIT_ASSERT_INT(n, 0);
}

static void a_colleagues_upload_is_not_ours_to_send(void)
{
	struct upload theirs, *list;
	size_t n;

	setup();
	theirs = (struct upload){ .client_id = c.ours,
				  .user_id = OUR_USER + 1,
				  .created_at = NOW };
	CU_ASSERT_TRUE(bring_as("a", "text\n", 5, &theirs));
	CU_ASSERT_TRUE(take(&theirs.id, 1, &list, &n));
	UNIT_ASSERT_INT(n, 0);
}

static void another_clients_upload_is_not_there(void)
{
	struct upload theirs = { .user_id = OUR_USER, .created_at = NOW };
	struct upload *list, u;
	size_t n;

	setup();
	theirs.client_id = c.other;
	CU_ASSERT_TRUE(bring_as("a", "text\n", 5, &theirs));
	CU_ASSERT_TRUE(take(&theirs.id, 1, &list, &n));
	UNIT_ASSERT_INT(n, 0);
	as_begin(c.ours);
	CU_ASSERT_FALSE(
		as_end(upload_find(as_db, &unit_arena, c.ours, theirs.user_id,
				   theirs.id, &u, &as_err)));
	CU_ASSERT_EQUAL(as_err.kind, ERR_MISSING);
}

/* How many have gone. */
static int64_t sweep(int64_t now)
{
	static const char count[] = "SELECT count(*) FROM uploads";
	int64_t before = pg_count(count);

	CU_ASSERT_TRUE(
		uploads_sweep(daemon_db, &unit_arena, dir, now, &as_err));
	return before - pg_count(count);
}

static void what_nobody_sent_goes_after_a_day(void)
{
	struct upload one, two, *list;
	size_t n;

	setup();
	CU_ASSERT_TRUE(bring("one\n", 4, &one) && bring("two\n", 4, &two));
	CU_ASSERT_TRUE(take(&two.id, 1, &list, &n));
	UNIT_ASSERT_INT(sweep(NOW + UPLOAD_KEEP_US), 0);
	UNIT_ASSERT_INT(files(), 2);
	UNIT_ASSERT_INT(sweep(NOW + UPLOAD_KEEP_US + 1), 1);
	UNIT_ASSERT_INT(files(), 1);
	UNIT_ASSERT_INT(pg_count("SELECT max(id) FROM uploads"), two.id);
}

static void content_that_something_else_has_stays(void)
{
	struct upload one, two, *list;
	size_t n;

	setup();
	CU_ASSERT_TRUE(bring("same\n", 5, &one) && bring("same\n", 5, &two));
	CU_ASSERT_TRUE(take(&two.id, 1, &list, &n));
	UNIT_ASSERT_INT(sweep(NOW + UPLOAD_KEEP_US + 1), 1);
	UNIT_ASSERT_INT(files(), 1);
	CU_ASSERT_TRUE(media_is_here(&unit_arena, dir, c.ours, two.sha256));
}

static void what_was_begun_and_left_goes_too(void)
{
	struct media_draft *m;
	struct err err = { 0 };
	struct stat st;

	setup();
	CU_ASSERT_TRUE(media_draft_begin(&unit_arena, dir, &m, &err) &&
		       media_draft_add(m, "half", 4, &err));
	UNIT_ASSERT_INT(files(), 1);
	CU_ASSERT_EQUAL(stat(m->path, &st), 0);
	UNIT_ASSERT_INT(media_drafts_sweep(&unit_arena, dir, st.st_mtime), 0);
	UNIT_ASSERT_INT(media_drafts_sweep(&unit_arena, dir, st.st_mtime + 1),
			1);
	UNIT_ASSERT_INT(files(), 0);
}

static void draft_that_is_not_kept_goes_with_its_arena(void)
{
	struct media_draft *m;
	struct err err = { 0 };

	setup();
	CU_ASSERT_TRUE(media_draft_begin(&unit_arena, dir, &m, &err) &&
		       media_draft_add(m, "half", 4, &err));
	arena_reset(&unit_arena);
	UNIT_ASSERT_INT(files(), 0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(content_tells_what_it_is),
		UNIT_TEST(what_could_run_or_speak_for_us_is_refused),
		UNIT_TEST(name_that_is_left_empty_is_made_up),
		UNIT_TEST(client_that_is_not_there_is_named),
		UNIT_TEST(same_content_twice_is_one_file),
		UNIT_TEST(unused_ones_are_taken_once_in_their_order),
		UNIT_TEST(a_colleagues_upload_is_not_ours_to_send),
		UNIT_TEST(another_clients_upload_is_not_there),
		UNIT_TEST(what_nobody_sent_goes_after_a_day),
		UNIT_TEST(content_that_something_else_has_stays),
		UNIT_TEST(what_was_begun_and_left_goes_too),
		UNIT_TEST(draft_that_is_not_kept_goes_with_its_arena),
	};
	int status;

	secret_init();
	pg_start();
	daemon_db = db_new(pg_url(PG_DAEMON), "test", 5000);
	if (!mkdtemp(dir))
		return 1;
	status = unit_main("upload", tests, ARRAY_LEN(tests), argc, argv);
	db_free(daemon_db);
	db_free(as_db);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}
