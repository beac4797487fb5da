/*
 * language.c - which language a visitor reads, and the texts in it.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "web/cookie.h"
#include "web/language.h"
#include "web/page_files.h"

#define COOKIE           "tuberry_language"
#define COOKIE_MAX_AGE_S (365 * 24 * 3600)

/* The first one is for those who do not say. */
static const char *const languages[] = { "ru", "en" };

static struct req *listener;

const char *language_find(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_LEN(languages); i++)
		if (strcmp(word, languages[i]) == 0)
			return languages[i];
	return NULL;
}

/* ";q=0.8" in thousandths; what cannot be read counts in full. */
static int quality(const char *s, const char *end)
{
	int value = 0, weight = 1000;

	while (s < end && !(s[0] == 'q' && s[1] == '='))
		s++;
	if (s == end)
		return weight;
	for (s += 2; s < end && weight > 0; s++) {
		if (*s == '.')
			continue;
		if (!isdigit((unsigned char)*s))
			break;
		value += (*s - '0') * weight;
		weight /= 10;
	}
	return value;
}

/* "en-GB,en;q=0.9,ru;q=0.5" */
static const char *wanted(const char *header)
{
	const char *best = NULL;
	int best_quality = 0;

	while (*header) {
		const char *end = strchrnul(header, ','), *tag = header;

		tag += strspn(tag, " \t");
		for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
			size_t len = strlen(languages[i]);

			if (strncasecmp(tag, languages[i], len) == 0 &&
			    !isalnum((unsigned char)tag[len]) &&
			    quality(tag, end) > best_quality) {
				best = languages[i];
				best_quality = quality(tag, end);
			}
		}
		header = *end ? end + 1 : end;
	}
	return best;
}

const char *language_of(struct req *rq)
{
	const char *found = language_find(rq->session.language);

	if (!found)
		found = language_find(cookie_find(rq, COOKIE));
	if (!found)
		found = wanted(req_param(rq, "HTTP_ACCEPT_LANGUAGE"));
	return found ? found : languages[0];
}

void language_choose(struct req *rq, const char *language)
{
	cookie_set(rq, COOKIE, language, COOKIE_MAX_AGE_S);
}

struct json_object *language_texts(const char *language)
{
	static struct arena forever;
	static struct json_object *texts[ARRAY_LEN(languages)];
	const struct embedded *file;
	struct err err = { 0 };
	size_t i = 0;

	while (strcmp(languages[i], language) != 0)
		i++;
	if (texts[i])
		return texts[i];
	file = page_file(arena_printf(&forever, "%s.json", language));
	if (!file ||
	    !json_read(&forever, file->bytes, file->len, &texts[i], &err))
		bug("the texts in %s cannot be read: %s", language, err.text);
	return texts[i];
}

static const char *translate(const char *fmt)
{
	struct json_object *texts = language_texts(language_of(listener));

	return json_str(json_object_at(texts, "errors"), fmt, NULL);
}

void language_speak(struct req *rq)
{
	listener = rq;
	err_set_translator(rq ? translate : NULL);
}
