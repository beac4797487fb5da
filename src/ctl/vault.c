/*
 * vault.c - tuberryctl vault: secrets out of HashiCorp Vault.
 *
 * Fails closed: as long as not everything is as it should be, nothing is
 * written.  No text says what Vault answered, since that may hold secrets.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/client.h"
#include "base/json.h"
#include "ctl/ctl.h"
#include "ctl/probe.h"
#include "ctl/secret_dir.h"
#include "ctl/secret_file.h"

#define TOKEN_MAX_BYTES  4096
#define VALUE_MAX_BYTES  8192 /* as settings have it */
#define ANSWER_MAX_BYTES (1024 * 1024)

struct secrets {
	struct secret_entry *list;
	size_t n;
};

static bool ask(struct ctl *c, struct secret token, struct http_reply *reply,
		struct err *err)
{
	const struct settings *s = c->s;
	size_t len = strlen(s->vault_addr);
	const char *slash = s->vault_addr[len - 1] == '/' ? "" : "/";
	const struct client_rules rules = {
		.user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
		.allow_private = true,
		.api_bases = { s->vault_addr },
		.ca_file = *s->vault_cacert ? s->vault_cacert : NULL,
	};
	const struct http_request rq = {
		.method = "GET",
		.url = arena_printf(c->a, "%s%sv1/%s", s->vault_addr, slash,
				    s->vault_path),
		.bearer = token,
		.answer_max = ANSWER_MAX_BYTES,
		.timeout_ms = (int)s->vault_timeout_s * 1000,
		.idempotent = true,
	};

	if (!client_init(&rules, err))
		return false;
	*reply = probe(c->a, &rq);
	return true;
}

static bool check_reply(const struct settings *s, const struct http_reply *r,
			struct err *err)
{
	if (r->end != HTTP_ANSWERED)
		return err_set(err, ERR_INPUT,
			       "no answer from Vault: %s; check VAULT_ADDR, "
			       "VAULT_CACERT and that Vault runs",
			       r->problem);
	if (r->status == 403)
		return err_set(err, ERR_INPUT,
			       "Vault refuses (403): put a good token into %s, "
			       "with a policy that lets it read %s",
			       s->vault_token_file, s->vault_path);
	if (r->status == 404)
		return err_set(err, ERR_INPUT,
			       "Vault has nothing at %s (404); VAULT_PATH of a "
			       "KV v2 engine has /data/ behind the engine's "
			       "name",
			       s->vault_path);
	if (r->status == 503)
		return err_set(err, ERR_INPUT,
			       "Vault is sealed or in maintenance (503); "
			       "unseal it");
	if (r->status != 200)
		return err_set(err, ERR_INPUT,
			       "Vault answers %d; see its log, and whether "
			       "VAULT_ADDR is its active node",
			       r->status);
	return true;
}

static bool is_one_line(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static bool take(struct ctl *c, struct secrets *found, const char *name,
		 struct json_object *value, struct err *err)
{
	const char *text;
	size_t len;

	if (!settings_is_secret(name))
		return err_set(err, ERR_INPUT,
			       "Vault has \"%s\", which is no secret setting; "
			       "take it out there, or correct its name",
			       name);
	if (!json_object_is_type(value, json_type_string))
		return err_set(err, ERR_INPUT, "%s must be a text in Vault",
			       name);
	text = json_object_get_string(value);
	len = (size_t)json_object_get_string_len(value);
	if (len == 0)
		return err_set(err, ERR_INPUT,
			       "%s is empty in Vault; enter it, or take it "
			       "out there",
			       name);
	if (len > VALUE_MAX_BYTES || strlen(text) != len || !is_one_line(text))
		return err_set(err, ERR_INPUT,
			       "%s must be one line of at most %d bytes in "
			       "Vault",
			       name, VALUE_MAX_BYTES);
	found->list[found->n++] = (struct secret_entry){
		.name = arena_str(c->a, name),
		.value = secret_copy(c->a, text, len),
	};
	return true;
}

static bool read_answer(struct ctl *c, const struct http_reply *reply,
			struct secrets *found, struct err *err)
{
	struct json_object *answer, *data;
	struct err ignored = { 0 };

	if (!json_read(c->a, reply->body, reply->len, &answer, &ignored))
		return err_set(
			err, ERR_INPUT,
			"the answer is not JSON; is VAULT_ADDR a Vault?");
	data = json_object_at(json_object_at(answer, "data"), "data");
	if (!data || json_object_object_length(data) == 0)
		return err_set(err, ERR_INPUT,
			       "there are no values at %s; is it a KV v2 "
			       "engine, and was the last version deleted?",
			       c->s->vault_path);
	found->list = arena_array(c->a, (size_t)json_object_object_length(data),
				  sizeof(*found->list));
	json_object_object_foreach(
		data, name,
		value) if (!take(c, found, name, value, err)) return false;
	return true;
}

static bool has(const struct secrets *found, const char *name)
{
	for (size_t i = 0; i < found->n; i++)
		if (strcmp(found->list[i].name, name) == 0)
			return true;
	return false;
}

static bool check_demanded(const struct secrets *found, char *const *names,
			   struct err *err)
{
	for (; *names; names++)
		if (!has(found, *names))
			return err_set(err, ERR_INPUT,
				       "%s is missing in Vault; enter it there",
				       *names);
	return true;
}

/* What Vault has no more shall be used no more. */
static bool remove_others(const char *dir, const struct secrets *found,
			  struct err *err)
{
	const char *name;
	bool removed;

	for (size_t i = 0; (name = settings_secret_name(i)); i++) {
		if (has(found, name))
			continue;
		if (!secret_dir_remove(dir, name, &removed, err))
			return false;
		if (removed)
			printf("removed %s\n", name);
	}
	return true;
}

static bool fetch(struct ctl *c, char *const *demanded, struct secrets *found,
		  struct err *err)
{
	struct http_reply reply;
	struct secret token;

	return secret_file(c->a, c->s->vault_token_file, TOKEN_MAX_BYTES,
			   &token, err) &&
	       ask(c, token, &reply, err) && check_reply(c->s, &reply, err) &&
	       read_answer(c, &reply, found, err) &&
	       check_demanded(found, demanded, err);
}

int run_vault_render(struct ctl *c)
{
	static const struct option options[] = { { 0 } };
	struct secrets found = { 0 };
	struct err err = { 0 };
	const char *dir;

	if (getopt_long(c->argc, c->argv, "", options, NULL) != -1)
		return ctl_usage(c, "this cannot be understood");
	if (optind == c->argc)
		return ctl_usage(c, "DIR is missing");
	for (int i = optind + 1; i < c->argc; i++)
		if (!settings_is_secret(c->argv[i]))
			return ctl_usage(c, "\"%s\" is no secret setting",
					 c->argv[i]);
	dir = c->argv[optind];
	if (!fetch(c, c->argv + optind + 1, &found, &err) ||
	    !secret_dir_write(c->a, dir, found.list, found.n, &err)) {
		ctl_failed(c, &err);
		fprintf(stderr, "nothing in %s has changed\n", dir);
		return CTL_FAILED;
	}
	for (size_t i = 0; i < found.n; i++)
		printf("wrote %s\n", found.list[i].name);
	return remove_others(dir, &found, &err) ? CTL_OK : ctl_failed(c, &err);
}
