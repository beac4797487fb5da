/*
 * docs.c - the API's description, and a page that shows it.
 *
 * The files lie in the program itself: nothing has to be found at run time,
 * and all workers share the one copy.
 */
#include "config.h"

#include <stdint.h>

#include "web/api/api.h"

/* Nothing from outside, nothing inline. */
#define CSP                                                               \
	"Content-Security-Policy: default-src 'none'; script-src 'self';" \
	" style-src 'self'; connect-src 'self'; base-uri 'none';"         \
	" form-action 'none'; frame-ancestors 'none'"

#define EMBED(symbol, file)                                               \
	__asm__(".pushsection .rodata\n" #symbol ":\n"                    \
		".incbin \"" DOCS_DIR "/" file "\"\n" #symbol "_end:\n"   \
		".byte 0\n.popsection\n");                                \
	extern const char symbol[] __attribute__((visibility("hidden"))); \
	extern const char symbol##_end[] __attribute__((visibility("hidden")))

EMBED(embedded_openapi, "openapi.json");
EMBED(embedded_page, "docs.html");
EMBED(embedded_style, "docs.css");
EMBED(embedded_script, "docs.js");

/* As numbers: to the language these are two objects. */
#define LENGTH(symbol)          ((uintptr_t)symbol##_end - (uintptr_t)(symbol))
#define REPLY(rq, mime, symbol) reply_bytes(rq, mime, symbol, LENGTH(symbol))

enum http_status docs_openapi(struct req *rq)
{
	return REPLY(rq, "application/json", embedded_openapi);
}

enum http_status docs_page(struct req *rq)
{
	reply_header(rq, CSP);
	return REPLY(rq, "text/html; charset=utf-8", embedded_page);
}

enum http_status docs_style(struct req *rq)
{
	return REPLY(rq, "text/css; charset=utf-8", embedded_style);
}

enum http_status docs_script(struct req *rq)
{
	return REPLY(rq, "text/javascript; charset=utf-8", embedded_script);
}
