/*
 * throttle.c - how often somebody may do what costs us or guesses at secrets.
 */
#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "core/throttle.h"

#define PROOFS_SPAN_US   (600 * CLOCK_SECOND_US)
#define REQUESTS_SPAN_US (60 * CLOCK_SECOND_US)
#define PROOFS_PER_SPAN  5

#define IPV6_NET_BYTES 8
#define IPV4_IN_IPV6   12 /* where "::ffff:192.0.2.1" has its IPv4 address */

/* The part of the address that stands for one subscriber. */
static const char *subscriber(struct arena *a, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (inet_pton(AF_INET6, address, &addr) != 1)
		return address;
	if (IN6_IS_ADDR_V4MAPPED(&addr)) {
		inet_ntop(AF_INET, addr.s6_addr + IPV4_IN_IPV6, text,
			  sizeof(text));
		return arena_str(a, text);
	}
	memset(addr.s6_addr + IPV6_NET_BYTES, 0,
	       sizeof(addr.s6_addr) - IPV6_NET_BYTES);
	inet_ntop(AF_INET6, &addr, text, sizeof(text));
	return arena_str(a, text);
}

/* Known users count under their id, however they are written; other names
 * under a text of a fixed length, and likewise whatever their case, or it
 * would show who is known. */
static const char *account(struct arena *a, int64_t user_id, const char *login)
{
	char *lower = arena_str(a, login ? login : "");

	if (user_id)
		return arena_printf(a, "door:user:%" PRId64, user_id);
	for (char *s = lower; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s += 'a' - 'A';
	return arena_printf(
		a, "door:login:%s",
		secret_hash(a, (struct secret){ lower, strlen(lower) }));
}

static bool take(struct windows *w, const struct window *list, size_t n,
		 int64_t now, struct err *err)
{
	int64_t free_at = now;

	if (!w || windows_take(w, list, n, 1, now, &free_at) == 1)
		return true;
	err_set(err, ERR_LIMIT, "too many attempts; wait a little");
	err->retry_s = (int)((free_at - now) / CLOCK_SECOND_US) + 1;
	return false;
}

bool sign_in_allowed(struct windows *w, struct arena *a,
		     const struct settings *s, const char *address,
		     int64_t user_id, const char *login, int64_t now,
		     struct err *err)
{
	struct window list[2] = {
		{ .key = arena_printf(a, "door:from:%s",
				      subscriber(a, address)),
		  .limit = (int)s->sign_in_per_address,
		  .span_us = PROOFS_SPAN_US },
	};
	size_t n = 1;

	if (user_id || login)
		list[n++] = (struct window){
			.key = account(a, user_id, login),
			.limit = (int)s->sign_in_per_account,
			.span_us = PROOFS_SPAN_US,
		};
	return take(w, list, n, now, err);
}

void sign_in_was_right(struct windows *w, struct arena *a, int64_t user_id)
{
	if (w)
		windows_forget(w, account(a, user_id, NULL));
}

bool code_allowed(struct windows *w, struct arena *a, const struct settings *s,
		  int64_t user_id, int64_t now, struct err *err)
{
	struct window window = {
		.key = arena_printf(a, "door:code:%" PRId64, user_id),
		.limit = (int)s->sign_in_per_account,
		.span_us = PROOFS_SPAN_US,
	};

	return take(w, &window, 1, now, err);
}

bool proof_allowed(struct windows *w, struct arena *a, int64_t user_id,
		   int64_t now, struct err *err)
{
	struct window window = {
		.key = arena_printf(a, "door:proof:%" PRId64, user_id),
		.limit = PROOFS_PER_SPAN,
		.span_us = PROOFS_SPAN_US,
	};

	return take(w, &window, 1, now, err);
}

bool request_allowed(struct windows *w, struct arena *a,
		     const struct settings *s, int64_t user_id, int64_t now,
		     struct err *err)
{
	struct window window = {
		.key = arena_printf(a, "asks:%" PRId64, user_id),
		.limit = (int)s->requests_per_user,
		.span_us = REQUESTS_SPAN_US,
	};

	return take(w, &window, 1, now, err);
}
