/*
 * test_recovery.c - codes for the day when the phone is gone.
 */
#include "config.h"

#include "core/recovery.h"
#include "harness/unit.h"

static const char *hash(const char *typed)
{
	return recovery_hash(&unit_arena, typed);
}

static void a_code_has_three_groups_without_ambiguous_letters(void)
{
	for (int i = 0; i < 100; i++) {
		const char *code = recovery_code_new(&unit_arena).bytes;

		UNIT_ASSERT_INT(strlen(code), 17);
		UNIT_ASSERT_INT(
			strspn(code, "0123456789abcdefghjkmnpqrstvwxyz"), 5);
		CU_ASSERT_TRUE(code[5] == '-' && code[11] == '-');
		CU_ASSERT_PTR_NULL(strpbrk(code, "ilou"));
		CU_ASSERT_PTR_NOT_NULL(hash(code));
	}
}

static void codes_differ(void)
{
	CU_ASSERT_STRING_NOT_EQUAL(recovery_code_new(&unit_arena).bytes,
				   recovery_code_new(&unit_arena).bytes);
}

static void case_spaces_and_dashes_do_not_matter(void)
{
	const char *right = hash("7k30q-x9m1w-c4tnb");

	UNIT_ASSERT_STR(hash("7K30QX9M1WC4TNB"), right);
	UNIT_ASSERT_STR(hash(" 7k30 q-x9m1w c4tnb "), right);
	CU_ASSERT_STRING_NOT_EQUAL(hash("7k30q-x9m1w-c4tnc"), right);
}

static void letters_that_look_like_digits_are_read_as_such(void)
{
	const char *right = hash("7k30q-x9m1w-c4tn1");

	UNIT_ASSERT_STR(hash("7k3oq-x9miw-c4tnl"), right);
	UNIT_ASSERT_STR(hash("7K3OQ-X9MLW-C4TNI"), right);
}

static void what_is_no_code_has_no_hash(void)
{
	static const char *const bad[] = { "",
					   "123456",
					   "7k30q-x9m1w-c4tn",
					   "7k30q-x9m1w-c4tnbb",
					   "7k30q-x9m1w-c4tnu",
					   "7k30q_x9m1w_c4tnb",
					   "7k30q-x9m1w-c4tnж" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_PTR_NULL(hash(bad[i]));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_code_has_three_groups_without_ambiguous_letters),
		UNIT_TEST(codes_differ),
		UNIT_TEST(case_spaces_and_dashes_do_not_matter),
		UNIT_TEST(letters_that_look_like_digits_are_read_as_such),
		UNIT_TEST(what_is_no_code_has_no_hash),
	};

	secret_init();
	return unit_main("recovery", tests, ARRAY_LEN(tests), argc, argv);
}
