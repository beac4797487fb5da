/*
 * auto_text.h - the words of a text that goes out by itself.
 *
 * {buyer}, {ad}, {price}, {link}, {project} and {shop} stand for what is known
 * of the dialog, {buyer|покупатель} for that or else the words behind the
 * bar.  What is neither known nor has other words is left out together with
 * the punctuation that only joined it: "Здравствуйте, {buyer}!" becomes
 * "Здравствуйте!".  Two have words of ours instead: the ad is "объявление",
 * its price "не указана".
 */
#ifndef CORE_AUTO_TEXT_H
#define CORE_AUTO_TEXT_H

#include "core/problems.h"

/* NULL or "": not known. */
struct auto_words {
	const char *buyer, *ad, *price, *link, *project, *shop;
};

/* From min to max characters, and no placeholder that we do not know. */
void auto_text_check(struct problems *p, const char *field, const char *text,
		     size_t min, size_t max);

const char *auto_text_fill(struct arena *a, const char *text,
			   const struct auto_words *w);

#endif
