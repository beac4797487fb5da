/*
 * test_qr.c - a QR code as an SVG image.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>

#include <qrencode.h>

#include "harness/unit.h"
#include "web/qr.h"

#define QUIET    4
#define SIDE_MAX 200

static const char uri[] =
	"otpauth://totp/Tuberry:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	"&issuer=Tuberry";

static unsigned char drawn[SIDE_MAX][SIDE_MAX];

/* Follows the path as a browser does.  Returns its runs. */
static int draw(const char *svg)
{
	const char *p = strstr(svg, " d=\"");
	int x, y, n, used, runs = 0;

	memset(drawn, 0, sizeof(drawn));
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (p += 4; sscanf(p, "M%d %d.5h%d%n", &x, &y, &n, &used) == 3;
	     p += used, runs++)
		for (int i = 0; i < n; i++)
			drawn[y][x + i]++;
	CU_ASSERT_EQUAL(*p, '"');
	return runs;
}

static void the_path_draws_the_modules_of_libqrencode_once_each(void)
{
	QRcode *code = QRcode_encodeData(
		(int)strlen(uri), (const unsigned char *)uri, 0, QR_ECLEVEL_M);
	int wrong = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(code);
	CU_ASSERT_TRUE(draw(qr_svg(&unit_arena, uri)) > 100);
	for (int y = 0; y < SIDE_MAX; y++)
		for (int x = 0; x < SIDE_MAX; x++) {
			int cx = x - QUIET, cy = y - QUIET;
			bool inside = cx >= 0 && cx < code->width && cy >= 0 &&
				      cy < code->width;
			int dark =
				inside && code->data[cy * code->width + cx] & 1;

			wrong += drawn[y][x] != dark;
		}
	UNIT_ASSERT_INT(wrong, 0);
	QRcode_free(code);
}

static void a_quiet_zone_and_white_paper_are_around(void)
{
	const char *svg = qr_svg(&unit_arena, "x"); /* 21 modules */

	CU_ASSERT_PTR_NOT_NULL(strstr(svg, "viewBox=\"0 0 29 29\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		svg, "<rect width=\"29\" height=\"29\" fill=\"#fff\"/>"));
}

static void no_policy_has_to_allow_styles_or_scripts(void)
{
	const char *svg = qr_svg(&unit_arena, uri);

	CU_ASSERT_PTR_NULL(strstr(svg, "style"));
	CU_ASSERT_PTR_NULL(strstr(svg, "script"));
	CU_ASSERT_PTR_NULL(strstr(svg, "GEZD"));
}

static void the_longest_text_has_a_whole_image(void)
{
	char text[QR_TEXT_MAX + 1];
	const char *svg;

	memset(text, 'x', QR_TEXT_MAX);
	text[QR_TEXT_MAX] = '\0';
	svg = qr_svg(&unit_arena, text);
	UNIT_ASSERT_STR(strstr(svg, "</svg>"), "</svg>\n");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_path_draws_the_modules_of_libqrencode_once_each),
		UNIT_TEST(a_quiet_zone_and_white_paper_are_around),
		UNIT_TEST(no_policy_has_to_allow_styles_or_scripts),
		UNIT_TEST(the_longest_text_has_a_whole_image),
	};

	return unit_main("qr", tests, ARRAY_LEN(tests), argc, argv);
}
