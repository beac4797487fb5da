/*
 * conf.c - settings: one table, one file, the environment on top.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/secret.h"
#include "base/text.h"

#define FILE_MAX_BYTES  65536
#define VALUE_MAX_BYTES 8192

/* Where a value came from, for messages. */
struct source {
	const char *value; /* NULL: not given */
	const char *file;
	int line;
};

static void complain(struct buf *report, const struct source *from,
		     const char *name, const char *what)
{
	if (from && from->file)
		buf_addf(report, "%s:%d: ", from->file, from->line);
	buf_addf(report, "%s: %s\n", name, what);
}

static const char *read_file(struct arena *a, const char *path, bool secret,
			     const char **problem)
{
	FILE *f = fopen(path, "re");
	char *text;
	size_t len;

	if (!f) {
		*problem = arena_printf(a, "cannot read %s: %s", path,
					strerror(errno));
		return NULL;
	}
	if (secret && !secret_is_private(fileno(f))) {
		fclose(f);
		*problem = arena_printf(
			a,
			"%s holds a secret and others can read it; "
			"chmod 600 %s",
			path, path);
		return NULL;
	}
	text = arena_alloc(a, FILE_MAX_BYTES + 1);
	len = fread(text, 1, FILE_MAX_BYTES + 1, f);
	fclose(f);
	if (len > FILE_MAX_BYTES) {
		*problem = arena_printf(a, "%s is larger than %d bytes", path,
					FILE_MAX_BYTES);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

static const struct conf_key *key_find(const struct conf_key *keys, size_t n,
				       const char *name, bool *as_file)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < n; i++) {
		size_t own = strlen(keys[i].name);

		if (strncmp(name, keys[i].name, own) != 0)
			continue;
		*as_file = len == own + 5 && !strcmp(name + own, "_FILE");
		if (len == own || *as_file)
			return &keys[i];
	}
	return NULL;
}

/* "value" and 'value' lose their quotes; outside them the ends are trimmed. */
static char *unquote(char *s)
{
	size_t len;

	while (*s == ' ' || *s == '\t')
		s++;
	len = strlen(s);
	while (len && strchr(" \t\r", s[len - 1]))
		s[--len] = '\0';
	if (len >= 2 && (s[0] == '"' || s[0] == '\'') && s[len - 1] == s[0]) {
		s[len - 1] = '\0';
		s++;
	}
	return s;
}

struct loading {
	struct arena *a;
	const struct conf_key *keys;
	size_t n_keys;
	struct source *values;  /* NAME, one for each key */
	struct source *by_file; /* NAME_FILE */
	struct buf *report;
	bool holds_secret; /* the file itself */
	bool ok;
};

static void bad(struct loading *l, const struct source *from, const char *name,
		const char *what)
{
	complain(l->report, from, name, what);
	l->ok = false;
}

static void file_line(struct loading *l, const char *path, char *line, int no)
{
	struct source here = { NULL, path, no };
	const struct conf_key *key;
	bool as_file = false;
	char *value;

	while (*line == ' ' || *line == '\t')
		line++;
	if (!*line || *line == '#' || *line == ';' || *line == '\r')
		return;
	value = strchr(line, '=');
	if (!value) {
		bad(l, &here, "syntax", "expected KEY=VALUE");
		return;
	}
	*value++ = '\0';
	line = unquote(line);
	key = key_find(l->keys, l->n_keys, line, &as_file);
	if (!key) {
		bad(l, &here, line, "unknown key");
		return;
	}
	here.value = unquote(value);
	(as_file ? l->by_file : l->values)[key - l->keys] = here;
	l->holds_secret |= key->type == CONF_SECRET && !as_file && *here.value;
}

/* The group may read it: that is how a service's user gets at a file that
 * belongs to root. */
static void check_mode(struct loading *l, const char *path)
{
	struct stat st;

	if (l->holds_secret && stat(path, &st) == 0 && (st.st_mode & 0007))
		bad(l, NULL, "config",
		    arena_printf(l->a,
				 "%s holds secrets and everybody can read it; "
				 "chmod o= %s",
				 path, path));
}

static void load_file(struct loading *l, const char *path)
{
	const char *problem = NULL;
	const char *text = read_file(l->a, path, false, &problem);
	char *line, *next;
	int no = 0;

	if (!text) {
		bad(l, NULL, "config", problem);
		return;
	}
	for (line = arena_str(l->a, text); line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		file_line(l, path, line, ++no);
	}
	check_mode(l, path);
}

static void load_environment(struct loading *l)
{
	for (size_t i = 0; i < l->n_keys; i++) {
		const char *name = l->keys[i].name;
		const char *value = getenv(name);
		const char *file = getenv(arena_printf(l->a, "%s_FILE", name));

		if (value) {
			l->values[i] = (struct source){ value, NULL, 0 };
			l->by_file[i] = (struct source){ 0 };
		}
		if (file)
			l->by_file[i] = (struct source){ file, NULL, 0 };
	}
}

static bool bool_read(const char *s, bool *out)
{
	static const char *const words[] = { "1", "yes", "true",  "on",
					     "0", "no",  "false", "off" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(s, words[i]) == 0) {
			*out = i < 4;
			return true;
		}
	}
	return false;
}

static void store(struct loading *l, const struct conf_key *key,
		  const struct source *from, const char *value, void *out)
{
	char *at = (char *)out + key->offset;
	long long number;

	switch (key->type) {
	case CONF_STR:
		*(const char **)(void *)at = arena_str(l->a, value);
		break;
	case CONF_SECRET:
		*(struct secret *)(void *)at =
			secret_copy(l->a, value, strlen(value));
		break;
	case CONF_INT:
		if (!text_read_i64(value, key->min, key->max, &number))
			bad(l, from, key->name,
			    arena_printf(l->a,
					 "must be a whole number from %lld to "
					 "%lld",
					 (long long)key->min,
					 (long long)key->max));
		else
			*(int64_t *)(void *)at = number;
		break;
	case CONF_BOOL:
		if (!bool_read(value, (bool *)(void *)at))
			bad(l, from, key->name, "must be yes or no");
		break;
	}
}

static void resolve(struct loading *l, size_t i, void *out)
{
	const struct conf_key *key = &l->keys[i];
	const struct source *from = &l->values[i];
	const char *value = from->value, *problem = NULL;

	if (l->by_file[i].value) {
		char *text;

		from = &l->by_file[i];
		value = read_file(l->a, from->value, key->type == CONF_SECRET,
				  &problem);
		if (!value) {
			bad(l, from, key->name, problem);
			return;
		}
		text = arena_str(l->a, value);
		text[strcspn(text, "\r\n")] = '\0';
		value = text;
	}
	if (!value || (!*value && (!key->def || *key->def)))
		value = key->def;
	if (!value) {
		bad(l, NULL, key->name,
		    arena_printf(l->a, "is required: %s", key->help));
		return;
	}
	if (strlen(value) > VALUE_MAX_BYTES ||
	    !text_is_utf8(value, strlen(value))) {
		bad(l, from, key->name, "is too long or not UTF-8");
		return;
	}
	store(l, key, from, value, out);
}

/* So that no member is NULL, whatever is refused below. */
static void clear(const struct conf_key *key, void *out)
{
	char *at = (char *)out + key->offset;

	if (key->type == CONF_STR)
		*(const char **)(void *)at = "";
	else if (key->type == CONF_SECRET)
		*(struct secret *)(void *)at = (struct secret){ "", 0 };
}

bool conf_load(struct arena *a, const struct conf_key *keys, size_t n_keys,
	       const char *path, void *out, struct buf *report)
{
	return conf_load_only(a, keys, n_keys, "", path, out, report);
}

static void forget_others(struct loading *l, const char *only)
{
	size_t len = strlen(only);

	for (size_t i = 0; i < l->n_keys; i++)
		if (strncmp(l->keys[i].name, only, len) != 0)
			l->values[i] = l->by_file[i] = (struct source){ 0 };
}

bool conf_load_only(struct arena *a, const struct conf_key *keys, size_t n_keys,
		    const char *only, const char *path, void *out,
		    struct buf *report)
{
	struct loading l = {
		.a = a,
		.keys = keys,
		.n_keys = n_keys,
		.values = arena_array(a, n_keys, sizeof(struct source)),
		.by_file = arena_array(a, n_keys, sizeof(struct source)),
		.report = report,
		.ok = true,
	};

	for (size_t i = 0; i < n_keys; i++)
		clear(&keys[i], out);
	if (path)
		load_file(&l, path);
	load_environment(&l);
	forget_others(&l, only);
	for (size_t i = 0; i < n_keys; i++)
		resolve(&l, i, out);
	return l.ok;
}

void conf_describe(const struct conf_key *keys, size_t n_keys, struct buf *b)
{
	buf_add_str(b, "| Key | Default | Meaning |\n| --- | --- | --- |\n");
	for (size_t i = 0; i < n_keys; i++)
		buf_addf(b, "| `%s` | %s%s%s | %s |\n", keys[i].name,
			 keys[i].def && *keys[i].def ? "`" : "",
			 !keys[i].def   ? "required"
			 : *keys[i].def ? keys[i].def
					: "empty",
			 keys[i].def && *keys[i].def ? "`" : "", keys[i].help);
}
