/*
 * main.c - tuberry-sandbox: stands in for the Avito and Telegram Bot APIs.
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"
#include "sandbox/avito.h"
#include "sandbox/control.h"
#include "sandbox/door.h"
#include "sandbox/fault.h"
#include "sandbox/http.h"
#include "sandbox/journal.h"
#include "sandbox/loop.h"
#include "sandbox/outbox.h"
#include "sandbox/settings.h"
#include "sandbox/telegram.h"
#include "sandbox/world.h"

#define REPORT_MAX 65536

static const char usage[] =
	"usage: tuberry-sandbox --port P [--config FILE] [--set "
	"NAME=VALUE]...\n"
	"                       [--check-config] [--help] [--version]\n"
	"\n"
	"Stands in for the Avito API and the Telegram Bot API on 127.0.0.1.\n"
	"Settings come from the file and the environment (SANDBOX_NAME=VALUE,\n"
	"upper case), then from --set, and can be changed while it runs:\n"
	"see docs/SANDBOX.md.\n"
	"\n";

static void print_help(void)
{
	struct arena a = { 0 };
	struct buf b;

	buf_init(&b, &a, REPORT_MAX);
	settings_describe(&b);
	printf("%s%s", usage, b.s);
	arena_release(&a);
}

static void route(struct req *rq)
{
	const char *first = req_seg(rq, 0);

	if (strcmp(first, "avito") == 0)
		avito_route(rq);
	else if (strcmp(first, "telegram") == 0)
		telegram_route(rq);
	else if (strcmp(first, "files") == 0)
		files_route(rq);
	else if (strcmp(first, "control") == 0)
		control_route(rq);
	else
		page_route(rq);
}

static void serve(void)
{
	struct arena a = { 0 };
	struct MHD_Daemon *server;

	loop_init();
	server = http_start(&set.port, route);
	world.url = arena_printf(&a, "http://127.0.0.1:%" PRId64, set.port);
	world_reset();
	printf("ready %s\n", world.url);
	fflush(stdout);
	loop_run(server, wait_turn);
	http_stop(server);
	outbox_release();
	loop_release();
	door_clear();
	fault_clear();
	journal_reset();
	avito_reset();
	telegram_reset();
	world_release();
	arena_release(&a);
}

enum { OPT_CHECK = 256 };

struct options {
	const char *config, *port;
	const char **sets; /* as many as there are arguments at most */
	int n_sets;
	bool check_only;
};

static bool read_options(struct arena *a, int argc, char **argv,
			 struct options *o)
{
	static const struct option long_options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "check-config", no_argument, NULL, OPT_CHECK },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	o->sets = arena_array(a, (size_t)argc, sizeof(char *));
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'p':
			o->port = optarg;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 's':
			o->sets[o->n_sets++] = optarg;
			break;
		case OPT_CHECK:
			o->check_only = true;
			break;
		case 'h':
			print_help();
			exit(0);
		case 'V':
			puts(PACKAGE_STRING);
			exit(0);
		default:
			return false;
		}
	}
	return optind == argc;
}

static bool configure(struct arena *a, const struct options *o)
{
	struct buf report;
	struct err err = { 0 };
	long long port;
	bool ok;

	buf_init(&report, a, REPORT_MAX);
	ok = settings_load(a, o->config, &report);
	for (int i = 0; ok && i < o->n_sets; i++) {
		ok = settings_assign(o->sets[i], &err);
		if (!ok)
			buf_addf(&report, "--set: %s\n", err.text);
	}
	if (ok && o->port) {
		ok = text_read_i64(o->port, 0, 65535, &port);
		if (ok)
			set.port = port;
		else
			buf_add_str(&report, "--port: must be 0 to 65535\n");
	}
	if (!ok)
		fputs(report.s, stderr);
	settings_keep();
	return ok;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct arena a = { 0 };
	int status = 0;

	if (!read_options(&a, argc, argv, &o)) {
		fputs(usage, stderr);
		status = 64;
	} else if (!configure(&a, &o)) {
		status = CONF_EXIT;
	} else if (!o.check_only) {
		serve();
	}
	settings_release();
	arena_release(&a);
	return status;
}
