/*
 * unit.c - what every unit test program starts with (over CUnit).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <CUnit/Basic.h>

#include "base/err.h"
#include "harness/unit.h"

#define EXPECTED_MAX   16
#define FILE_MAX_BYTES (4 * 1024 * 1024)

struct arena unit_arena;

/* Lines the running test has declared and not yet seen. */
static struct expected {
	enum log_level level;
	const char *event;
} expected[EXPECTED_MAX];
static size_t n_expected;

/* Declared lines that never came, over all tests. */
static size_t n_missed;

static void fail(const char *why, const char *file, unsigned line)
{
	CU_assertImplementation(CU_FALSE, line, why, file, "", CU_FALSE);
}

void unit_expect_log(enum log_level level, const char *event)
{
	if (n_expected == EXPECTED_MAX)
		die("a test expects more than %d log lines", EXPECTED_MAX);
	expected[n_expected++] = (struct expected){ level, event };
}

/* "level id=... event key=value": the third word. */
static bool has_event(const char *line, const char *event)
{
	const char *word = strchr(line, ' ');
	size_t len = strlen(event);

	word = word ? strchr(word + 1, ' ') : NULL;
	return word && strncmp(word + 1, event, len) == 0 &&
	       (word[1 + len] == ' ' || word[1 + len] == '\0');
}

static void see_line(enum log_level level, const char *line)
{
	for (size_t i = 0; i < n_expected; i++) {
		if (expected[i].level == level &&
		    has_event(line, expected[i].event)) {
			expected[i] = expected[--n_expected];
			return;
		}
	}
	if (level <= LOG_WARN)
		fail(line, "unexpected log line", 0);
}

static void set_up(void)
{
	n_expected = 0;
	log_init(LOG_DEBUG, LOG_TEXT);
	log_set_id(NULL);
	log_set_sink(see_line);
}

/* CUnit takes no more failures of a test here, so they are counted apart. */
static void tear_down(void)
{
	log_set_sink(NULL);
	for (size_t i = 0; i < n_expected; i++) {
		printf("\n    expected log line never came: %s\n",
		       expected[i].event);
		n_missed++;
	}
	arena_reset(&unit_arena);
}

int unit_main(const char *suite, const struct unit_test *tests, size_t n,
	      int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";
	unsigned failures;
	CU_pSuite s;

	if (CU_initialize_registry() != CUE_SUCCESS)
		die("CUnit: %s", CU_get_error_msg());
	s = CU_add_suite_with_setup_and_teardown(suite, NULL, NULL, set_up,
						 tear_down);
	if (!s)
		die("CUnit: %s", CU_get_error_msg());
	for (size_t i = 0; i < n; i++) {
		if (strstr(tests[i].name, wanted) &&
		    !CU_add_test(s, tests[i].name, tests[i].run))
			die("CUnit: %s: %s", tests[i].name, CU_get_error_msg());
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failure_records();
	CU_cleanup_registry();
	arena_release(&unit_arena);
	return failures || n_missed ? EXIT_FAILURE : EXIT_SUCCESS;
}

const char *unit_file(const char *path, size_t *len)
{
	char *full = arena_printf(&unit_arena, "%s/%s", TESTS_DIR, path);
	char *bytes = arena_alloc(&unit_arena, FILE_MAX_BYTES + 1);
	FILE *f = fopen(full, "re");
	size_t n;

	if (!f)
		die("cannot read %s", full);
	n = fread(bytes, 1, FILE_MAX_BYTES + 1, f);
	fclose(f);
	if (n > FILE_MAX_BYTES)
		die("%s is too large", full);
	bytes[n] = '\0';
	if (len)
		*len = n;
	return bytes;
}

void unit_assert_str(const char *actual, const char *wanted, const char *what,
		     const char *file, unsigned line)
{
	char why[1024];

	if (actual && wanted ? strcmp(actual, wanted) == 0 : actual == wanted) {
		CU_PASS(what);
		return;
	}
	snprintf(why, sizeof(why), "%s is \"%s\", expected \"%s\"", what,
		 actual ? actual : "(null)", wanted ? wanted : "(null)");
	fail(why, file, line);
}

void unit_assert_int(long long actual, long long wanted, const char *what,
		     const char *file, unsigned line)
{
	char why[512];

	if (actual == wanted) {
		CU_PASS(what);
		return;
	}
	snprintf(why, sizeof(why), "%s is %lld, expected %lld", what, actual,
		 wanted);
	fail(why, file, line);
}
