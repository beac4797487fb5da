/*
 * main.c - tuberry-web: pages, API and webhooks behind nginx.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hash_gate.h"
#include "core/settings.h"
#include "store/redis.h"
#include "web/worker.h"

#define EXIT_USAGE 64

static const char help[] =
	"tuberry-web - pages, API and webhooks behind nginx (FastCGI)\n"
	"\n"
	"  tuberry-web [--config FILE] [--pool web|webhook]\n"
	"  tuberry-web --list-routes\n"
	"\n"
	"  --config FILE    settings; the environment overrides them\n"
	"  --check-config   say what is wrong with the settings, start "
	"nothing\n"
	"  --pool NAME      run only this pool\n"
	"  --list-routes    print every method, path, what it needs, its\n"
	"                   body\n"
	"  --version, --help\n"
	"\n"
	"SIGTERM finishes the requests in flight and stops, SIGHUP starts the\n"
	"program anew without refusing one.\n";

static const unsigned needs = NEED_DATABASE_WEB | NEED_REDIS | NEED_APP_SECRET |
			      NEED_JWT_SECRET | NEED_SOCKETS | NEED_URLS |
			      NEED_MEDIA;

/* How many workers a setting of 0 means. */
struct worker_rule {
	int per_core, at_least;
};

static const struct worker_rule web_rule = { 4, 8 };
/* With half as many a burst waits for workers while the processors idle
 * (docs/BENCHMARKS.md). */
static const struct worker_rule webhook_rule = { 4, 8 };

static struct settings settings;

static int workers(int64_t told, const struct worker_rule *rule)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int n = (int)cores * rule->per_core;

	if (told)
		return (int)told;
	return n > rule->at_least ? n : rule->at_least;
}

static void run_web(const struct pool *p UNUSED, int fd, struct pool_slot *slot)
{
	worker_run(&settings, IN_WEB, fd, slot);
}

static void run_webhook(const struct pool *p UNUSED, int fd,
			struct pool_slot *slot)
{
	worker_run(&settings, IN_WEBHOOK, fd, slot);
}

static void usage(const char *word) NORETURN;

static void usage(const char *word)
{
	fprintf(stderr, "tuberry-web: %s\n\n%s", word, help);
	exit(EXIT_USAGE);
}

/* NULL: both. */
static const char *read_pool(char **argv)
{
	const char *only = NULL;

	for (; *argv; argv++) {
		if (strcmp(*argv, "--pool") != 0 || !argv[1])
			usage(*argv);
		only = *++argv;
		if (strcmp(only, "web") != 0 && strcmp(only, "webhook") != 0)
			usage("--pool is web or webhook");
	}
	return only;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct pool both[POOL_MAX], chosen[POOL_MAX];
	struct redis *redis;
	const char *only;
	size_t n = 0;

	if (argc == 2 && strcmp(argv[1], "--list-routes") == 0) {
		routes_print(stdout);
		return 0;
	}
	only = read_pool(argv +
			 settings_main(&a, argc, argv, help, needs, &settings));
	/* Each worker makes its own; here only the address is checked. */
	redis = redis_new(settings.redis_url);
	if (!redis)
		die("REDIS_URL: not an address of Redis");
	redis_free(redis);
	both[0] = (struct pool){ "web", settings.web_socket,
				 workers(settings.web_workers, &web_rule),
				 run_web };
	both[1] =
		(struct pool){ "webhook", settings.webhook_socket,
			       workers(settings.webhook_workers, &webhook_rule),
			       run_webhook };
	for (size_t i = 0; i < POOL_MAX; i++)
		if (!only || strcmp(only, both[i].name) == 0)
			chosen[n++] = both[i];
	hash_gate_init(sysconf(_SC_NPROCESSORS_ONLN));
	return pool_main(chosen, n, argv);
}
