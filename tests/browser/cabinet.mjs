/*
 * cabinet.mjs - people sign in, and look after who else may.
 *
 *	node tests/browser/cabinet.mjs DIR [FOLDER]
 *
 * DIR is that of a running stack with the sandbox; tests/browser/run starts
 * one.  All is played in Russian without scripts and in English with them.
 * Each page is judged as it comes up (page.mjs); pictures go to FOLDER.  The
 * last line is "N passed, N failed".
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS, claim, fact, holds, run, watch } from './lib.mjs';
import { DESKTOP, judge } from './page.mjs';
import { oneTimeCode } from './totp.mjs';

const [dir, folder] = process.argv.slice(2);
const WIDGET = 'https://telegram.org/';
const ELSEWHERE = 'https://elsewhere.example/';
const OWN_PASSWORD = 'correct horse battery';
const VARIANTS = [
  { lang: 'ru', locale: 'ru-RU', scripts: false },
  { lang: 'en', locale: 'en-GB', scripts: true },
];

function setting(file, key) {
  const line = readFileSync(join(dir, file), 'utf8').split('\n').find((l) => l.startsWith(`${key}=`));
  return line.slice(key.length + 1);
}

function setUp(key, value) {
  const stack = fileURLToPath(new URL('../../scripts/stack', import.meta.url));
  execFileSync(stack, ['up', '--dir', dir, '--set', `${key}=${value}`], { stdio: 'ignore' });
}

/* Somebody at a browser of their own, seeing `look()` to each page. */
class Visitor {
  static async arrive(play, who) {
    const context = await play.browser.newContext({
      baseURL: play.url, locale: play.locale, javaScriptEnabled: play.scripts, viewport: DESKTOP, deviceScaleFactor: 1, reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    /* Telegram's script is not here; that the page may load it is what counts. */
    await context.route(`${WIDGET}**`, (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
    const visitor = new Visitor();
    Object.assign(visitor, { play, who, context, page: await context.newPage() });
    await watch(visitor.page);
    return visitor;
  }

  path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  look(name) {
    return judge(this.page, `${this.play.lang}-${name}`, this.play);
  }

  async see(path, name) {
    await this.page.goto(path);
    await this.look(name);
  }

  /* What stands in the fields is sent by the button of the form with this action. */
  async send(action, fields = {}) {
    const form = this.page.locator(`form[action="${action}"]`).last();
    for (const [name, value] of Object.entries(fields)) {
      const field = form.locator(`[name="${name}"]:not([type=hidden])`);
      if (await field.evaluate((n) => n.localName) === 'select') await field.selectOption(value);
      else await field.fill(value);
    }
    await form.locator('button').first().click();
  }

  at(path) {
    claim(this.path() === path, `this is ${this.path()}, not ${path}`);
  }

  shows(selector) {
    return this.page.locator(selector).first().innerText();
  }

  async signIn(login, password) {
    await this.page.goto('/login');
    await this.send('/login', { login, password });
  }

  signOut() {
    return this.send('/logout');
  }

  fact(name, check, statuses) {
    return fact(`${this.play.lang}: ${name}`, check, statuses);
  }
}

/* The sandbox's Telegram: somebody writes to the master bot. */
class Guest {
  static async meet(play) {
    const guest = new Guest();
    guest.sandbox = play.sandbox;
    const { id } = await guest.post('telegram/users', { first_name: 'Гость', language_code: play.lang });
    guest.key = `${id}@${setting('tuberry.conf', 'MASTER_BOT_TOKEN').split(':')[0]}`;
    guest.answers = 0;
    return guest;
  }

  async post(path, body) {
    const answer = await fetch(`${this.sandbox}control/${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    claim(answer.ok, `the sandbox answered ${answer.status}`);
    return answer.json();
  }

  /* The link in the bot's answer. */
  async start(code = '') {
    this.answers += 1;
    await this.post(`telegram/chats/${this.key}/messages`, { text: `/start ${code}`.trim() });
    const wait = `tg_chat=${this.key}&author=bot&count=${this.answers}&timeout_ms=${PATIENCE_MS}`;
    const { held } = await (await fetch(`${this.sandbox}control/wait?${wait}`)).json();
    claim(held, 'the bot does not answer');
    const { telegram } = await (await fetch(`${this.sandbox}control/state?part=telegram`)).json();
    const said = telegram.chats.find((c) => c.key === this.key).messages.at(-1).text;
    const link = said.match(/https?:\S+token=\S+/);
    claim(link, `no link in: ${said}`);
    return link[0];
  }
}

async function frontDoor(someone) {
  await someone.fact('the front page leads to the sign-in', async () => {
    await someone.see('/', 'front');
    await someone.page.click('main a.button');
    await someone.look('login');
  });
  await someone.fact('a wrong password is told, and what was typed stays', async () => {
    await someone.signIn('nobody', 'wrong');
    await someone.look('login-refused');
    claim(await someone.page.inputValue('#login') === 'nobody', 'the login is gone');
  }, [401]);
  await someone.fact('an address that is not there', () => someone.see('/no/such/page', 'error-404'), [404]);
  await someone.fact('an address that takes forms only', () => someone.see('/login/link', 'error-405'), [405]);
  await someone.fact("what is somebody's leads to the sign-in and back", async () => {
    await someone.page.goto('/admin/clients');
    claim(someone.path().startsWith('/login'), 'no sign-in');
    await someone.send('/login', someone.play.admin);
    someone.at('/admin/clients');
  });
}

async function administration(admin) {
  const own = admin.play;
  await admin.fact('each place of the menu is there', async () => {
    await admin.see('/admin', 'admin');
    const places = await admin.page.locator('.nav a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
    claim(places.length >= 5, `${places.length} places`);
    for (const place of places) {
      await admin.page.goto(place);
      claim(await admin.page.locator('.nav [aria-current=page]').getAttribute('href') === place, `${place} is not marked`);
    }
  });
  await admin.fact('a client is made', async () => {
    await admin.see('/admin/clients', 'admin-clients');
    await admin.send('/admin/clients', { name: `Магазин света ${own.id}` });
    await admin.look('admin-client');
    own.client = new URL(admin.page.url()).pathname.split('/').at(-1);
    await admin.see('/admin/clients', 'admin-clients-some');
    await admin.see(`/admin/clients/${own.client}/delete`, 'admin-client-delete');
    await admin.see(`/admin/clients/${own.client}/invites`, 'admin-invites');
  });
  await admin.fact('its owner is added, and the password shown', async () => {
    await admin.see(`/admin/users?client_id=${own.client}`, 'admin-client-users');
    await admin.page.click('main a.button');
    await admin.look('admin-user-new');
    await admin.send('/admin/users', { login: own.login, name: 'Ольга Светлова', role: 'owner' });
    await admin.look('admin-user-password');
    own.password = await admin.shows('.secret');
    await admin.page.click('main a.button');
    await admin.look('admin-user');
    for (const act of ['password', 'disable', 'delete']) {
      await admin.see(`${new URL(admin.page.url()).pathname.replace(/(\d)\/.*/, '$1')}/${act}`, `admin-user-${act}-ask`);
    }
  });
  await admin.fact('a login that is taken is told at its field', async () => {
    await admin.page.goto(`/admin/users/new?client_id=${own.client}`);
    await admin.send('/admin/users', { login: own.login, name: 'Ольга' });
    await admin.look('admin-user-new-refused');
    await admin.page.locator('#login[aria-invalid]').waitFor();
  }, [409]);
  await admin.fact('who may sign in, the settings and the audit', async () => {
    await admin.see('/admin/users', 'admin-users');
    await admin.see('/admin/users/new', 'admin-new');
    await admin.see('/admin/settings', 'admin-settings');
    await admin.see('/admin/audit', 'admin-audit');
    await admin.send('/admin/audit', { action: 'client' });
    await admin.look('admin-audit-found');
  });
}

async function firstSignIn(owner) {
  const own = owner.play;
  await owner.fact('a password that was handed over has to be replaced', async () => {
    await owner.signIn(own.login, own.password);
    owner.at('/profile/password');
    await owner.look('password-must');
    await owner.page.goto('/client');
    owner.at('/profile/password');
    await owner.send('/profile/password', { old_password: 'wrong', password: OWN_PASSWORD });
    await owner.look('password-refused');
  }, [422]);
  await owner.fact('then the cabinet opens', async () => {
    await owner.send('/profile/password', { old_password: own.password, password: OWN_PASSWORD });
    await owner.look('password-changed');
    await owner.see('/client', 'client');
    await owner.see('/profile/password', 'password');
  });
  await owner.fact("an administrator's page is not an owner's", () => owner.see('/admin/users', 'error-403'), [403]);
}

async function profile(owner) {
  await owner.fact('name and language', async () => {
    await owner.see('/profile', 'profile');
    const other = owner.play.lang === 'ru' ? 'en' : 'ru';
    await owner.send('/profile', { name: 'Ольга', language: other });
    claim(await owner.page.getAttribute('html', 'lang') === other, 'the language stays');
    await owner.send('/profile', { language: owner.play.lang });
    claim(await owner.page.getAttribute('html', 'lang') === owner.play.lang, 'the language does not come back');
    await owner.look('profile-saved');
    await owner.send('/profile', { language: '' });
  });
  await owner.fact('an API token is shown once, works, and is revoked', async () => {
    await owner.send('/profile/tokens', { name: 'Отчёты', scope: 'write' });
    await owner.look('profile-token');
    const headers = { Authorization: `Bearer ${await owner.shows('.secret')}` };
    const me = new URL('/api/me', owner.play.url);
    claim((await fetch(me, { headers })).status === 200, 'the token does not work');
    await owner.see('/profile', 'profile-tokens');
    claim(await owner.page.locator('.secret').count() === 0, 'the token is shown again');
    await owner.page.click('form[action$="/revoke"] button');
    await owner.look('profile-token-revoked');
    claim((await fetch(me, { headers })).status === 401, 'the token still works');
  });
  await owner.fact('Telegram', () => owner.see('/profile/telegram', 'telegram'));
}

async function secondFactor(owner) {
  const own = owner.play;
  let codes;
  let secret;
  await owner.fact('a second factor is set up', async () => {
    await owner.see('/profile/second-factor', 'second-factor-off');
    await owner.send('/profile/second-factor');
    claim(await holds(owner.page, () => document.querySelector('.qr')?.naturalWidth > 0), 'no QR code');
    await owner.look('second-factor-waiting');
    await owner.send('/profile/second-factor/confirm', { code: '000000' });
    await owner.look('second-factor-refused');
    secret = await owner.shows('.secret');
    await owner.send('/profile/second-factor/confirm', { code: oneTimeCode(secret) });
    codes = await owner.page.locator('.codes code').allInnerTexts();
    claim(codes.length === 10, `${codes.length} recovery codes`);
    await owner.look('second-factor-codes');
    await owner.page.click('main a.button');
    await owner.look('second-factor-on');
    await owner.see('/profile', 'profile-second-factor');
  }, [422]);
  await owner.fact('it is asked for, and a wrong code is refused', async () => {
    await owner.signOut();
    await owner.look('signed-out');
    await owner.signIn(own.login, OWN_PASSWORD);
    owner.at('/login/code');
    await owner.look('code');
    await owner.page.goto('/client');
    claim(owner.path().startsWith('/login'), 'in without a code');
    await owner.signIn(own.login, OWN_PASSWORD);
    await owner.send('/login/code', { code: '000000' });
    await owner.look('code-refused');
  }, [401, 422]);
  await owner.fact('the next code lets in', async () => {
    await owner.send('/login/code', { code: oneTimeCode(secret, 1) });
    owner.at('/client');
  });
  await owner.fact('a recovery code lets in, too, and once', async () => {
    await owner.signOut();
    await owner.signIn(own.login, OWN_PASSWORD);
    await owner.send('/login/code', { code: codes[0] });
    owner.at('/client');
    await owner.signOut();
    await owner.signIn(own.login, OWN_PASSWORD);
    await owner.send('/login/code', { code: codes[0] });
    claim(await owner.page.locator('#code').count() === 1, 'in by a used code');
    await owner.send('/login/code', { code: codes[1] });
    owner.at('/client');
  }, [401, 422]);
  await owner.fact('it is switched off with a code', async () => {
    await owner.page.goto('/profile/second-factor');
    await owner.page.fill('#code', codes[2]);
    await owner.page.click('button.danger');
    await owner.look('second-factor-switched-off');
    await owner.signOut();
    await owner.signIn(own.login, OWN_PASSWORD);
    owner.at('/client');
  });
}

async function people(owner) {
  await owner.fact('an owner adds a manager, and shuts them out', async () => {
    await owner.see('/client/users', 'users');
    await owner.see('/client/users/new', 'user-new');
    await owner.send('/client/users', { login: `m-${owner.play.id}`, name: 'Пётр' });
    await owner.look('user-password');
    await owner.page.click('main a.button');
    await owner.look('user');
    for (const act of ['password', 'disable', 'enable']) {
      await owner.page.click(`main a[href$="/${act}"]`);
      await owner.look(`user-${act}-ask`);
      await owner.page.click('main form button');
      await owner.look(`user-${act}-done`);
      if (act === 'password') await owner.page.click('main a.button');
    }
    await owner.page.click('main a[href$="/delete"]');
    await owner.look('user-delete-ask');
    await owner.page.click('main form button');
    await owner.look('user-delete-done');
  });
}

async function invites(owner) {
  await owner.fact('an owner invites, and sees the code once', async () => {
    await owner.see('/client/invites', 'invites');
    await owner.send('/client/invites', { uses_max: '2' });
    await owner.look('invites-made');
    owner.play.invite = new URL(await owner.shows('.secret')).searchParams.get('start');
    await owner.see('/client/invites', 'invites-some');
    claim(await owner.page.locator('.secret').count() === 0, 'the invite is shown again');
  });
  await owner.fact('who comes with the code gets an account', async () => {
    const guest = await Guest.meet(owner.play);
    const link = await guest.start(owner.play.invite);
    const newcomer = await Visitor.arrive(owner.play, 'manager');
    await newcomer.see(link, 'link-invited');
    await newcomer.send('/login/link', { name: 'Мария' });
    await newcomer.look('welcome');
    await newcomer.page.click('main a.button');
    newcomer.at('/client');
    await newcomer.look('manager');
    await newcomer.see('/profile', 'manager-profile');
    await newcomer.signOut();
    await newcomer.see(await guest.start(), 'link-known');
    await newcomer.send('/login/link');
    newcomer.at('/client');
    await newcomer.context.close();
  });
  await owner.fact('an invite is revoked', async () => {
    await owner.page.goto('/client/invites');
    await owner.page.click('form[action$="/revoke"] button');
    await owner.look('invites-revoked');
  });
  await owner.fact('all of it stands in the audit', () => owner.see('/client/audit', 'audit'));
}

async function stranger(play) {
  const guest = await Guest.meet(play);
  const newcomer = await Visitor.arrive(play, 'stranger');
  await newcomer.fact('/start gives a link to an account of one\'s own', async () => {
    await newcomer.see(await guest.start(), 'link-new');
    await newcomer.send('/login/link', { name: 'Иван' });
    await newcomer.look('welcome-owner');
    await newcomer.page.click('main a.button');
    newcomer.at('/client');
    await newcomer.see('/profile/telegram', 'telegram-linked');
  });
  await newcomer.fact('a link lets in once', async () => {
    await newcomer.signOut();
    const link = await guest.start();
    await newcomer.page.goto(link);
    await newcomer.send('/login/link');
    await newcomer.signOut();
    await newcomer.see(link, 'link-used');
    claim(await newcomer.page.locator('form[action="/login/link"]').count() === 0, 'the link is good again');
  }, [404]);
  await newcomer.context.close();
}

async function guarding(owner) {
  const own = owner.play;
  const other = await Visitor.arrive(own, 'other');
  await owner.fact('a session that is ended elsewhere has ended', async () => {
    await other.signIn(own.login, OWN_PASSWORD);
    other.at('/client');
    await owner.see('/profile', 'profile-devices');
    await owner.page.click('form[action^="/profile/sessions/"] button');
    await owner.look('profile-session-ended');
    await other.page.goto('/client');
    claim(other.path().startsWith('/login'), 'the other browser is still in');
    await other.look('login-ended');
  });
  await owner.fact('a form without its token does nothing', async () => {
    const answer = await owner.context.request.post('/logout', { form: {}, maxRedirects: 0 });
    claim(answer.status() === 403, `${answer.status()}`);
    await owner.page.goto('/client');
    owner.at('/client');
  });
  await owner.fact("another site's form does nothing", async () => {
    await owner.context.route(`${ELSEWHERE}**`, (route) => route.fulfill({
      contentType: 'text/html', body: `<form method="post" action="${own.url}logout"><button>go</button></form>`,
    }));
    await owner.page.goto(ELSEWHERE);
    await owner.page.click('button');
    await owner.look('error-stolen');
    await owner.page.goto('/client');
    owner.at('/client');
  }, [401, 403]);
  await other.context.close();
}

/* With ADMIN_SECOND_FACTOR=on. */
async function duty(play) {
  const admin = await Visitor.arrive(play, 'duty');
  await admin.fact('an administrator has to set up a second factor first', async () => {
    await admin.signIn(play.admin.login, play.admin.password);
    admin.at('/profile/second-factor');
    await admin.look('second-factor-must');
    await admin.page.goto('/admin/clients');
    admin.at('/profile/second-factor');
    await admin.send('/profile/second-factor');
    await admin.send('/profile/second-factor/confirm', { code: oneTimeCode(await admin.shows('.secret')) });
    const code = await admin.shows('.codes code');
    await admin.see('/admin/clients', 'clients-after-duty');
    admin.at('/admin/clients');
    await admin.page.goto('/profile/second-factor');
    await admin.page.fill('#code', code);
    await admin.page.click('button.danger');
    admin.at('/profile/second-factor');
  });
  await admin.context.close();
}

async function playOnce(play) {
  const admin = await Visitor.arrive(play, 'admin');
  await frontDoor(admin);
  await administration(admin);
  const owner = await Visitor.arrive(play, 'owner');
  await firstSignIn(owner);
  await profile(owner);
  await secondFactor(owner);
  await people(owner);
  await invites(owner);
  await stranger(play);
  await guarding(owner);
  await owner.context.close();
  await admin.context.close();
}

if (!dir) {
  console.error('usage: node cabinet.mjs DIR [FOLDER]');
  process.exit(64);
}
await run(folder, async (browser) => {
  const { login, password } = JSON.parse(readFileSync(join(dir, 'admin.json'), 'utf8'));
  const plays = VARIANTS.map((variant) => {
    const id = randomUUID().slice(0, 8);
    return {
      ...variant, browser, id, login: `o-${id}`, admin: { login, password },
      url: `http://127.0.0.1:${setting('stack.conf', 'PORT')}/`,
      sandbox: `http://127.0.0.1:${setting('stack.conf', 'SANDBOX_PORT')}/`,
    };
  });
  for (const play of plays) await playOnce(play);
  setUp('ADMIN_SECOND_FACTOR', 'on');
  for (const play of plays) await duty(play);
});
