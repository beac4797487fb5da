/*
 * test_arena.c - memory that dies together.
 */
#include "config.h"

#include <stdint.h>

#include "base/arena.h"
#include "harness/unit.h"

static void memory_is_zeroed_and_aligned(void)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4000, 16384, 70000 };
	static const char zero[70000];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			char *p = arena_alloc(&unit_arena, sizes[i]);

			CU_ASSERT_EQUAL((uintptr_t)p % 16, 0);
			CU_ASSERT_EQUAL(memcmp(p, zero, sizes[i]), 0);
			memset(p, 0xa5, sizes[i]);
		}
		arena_reset(&unit_arena);
	}
}

static void pieces_do_not_overlap(void)
{
	char *small = arena_strn(&unit_arena, "small", 5);
	char *large = arena_alloc(&unit_arena, 100000);
	char *next = arena_str(&unit_arena, "next");

	memset(large, 'x', 100000);
	UNIT_ASSERT_STR(small, "small");
	UNIT_ASSERT_STR(next, "next");
}

static void copies_end_with_nul(void)
{
	UNIT_ASSERT_STR(arena_strn(&unit_arena, "abcdef", 3), "abc");
	UNIT_ASSERT_STR(arena_strn(&unit_arena, NULL, 0), "");
	CU_ASSERT_PTR_NULL(arena_str(&unit_arena, NULL));
	UNIT_ASSERT_STR(arena_printf(&unit_arena, "%d-%s", 7, "b"), "7-b");
}

static char order[8];

static void note(void *arg)
{
	size_t len = strlen(order);

	order[len] = *(const char *)arg;
}

static void deferred_objects_are_freed_newest_first(void)
{
	memset(order, 0, sizeof(order));
	arena_defer(&unit_arena, note, arena_str(&unit_arena, "a"));
	arena_defer(&unit_arena, note, arena_str(&unit_arena, "b"));
	arena_reset(&unit_arena);
	UNIT_ASSERT_STR(order, "ba");
	arena_reset(&unit_arena);
	UNIT_ASSERT_STR(order, "ba");
}

static void note_and_note_again(void *arg)
{
	note(arg);
	arena_defer(&unit_arena, note, arg);
}

static void a_free_function_may_defer_again(void)
{
	memset(order, 0, sizeof(order));
	arena_defer(&unit_arena, note_and_note_again,
		    arena_str(&unit_arena, "x"));
	arena_reset(&unit_arena);
	UNIT_ASSERT_STR(order, "xx");
}

static void a_released_arena_is_empty_and_usable(void)
{
	struct arena a = { 0 };

	arena_release(&a);
	arena_str(&a, "text");
	arena_release(&a);
	CU_ASSERT_PTR_NULL(a.blocks);
	UNIT_ASSERT_STR(arena_str(&a, "again"), "again");
	arena_release(&a);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(memory_is_zeroed_and_aligned),
		UNIT_TEST(pieces_do_not_overlap),
		UNIT_TEST(copies_end_with_nul),
		UNIT_TEST(deferred_objects_are_freed_newest_first),
		UNIT_TEST(a_free_function_may_defer_again),
		UNIT_TEST(a_released_arena_is_empty_and_usable),
	};

	return unit_main("arena", tests, ARRAY_LEN(tests), argc, argv);
}
