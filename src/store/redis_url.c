/*
 * redis_url.c - where Redis is, taken apart.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/err.h"
#include "base/text.h"
#include "store/redis_url.h"

#define PORT        6379
#define DB_MAX      65535
#define UNIX_PREFIX "unix://"
#define TCP_PREFIX  "redis://"

static bool read_number(const char *s, int min, int max, int *out)
{
	long long n;

	if (!text_read_i64(s, min, max, &n))
		return false;
	*out = (int)n;
	return true;
}

/* "host", "host:port", "[v6]", "[v6]:port" */
static bool read_host(struct redis_url *u, char *s)
{
	char *colon;

	if (*s == '[') {
		char *bracket = strchr(s, ']');

		if (!bracket || (bracket[1] && bracket[1] != ':'))
			return false;
		colon = bracket[1] ? bracket + 1 : NULL;
		*bracket = '\0';
		s++;
	} else {
		colon = strchr(s, ':');
	}
	if (colon) {
		*colon = '\0';
		if (!read_number(colon + 1, 1, 65535, &u->port))
			return false;
	}
	u->host = s;
	return *s != '\0';
}

/* "[[user]:password@]host[:port][/db]" */
static bool read_tcp(struct redis_url *u, char *s)
{
	char *slash, *at, *colon;

	/* A password may hold a slash, a host and a number may not. */
	at = strrchr(s, '@');
	slash = strchr(at ? at : s, '/');
	if (slash) {
		*slash = '\0';
		if (slash[1] && !read_number(slash + 1, 0, DB_MAX, &u->db))
			return false;
	}
	if (at) {
		*at = '\0';
		colon = strchr(s, ':');
		if (!colon)
			return false;
		*colon = '\0';
		u->user = *s ? s : NULL;
		u->password = colon + 1;
		s = at + 1;
	}
	return read_host(u, s);
}

bool redis_url_read(struct redis_url *u, const char *url)
{
	bool ok = false;

	*u = (struct redis_url){ .port = PORT };
	u->text = strdup(url);
	if (!u->text)
		die("out of memory");
	if (strncmp(url, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
		u->path = u->text + strlen(UNIX_PREFIX);
		ok = *u->path == '/';
	} else if (strncmp(url, TCP_PREFIX, strlen(TCP_PREFIX)) == 0) {
		ok = read_tcp(u, u->text + strlen(TCP_PREFIX));
	}
	if (!ok)
		redis_url_release(u);
	return ok;
}

void redis_url_release(struct redis_url *u)
{
	if (u->text)
		explicit_bzero(u->text, strlen(u->text));
	free(u->text);
	*u = (struct redis_url){ 0 };
}

int redis_url_greet(const struct redis_url *u, redisContext *c)
{
	int answers = 0;

	if (u->password && u->user)
		answers += redisAppendCommand(c, "AUTH %s %s", u->user,
					      u->password) == REDIS_OK;
	else if (u->password)
		answers += redisAppendCommand(c, "AUTH %s", u->password) ==
			   REDIS_OK;
	if (u->db)
		answers +=
			redisAppendCommand(c, "SELECT %d", u->db) == REDIS_OK;
	return answers;
}
