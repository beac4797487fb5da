/*
 * fence.c - which HTTP calls may leave.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/fence.h"
#include "base/url.h"

static struct {
	struct arena a;
	const char *user_agent;
	const char *media_hosts;
	bool allow_insecure, allow_private;
	const char *ca_file;
	struct origin bases[ARRAY_LEN(((struct client_rules *)0)->api_bases)];
	size_t n_bases;
} rules;

static bool base_is_fit(const struct origin *o, struct err *err)
{
	bool is_number =
		o->host[0] == '[' || !o->host[strspn(o->host, "0123456789.")];

	if (o->has_user)
		return err_set(err, ERR_INPUT,
			       "API address of %s: leave user and password out",
			       o->host);
	if (rules.allow_insecure)
		return true;
	if (strcmp(o->scheme, "https") != 0 ||
	    (!rules.allow_private &&
	     (is_number || host_is_listed(o->host, ".localhost"))))
		return err_set(err, ERR_INPUT,
			       "API address of %s: use https and a public "
			       "name, or set ALLOW_INSECURE_API=1",
			       o->host);
	return true;
}

bool fence_set(const struct client_rules *told, struct err *err)
{
	arena_reset(&rules.a);
	rules.user_agent = arena_str(&rules.a, told->user_agent);
	rules.media_hosts =
		arena_str(&rules.a, told->media_hosts ? told->media_hosts : "");
	rules.allow_insecure = told->allow_insecure;
	rules.allow_private = told->allow_private;
	rules.ca_file = arena_str(&rules.a, told->ca_file);
	rules.n_bases = 0;
	for (size_t i = 0; i < ARRAY_LEN(told->api_bases); i++) {
		struct origin *o = &rules.bases[rules.n_bases];

		if (!told->api_bases[i] || !*told->api_bases[i])
			continue;
		if (!origin_read(&rules.a, told->api_bases[i], o))
			return err_set(err, ERR_INPUT,
				       "API address %zu is no URL; write "
				       "https://HOST",
				       i + 1);
		if (!base_is_fit(o, err))
			return false;
		rules.n_bases++;
	}
	return true;
}

static bool is_api(const struct origin *o)
{
	for (size_t i = 0; i < rules.n_bases; i++)
		if (origin_is_same(o, &rules.bases[i]))
			return true;
	return false;
}

static bool is_api_host(const char *host)
{
	for (size_t i = 0; i < rules.n_bases; i++)
		if (strcmp(host, rules.bases[i].host) == 0)
			return true;
	return false;
}

bool url_is_api(const char *url)
{
	struct arena a = { 0 };
	struct origin o;
	bool ok = origin_read(&a, url, &o) && is_api(&o);

	arena_release(&a);
	return ok;
}

/* A token pasted with a line end must not become a header of its own. */
static bool is_header_text(const struct secret *s)
{
	for (size_t i = 0; i < s->len; i++)
		if ((unsigned char)s->bytes[i] < 0x20 || s->bytes[i] == 0x7f)
			return false;
	return true;
}

static const char *foreign_refusal(const struct origin *o)
{
	if (!host_is_listed(o->host, rules.media_hosts) &&
	    !is_api_host(o->host))
		return "the host is not among those allowed for media";
	if (o->port_told && !is_api(o) && !rules.allow_insecure)
		return "the address names an unusual port";
	return NULL;
}

const char *fence_refusal(struct arena *a, const struct http_request *rq)
{
	struct origin o;

	if (!origin_read(a, rq->url, &o))
		return "the address is no URL";
	if (strcmp(o.scheme, "https") != 0 &&
	    !(rules.allow_insecure && strcmp(o.scheme, "http") == 0))
		return "the address is not https";
	if (o.has_user)
		return "the address names a user";
	if (rq->foreign)
		return foreign_refusal(&o);
	if (!is_header_text(&rq->bearer))
		return "the token holds characters that no token has";
	if (rq->bearer.len && !is_api(&o))
		return "the token belongs to another host";
	return NULL;
}

bool fence_wants_public(const struct http_request *rq)
{
	return rq->foreign && !rules.allow_insecure;
}

bool fence_same_origin(struct arena *a, const char *url, const char *other)
{
	struct origin o, p;

	return origin_read(a, url, &o) && origin_read(a, other, &p) &&
	       origin_is_same(&o, &p);
}

const char *fence_schemes(void)
{
	return rules.allow_insecure ? "https,http" : "https";
}

const char *fence_ca_file(void)
{
	return rules.ca_file;
}

const char *fence_user_agent(void)
{
	return rules.user_agent;
}
