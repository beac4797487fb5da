/*
 * mask.c - addresses as a log may hold them.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mask.h"

#define DIGITS "0123456789"

/* .../webhooks/<kind>/<id>/<secret>: this many segments behind the word. */
#define WEBHOOK_SECRET_AT 3

/* Some spelling of "bot<id>:<token>", as in Telegram's URLs. */
static bool is_bot_token(const char *s, size_t len)
{
	return len > 3 && memcmp(s, "bot", 3) == 0 &&
	       (strspn(s + 3, DIGITS) > 0 || memchr(s, ':', len) ||
		memchr(s, '%', len));
}

static void add_path(struct buf *b, const char *s, const char *end)
{
	int behind_webhooks = -1; /* segments since the word; -1: none yet */

	for (;;) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		size_t len = (size_t)((slash ? slash : end) - s);

		if (behind_webhooks >= 0)
			behind_webhooks++;
		if (is_bot_token(s, len)) {
			buf_add(b, s, 3 + strspn(s + 3, DIGITS));
			buf_add_str(b, ":***");
		} else if (behind_webhooks == WEBHOOK_SECRET_AT && len > 0) {
			buf_add_str(b, "***");
		} else {
			buf_add(b, s, len);
		}
		if (len == strlen("webhooks") &&
		    memcmp(s, "webhooks", len) == 0)
			behind_webhooks = 0;
		if (!slash)
			return;
		buf_add_char(b, '/');
		s = slash + 1;
	}
}

const char *url_masked(struct arena *a, const char *url)
{
	const char *end = url + strcspn(url, "?#");
	const char *host = strstr(url, "://");
	const char *path, *at;
	struct buf b;

	buf_init(&b, a, SIZE_MAX / 4);
	path = url;
	if (host && host < end) {
		host += strlen("://");
		path = host + strcspn(host, "/?#");
		buf_add(&b, url, (size_t)(host - url));
		at = memrchr(host, '@', (size_t)(path - host));
		if (at) {
			buf_add_str(&b, "***");
			host = at;
		}
		buf_add(&b, host, (size_t)(path - host));
	}
	add_path(&b, path, end);
	if (*end) {
		buf_add(&b, end, 1);
		buf_add_str(&b, "***");
	}
	return b.s;
}
