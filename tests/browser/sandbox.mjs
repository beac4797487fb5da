/*
 * sandbox.mjs - a person plays buyer and operator on the sandbox's page.
 *
 *	node tests/browser/sandbox.mjs URL [FOLDER]
 *
 * URL is the page of a sandbox in front of a whole stack with demo data;
 * tests/browser/run starts one.  Pictures go to FOLDER.  The last line is
 * "N passed, N failed".
 */
import { PATIENCE_MS, claim, fact, fitsWidth, picture, run, watch } from './lib.mjs';

const [url, folder] = process.argv.slice(2);
const WINDOW = { width: 1280, height: 900 };
const TALL = { width: 1280, height: 1040 }; /* shows the whole talk */
const PHONE = { width: 390, height: 844 };

const BUYER = 'Анна';
const AD = 'Настольная лампа';
const TOPIC = `${BUYER} · ${AD}`;

async function say(page, side, text) {
  await page.fill(`#${side}-text`, text);
  await page.press(`#${side}-text`, 'Enter');
}

const press = (page, side, what) => page.click(`#${side}-form [data-send="${what}"]`);
const flow = (page, side) => page.locator(`#${side}-flow .msg:not(.note)`);
const topic = (page, name) => page.locator('#topics li:not(.gone) button', { hasText: name });

/* A picture counts when the browser could draw it. */
async function seesPhotos(page, side, selector, count) {
  await page.waitForFunction(([css, n]) => {
    const images = [...document.querySelectorAll(css)];
    return images.length === n && images.every((i) => i.complete && i.naturalWidth > 0);
  }, [`#${side}-flow ${selector} img`, count]);
}

/* Of the text's colour on what lies behind it, by WCAG; at least 4.5. */
function lowestContrast() {
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const rgb = (s) => s.match(/[\d.]+/g).map(Number);
  const behind = (n) => {
    for (; n; n = n.parentElement) {
      const c = rgb(getComputedStyle(n).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('.body, .who, .topics b, .topics span, .hint, #pin, h2, .meta, .read, label > span')]
    .filter((n) => n.checkVisibility() && n.textContent.trim())
    .map((n) => {
      const [a, b] = [light(rgb(getComputedStyle(n).color).slice(0, 3)), light(behind(n).slice(0, 3))].sort((x, y) => y - x);
      return { ratio: (a + 0.05) / (b + 0.05), text: n.className + ': ' + n.textContent.slice(0, 40) };
    })
    .sort((x, y) => x.ratio - y.ratio)[0];
}

async function readable(page) {
  const worst = await page.evaluate(lowestContrast);
  claim(worst.ratio >= 4.5, `contrast ${worst.ratio.toFixed(2)} of ${worst.text}`);
}

async function mainScenario(page) {
  await fact('the page shows shop and group', async () => {
    await page.goto(url);
    await page.selectOption('#pick-buyer', { label: BUYER });
    await page.locator('#pick-item option', { hasText: AD }).waitFor({ state: 'attached' });
    await page.selectOption('#pick-item', await page.locator('#pick-item option', { hasText: AD }).getAttribute('value'));
    claim(await page.title() !== '', 'the page has no title');
  });
  await fact("a buyer's first message makes a topic with the ad's card pinned", async () => {
    await say(page, 'buyer', 'Здравствуйте! Лампа ещё продаётся?');
    await topic(page, TOPIC).waitFor();
    await flow(page, 'group').filter({ hasText: `📦 ${AD}` }).waitFor();
    await flow(page, 'group').filter({ hasText: 'Лампа ещё продаётся?' }).waitFor();
    await page.locator('#pin', { hasText: AD }).waitFor();
    await page.locator('#topic-name', { hasText: TOPIC }).waitFor();
  });
  await fact('the buyer sees that it was read', () =>
    page.locator('#buyer-flow .mine .read').waitFor());
  await fact('an answer in the topic reaches the buyer and gets its reaction', async () => {
    await say(page, 'group', 'Добрый день! Да, продаётся. Могу показать сегодня вечером.');
    await flow(page, 'buyer').filter({ hasText: 'Могу показать сегодня' }).waitFor();
    await flow(page, 'group').filter({ hasText: 'Могу показать' }).locator('.marks', { hasText: '👌' }).waitFor();
  });
  await fact("a buyer's photo is a photo in the topic", async () => {
    await press(page, 'buyer', 'sample-photo');
    await seesPhotos(page, 'group', '.msg:not(.mine)', 1);
    await page.waitForFunction(() => document.querySelectorAll('#buyer-flow .mine .read').length === 2);
    await page.setViewportSize(TALL);
    await picture(page, 'main');
    await page.setViewportSize(WINDOW);
  });
  await fact("an operator's photo is a photo for the buyer", async () => {
    await press(page, 'group', 'sample-photo');
    await seesPhotos(page, 'buyer', '.msg:not(.mine)', 1);
    await flow(page, 'group').filter({ has: page.locator('img') }).locator('.marks', { hasText: '👌' }).waitFor();
  });
  await fact('a voice message can be played in the topic', async () => {
    await press(page, 'buyer', 'voice');
    await page.locator('#group-flow .msg:not(.mine) audio').waitFor();
    await page.waitForFunction(async () => {
      const a = document.querySelector('#group-flow audio');
      return (await fetch(a.src)).ok;
    });
  });
}

/* Avito lets the seller write in the chat about the ad, or does not. */
async function letWrite(allowed) {
  const { avito } = await (await fetch(new URL('/control/state?part=avito', url))).json();
  const chat = avito.chats.find((c) => c.messages.some((m) => m.content.text?.includes('Лампа ещё продаётся?')));
  const answer = await fetch(new URL(`/control/avito/chats/${chat.id}`, url), {
    method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ blocked: !allowed }),
  });
  claim(answer.ok, `the sandbox answered ${answer.status}`);
}

async function failures(page) {
  const told = (text) => flow(page, 'group').filter({ hasText: text });
  await fact('what did not arrive is told with a button', async () => {
    await letWrite(false);
    await say(page, 'group', 'Вы ещё здесь?');
    await told('❌ Не доставлено').locator('.keys button', { hasText: 'Повторить' }).waitFor();
    await page.setViewportSize(TALL);
    await picture(page, 'not-delivered');
    await page.setViewportSize(WINDOW);
  });
  await fact('the button sends it again and shows the end', async () => {
    await letWrite(true);
    await told('❌ Не доставлено').locator('.keys button').click();
    await flow(page, 'buyer').filter({ hasText: 'Вы ещё здесь?' }).waitFor();
    await told('✅ Доставлено').waitFor();
    claim(await page.locator('#group-flow .keys button').count() === 0, 'the button is still there');
    await picture(page, 'delivered-after-all');
  });
}

async function otherTopics(page) {
  await fact('another ad makes another topic', async () => {
    const other = page.locator('#pick-item option', { hasText: 'Велосипед' });
    await page.selectOption('#pick-item', await other.getAttribute('value'));
    await say(page, 'buyer', 'А велосипед какого года?');
    await topic(page, `${BUYER} · Велосипед`).waitFor();
    claim(await topic(page, TOPIC).count() === 1, 'the first topic is not alone any more');
  });
  await fact('a deleted topic is made anew, with card and message', async () => {
    await topic(page, `${BUYER} · Велосипед`).click();
    await page.click('#delete-topic');
    await page.locator('#topics li.gone').waitFor();
    await say(page, 'buyer', 'И есть ли к нему насос?');
    await topic(page, `${BUYER} · Велосипед`).waitFor();
    await topic(page, `${BUYER} · Велосипед`).click();
    await flow(page, 'group').filter({ hasText: 'насос' }).waitFor();
    await page.locator('#pin', { hasText: 'Велосипед' }).waitFor();
  });
}

async function signIn(page) {
  await fact('/start to the sign-in bot gives a link that opens its page', async () => {
    await page.setViewportSize(WINDOW);
    const bot = page.locator('#pick-group option', { hasText: 'Tuberry: вход' });
    const group = await page.inputValue('#pick-group');
    await page.selectOption('#pick-group', await bot.getAttribute('value'));
    await say(page, 'group', '/start');
    const [opened] = await Promise.all([page.waitForEvent('popup'),
      flow(page, 'group').locator('a[href*="/login?token="]').click()]);
    await opened.locator('form[action="/login/link"]').waitFor();
    await opened.close();
    await picture(page, 'sign-in');
    await page.selectOption('#pick-group', group);
  });
}

async function control(path, body) {
  const answer = await fetch(new URL(`/control/${path}`, url), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  claim(answer.ok, `${path}: the sandbox answered ${answer.status}`);
  return answer.json();
}

/* A bot that answers for Maxim; it has no webhook, and nobody behind it. */
async function forAnother(page) {
  const place = (text) => page.locator('#pick-group option', { hasText: text });
  const choose = async (option) => page.selectOption('#pick-group', await option.getAttribute('value'));
  await fact('a customer writes to a person for whom a bot answers, and the person sees it', async () => {
    const [group, user] = [await page.inputValue('#pick-group'), await page.inputValue('#pick-user')];
    const owner = await control('telegram/users', { first_name: 'Максим' });
    const bot = await control('telegram/bots', { name: 'Помощник', can_connect_to_business: true });
    await control(`telegram/bots/${bot.id}/business`, { user: owner.id });
    await place('Личный чат: Максим').waitFor({ state: 'attached' });
    await choose(place('Личный чат: Максим'));
    await say(page, 'group', 'Максим, вы работаете завтра?');
    await flow(page, 'group').filter({ hasText: 'вы работаете завтра?' }).waitFor();
    await page.selectOption('#pick-user', String(owner.id));
    await place('Ваш клиент: ').waitFor({ state: 'attached' });
    await choose(place('Ваш клиент: '));
    await say(page, 'group', 'Да, с девяти');
    await flow(page, 'group').filter({ hasText: 'Да, с девяти' }).locator('.who', { hasText: 'Максим' }).waitFor();
    await picture(page, 'business');
    await page.selectOption('#pick-user', user);
    await page.selectOption('#pick-group', group);
  });
}

async function onPhone(page) {
  await page.setViewportSize(PHONE);
  await fact('on a phone the buyer writes', async () => {
    await page.click('#tab-buyer');
    await say(page, 'buyer', 'Пишу с телефона');
    await flow(page, 'buyer').filter({ hasText: 'Пишу с телефона' }).waitFor();
    await fitsWidth(page);
    await picture(page, 'phone-buyer');
  });
  await fact('on a phone the operator finds the topic and answers', async () => {
    await page.click('#tab-group');
    await fitsWidth(page);
    if (await page.isVisible('#back')) await page.click('#back');
    await picture(page, 'phone-topics');
    await topic(page, `${BUYER} · Велосипед`).click();
    await flow(page, 'group').filter({ hasText: 'Пишу с телефона' }).waitFor();
    await say(page, 'group', 'Отвечаю с телефона');
    await flow(page, 'group').filter({ hasText: 'Отвечаю с телефона' }).locator('.marks').waitFor();
    await fitsWidth(page);
    await picture(page, 'phone-topic');
    await page.click('#back');
    await topic(page, TOPIC).waitFor();
  });
}

async function looks(page) {
  await page.setViewportSize(WINDOW);
  await topic(page, TOPIC).click();
  await page.selectOption('#pick-item', await page.locator('#pick-item option', { hasText: AD }).getAttribute('value'));
  for (const scheme of ['light', 'dark']) {
    await fact(`${scheme}: everything can be read`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await readable(page);
      await picture(page, scheme);
    });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await fact('in English', async () => {
    await page.click('#lang');
    await page.locator('#buyer-title', { hasText: 'the buyer' }).waitFor();
    await picture(page, 'english');
  });
  await fact('neither service was asked for anything it does not know', async () => {
    const { violations } = await (await fetch(new URL('/control/version', url))).json();
    claim(violations === 0, `${violations} violations; see /control/violations`);
  });
}

async function play(browser) {
  const context = await browser.newContext({ locale: 'ru-RU', viewport: WINDOW, deviceScaleFactor: 1 });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await watch(page);
  await mainScenario(page);
  await failures(page);
  await otherTopics(page);
  await signIn(page);
  await forAnother(page);
  await onPhone(page);
  await looks(page);
}

if (!url) {
  console.error('usage: node sandbox.mjs URL [FOLDER]');
  process.exit(64);
}
await run(folder, play);
