/*
 * fuzz_token.c - any bytes as tokens.
 *
 * Besides as they are, a line of header and what follows as claims are signed
 * with the right key, which the fuzzer could never guess: what only the
 * signature keeps out must be kept out by its claims, too.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/json.h"
#include "core/token.h"
#include "harness/fuzz.h"

#define KEY   "a key for tests, and for nothing"
#define NOW_S INT64_C(1700000000)

static const struct token_keys keys = {
	.key = { KEY, sizeof(KEY) - 1 },
	.old = { "a former key, and for nothing!!!", 32 },
};

static const char *base64(struct arena *a, const void *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(
		len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	return sodium_bin2base64(arena_alloc(a, size), size, bytes, len,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static const char *sign(struct arena *a, const char *head, size_t head_len,
			const char *claims, size_t claims_len)
{
	const char *text = arena_printf(a, "%s.%s", base64(a, head, head_len),
					base64(a, claims, claims_len));
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)KEY,
				    sizeof(KEY) - 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text,
				      strlen(text));
	crypto_auth_hmacsha256_final(&state, mac);
	return arena_printf(a, "%s.%s", text, base64(a, mac, sizeof(mac)));
}

static bool read_token(struct arena *a, const char *token)
{
	int64_t user = 0, session = 0;

	if (!access_token_read(a, &keys, token, NOW_S * CLOCK_SECOND_US, &user,
			       &session))
		return false;
	FUZZ_CHECK(user > 0 && session > 0);
	return true;
}

/* What was accepted is what it says, read by our own reader where it can: it
 * is stricter than libjwt, which stops at U+0000. */
static void check_signed(struct arena *a, const char *head, size_t head_len,
			 const char *claims, size_t claims_len)
{
	struct json_object *h, *c;
	struct err err = { 0 };

	if (!read_token(a, sign(a, head, head_len, claims, claims_len)))
		return;
	if (json_read(a, head, head_len, &h, &err))
		FUZZ_CHECK(strcasecmp(json_str(h, "alg", ""), "HS256") == 0);
	if (!json_read(a, claims, claims_len, &c, &err))
		return;
	FUZZ_CHECK(strcmp(json_str(c, "iss", ""), "tuberry") == 0);
	FUZZ_CHECK(json_i64(c, "exp", 0) > NOW_S);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *s = (const char *)bytes;
	const char *end = len ? memchr(s, '\n', len) : NULL;
	const char *token = arena_strn(&a, s, len);
	int64_t session, generation;

	secret_init();
	read_token(&a, token);
	if (refresh_token_read(&a, &keys, token, &session, &generation))
		FUZZ_CHECK(session > 0 && generation > 0);
	if (end)
		check_signed(&a, s, (size_t)(end - s), end + 1,
			     len - (size_t)(end + 1 - s));
	arena_reset(&a);
	return 0;
}
