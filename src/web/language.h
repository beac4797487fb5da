/*
 * language.h - which language a visitor reads, and the texts in it.
 *
 * The texts lie in texts/ru.json and texts/en.json, which have the same keys.
 * In "ru" stands besides, under `errors`, what the messages of the program
 * say in Russian, by their English format.
 */
#ifndef WEB_LANGUAGE_H
#define WEB_LANGUAGE_H

#include "web/req.h"

/* "ru" or "en": what the person has set, what this browser has chosen with
 * /language/{language}, what it asks for, and otherwise "ru". */
const char *language_of(struct req *rq);

/* As our own constant; NULL: no language of ours. */
const char *language_find(const char *word);

/* The texts, which live as long as the process. */
struct json_object *language_texts(const char *language);

/* From now on err_said() speaks to this visitor; NULL: to nobody. */
void language_speak(struct req *rq);

/* Remember the choice in this browser. */
void language_choose(struct req *rq, const char *language);

#endif
