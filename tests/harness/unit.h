/*
 * unit.h - what every unit test program starts with.
 *
 *	static void empty_text_is_blank(void)
 *	{
 *		CU_ASSERT_TRUE(text_is_blank(""));
 *	}
 *
 *	int main(int argc, char **argv)
 *	{
 *		static const struct unit_test tests[] = {
 *			UNIT_TEST(empty_text_is_blank),
 *		};
 *
 *		return unit_main("text", tests, ARRAY_LEN(tests), argc, argv);
 *	}
 *
 * A function's name is the fact it proves.  A `warn` or `error` line that the
 * test did not declare fails it, and so does a declared one that never came.
 * An argument on the command line picks the tests whose name contains it.
 */
#ifndef HARNESS_UNIT_H
#define HARNESS_UNIT_H

#include <stddef.h>
#include <string.h>

#include <CUnit/CUnit.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/log.h"

struct unit_test {
	const char *name;
	void (*run)(void);
};

#define UNIT_TEST(function)         \
	{                           \
#function, function \
	}

/* Exit status for main(): 0 when all passed. */
int unit_main(const char *suite, const struct unit_test *tests, size_t n,
	      int argc, char **argv);

/* Memory of the running test; reset when it ends. */
extern struct arena unit_arena;

/* The running test will log one more line with this level and event. */
void unit_expect_log(enum log_level level, const char *event);

/* The content of tests/<path>, NUL-terminated, in unit_arena.  A file that
 * cannot be read ends the program.  `len` may be NULL. */
const char *unit_file(const char *path, size_t *len);

/* Equal texts, both printed when they are not.  NULL equals only NULL. */
#define UNIT_ASSERT_STR(actual, expected) \
	unit_assert_str(actual, expected, #actual, __FILE__, __LINE__)
void unit_assert_str(const char *actual, const char *expected, const char *what,
		     const char *file, unsigned line);

/* Equal numbers, both printed when they are not. */
#define UNIT_ASSERT_INT(actual, expected) \
	unit_assert_int(actual, expected, #actual, __FILE__, __LINE__)
void unit_assert_int(long long actual, long long expected, const char *what,
		     const char *file, unsigned line);

#endif
