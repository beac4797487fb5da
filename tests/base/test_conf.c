/*
 * test_conf.c - settings: one table, one file, the environment on top.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/secret.h"
#include "harness/unit.h"

struct settings {
	const char *name, *note;
	struct secret key;
	int64_t count;
	bool on;
};

static const struct conf_key keys[] = {
	{ "T_NAME", CONF_STR, offsetof(struct settings, name), NULL, 0, 0,
	  "who it is" },
	{ "T_NOTE", CONF_STR, offsetof(struct settings, note), "", 0, 0,
	  "anything" },
	{ "T_KEY", CONF_SECRET, offsetof(struct settings, key), "", 0, 0,
	  "a key" },
	{ "T_COUNT", CONF_INT, offsetof(struct settings, count), "5", 1, 10,
	  "how many" },
	{ "T_ON", CONF_BOOL, offsetof(struct settings, on), "no", 0, 0,
	  "yes or no" },
};

static struct settings s;
static struct buf report;
static char dir[64];

/* A file in a fresh directory; its path. */
static const char *file(const char *name, const char *content, mode_t mode)
{
	const char *path = arena_printf(&unit_arena, "%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	if (!f || fputs(content, f) < 0 || fclose(f) != 0 ||
	    chmod(path, mode) != 0)
		die("cannot write %s", path);
	return path;
}

static bool load(const char *path)
{
	memset(&s, 0, sizeof(s));
	buf_init(&report, &unit_arena, 8192);
	return conf_load(&unit_arena, keys, ARRAY_LEN(keys), path, &s, &report);
}

static bool load_text(const char *content)
{
	return load(file("conf", content, 0600));
}

static bool reports(const char *line)
{
	return strstr(report.s, line) != NULL;
}

static void a_file_fills_the_settings(void)
{
	CU_ASSERT_TRUE(load_text("# comment\n; other\n\n T_NAME = plain \r\n"
				 "T_NOTE=\" in = quotes \"\nT_KEY='k'\n"
				 "T_COUNT=7\nT_ON=yes"));
	UNIT_ASSERT_STR(report.s, "");
	UNIT_ASSERT_STR(s.name, "plain");
	UNIT_ASSERT_STR(s.note, " in = quotes ");
	UNIT_ASSERT_STR(s.key.bytes, "k");
	UNIT_ASSERT_INT(s.count, 7);
	CU_ASSERT_TRUE(s.on);
}

static void what_is_absent_or_empty_has_its_default(void)
{
	CU_ASSERT_TRUE(load_text("T_NAME=x\nT_COUNT=\n"));
	UNIT_ASSERT_STR(s.note, "");
	UNIT_ASSERT_INT(s.count, 5);
	CU_ASSERT_FALSE(s.on);
}

static void every_problem_is_told_with_file_and_line(void)
{
	CU_ASSERT_FALSE(load_text("T_COUNT=11\nT_ON=maybe\nT_OTHER=1\nnoise\n"
				  "T_NOTE=\xff\n"));
	CU_ASSERT_TRUE(reports("/conf:1: T_COUNT: must be a whole number from "
			       "1 to 10\n"));
	CU_ASSERT_TRUE(reports("/conf:2: T_ON: must be yes or no\n"));
	CU_ASSERT_TRUE(reports("/conf:3: T_OTHER: unknown key\n"));
	CU_ASSERT_TRUE(reports("/conf:4: syntax: expected KEY=VALUE\n"));
	CU_ASSERT_TRUE(reports("/conf:5: T_NOTE: is too long or not UTF-8\n"));
	CU_ASSERT_TRUE(reports("T_NAME: is required: who it is\n"));
	/* Callers may print them all the same. */
	UNIT_ASSERT_STR(s.name, "");
	CU_ASSERT_PTR_NOT_NULL(s.key.bytes);
}

static void the_environment_wins(void)
{
	setenv("T_NAME", "environment", 1);
	setenv("T_UNKNOWN_TO_US", "1", 1);
	CU_ASSERT_TRUE(load_text("T_NAME=file\n"));
	UNIT_ASSERT_STR(s.name, "environment");
	CU_ASSERT_TRUE(load(NULL));
	UNIT_ASSERT_STR(s.name, "environment");
	unsetenv("T_NAME");
	unsetenv("T_UNKNOWN_TO_US");
}

static void a_value_may_stand_in_a_file_of_its_own(void)
{
	const char *key = file("key", "sesame\n", 0600);

	CU_ASSERT_TRUE(load_text(
		arena_printf(&unit_arena, "T_NAME=x\nT_KEY_FILE=%s\n", key)));
	UNIT_ASSERT_STR(s.key.bytes, "sesame");
	setenv("T_KEY", "direct", 1);
	CU_ASSERT_TRUE(load(arena_printf(&unit_arena, "%s/conf", dir)));
	UNIT_ASSERT_STR(s.key.bytes, "direct");
	unsetenv("T_KEY");
}

static void a_secret_that_others_can_read_is_refused(void)
{
	const char *key = file("key", "sesame\n", 0644);

	CU_ASSERT_FALSE(load_text(
		arena_printf(&unit_arena, "T_NAME=x\nT_KEY_FILE=%s\n", key)));
	CU_ASSERT_TRUE(reports("/conf:2: T_KEY: "));
	CU_ASSERT_TRUE(reports("chmod 600"));
	CU_ASSERT_TRUE(
		load_text(arena_printf(&unit_arena, "T_NAME_FILE=%s\n", key)));
	UNIT_ASSERT_STR(s.name, "sesame");
}

static void a_secret_of_root_may_be_given_to_a_group(void)
{
	const char *path = file("key", "Schlüssel\n", 0440);

	/* Only root can make a file that belongs to somebody else. */
	if (geteuid() != 0)
		return;
	CU_ASSERT_FALSE(load_text(
		arena_printf(&unit_arena, "T_NAME=a\nT_KEY_FILE=%s\n", path)));
	CU_ASSERT_EQUAL(chown(path, 1, 1), 0);
	CU_ASSERT_TRUE(load_text(
		arena_printf(&unit_arena, "T_NAME=a\nT_KEY_FILE=%s\n", path)));
	UNIT_ASSERT_STR(s.key.bytes, "Schlüssel");
	CU_ASSERT_EQUAL(chmod(path, 0444), 0);
	CU_ASSERT_FALSE(load_text(
		arena_printf(&unit_arena, "T_NAME=a\nT_KEY_FILE=%s\n", path)));
}

static void only_some_keys_count_when_asked_so(void)
{
	const char *path = file("conf",
				"T_NAME=a\nT_NOTE_FILE=/nowhere\n"
				"T_COUNT=many\nT_KEY=k\n",
				0600);

	memset(&s, 0, sizeof(s));
	buf_init(&report, &unit_arena, 8192);
	CU_ASSERT_TRUE(conf_load_only(&unit_arena, keys, ARRAY_LEN(keys),
				      "T_NA", path, &s, &report));
	UNIT_ASSERT_STR(s.name, "a");
	UNIT_ASSERT_STR(s.note, "");
	UNIT_ASSERT_INT(s.count, 5);
	UNIT_ASSERT_INT(s.key.len, 0);
	UNIT_ASSERT_STR(report.s, "");
}

static void a_settings_file_with_secrets_is_not_for_everybody(void)
{
	CU_ASSERT_FALSE(load(file("conf", "T_NAME=x\nT_KEY=k\n", 0644)));
	CU_ASSERT_TRUE(reports("chmod o="));
	CU_ASSERT_TRUE(load(file("conf", "T_NAME=x\nT_KEY=k\n", 0640)));
	CU_ASSERT_TRUE(load(file("conf", "T_NAME=x\nT_KEY=\n", 0644)));
}

static void a_file_that_is_not_there_is_named(void)
{
	CU_ASSERT_FALSE(load("/nowhere/conf"));
	CU_ASSERT_TRUE(reports("cannot read /nowhere/conf"));
	CU_ASSERT_FALSE(load_text("T_NAME_FILE=/nowhere/name\n"));
	CU_ASSERT_TRUE(reports("/conf:1: T_NAME: cannot read /nowhere/name"));
}

static void the_table_describes_itself(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 4096);
	conf_describe(keys, ARRAY_LEN(keys), &b);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(b.s, "| `T_NAME` | required | who it is |\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(b.s, "| `T_NOTE` | empty | anything |"));
	CU_ASSERT_PTR_NOT_NULL(strstr(b.s, "| `T_COUNT` | `5` | how many |"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_file_fills_the_settings),
		UNIT_TEST(what_is_absent_or_empty_has_its_default),
		UNIT_TEST(every_problem_is_told_with_file_and_line),
		UNIT_TEST(the_environment_wins),
		UNIT_TEST(a_value_may_stand_in_a_file_of_its_own),
		UNIT_TEST(a_secret_that_others_can_read_is_refused),
		UNIT_TEST(a_secret_of_root_may_be_given_to_a_group),
		UNIT_TEST(only_some_keys_count_when_asked_so),
		UNIT_TEST(a_settings_file_with_secrets_is_not_for_everybody),
		UNIT_TEST(a_file_that_is_not_there_is_named),
		UNIT_TEST(the_table_describes_itself),
	};
	int status;

	snprintf(dir, sizeof(dir), "test_conf.XXXXXX");
	if (!mkdtemp(dir))
		die("cannot make a directory here");
	status = unit_main("conf", tests, ARRAY_LEN(tests), argc, argv);
	unlink(arena_printf(&unit_arena, "%s/conf", dir));
	unlink(arena_printf(&unit_arena, "%s/key", dir));
	rmdir(dir);
	arena_release(&unit_arena);
	return status;
}
