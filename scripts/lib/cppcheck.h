/*
 * cppcheck.h - what cppcheck must know of headers that it does not read.
 */
#define json_object_object_foreach(object, key, value) \
	char *key = 0;                                 \
	struct json_object *value = 0;                 \
	for (; key;)
