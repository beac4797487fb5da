/*
 * token.c - what a caller holds to prove a session (over libjwt).
 *
 * libjwt 1.10 checks the signature and nothing else: with an empty key not
 * even that, with another HMAC than ours gladly, and claims never.  So all of
 * it is checked here.
 */
#include "config.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "core/token.h"

#define ISSUER "tuberry"

/* Ours have about 200 characters. */
#define TOKEN_MAX 1024

/* Clocks of two machines behind one address. */
#define SKEW_S 60

#define API_PREFIX "tuberry_"
#define API_BYTES  32

#define KID_CHARS 8

static void free_jwt(void *jwt)
{
	jwt_free(jwt);
}

/* Tells keys apart and nothing about them. */
static const char *key_id(struct arena *a, struct secret key)
{
	return arena_strn(a, secret_mac(a, key, "kid"), KID_CHARS);
}

const char *access_token(struct arena *a, const struct token_keys *keys,
			 int64_t user_id, int64_t session_id, int64_t now,
			 int64_t expires_at)
{
	const char *sub = arena_printf(a, "%" PRId64, user_id);
	char *text, *copy;
	jwt_t *jwt;

	if (keys->key.len == 0 || keys->key.len > INT_MAX)
		bug("access_token: no key");
	if (jwt_new(&jwt) != 0)
		die("out of memory");
	arena_defer(a, free_jwt, jwt);
	if (jwt_add_grant(jwt, "iss", ISSUER) != 0 ||
	    jwt_add_grant(jwt, "sub", sub) != 0 ||
	    jwt_add_grant_int(jwt, "sid", session_id) != 0 ||
	    jwt_add_grant_int(jwt, "iat", now / CLOCK_SECOND_US) != 0 ||
	    jwt_add_grant_int(jwt, "exp", expires_at / CLOCK_SECOND_US) != 0 ||
	    jwt_add_header(jwt, "kid", key_id(a, keys->key)) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256,
			(const unsigned char *)keys->key.bytes,
			(int)keys->key.len) != 0)
		die("out of memory");
	text = jwt_encode_str(jwt);
	if (!text)
		die("out of memory");
	copy = arena_str(a, text);
	free(text);
	return copy;
}

/* The claims of a token that this key signed, else NULL. */
static struct json_object *signed_claims(struct arena *a, struct secret key,
					 const char *token)
{
	struct json_object *claims = NULL;
	struct err ignored = { 0 };
	const char *kid;
	char *text;
	jwt_t *jwt;

	if (key.len == 0 || key.len > INT_MAX ||
	    jwt_decode(&jwt, token, (const unsigned char *)key.bytes,
		       (int)key.len) != 0)
		return NULL;
	arena_defer(a, free_jwt, jwt);
	kid = jwt_get_header(jwt, "kid");
	if (jwt_get_alg(jwt) != JWT_ALG_HS256 || !kid ||
	    strcmp(kid, key_id(a, key)) != 0)
		return NULL;
	text = jwt_get_grants_json(jwt, NULL);
	if (!text)
		return NULL;
	if (!json_read(a, text, strlen(text), &claims, &ignored))
		claims = NULL;
	free(text);
	return claims;
}

bool access_token_read(struct arena *a, const struct token_keys *keys,
		       const char *token, int64_t now, int64_t *user_id,
		       int64_t *session_id)
{
	int64_t now_s = now / CLOCK_SECOND_US, sid;
	struct json_object *claims;
	long long sub;

	if (strlen(token) > TOKEN_MAX)
		return false;
	claims = signed_claims(a, keys->key, token);
	if (!claims)
		claims = signed_claims(a, keys->old, token);
	/* Readers of another type give the default, which fails. */
	sid = json_i64(claims, "sid", 0);
	if (strcmp(json_str(claims, "iss", ""), ISSUER) != 0 ||
	    !text_read_i64(json_str(claims, "sub", ""), 1, INT64_MAX - 1,
			   &sub) ||
	    sid < 1 || json_i64(claims, "exp", 0) <= now_s ||
	    json_i64(claims, "iat", INT64_MAX) > now_s + SKEW_S ||
	    json_member(claims, "nbf"))
		return false;
	*user_id = sub;
	*session_id = sid;
	return true;
}

/* The label keeps a MAC from meaning anything elsewhere. */
static const char *labelled_mac(struct arena *a, struct secret key,
				const char *label, const char *text)
{
	return secret_mac(a, key, arena_printf(a, "%s:%s", label, text));
}

static const char *with_mac(struct arena *a, const struct token_keys *keys,
			    const char *label, const char *text)
{
	return arena_printf(a, "%s.%s", text,
			    labelled_mac(a, keys->key, label, text));
}

static bool mac_is(struct arena *a, struct secret key, const char *label,
		   const char *text, const char *mac)
{
	const char *right;

	if (key.len == 0)
		return false;
	right = labelled_mac(a, key, label, text);
	return secret_equal((struct secret){ right, strlen(right) },
			    (struct secret){ mac, strlen(mac) });
}

/* What stands in front of the MAC, when one of the keys made that. */
static char *without_mac(struct arena *a, const struct token_keys *keys,
			 const char *label, const char *token)
{
	char *text, *dot;

	if (strlen(token) > TOKEN_MAX)
		return NULL;
	text = arena_str(a, token);
	dot = strrchr(text, '.');
	if (!dot)
		return NULL;
	*dot = '\0';
	return mac_is(a, keys->key, label, text, dot + 1) ||
			       mac_is(a, keys->old, label, text, dot + 1)
		       ? text
		       : NULL;
}

const char *refresh_token(struct arena *a, const struct token_keys *keys,
			  int64_t session_id, int64_t generation)
{
	return with_mac(a, keys, "refresh",
			arena_printf(a, "%" PRId64 ".%" PRId64, session_id,
				     generation));
}

bool refresh_token_read(struct arena *a, const struct token_keys *keys,
			const char *token, int64_t *session_id,
			int64_t *generation)
{
	char *number = without_mac(a, keys, "refresh", token), *sid;
	long long session, gen;

	if (!number)
		return false;
	sid = strsep(&number, ".");
	if (!number || !text_read_i64(sid, 1, INT64_MAX - 1, &session) ||
	    !text_read_i64(number, 1, INT64_MAX - 1, &gen))
		return false;
	*session_id = session;
	*generation = gen;
	return true;
}

const char *challenge_token(struct arena *a, const struct token_keys *keys,
			    int64_t session_id)
{
	return with_mac(a, keys, "challenge",
			arena_printf(a, "%" PRId64, session_id));
}

bool challenge_token_read(struct arena *a, const struct token_keys *keys,
			  const char *token, int64_t *session_id)
{
	const char *text = without_mac(a, keys, "challenge", token);
	long long session;

	if (!text || !text_read_i64(text, 1, INT64_MAX - 1, &session))
		return false;
	*session_id = session;
	return true;
}

struct secret api_token_new(struct arena *a)
{
	const char *text = arena_printf(a, API_PREFIX "%s",
					secret_random(a, API_BYTES).bytes);

	return secret_copy(a, text, strlen(text));
}

bool is_api_token(const char *token)
{
	return strncmp(token, API_PREFIX, sizeof(API_PREFIX) - 1) == 0;
}
