/*
 * tg_content.c - messages without a file: places, contacts, polls, dice.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/tg_api.h"

#define QUESTION_MAX 300
#define OPTION_MAX   100
#define OPTIONS_MAX  12

/* What people send who say nothing else. */
static const struct {
	const char *kind, *json;
} usual[] = {
	{ "location", "{\"latitude\":55.75,\"longitude\":37.61}" },
	{ "venue", "{\"location\":{\"latitude\":55.75,\"longitude\":37.61},"
		   "\"title\":\"Shop\",\"address\":\"1 Street\"}" },
	{ "contact", "{\"phone_number\":\"79990000001\","
		     "\"first_name\":\"Ivan\"}" },
	{ "poll", "{\"question\":\"Which one?\","
		  "\"options\":[\"Red\",\"Blue\"]}" },
	{ "dice", "{\"emoji\":\"🎲\",\"value\":4}" },
};

static const struct {
	const char *emoji;
	int values;
} dice[] = {
	{ "🎲", 6 }, { "🎯", 6 }, { "🎳", 6 }, { "🏀", 5 }, { "⚽", 5 }, { "🎰", 64 },
};

/* The options as Telegram shows them; they are texts, or objects with one. */
static struct json_object *options_json(struct json_object *given)
{
	struct json_object *list = json_object_new_array();
	size_t n = given ? json_object_array_length(given) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(given, i);
		struct json_object *o = json_object_new_object();
		const char *text = json_str(one, "text", NULL);

		json_put_str(o, "text",
			     text ? text : json_object_get_string(one));
		json_put_i64(o, "voter_count", 0);
		json_object_array_add(list, o);
	}
	return list;
}

static void finish_poll(struct json_object *poll)
{
	struct json_object *options =
		options_json(json_array_at(poll, "options"));

	json_put(poll, "options", options);
	json_put_str(poll, "id", world_hex(&world.a, 16));
	json_put_i64(poll, "total_voter_count", 0);
	json_put_bool(poll, "is_closed", false);
	json_put_bool(poll, "is_anonymous",
		      json_flag(poll, "is_anonymous", true));
	json_put_bool(poll, "allows_multiple_answers",
		      json_flag(poll, "allows_multiple_answers", false));
	json_put_str(poll, "type", json_str(poll, "type", "regular"));
}

/* A venue's message has its location besides. */
static struct json_object *wrap(struct arena *a, const char *kind,
				struct json_object *o)
{
	struct json_object *fields = json_new(a);

	json_put(fields, kind, o);
	if (strcmp(kind, "venue") == 0)
		json_put(fields, "location",
			 json_object_get(json_object_at(o, "location")));
	return fields;
}

struct json_object *tg_content_fields(struct arena *a, const char *kind,
				      struct json_object *given)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		if (strcmp(usual[i].kind, kind) == 0 &&
		    !json_read(a, usual[i].json, strlen(usual[i].json), &o,
			       &err))
			bug("%s: %s", kind, err.text);
	}
	if (!o)
		return NULL;
	if (given) {
		json_object_object_foreach(given, name, v)
			json_put(o, name, json_object_get(v));
	}
	if (strcmp(kind, "poll") == 0)
		finish_poll(o);
	return wrap(a, kind, json_object_get(o));
}

struct json_object *tg_dice_json(const char *emoji)
{
	struct json_object *o = json_object_new_object();
	int values = 0;

	for (size_t i = 0; i < ARRAY_LEN(dice); i++) {
		if (strcmp(dice[i].emoji, emoji) == 0)
			values = dice[i].values;
	}
	json_put_str(o, "emoji", emoji);
	json_put_i64(o, "value",
		     values ? (int64_t)(world_random() % (unsigned)values) + 1
			    : 0);
	return o;
}

/* Sends what `fields` hold, when the place is one where it can go. */
static void send_content(struct tg_call *c, const char *kind, const char *words,
			 struct json_object *fields)
{
	struct tg_place p;

	if (tg_place_read(c, words, &p))
		tg_ok(c, tg_message_json(tg_send(c, &p, kind, fields), c->bot));
}

static struct json_object *params(struct tg_call *c, const char *const *names,
				  size_t n)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < n; i++) {
		struct json_object *v = json_member(c->params, names[i]);

		if (v)
			json_put(o, names[i], json_object_get(v));
	}
	return o;
}

static bool is_on_earth(struct tg_call *c)
{
	double lat = json_object_get_double(json_member(c->params, "latitude"));
	double lon =
		json_object_get_double(json_member(c->params, "longitude"));

	if (lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)
		return true;
	tg_violation(c, "a place that is none");
	return tg_fail(c, 400, "wrong location specified");
}

void tg_run_send_location(struct tg_call *c)
{
	static const char *const names[] = { "latitude", "longitude",
					     "horizontal_accuracy",
					     "live_period", "heading" };

	if (is_on_earth(c))
		send_content(c, "location", "locations",
			     wrap(c->a, "location",
				  params(c, names, ARRAY_LEN(names))));
}

void tg_run_send_venue(struct tg_call *c)
{
	static const char *const at[] = { "latitude", "longitude" };
	static const char *const names[] = {
		"title",           "address",         "foursquare_id",
		"foursquare_type", "google_place_id", "google_place_type"
	};
	struct json_object *o;

	if (!is_on_earth(c))
		return;
	o = params(c, names, ARRAY_LEN(names));
	json_put(o, "location", params(c, at, ARRAY_LEN(at)));
	send_content(c, "venue", "venues", wrap(c->a, "venue", o));
}

void tg_run_send_contact(struct tg_call *c)
{
	static const char *const names[] = { "phone_number", "first_name",
					     "last_name", "vcard" };

	send_content(c, "contact", "contacts",
		     wrap(c->a, "contact", params(c, names, ARRAY_LEN(names))));
}

static bool poll_fits(struct tg_call *c)
{
	static const char spec[] = "text:S! text_parse_mode:S text_entities:A";
	struct json_object *options = json_array_at(c->params, "options");
	const char *question = json_str(c->params, "question", "");
	size_t n = json_object_array_length(options);

	if (text_is_blank(question) || text_units(question) > QUESTION_MAX) {
		tg_violation(c, "a question of %zu UTF-16 units",
			     text_units(question));
		return tg_fail(c, 400,
			       "poll question must be 1-300 characters");
	}
	if (n < 1 || n > OPTIONS_MAX) {
		tg_violation(c, "a poll of %zu options", n);
		return tg_fail(c, 400, "poll must have 1-12 options");
	}
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(options, i);
		const char *text = json_str(o, "text", "");

		spec_check(spec, o, "telegram", c->method->name);
		if (!text_is_blank(text) && text_units(text) <= OPTION_MAX)
			continue;
		tg_violation(c, "an option of %zu UTF-16 units",
			     text_units(text));
		return tg_fail(c, 400,
			       "poll options length must not exceed 100");
	}
	return true;
}

void tg_run_send_poll(struct tg_call *c)
{
	static const char *const names[] = { "question", "options",
					     "is_anonymous", "type",
					     "allows_multiple_answers" };
	struct json_object *poll;

	if (!poll_fits(c))
		return;
	poll = params(c, names, ARRAY_LEN(names));
	finish_poll(poll);
	send_content(c, "poll", "polls", wrap(c->a, "poll", poll));
}

void tg_run_send_dice(struct tg_call *c)
{
	struct json_object *o = tg_dice_json(json_str(c->params, "emoji", "🎲"));
	struct json_object *fields = wrap(c->a, "dice", o);

	if (json_i64(o, "value", 0) == 0) {
		tg_violation(c, "a dice that is none");
		tg_fail(c, 400, "DICE_EMOTICON_INVALID");
		return;
	}
	send_content(c, "dice", "dice", fields);
}
