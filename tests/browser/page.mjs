/*
 * page.mjs - what holds for every page of the cabinet.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { claim, fitsWidth, picture } from './lib.mjs';

export const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 812 };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

function bones() {
  const fields = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
  return {
    title: document.title,
    lang: document.documentElement.lang,
    headings: document.querySelectorAll('h1').length,
    unlabelled: fields.filter((n) => !n.labels.length).map((n) => n.name),
    scripts: [...document.scripts].filter((s) => !s.src.startsWith('https://telegram.org/')).length,
    styles: document.querySelectorAll('style, [style]').length,
  };
}

function barriers() {
  return axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then((r) => r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`));
}

/* In both themes, on a desk and on a phone.  axe waits for timers, which a page without scripts has not. */
export async function judge(page, name, { lang, scripts }) {
  const is = await page.evaluate(bones);
  claim(/\S.* · Tuberry$/.test(is.title), `${name}: the title is "${is.title}"`);
  claim(is.lang === lang, `${name}: the language is ${is.lang}`);
  claim(is.headings === 1, `${name}: ${is.headings} headings`);
  claim(!is.unlabelled.length, `${name}: no label for ${is.unlabelled}`);
  claim(!is.scripts && !is.styles, `${name}: ${is.scripts} scripts, ${is.styles} styles in the page`);
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await picture(page, `${name}-phone-${colorScheme}`, { fullPage: true });
    await page.setViewportSize(DESKTOP);
    await picture(page, `${name}-${colorScheme}`, { fullPage: true });
    if (scripts) {
      await page.evaluate(AXE); /* not bound by the page's policy */
      const found = await page.evaluate(barriers);
      claim(!found.length, `${name}, ${colorScheme}: ${found.join('\n')}`);
    }
  }
}
