/*
 * lib.mjs - what the plays in a browser share: the browser, facts, pictures.
 *
 * Every error in a page, every answer that is an error, and every thing that
 * the Content-Security-Policy refuses fails the fact that caused it.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const PATIENCE_MS = 20000;
const LAYOUT_MS = 2000;
const LOOK_MS = 50;

const ARGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let passed = 0;
let failed = 0;
let complaints = [];
let pictures;

/* To the console, so that it is a complaint as any other. */
function reportRefusals() {
  document.addEventListener('securitypolicyviolation', (e) =>
    console.error(`the policy refuses ${e.effectiveDirective} ${e.blockedURI}`));
}

export async function watch(page) {
  page.on('pageerror', (e) => complaints.push(`error: ${e.message}`));
  page.on('console', (m) => { if (m.type() === 'error') complaints.push(`console: ${m.text()}`); });
  page.on('response', (r) => { if (r.status() >= 400) complaints.push(`${r.status()}: ${r.url()}`); });
  await page.addInitScript(reportRefusals);
}

/* What follows builds on it, so the first that fails ends the play.  Pages with one of the statuses are meant. */
export async function fact(name, check, statuses = []) {
  complaints = [];
  try {
    await check();
    const unmeant = complaints.filter((c) => !statuses.some((s) => c.startsWith(`${s}: `) || c.includes(`status of ${s} `)));
    if (unmeant.length) throw new Error(unmeant.join('\n'));
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (e) {
    failed += 1;
    console.log(`FAIL ${name}\n${e.message}`);
    throw e;
  }
}

export function claim(holds, what) {
  if (!holds) throw new Error(what);
}

export async function picture(page, name, options) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), ...options });
}

/* Asked from here: a page without scripts has no clock that could ask itself again. */
export async function holds(page, condition, timeout = PATIENCE_MS) {
  const until = Date.now() + timeout;
  while (!await page.evaluate(condition)) {
    if (Date.now() > until) return false;
    await new Promise((again) => setTimeout(again, LOOK_MS));
  }
  return true;
}

/* A window that has just been resized may still hold the former layout. */
export async function fitsWidth(page) {
  if (await holds(page, () => document.scrollingElement.scrollWidth <= innerWidth, LAYOUT_MS)) return;
  const [needed, there] = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  claim(needed <= there, `the page is ${needed} wide in a window of ${there}`);
}

/* play(browser) may end by any failed fact; what it left open is photographed. */
export async function run(folder, play) {
  const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
  claim(program, 'there is no chromium');
  if (folder) mkdirSync(folder, { recursive: true });
  pictures = folder;
  const browser = await chromium.launch({
    executablePath: program,
    args: process.getuid() === 0 ? [...ARGS, '--no-sandbox'] : ARGS,
  });
  try {
    await play(browser);
  } catch (e) {
    if (!failed) throw e;
    for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await picture(page, `failed-${i + 1}`);
  } finally {
    await browser.close();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
