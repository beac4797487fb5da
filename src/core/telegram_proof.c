/*
 * telegram_proof.c - what Telegram signed about a person.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/telegram_proof.h"

#define AGE_MAX_US   (10 * 60 * CLOCK_SECOND_US)
#define AHEAD_MAX_US (60 * CLOCK_SECOND_US) /* clocks differ */

/* Forgetting a proof must not be earlier than its end by anybody's clock. */
#define KEEP_US (AGE_MAX_US + AHEAD_MAX_US)

/* A field's name; those that there are have a dozen. */
#define NAME_MAX_BYTES 64

/* An account's id has at most 52 bits. */
#define TELEGRAM_ID_MAX ((INT64_C(1) << 52) - 1)

struct field {
	const char *name, *value;
};

struct fields {
	struct field list[TELEGRAM_FIELDS_MAX];
	size_t n;
	const char *hash; /* not among them */
};

static bool malformed(struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "this is not what Telegram's sign-in sends; sign in "
		       "with Telegram again");
}

/*
 * The signed text has a line for each field.  A line end inside a value, or a
 * "=" inside a name, would let somebody draw the lines between the fields
 * anew and keep the MAC: with a first name of "A\nid=1" be number 1.
 */
static bool is_plain(const char *name, const char *value)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES &&
	       len == strspn(name, "abcdefghijklmnopqrstuvwxyz_") &&
	       strlen(value) <= TELEGRAM_FIELD_MAX && !strchr(value, '\n');
}

static const char *find(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return f->list[i].value;
	return "";
}

static bool put(struct fields *f, const char *name, const char *value)
{
	if (!is_plain(name, value))
		return false;
	if (strcmp(name, "hash") == 0) {
		if (f->hash)
			return false;
		f->hash = value;
		return true;
	}
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return false;
	if (f->n == TELEGRAM_FIELDS_MAX)
		return false;
	f->list[f->n++] = (struct field){ name, value };
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct field *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* All of it fits: what is left out would be believed without a signature. */
static const char *signed_text(struct arena *a, struct fields *f)
{
	const size_t line_max = NAME_MAX_BYTES + TELEGRAM_FIELD_MAX + 2;
	struct buf b;

	buf_init(&b, a, TELEGRAM_FIELDS_MAX * line_max);
	qsort(f->list, f->n, sizeof(f->list[0]), by_name);
	for (size_t i = 0; i < f->n; i++)
		buf_addf(&b, "%s%s=%s", i ? "\n" : "", f->list[i].name,
			 f->list[i].value);
	if (b.overflow)
		bug("telegram_proof: the fields do not fit");
	return b.s;
}

static struct secret text_secret(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

/* Upper-case digits would be a second text for the same MAC, and so a second
 * use of it: they do not match. */
static bool check_hash(struct arena *a, struct fields *f, struct secret key,
		       struct telegram_proof *p, struct err *err)
{
	const char *mac = secret_mac(a, key, signed_text(a, f));

	if (!secret_equal(text_secret(mac), text_secret(f->hash)))
		return err_set(err, ERR_AUTH,
			       "Telegram's signature does not match; sign in "
			       "with Telegram again");
	p->proof_hash = secret_hash(a, text_secret(mac));
	return true;
}

static bool check_time(const struct fields *f, int64_t now,
		       struct telegram_proof *p, struct err *err)
{
	long long auth_date;
	int64_t at;

	if (!text_read_i64(find(f, "auth_date"), 0,
			   INT64_MAX / CLOCK_SECOND_US / 2, &auth_date))
		return malformed(err);
	at = auth_date * CLOCK_SECOND_US;
	if (now - at > AGE_MAX_US || at - now > AHEAD_MAX_US)
		return err_set(err, ERR_AUTH,
			       "this sign-in with Telegram is not of the last "
			       "10 minutes; begin again");
	p->expires_at = at + KEEP_US;
	return true;
}

static bool check(struct arena *a, struct fields *f, struct secret key,
		  int64_t now, struct telegram_proof *p, struct err *err)
{
	if (!f->hash)
		return malformed(err);
	return check_hash(a, f, key, p, err) && check_time(f, now, p, err);
}

static bool is_ours(const char *name)
{
	return strcmp(name, "state") == 0 || strcmp(name, "next") == 0 ||
	       strcmp(name, "csrf_token") == 0;
}

/* In a redirect all fields are texts; for a script id and auth_date are
 * numbers. */
static bool is_text_or_number(struct json_object *o)
{
	return json_object_is_type(o, json_type_string) ||
	       json_object_is_type(o, json_type_int);
}

static bool read_object(struct json_object *o, struct fields *f)
{
	if (!json_object_is_type(o, json_type_object))
		return false;
	json_object_object_foreach(o, name, value)
	{
		if (!is_ours(name) &&
		    !(is_text_or_number(value) &&
		      put(f, name, json_object_get_string(value))))
			return false;
	}
	return true;
}

static bool read_person(const char *id, struct telegram_proof *p,
			struct err *err)
{
	long long n;

	if (!text_read_i64(id, 1, TELEGRAM_ID_MAX, &n))
		return malformed(err);
	p->telegram_user_id = n;
	return true;
}

bool telegram_widget_read(struct arena *a, struct json_object *fields,
			  struct secret token, int64_t now,
			  struct telegram_proof *p, struct err *err)
{
	struct fields f = { 0 };

	*p = (struct telegram_proof){ 0 };
	if (!read_object(fields, &f))
		return malformed(err);
	p->first_name = find(&f, "first_name");
	p->last_name = find(&f, "last_name");
	p->username = find(&f, "username");
	return check(a, &f, secret_digest(a, token), now, p, err) &&
	       read_person(find(&f, "id"), p, err);
}

/* "name=value&name=value", percent-encoded. */
static bool read_text(struct arena *a, const char *s, struct fields *f)
{
	char *rest = arena_str(a, s);

	while (rest) {
		char *value = strsep(&rest, "&"), *name = strsep(&value, "=");

		if (!value || !text_unescape(name) || !text_unescape(value) ||
		    !put(f, name, value))
			return false;
	}
	return true;
}

bool telegram_init_data_read(struct arena *a, const char *init_data,
			     struct secret token, int64_t now,
			     struct telegram_proof *p, struct err *err)
{
	struct secret key =
		secret_digest_mac(a, text_secret("WebAppData"), token);
	struct fields f = { 0 };
	struct json_object *user;
	struct err bad = { 0 };
	const char *text;

	*p = (struct telegram_proof){ .first_name = "",
				      .last_name = "",
				      .username = "" };
	if (!read_text(a, init_data, &f))
		return malformed(err);
	/* Nothing of it is read before it is known to be Telegram's. */
	if (!check(a, &f, key, now, p, err))
		return false;
	text = find(&f, "user");
	if (!json_read(a, text, strlen(text), &user, &bad) ||
	    json_has_nul(user))
		return malformed(err);
	p->first_name = json_str(user, "first_name", "");
	p->last_name = json_str(user, "last_name", "");
	p->username = json_str(user, "username", "");
	return read_person(
		arena_printf(a, "%lld", (long long)json_i64(user, "id", 0)), p,
		err);
}
