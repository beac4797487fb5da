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

static void free_jwt(void *jwt)
{
	jwt_free(jwt);
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
	char *text;
	jwt_t *jwt;

	if (key.len == 0 || key.len > INT_MAX ||
	    jwt_decode(&jwt, token, (const unsigned char *)key.bytes,
		       (int)key.len) != 0)
		return NULL;
	arena_defer(a, free_jwt, jwt);
	if (jwt_get_alg(jwt) != JWT_ALG_HS256)
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

/* What is said of a session in front of the MAC. */
static const char *refresh_text(struct arena *a, int64_t session_id,
				int64_t generation)
{
	return arena_printf(a, "%" PRId64 ".%" PRId64, session_id, generation);
}

static const char *refresh_mac(struct arena *a, struct secret key,
			       const char *text)
{
	/* The label keeps it from meaning anything elsewhere. */
	return secret_mac(a, key, arena_printf(a, "refresh:%s", text));
}

const char *refresh_token(struct arena *a, const struct token_keys *keys,
			  int64_t session_id, int64_t generation)
{
	const char *text = refresh_text(a, session_id, generation);

	return arena_printf(a, "%s.%s", text, refresh_mac(a, keys->key, text));
}

static bool mac_is(struct arena *a, struct secret key, const char *text,
		   const char *mac)
{
	const char *right;

	if (key.len == 0)
		return false;
	right = refresh_mac(a, key, text);
	return secret_equal((struct secret){ right, strlen(right) },
			    (struct secret){ mac, strlen(mac) });
}

bool refresh_token_read(struct arena *a, const struct token_keys *keys,
			const char *token, int64_t *session_id,
			int64_t *generation)
{
	char *rest, *sid, *number, *mac;
	long long session, gen;
	const char *text;

	if (strlen(token) > TOKEN_MAX)
		return false;
	rest = arena_str(a, token);
	sid = strsep(&rest, ".");
	number = strsep(&rest, ".");
	mac = rest;
	if (!mac || !text_read_i64(sid, 1, INT64_MAX - 1, &session) ||
	    !text_read_i64(number, 1, INT64_MAX - 1, &gen))
		return false;
	text = refresh_text(a, session, gen);
	if (!mac_is(a, keys->key, text, mac) &&
	    !mac_is(a, keys->old, text, mac))
		return false;
	*session_id = session;
	*generation = gen;
	return true;
}
