/*
 * cookie.c - cookies of this program (RFC 6265).
 */
#include "config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "web/cookie.h"

#define PARAM "HTTP_COOKIE="
#define WHITE " \t"

static bool is_https(const struct req *rq)
{
	return strncmp(rq->settings->frontend_base_url, "https://", 8) == 0;
}

static const char *full_name(const struct req *rq, const char *name)
{
	return is_https(rq) ? arena_printf(rq->a, "__Host-%s", name) : name;
}

/* RFC 6265's cookie-octet; we never write the quotes that it allows. */
static bool is_value(const char *s, size_t len)
{
	if (len > COOKIE_VALUE_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || strchr("\",;\\", s[i]))
			return false;
	return true;
}

/* What one header says of the name: how often it is there, and the last of
 * its values.  Other pairs may be as odd as they like. */
static size_t look(const char *header, const char *name, const char **value,
		   size_t *len)
{
	size_t name_len = strlen(name), found = 0;

	for (const char *s = header; *s; s += strspn(s, ";")) {
		size_t pair;

		s += strspn(s, WHITE);
		pair = strcspn(s, ";");
		if (pair > name_len && s[name_len] == '=' &&
		    memcmp(s, name, name_len) == 0) {
			*value = s + name_len + 1;
			*len = pair - name_len - 1;
			found++;
		}
		s += pair;
	}
	return found;
}

const char *cookie_find(struct req *rq, const char *name)
{
	const char *full = full_name(rq, name), *value = NULL;
	size_t len = 0, found = 0;

	/* nginx makes a parameter of each Cookie header of a request. */
	for (char *const *p = rq->in->params; *p; p++)
		if (strncmp(*p, PARAM, strlen(PARAM)) == 0)
			found += look(*p + strlen(PARAM), full, &value, &len);
	if (found != 1)
		return NULL;
	while (len && strchr(WHITE, value[len - 1]))
		len--;
	return len && is_value(value, len) ? arena_strn(rq->a, value, len)
					   : NULL;
}

/* Lax and not Strict: who follows a link from a Telegram message to the
 * cabinet should arrive signed in. */
static void put(struct req *rq, const char *name, const char *value,
		const char *age)
{
	reply_header(rq,
		     "Set-Cookie: %s=%s; Path=/%s; HttpOnly; SameSite=Lax%s",
		     full_name(rq, name), value, age,
		     is_https(rq) ? "; Secure" : "");
}

void cookie_set(struct req *rq, const char *name, const char *value,
		int64_t max_age_s)
{
	if (!*value || !is_value(value, strlen(value)))
		bug("cookie_set: %s has a value that no cookie can have", name);
	put(rq, name, value,
	    max_age_s ? arena_printf(rq->a, "; Max-Age=%" PRId64, max_age_s)
		      : "");
}

void cookie_clear(struct req *rq, const char *name)
{
	put(rq, name, "", "; Max-Age=0");
}
