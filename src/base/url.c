/*
 * url.c - who a URL points to, read as libcurl reads it.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/url.h"

/* NULL: the URL has no such part. */
static char *part(struct arena *a, CURLU *url, CURLUPart what, unsigned flags)
{
	char *value, *copy;

	if (curl_url_get(url, what, &value, flags) != CURLUE_OK)
		return NULL;
	copy = arena_str(a, value);
	curl_free(value);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

bool origin_read(struct arena *a, const char *url, struct origin *o)
{
	CURLU *u = curl_url();
	char *host;

	*o = (struct origin){ 0 };
	if (!u || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		return false;
	}
	host = part(a, u, CURLUPART_HOST, 0);
	if (host && *host && host[strlen(host) - 1] == '.')
		host[strlen(host) - 1] = '\0';
	o->host = host;
	o->scheme = part(a, u, CURLUPART_SCHEME, 0);
	o->port = part(a, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	o->port_told = part(a, u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
	o->has_user = part(a, u, CURLUPART_USER, 0) ||
		      part(a, u, CURLUPART_PASSWORD, 0);
	curl_url_cleanup(u);
	return o->scheme && o->host && *o->host && o->port;
}

bool origin_is_same(const struct origin *a, const struct origin *b)
{
	return strcmp(a->scheme, b->scheme) == 0 &&
	       strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

static bool matches(const char *host, const char *pattern, size_t len)
{
	size_t host_len = strlen(host);

	if (len == 0)
		return false;
	if (pattern[0] == '.') {
		if (host_len >= len &&
		    strncasecmp(host + host_len - len, pattern, len) == 0)
			return true;
		pattern++;
		len--;
	}
	return len > 0 && host_len == len &&
	       strncasecmp(host, pattern, len) == 0;
}

bool host_is_listed(const char *host, const char *list)
{
	while (*list) {
		size_t len;

		list += strspn(list, ", \t");
		len = strcspn(list, ", \t");
		if (matches(host, list, len))
			return true;
		list += len;
	}
	return false;
}
