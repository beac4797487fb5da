/*
 * test_token.c - only what we signed, as we sign it, and in time.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "base/clock.h"
#include "core/token.h"
#include "harness/unit.h"

#define NOW  INT64_C(1790000000000000)
#define SOON (NOW + 900 * CLOCK_SECOND_US)

#define KEY_TEXT "a key for tests, and for nothing"

static const struct token_keys keys = { { KEY_TEXT, sizeof(KEY_TEXT) - 1 },
					{ NULL, 0 } };

static bool is_good(const char *token)
{
	int64_t user = 0, session = 0;

	return access_token_read(&unit_arena, &keys, token, NOW, &user,
				 &session);
}

/* As core/token.c names the key of these tests. */
static const char *own_kid(void)
{
	return arena_strn(&unit_arena, secret_mac(&unit_arena, keys.key, "kid"),
			  8);
}

/* Claims as told, signed with that key by that algorithm; kid NULL: none. */
static const char *signed_as(const char *claims, jwt_alg_t alg, const char *key,
			     const char *kid)
{
	jwt_t *jwt;
	char *text, *copy;

	CU_ASSERT_FATAL(jwt_new(&jwt) == 0);
	CU_ASSERT_FATAL(jwt_add_grants_json(jwt, claims) == 0);
	if (kid)
		CU_ASSERT_FATAL(jwt_add_header(jwt, "kid", kid) == 0);
	CU_ASSERT_FATAL(jwt_set_alg(jwt, alg, (const unsigned char *)key,
				    key ? (int)strlen(key) : 0) == 0);
	text = jwt_encode_str(jwt);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	copy = arena_str(&unit_arena, text);
	free(text);
	jwt_free(jwt);
	return copy;
}

static const char *signed_with(const char *claims, jwt_alg_t alg,
			       const char *key)
{
	return signed_as(claims, alg, key, own_kid());
}

static const char *signed_claims(const char *claims)
{
	return signed_with(claims, JWT_ALG_HS256, KEY_TEXT);
}

#define GOOD_CLAIMS                                     \
	"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9," \
	"\"iat\":1790000000,\"exp\":1790000900}"

static void our_own_token_names_user_and_session(void)
{
	const char *token = access_token(&unit_arena, &keys, 7, 9, NOW, SOON);
	int64_t user = 0, session = 0;

	CU_ASSERT_TRUE(access_token_read(&unit_arena, &keys, token, NOW, &user,
					 &session));
	UNIT_ASSERT_INT(user, 7);
	UNIT_ASSERT_INT(session, 9);
	CU_ASSERT_TRUE(is_good(signed_claims(GOOD_CLAIMS)));
}

static void a_token_names_the_key_that_signed_it(void)
{
	static const char *const bad[] = { NULL, "", "00000000", "../keys" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(is_good(signed_as(GOOD_CLAIMS, JWT_ALG_HS256,
						  KEY_TEXT, bad[i])));
}

static void a_challenge_names_its_session_and_nothing_else(void)
{
	const char *token = challenge_token(&unit_arena, &keys, 3);
	const char *mac = strrchr(token, '.') + 1;
	int64_t session = 0, generation;

	CU_ASSERT_TRUE(
		challenge_token_read(&unit_arena, &keys, token, &session));
	UNIT_ASSERT_INT(session, 3);
	CU_ASSERT_FALSE(challenge_token_read(
		&unit_arena, &keys, arena_printf(&unit_arena, "4.%s", mac),
		&session));
	CU_ASSERT_FALSE(challenge_token_read(
		&unit_arena, &keys, refresh_token(&unit_arena, &keys, 3, 4),
		&session));
	CU_ASSERT_FALSE(refresh_token_read(&unit_arena, &keys, token, &session,
					   &generation));
}

static void a_token_ends_with_its_time(void)
{
	const char *token = access_token(&unit_arena, &keys, 7, 9, NOW, SOON);
	int64_t user, session;

	CU_ASSERT_TRUE(access_token_read(&unit_arena, &keys, token,
					 SOON - CLOCK_SECOND_US, &user,
					 &session));
	CU_ASSERT_FALSE(access_token_read(&unit_arena, &keys, token, SOON,
					  &user, &session));
}

static void another_algorithm_is_refused(void)
{
	CU_ASSERT_FALSE(
		is_good(signed_with(GOOD_CLAIMS, JWT_ALG_HS512, KEY_TEXT)));
	CU_ASSERT_FALSE(
		is_good(signed_with(GOOD_CLAIMS, JWT_ALG_HS384, KEY_TEXT)));
	CU_ASSERT_FALSE(is_good(signed_with(GOOD_CLAIMS, JWT_ALG_NONE, NULL)));
}

static void a_forged_or_mutilated_token_is_refused(void)
{
	char *token = arena_str(&unit_arena, signed_claims(GOOD_CLAIMS));
	char *dot = strrchr(token, '.');

	CU_ASSERT_FALSE(is_good(
		signed_with(GOOD_CLAIMS, JWT_ALG_HS256, "another key")));
	CU_ASSERT_FALSE(is_good(arena_printf(&unit_arena, "%s.x", token)));
	CU_ASSERT_FALSE(is_good(arena_printf(&unit_arena, "%s\n", token)));
	CU_ASSERT_FALSE(is_good(arena_printf(&unit_arena, "%s=", token)));
	CU_ASSERT_FALSE(is_good(""));
	CU_ASSERT_FALSE(is_good(".."));
	dot[1] = dot[1] == 'A' ? 'B' : 'A';
	CU_ASSERT_FALSE(is_good(token));
	dot[1] = '\0';
	CU_ASSERT_FALSE(is_good(token));
	dot[0] = '\0';
	CU_ASSERT_FALSE(is_good(token));
}

static void claims_of_a_wrong_type_are_refused(void)
{
	static const char *const bad[] = {
		"{}",
		"{\"iss\":\"other\",\"sub\":\"7\",\"sid\":9,"
		"\"iat\":1790000000,\"exp\":1790000900}",
		"{\"iss\":\"tuberry\",\"sub\":7,\"sid\":9,"
		"\"iat\":1790000000,\"exp\":1790000900}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":\"9\","
		"\"iat\":1790000000,\"exp\":1790000900}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,"
		"\"iat\":1790000000,\"exp\":\"1790000900\"}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,"
		"\"iat\":1790000000,\"exp\":1790000900.5}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,"
		"\"iat\":1790000000}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,"
		"\"exp\":1790000900}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,"
		"\"iat\":1790009999,\"exp\":1790090000}",
		"{\"iss\":\"tuberry\",\"sub\":\"-7\",\"sid\":9,"
		"\"iat\":1790000000,\"exp\":1790000900}",
		"{\"iss\":\"tuberry\",\"sub\":\"7\",\"sid\":9,\"nbf\":\"x\","
		"\"iat\":1790000000,\"exp\":1790000900}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(is_good(signed_claims(bad[i])));
}

static void the_former_key_still_opens(void)
{
	static const struct token_keys rotated = {
		{ "the new key, long enough as well", 32 },
		{ KEY_TEXT, sizeof(KEY_TEXT) - 1 }
	};
	const char *token = signed_claims(GOOD_CLAIMS);
	int64_t user, session;

	CU_ASSERT_TRUE(access_token_read(&unit_arena, &rotated, token, NOW,
					 &user, &session));
}

static void without_a_key_nothing_opens(void)
{
	static const struct token_keys none = { { NULL, 0 }, { NULL, 0 } };
	static const struct token_keys empty = { { "", 0 }, { "", 0 } };
	const char *token = signed_claims(GOOD_CLAIMS);
	const char *refresh = refresh_token(&unit_arena, &keys, 3, 4);
	int64_t a, b;

	CU_ASSERT_FALSE(
		access_token_read(&unit_arena, &none, token, NOW, &a, &b));
	CU_ASSERT_FALSE(
		access_token_read(&unit_arena, &empty, token, NOW, &a, &b));
	CU_ASSERT_FALSE(
		refresh_token_read(&unit_arena, &empty, refresh, &a, &b));
}

static void a_refresh_token_names_session_and_generation(void)
{
	const char *token = refresh_token(&unit_arena, &keys, 3, 4);
	int64_t session = 0, generation = 0;

	CU_ASSERT_TRUE(refresh_token_read(&unit_arena, &keys, token, &session,
					  &generation));
	UNIT_ASSERT_INT(session, 3);
	UNIT_ASSERT_INT(generation, 4);
}

static void a_changed_refresh_token_is_refused(void)
{
	const char *token = refresh_token(&unit_arena, &keys, 3, 4);
	const char *mac = strrchr(token, '.') + 1;
	const char *const bad[] = {
		"",
		"..",
		"3.4",
		"3.4.",
		arena_printf(&unit_arena, "3.5.%s", mac),
		arena_printf(&unit_arena, "%sx", token),
		signed_claims(GOOD_CLAIMS),
	};
	int64_t a, b;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(
			refresh_token_read(&unit_arena, &keys, bad[i], &a, &b));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(our_own_token_names_user_and_session),
		UNIT_TEST(a_token_names_the_key_that_signed_it),
		UNIT_TEST(a_challenge_names_its_session_and_nothing_else),
		UNIT_TEST(a_token_ends_with_its_time),
		UNIT_TEST(another_algorithm_is_refused),
		UNIT_TEST(a_forged_or_mutilated_token_is_refused),
		UNIT_TEST(claims_of_a_wrong_type_are_refused),
		UNIT_TEST(the_former_key_still_opens),
		UNIT_TEST(without_a_key_nothing_opens),
		UNIT_TEST(a_refresh_token_names_session_and_generation),
		UNIT_TEST(a_changed_refresh_token_is_refused),
	};

	secret_init();
	return unit_main("core/token", tests, ARRAY_LEN(tests), argc, argv);
}
