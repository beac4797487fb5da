/*
 * test_convert.c - stickers become pictures beside the loop, and whatever the
 * helper does ends in an answer.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/convert.h"
#include "daemon/limits.h"
#include "harness/unit.h"

#define PATIENCE_MS 30000
#define CROWD       (CONVERTS_MAX * 3)

static struct daemon dm;
static int told;

static void on_done(struct convert *c UNUSED)
{
	told++;
}

static const char *sticker(const char *name, size_t *len)
{
	return unit_file(
		arena_printf(&unit_arena, "fuzz/corpus/sticker/%s", name), len);
}

static struct convert asked(const char *name, const char *program)
{
	struct convert c = {
		.dm = &dm,
		.a = &unit_arena,
		.done = on_done,
		.program = program,
	};

	c.webp = sticker(name, &c.len);
	return c;
}

static void turn_until_told(int times)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	while (told < times && clock_mono_ms() < until_ms)
		loop_turn(dm.loop, 50);
	UNIT_ASSERT_INT(told, times);
	UNIT_ASSERT_INT(dm.converts.running, 0);
}

/* A helper that does as the script says; it lives as long as the test. */
static void unlink_it(void *path)
{
	unlink(path);
}

static const char *script(const char *text)
{
	char *path = arena_str(&unit_arena, "/tmp/tuberry-convert-XXXXXX");
	int fd = mkstemp(path);

	arena_defer(&unit_arena, unlink_it, path);
	dprintf(fd, "#!/bin/sh\n%s\n", text);
	fchmod(fd, 0700);
	close(fd);
	return path;
}

static void begin(void)
{
	told = 0;
}

static void assert_fails(const char *program, enum err_kind kind)
{
	struct convert c = asked("still.webp", program);

	begin();
	convert_start(&c);
	UNIT_ASSERT_INT(told, 0);
	turn_until_told(1);
	CU_ASSERT_EQUAL(c.err.kind, kind);
	CU_ASSERT_FALSE(c.busy);
}

static void still_sticker_becomes_a_png(void)
{
	struct convert c = asked("still.webp", "./tuberry-convert");

	begin();
	convert_start(&c);
	UNIT_ASSERT_INT(told, 0);
	turn_until_told(1);
	CU_ASSERT_EQUAL_FATAL(c.err.kind, ERR_NONE);
	CU_ASSERT_TRUE(c.png.len > 8);
	CU_ASSERT_EQUAL(memcmp(c.png.s, "\x89PNG\r\n\x1a\n", 8), 0);
	CU_ASSERT_EQUAL(
		memcmp(c.png.s + c.png.len - 8, "IEND\xae\x42\x60\x82", 8), 0);
}

static void what_is_no_still_sticker_is_refused(void)
{
	static const char *const names[] = { "moving.webp", "cut.webp",
					     "huge.webp" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct convert c = asked(names[i], "./tuberry-convert");

		begin();
		convert_start(&c);
		turn_until_told(1);
		CU_ASSERT_EQUAL(c.err.kind, ERR_INPUT);
	}
}

static void helper_that_is_not_there_is_told(void)
{
	unit_expect_log(LOG_ERROR, "convert.not_started");
	assert_fails("/nonexistent/tuberry-convert", ERR_DOWN);
}

static void helper_that_dies_is_told(void)
{
	unit_expect_log(LOG_WARN, "convert.failed");
	assert_fails(script("kill -SEGV $$"), ERR_INPUT);
}

static void helper_that_says_nothing_is_told(void)
{
	unit_expect_log(LOG_WARN, "convert.failed");
	assert_fails(script("exit 0"), ERR_INPUT);
}

static void helper_that_fails_is_told(void)
{
	unit_expect_log(LOG_WARN, "convert.failed");
	assert_fails(script("cat; exit 3"), ERR_INPUT);
}

static void helper_that_hangs_is_killed(void)
{
	unit_expect_log(LOG_WARN, "convert.failed");
	assert_fails(script("exec sleep 1000"), ERR_INPUT);
}

static void helper_that_floods_is_killed(void)
{
	unit_expect_log(LOG_WARN, "convert.failed");
	assert_fails(script("exec yes"), ERR_INPUT);
}

static void helper_gets_nothing_of_ours(void)
{
	struct convert c = asked(
		"still.webp",
		script("cat >/dev/null; ls -l /proc/self/fd | wc -l; env"));

	begin();
	setenv("TUBERRY_TEST_SECRET", "for nobody", 1);
	convert_start(&c);
	turn_until_told(1);
	CU_ASSERT_EQUAL(c.err.kind, ERR_NONE);
	CU_ASSERT_PTR_NULL(strstr(c.png.s, "SECRET"));
	/* "total", its three and the folder that ls reads. */
	CU_ASSERT_EQUAL(strncmp(c.png.s, "5\n", 2), 0);
}

static void large_input_that_is_not_read_ends_well(void)
{
	struct convert c = asked("still.webp", script("echo picture"));

	begin();
	c.len = 1024 * 1024;
	c.webp = arena_alloc(&unit_arena, c.len);
	convert_start(&c);
	turn_until_told(1);
	CU_ASSERT_EQUAL(c.err.kind, ERR_NONE);
	UNIT_ASSERT_STR(c.png.s, "picture\n");
}

static void few_run_at_once_and_all_get_their_turn(void)
{
	struct convert crowd[CROWD];

	begin();
	for (size_t i = 0; i < CROWD; i++) {
		crowd[i] = asked("still.webp", "./tuberry-convert");
		convert_start(&crowd[i]);
		CU_ASSERT_TRUE(dm.converts.running <= CONVERTS_MAX);
	}
	turn_until_told(CROWD);
	for (size_t i = 0; i < CROWD; i++)
		CU_ASSERT_EQUAL(crowd[i].err.kind, ERR_NONE);
}

static void cancelled_one_is_never_told_and_makes_room(void)
{
	const char *hangs = script("exec sleep 1000");
	struct convert crowd[CONVERTS_MAX], waiting, last;

	begin();
	for (size_t i = 0; i < CONVERTS_MAX; i++) {
		crowd[i] = asked("still.webp", hangs);
		convert_start(&crowd[i]);
	}
	waiting = asked("still.webp", hangs);
	convert_start(&waiting);
	last = asked("still.webp", "./tuberry-convert");
	convert_start(&last);
	convert_cancel(&waiting);
	convert_cancel(&waiting);
	for (size_t i = 0; i < CONVERTS_MAX; i++)
		convert_cancel(&crowd[i]);
	turn_until_told(1);
	CU_ASSERT_EQUAL(last.err.kind, ERR_NONE);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(still_sticker_becomes_a_png),
		UNIT_TEST(what_is_no_still_sticker_is_refused),
		UNIT_TEST(helper_that_is_not_there_is_told),
		UNIT_TEST(helper_that_dies_is_told),
		UNIT_TEST(helper_that_says_nothing_is_told),
		UNIT_TEST(helper_that_fails_is_told),
		UNIT_TEST(helper_that_hangs_is_killed),
		UNIT_TEST(helper_that_floods_is_killed),
		UNIT_TEST(helper_gets_nothing_of_ours),
		UNIT_TEST(large_input_that_is_not_read_ends_well),
		UNIT_TEST(few_run_at_once_and_all_get_their_turn),
		UNIT_TEST(cancelled_one_is_never_told_and_makes_room),
	};
	int status;

	signal(SIGPIPE, SIG_IGN);
	dm.loop = loop_new(1);
	status = unit_main("convert", tests, ARRAY_LEN(tests), argc, argv);
	loop_free(dm.loop);
	return status;
}
