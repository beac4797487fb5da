/*
 * test_secret.c - tokens, keys and passwords.
 */
#include "config.h"

#include <stdio.h>

#include "base/secret.h"
#include "harness/unit.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "__________________________________________8"

static struct err err;

static struct secret text(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static bool use_keys(const char *key, const char *old)
{
	memset(&err, 0, sizeof(err));
	return seal_init(text(key), text(old), &err);
}

static void what_was_sealed_opens_in_its_column_only(void)
{
	struct secret s = { 0 };
	const char *sealed;

	CU_ASSERT_TRUE_FATAL(use_keys(KEY_A, ""));
	sealed = seal(&unit_arena, "bots.token", text("700:AAA"));
	CU_ASSERT_PTR_NULL(strstr(sealed, "AAA:"));
	CU_ASSERT_TRUE(unseal(&unit_arena, "bots.token", sealed, &s, &err));
	UNIT_ASSERT_STR(s.bytes, "700:AAA");
	UNIT_ASSERT_INT(s.len, 7);
	CU_ASSERT_FALSE(unseal(&unit_arena, "bots.other", sealed, &s, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

static void the_same_secret_seals_differently_each_time(void)
{
	CU_ASSERT_TRUE_FATAL(use_keys(KEY_A, ""));
	CU_ASSERT_STRING_NOT_EQUAL(seal(&unit_arena, "c", text("x")),
				   seal(&unit_arena, "c", text("x")));
}

static void the_empty_secret_can_be_sealed(void)
{
	struct secret s = { 0 };

	CU_ASSERT_TRUE_FATAL(use_keys(KEY_A, ""));
	CU_ASSERT_TRUE(unseal(&unit_arena, "c",
			      seal(&unit_arena, "c", text("")), &s, &err));
	UNIT_ASSERT_STR(s.bytes, "");
}

static void an_old_key_opens_until_it_is_gone(void)
{
	struct secret s = { 0 };
	const char *sealed;

	CU_ASSERT_TRUE_FATAL(use_keys(KEY_A, ""));
	sealed = seal(&unit_arena, "c", text("x"));
	CU_ASSERT_TRUE_FATAL(use_keys(KEY_B, KEY_A));
	CU_ASSERT_TRUE(unseal(&unit_arena, "c", sealed, &s, &err));
	CU_ASSERT_TRUE_FATAL(use_keys(KEY_B, ""));
	CU_ASSERT_FALSE(unseal(&unit_arena, "c", sealed, &s, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "APP_SECRET"));
}

static void damage_is_noticed(void)
{
	struct secret s = { 0 };
	const char *sealed;
	char *bent;
	size_t len;

	CU_ASSERT_TRUE_FATAL(use_keys(KEY_A, ""));
	sealed = seal(&unit_arena, "c", text("a secret"));
	len = strlen(sealed);
	for (size_t i = 0; i < len; i++) {
		bent = arena_str(&unit_arena, sealed);
		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		CU_ASSERT_FALSE(unseal(&unit_arena, "c", bent, &s, &err));
		bent[i] = '\0';
		CU_ASSERT_FALSE(unseal(&unit_arena, "c", bent, &s, &err));
	}
}

static void keys_are_32_bytes_of_base64(void)
{
	CU_ASSERT_FALSE(use_keys("", ""));
	UNIT_ASSERT_STR(err.field, "APP_SECRET");
	CU_ASSERT_FALSE(use_keys("AAAA", ""));
	CU_ASSERT_FALSE(use_keys(KEY_A "AAAA", ""));
	CU_ASSERT_FALSE(use_keys(KEY_A, "не ключ"));
	UNIT_ASSERT_STR(err.field, "APP_SECRET_OLD");
}

static void equal_means_same_length_and_bytes(void)
{
	struct secret none = { 0 };

	CU_ASSERT_TRUE(secret_equal(text("abc"), text("abc")));
	CU_ASSERT_FALSE(secret_equal(text("abc"), text("abd")));
	CU_ASSERT_FALSE(secret_equal(text("abc"), text("ab")));
	CU_ASSERT_FALSE(secret_equal(none, none));
}

static void random_secrets_differ_and_fit_a_url(void)
{
	struct secret a = secret_random(&unit_arena, 32);

	UNIT_ASSERT_INT(a.len, 43);
	UNIT_ASSERT_INT(strspn(a.bytes,
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
			43);
	CU_ASSERT_FALSE(secret_equal(a, secret_random(&unit_arena, 32)));
}

static void a_hash_is_sha256_in_hex(void)
{
	UNIT_ASSERT_STR(secret_hash(&unit_arena, text("abc")),
			"ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad");
}

static const char *hex(struct secret s)
{
	char *out = arena_alloc(&unit_arena, s.len * 2 + 1);

	for (size_t i = 0; i < s.len; i++)
		snprintf(out + i * 2, 3, "%02x", (unsigned char)s.bytes[i]);
	return out;
}

/* NIST's "abc", and RFC 4231's test case 2. */
static void raw_digests_are_sha256_and_hmac(void)
{
	UNIT_ASSERT_STR(hex(secret_digest(&unit_arena, text("abc"))),
			"ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad");
	UNIT_ASSERT_STR(
		hex(secret_digest_mac(&unit_arena, text("Jefe"),
				      text("what do ya want for nothing?"))),
		"5bdcc146bf60754e6a042426089575c7"
		"5a003f089d2739839dec58b964ec3843");
}

static void a_tail_never_shows_most_of_a_secret(void)
{
	UNIT_ASSERT_STR(secret_tail(&unit_arena, text("700:AAAABBBBCCCCdddd")),
			"…dddd");
	UNIT_ASSERT_STR(secret_tail(&unit_arena, text("short")), "…");
	UNIT_ASSERT_STR(secret_tail(&unit_arena, (struct secret){ 0 }), "…");
}

static void a_password_matches_its_hash_and_nobodys_never(void)
{
	const char *hash = NULL;

	CU_ASSERT_TRUE_FATAL(
		password_hash(&unit_arena, text("пароль"), &hash, &err));
	CU_ASSERT_TRUE(password_matches(hash, text("пароль")));
	CU_ASSERT_FALSE(password_matches(hash, text("другой")));
	CU_ASSERT_FALSE(password_matches(NULL, text("пароль")));
	CU_ASSERT_FALSE(password_matches("", text("")));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(what_was_sealed_opens_in_its_column_only),
		UNIT_TEST(the_same_secret_seals_differently_each_time),
		UNIT_TEST(the_empty_secret_can_be_sealed),
		UNIT_TEST(an_old_key_opens_until_it_is_gone),
		UNIT_TEST(damage_is_noticed),
		UNIT_TEST(keys_are_32_bytes_of_base64),
		UNIT_TEST(equal_means_same_length_and_bytes),
		UNIT_TEST(random_secrets_differ_and_fit_a_url),
		UNIT_TEST(a_hash_is_sha256_in_hex),
		UNIT_TEST(raw_digests_are_sha256_and_hmac),
		UNIT_TEST(a_tail_never_shows_most_of_a_secret),
		UNIT_TEST(a_password_matches_its_hash_and_nobodys_never),
	};

	secret_init();
	return unit_main("secret", tests, ARRAY_LEN(tests), argc, argv);
}
