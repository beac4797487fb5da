/*
 * app.js - the page on which a person plays buyer and operator.
 *
 * It only talks to the control API: /control/wait tells of a change, then
 * /control/state is drawn.  Nodes are kept by key, so that a playing voice
 * message or a scrolled list is not disturbed by what arrives.
 */
'use strict';

const words = {
  ru: {
    sandbox: 'песочница', tabBuyer: 'Покупатель', tabGroup: 'Группа', buyerTitle: 'Avito: покупатель',
    buyerLabel: 'Покупатель', adLabel: 'Объявление', groupLabel: 'Группа', operatorLabel: 'Вы пишете как',
    newBuyer: 'Новый покупатель', newItem: 'Новое объявление', newUser: 'Новый оператор', name: 'Имя', title: 'Название',
    price: 'Цена, ₽', samplePhoto: 'Отправить фото-образец', ownPhoto: 'Отправить своё фото', sampleVoice: 'Отправить голосовое',
    writeSeller: 'Сообщение продавцу', writeTopic: 'Сообщение в тему', send: 'Отправить', cancel: 'Отмена', ok: 'Готово',
    back: 'К темам', closeTopic: 'Закрыть', reopenTopic: 'Открыть', deleteTopic: 'Удалить', general: 'General', closed: 'закрыта', gone: 'удалена',
    emptyTitle: 'Пока здесь пусто', emptyText: 'Создайте магазин с объявлением, покупателя, бота и рабочую группу одним нажатием — или заведите их через API управления.',
    emptyButton: 'Создать образец', online: 'на связи', offline: 'нет связи, пробую снова…', read: 'прочитано', sent: 'отправлено',
    startBuyer: 'Напишите первое сообщение — в группе справа появится тема.', startTopic: 'Здесь пока нет сообщений.', noGroup: 'Группы нет',
    photo: 'Фото', voice: 'Голосовое сообщение', answer: 'Ответить', edited: 'изменено', app: 'из приложения', answerTo: 'Ответ: ',
    created: 'Тема создана: ', nowClosed: 'Тема закрыта', nowOpen: 'Тема открыта снова', renamed: 'Тема переименована: ', pinned: 'Закреплено: ',
    lamp: 'Настольная лампа', ann: 'Анна', olga: 'Ольга', shop: 'Магазин света', work: 'Рабочая группа', private: 'Личный чат с ботом: ',
    person: 'Личный чат: ', customer: 'Ваш клиент: ', ownFile: 'Отправить свой файл',
  },
  en: {
    sandbox: 'sandbox', tabBuyer: 'Buyer', tabGroup: 'Group', buyerTitle: 'Avito: the buyer',
    buyerLabel: 'Buyer', adLabel: 'Ad', groupLabel: 'Group', operatorLabel: 'You write as',
    newBuyer: 'New buyer', newItem: 'New ad', newUser: 'New operator', name: 'Name', title: 'Title',
    price: 'Price, ₽', samplePhoto: 'Send a sample photo', ownPhoto: 'Send a photo of yours', sampleVoice: 'Send a voice message',
    writeSeller: 'Message the seller', writeTopic: 'Message the topic', send: 'Send', cancel: 'Cancel', ok: 'Done',
    back: 'To the topics', closeTopic: 'Close', reopenTopic: 'Reopen', deleteTopic: 'Delete', general: 'General', closed: 'closed', gone: 'deleted',
    emptyTitle: 'Nothing here yet', emptyText: 'Make a shop with an ad, a buyer, a bot and a working group with one press, or make them through the control API.',
    emptyButton: 'Make a sample', online: 'connected', offline: 'no connection, trying again…', read: 'read', sent: 'sent',
    startBuyer: 'Write a first message: a topic will appear in the group.', startTopic: 'No messages here yet.', noGroup: 'No group',
    photo: 'Photo', voice: 'Voice message', answer: 'Answer', edited: 'edited', app: 'from the app', answerTo: 'Answer to: ',
    created: 'Topic created: ', nowClosed: 'Topic closed', nowOpen: 'Topic reopened', renamed: 'Topic renamed: ', pinned: 'Pinned: ',
    lamp: 'Desk lamp', ann: 'Ann', olga: 'Olga', shop: 'Light shop', work: 'Working group', private: 'Private chat with: ',
    person: 'Chat with: ', customer: 'Your customer: ', ownFile: 'Send a file of yours',
  },
};

const $ = (id) => document.getElementById(id);
const store = { get: (k) => { try { return localStorage.getItem(k); } catch { return null; } },
  set: (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } } };
let lang = store.get('lang') || (/^ru/i.test(navigator.language) ? 'ru' : 'en');
let state = null;
let thread = 0;
let replyTo = null;
const t = (key) => words[lang][key];

function el(tag, attrs, ...kids) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) {
    if (k === 'on') for (const [name, fn] of Object.entries(v)) node.addEventListener(name, fn);
    else if (k === 'cls') node.className = v;
    else if (v !== null && v !== undefined) node.setAttribute(k, v);
  }
  node.append(...kids.filter((k) => k !== null && k !== undefined));
  return node;
}

/* Keeps the nodes whose content did not change. */
function sync(box, items, key, draw) {
  const old = new Map([...box.children].map((n) => [n.dataset.key, n]));
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  let at = box.firstElementChild;
  for (const item of items) {
    const k = String(key(item));
    const hash = lang + JSON.stringify(item);
    let node = old.get(k);
    if (!node || node.sandboxHash !== hash) {
      const fresh = draw(item);
      fresh.dataset.key = k;
      fresh.sandboxHash = hash;
      if (node) { if (at === node) at = fresh; node.replaceWith(fresh); }
      node = fresh;
    }
    old.delete(k);
    if (node === at) at = at.nextElementSibling; else box.insertBefore(node, at);
  }
  for (const node of old.values()) node.remove();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

async function call(method, path, body, headers) {
  const answer = await fetch('/control/' + path, { method,
    headers: headers || (body === undefined ? {} : { 'Content-Type': 'application/json' }),
    body: body === undefined || headers ? body : JSON.stringify(body) });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

function problem(text) {
  $('problem').hidden = !text;
  $('problem').textContent = text || '';
}

/* What a person did: errors are shown, and the next act clears them. */
async function act(fn) {
  problem('');
  try { return await fn(); } catch (e) { problem(e.message); return null; }
}

const post = (path, body) => call('POST', path, body);
const upload = (file) => call('POST', 'files?name=' + encodeURIComponent(file.name), file, { 'Content-Type': file.type });
const local = (url) => { const u = new URL(url); return u.pathname + u.search; };
const clock = (s) => new Date(s * 1000).toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' });
const fileUrl = (id) => '/control/files/' + encodeURIComponent(id);

/* --- choices --- */

function fill(select, items, value, label) {
  const before = select.value || store.get(select.id);
  sync(select, items.map((i) => ({ v: String(value(i)), l: label(i) })), (o) => o.v, (o) => el('option', { value: o.v }, o.l));
  if (items.some((i) => String(value(i)) === before)) select.value = before;
}

const buyerId = () => Number($('pick-buyer').value);
const item = () => state.avito.items.find((i) => String(i.id) === $('pick-item').value);
const chatOf = () => item() && state.avito.chats.find((c) => c.buyer_id === buyerId() && c.item_id === item().id);
/* A chat of two is made by its first message. */
const ofTwo = (key, title) => ({ key, type: 'private', topics: [], messages: [], ...state.telegram.chats.find((c) => c.key === key), title });
const owners = () => state.telegram.users.filter((u) => state.telegram.business.some((b) => b.user === u.id && b.is_enabled));
/* Groups; of whoever writes the private chats with each bot and with each person for whom a bot answers; and an owner's with customers. */
const places = () => [...state.telegram.chats.filter((c) => c.type !== 'private'), ...(operator() ? [
  ...state.telegram.bots.map((b) => ofTwo(operator() + '@' + b.id, t('private') + b.name)),
  ...owners().filter((u) => u.id !== operator()).map((u) => ofTwo(operator() + '@' + u.id, t('person') + nameOf(u))),
  ...state.telegram.chats.filter((c) => c.owner === operator()).map((c) => ({ ...c, title: t('customer') + nameOf(c) })),
] : [])];
const group = () => places().find((c) => c.key === $('pick-group').value);
const operator = () => Number($('pick-user').value);

/* --- Avito --- */

function avitoBody(m) {
  const c = m.content || {};
  if (m.type === 'image' && c.image) {
    const url = c.image.sizes['640x480'] || Object.values(c.image.sizes)[0];
    return el('a', { href: local(url), target: '_blank', rel: 'noopener' }, el('img', { src: local(url), alt: t('photo') }));
  }
  if (m.type === 'voice' && m.file) return el('audio', { controls: '', preload: 'none', src: fileUrl(m.file), 'aria-label': t('voice') });
  return el('div', { cls: 'body' }, c.text || (c.link && c.link.url) || (c.item && c.item.title) || (c.location && c.location.text) || '[' + m.type + ']');
}

function drawAvito(m) {
  if (m.by === 'system') return el('div', { cls: 'msg note' }, (m.content || {}).text || m.type);
  const mine = m.by === 'buyer';
  const seen = mine ? m.is_read : m.read;
  return el('div', { cls: 'msg' + (mine ? ' mine' : '') }, avitoBody(m),
    el('div', { cls: 'meta' }, m.by === 'seller' ? el('span', {}, t('app')) : null, el('time', {}, clock(m.created)),
      mine ? el('span', { cls: seen ? 'read' : '', title: seen ? t('read') : t('sent') }, seen ? '✓✓' : '✓') : null));
}

function drawBuyer() {
  const a = state.avito;
  fill($('pick-buyer'), a.buyers, (b) => b.id, (b) => b.name);
  fill($('pick-item'), a.items, (i) => i.id, (i) => i.title + (i.price === null ? '' : ' · ' + i.price.toLocaleString(lang) + ' ₽'));
  const chat = chatOf();
  const list = chat && chat.messages.length ? chat.messages : [{ hint: true }];
  sync($('buyer-flow'), list, (m) => (chat ? chat.id : '') + (m.hint ? 'hint' : m.id),
    (m) => (m.hint ? el('p', { cls: 'hint' }, t('startBuyer')) : drawAvito(m)));
  const side = document.body.dataset.side;
  const shown = !document.hidden && (side !== 'group' || matchMedia('(min-width: 821px)').matches);
  if (chat && shown && chat.messages.some((m) => m.direction === 'out' && !m.read))
    post('avito/chats/' + encodeURIComponent(chat.id) + '/read', { by: 'buyer' }).catch(() => {});
}

async function buyerSays(what) {
  if (!item() || !buyerId()) { problem(t('emptyTitle')); return; }
  await post('avito/say', { user_id: item().user_id, buyer_id: buyerId(), item_id: item().id, ...what });
}

/* --- Telegram --- */

const nameOf = (u) => [u.first_name, u.last_name].filter(Boolean).join(' ');
const brief = (m) => m.text || m.caption || (m.photo ? t('photo') : m.voice ? t('voice') : m.kind || '…');

function note(m) {
  if (m.forum_topic_created) return t('created') + m.forum_topic_created.name;
  if (m.forum_topic_closed) return t('nowClosed');
  if (m.forum_topic_reopened) return t('nowOpen');
  if (m.forum_topic_edited) return t('renamed') + (m.forum_topic_edited.name || '');
  if (m.pinned_message) return t('pinned') + brief(m.pinned_message).split('\n')[0];
  return m.kind;
}

const linkTo = (href, text) => el('a', { href, target: '_blank', rel: 'noopener' }, text);
/* Telegram's apps make links of addresses by themselves. */
const plain = (text) => text.split(/(https?:\/\/\S+)/).map((s, i) => (i % 2 ? linkTo(s, s) : s));

function styled(m) {
  const text = m.text || m.caption || '';
  const box = el('div', { cls: 'body' });
  let at = 0;
  for (const e of [...(m.entities || m.caption_entities || [])].sort((a, b) => a.offset - b.offset)) {
    const tag = { bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'code', text_link: 'a', url: 'a' }[e.type];
    if (!tag || e.offset < at) continue;
    const part = text.slice(e.offset, e.offset + e.length);
    const href = tag === 'a' ? e.url || part : null;
    box.append(...plain(text.slice(at, e.offset)), /^https?:/.test(href || '') ? linkTo(href, part) : el(tag, {}, part));
    at = e.offset + e.length;
  }
  box.append(...plain(text.slice(at)));
  return text ? box : null;
}

function telegramMedia(m) {
  if (m.photo) return el('a', { href: fileUrl(m.photo[m.photo.length - 1].file_id), target: '_blank', rel: 'noopener' },
    el('img', { src: fileUrl(m.photo[m.photo.length - 1].file_id), alt: t('photo') }));
  if (m.sticker && m.sticker.is_animated) return el('div', { cls: 'body' }, m.sticker.emoji || m.kind);
  if (m.sticker && !m.sticker.is_video) return el('img', { src: fileUrl(m.sticker.file_id), alt: m.sticker.emoji || '' });
  const film = m.sticker || m.video || m.animation || m.video_note;
  if (film) return el('video', { controls: '', preload: 'none', src: fileUrl(film.file_id), 'aria-label': film.emoji || m.kind });
  const sound = m.voice || m.audio;
  if (sound) return el('audio', { controls: '', preload: 'none', src: fileUrl(sound.file_id), 'aria-label': t('voice') });
  const doc = m.document;
  if (doc) return el('a', { href: fileUrl(doc.file_id), target: '_blank', rel: 'noopener' }, '📄 ' + (doc.file_name || m.kind));
  if (m.location) return el('div', { cls: 'body' }, '📍 ' + (m.venue ? m.venue.title + ', ' + m.venue.address + ' · ' : '') + m.location.latitude + ', ' + m.location.longitude);
  if (m.poll) return el('div', { cls: 'body' }, ['📊 ' + m.poll.question, ...m.poll.options.map((o) => '• ' + o.text)].join('\n'));
  if (m.dice) return el('div', { cls: 'body' }, m.dice.emoji + ' ' + m.dice.value);
  if (m.contact) return el('div', { cls: 'body' }, '👤 ' + m.contact.first_name + ' ' + m.contact.phone_number);
  return null;
}

function keyboard(m) {
  const rows = m.reply_markup && m.reply_markup.inline_keyboard;
  if (!rows) return null;
  return el('div', { cls: 'keys' }, ...rows.map((row, r) => el('div', {}, ...row.map((b, c) => b.url ? el('a', { href: b.url, target: '_blank', rel: 'noopener' }, b.text) : el('button', { type: 'button', on: {
    click: () => act(() => post(`telegram/chats/${encodeURIComponent(m.key)}/messages/${m.message_id}/press`, { from: operator(), row: r, column: c })),
  } }, b.text)))));
}

function drawTelegram(m) {
  if (m.kind === 'service') return el('div', { cls: 'msg note' }, note(m));
  const reply = m.reply_to_message;
  return el('div', { cls: 'msg' + (m.by === 'human' ? ' mine' : '') + (m.deleted ? ' gone' : ''), id: 'm' + m.message_id },
    el('div', { cls: 'who' }, nameOf(m.from)),
    reply && !reply.forum_topic_created ? el('div', { cls: 'quote' }, brief(reply)) : null,
    telegramMedia(m), styled(m), keyboard(m),
    m.reactions.length ? el('div', { cls: 'marks' }, ...m.reactions.map((r) => el('span', {}, r.emoji))) : null,
    el('div', { cls: 'meta' },
      m.deleted ? null : el('button', { type: 'button', cls: 'answer', on: { click: () => setReply(m) } }, t('answer')),
      m.edit_date ? el('span', {}, t('edited')) : null, m.pinned ? el('span', {}, '📌') : null, el('time', {}, clock(m.date))));
}

function setReply(m) {
  replyTo = m;
  $('reply').hidden = !m;
  if (m) { $('reply').firstElementChild.textContent = t('answerTo') + brief(m); $('group-text').focus(); }
}

function openTopic(id, follow) {
  if (id !== thread) setReply(null);
  thread = id;
  if (follow) document.body.dataset.topic = 'open';
  drawGroup();
  $('group-flow').scrollTop = $('group-flow').scrollHeight;
}

let known = new Set();

function drawTopics(g) {
  const rows = [{ thread: 0, name: g && !g.is_forum ? g.title || nameOf(g) : t('general') }, ...(g ? g.topics : [])].map((x) => {
    const last = g && g.messages.filter((m) => m.thread === x.thread && m.kind !== 'service').pop();
    return { ...x, last: x.deleted ? t('gone') : x.closed ? t('closed') : last ? brief(last) : '', current: x.thread === thread };
  }).filter((x) => !g || g.is_forum || x.thread === 0);
  sync($('topics'), rows, (x) => x.thread, (x) => el('li', { cls: x.deleted ? 'gone' : '' },
    el('button', { type: 'button', 'aria-current': String(x.current), on: { click: () => openTopic(x.thread, true) } },
      el('b', {}, x.name), el('span', {}, x.last))));
}

/* A topic that has just appeared is opened, as long as nobody is writing. */
function followNew(g) {
  const fresh = g.topics.filter((x) => !known.has(g.key + x.thread));
  const first = !known.has(g.key);
  known.add(g.key);
  fresh.forEach((x) => known.add(g.key + x.thread));
  if (fresh.length && (!$('group-text').value || first)) thread = fresh[fresh.length - 1].thread;
}

function drawGroup() {
  const users = state.telegram.users.filter((u) => !u.is_bot);
  fill($('pick-user'), users, (u) => u.id, nameOf);
  fill($('pick-group'), places(), (c) => c.key, (c) => c.title || nameOf(c));
  const g = group();
  $('group-title').textContent = 'Telegram: ' + (g ? g.title || nameOf(g) : t('noGroup'));
  if (g) followNew(g);
  const topic = g && g.topics.find((x) => x.thread === thread);
  drawTopics(g);
  $('topic-name').textContent = topic ? topic.name : g && !g.is_forum ? g.title || nameOf(g) : t('general');
  $('close-topic').hidden = $('delete-topic').hidden = !topic || topic.deleted;
  $('close-topic').textContent = topic && topic.closed ? t('reopenTopic') : t('closeTopic');
  const list = g ? g.messages.filter((m) => m.thread === (topic ? thread : 0)).map((m) => ({ ...m, key: g.key })) : [];
  const pin = list.filter((m) => m.pinned).pop();
  $('pin').hidden = !pin;
  if (pin) { $('pin').textContent = brief(pin).replace(/\n/g, ' · '); $('pin').onclick = () => $('m' + pin.message_id).scrollIntoView({ block: 'center' }); }
  sync($('group-flow'), list.length ? list : [{ hint: true }], (m) => (g ? g.key : '') + '/' + thread + '/' + (m.hint ? 'hint' : m.message_id),
    (m) => (m.hint ? el('p', { cls: 'hint' }, t('startTopic')) : drawTelegram(m)));
}

async function operatorSays(what) {
  const g = group();
  if (!g) { problem(t('noGroup')); return; }
  const body = { from: operator(), thread, ...what };
  if (replyTo) body.reply_to = replyTo.message_id;
  await post('telegram/chats/' + encodeURIComponent(g.key) + '/messages', body);
  setReply(null);
}

/* --- the page --- */

function draw() {
  if (!state) return;
  const empty = !state.avito.accounts.length && !state.telegram.chats.length;
  $('empty').hidden = !empty;
  $('buyer').hidden = $('group').hidden = empty;
  drawBuyer();
  drawGroup();
}

function translate() {
  document.documentElement.lang = lang;
  document.querySelectorAll('[data-t]').forEach((n) => { n.textContent = t(n.dataset.t); });
  document.querySelectorAll('[data-title]').forEach((n) => { n.title = t(n.dataset.title); n.setAttribute('aria-label', n.title); });
  document.querySelectorAll('[data-placeholder]').forEach((n) => { n.placeholder = t(n.dataset.placeholder); n.setAttribute('aria-label', n.placeholder); });
  $('lang').textContent = lang === 'ru' ? 'EN' : 'RU';
  $('lang').setAttribute('aria-label', lang === 'ru' ? 'English' : 'Русский');
  draw();
}

/* Asks for a few texts; null when it was cancelled. */
function ask(title, fields) {
  return new Promise((resolve) => {
    $('ask-title').textContent = title;
    $('ask-fields').replaceChildren(...fields.map((f) => el('label', {}, f.label, el('input', { name: f.name, type: f.type || 'text', required: '', value: f.value || '', min: '0' }))));
    $('ask').returnValue = '';
    $('ask').onclose = () => resolve($('ask').returnValue === 'ok' ? Object.fromEntries(new FormData($('ask').querySelector('form'))) : null);
    $('ask').showModal();
  });
}

async function newBuyer() {
  const v = await ask(t('newBuyer'), [{ name: 'name', label: t('name') }]);
  if (!v) return;
  const b = await post('avito/buyers', { name: v.name });
  await refresh();
  $('pick-buyer').value = b.id;
  picked($('pick-buyer'));
}

async function newItem() {
  const v = await ask(t('newItem'), [{ name: 'title', label: t('title') }, { name: 'price', label: t('price'), type: 'number' }]);
  if (!v) return;
  const account = item() ? item().user_id : state.avito.accounts[0].user_id;
  const i = await post('avito/items', { user_id: account, title: v.title, price: Number(v.price) });
  await refresh();
  $('pick-item').value = i.id;
  picked($('pick-item'));
}

async function newUser() {
  const v = await ask(t('newUser'), [{ name: 'name', label: t('name') }]);
  if (!v) return;
  const u = await post('telegram/users', { first_name: v.name });
  const g = group();
  if (g && g.type !== 'private') await post('telegram/groups/' + g.id + '/members', { user: u.id, status: 'member' });
  await refresh();
  $('pick-user').value = u.id;
  picked($('pick-user'));
}

async function setup() {
  const a = await post('avito/accounts', { name: t('shop') });
  await post('avito/items', { user_id: a.user_id, title: t('lamp'), price: 1500 });
  await post('avito/buyers', { name: t('ann') });
  const u = await post('telegram/users', { first_name: t('olga') });
  const b = await post('telegram/bots', { name: 'Tuberry', username: 'tuberry_bot' });
  await post('telegram/groups', { title: t('work'), creator: u.id, bots: [{ id: b.id }] });
  await refresh();
}

async function topicAct(what) {
  await post(`telegram/groups/${group().id}/topics/${thread}/${what}`, { from: operator() });
}

function picked(select) {
  store.set(select.id, select.value);
  if (select.id === 'pick-group') { thread = 0; setReply(null); }
  draw();
  $('buyer-flow').scrollTop = $('buyer-flow').scrollHeight;
}

/* As Telegram's apps send it. */
const kindOfFile = (file) => ({ 'image/webp': 'sticker', 'image/jpeg': 'photo', 'image/png': 'photo' })[file.type] ||
  (/^(video|audio)\//.exec(file.type) || [])[1] || 'document';

function wireComposer(side, says, photo, kindOf) {
  const text = $(side + '-text');
  const submit = () => act(async () => {
    const value = text.value.trim();
    if (!value) return;
    text.value = '';
    try { await says({ text: value }); } catch (e) { text.value = value; throw e; }
  });
  $(side + '-form').addEventListener('submit', (e) => { e.preventDefault(); submit(); });
  text.addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); submit(); } });
  $(side + '-file').addEventListener('change', (e) => act(async () => {
    const file = e.target.files[0];
    e.target.value = '';
    if (file) await says({ ...photo, ...(photo.kind ? { kind: kindOfFile(file) } : {}), file: (await upload(file)).file });
  }));
  $(side + '-form').querySelectorAll('[data-send]').forEach((b) => b.addEventListener('click', () =>
    act(() => says(b.dataset.send === 'voice' ? kindOf('voice') : photo))));
}

function wire() {
  $('lang').onclick = () => { lang = lang === 'ru' ? 'en' : 'ru'; store.set('lang', lang); translate(); };
  $('setup').onclick = () => act(setup);
  $('new-buyer').onclick = () => act(newBuyer);
  $('new-item').onclick = () => act(newItem);
  $('new-user').onclick = () => act(newUser);
  $('back').onclick = () => { delete document.body.dataset.topic; };
  $('reply').lastElementChild.onclick = () => setReply(null);
  $('close-topic').onclick = () => act(() => topicAct(group().topics.find((x) => x.thread === thread).closed ? 'reopen' : 'close'));
  $('delete-topic').onclick = () => act(() => topicAct('delete'));
  document.querySelectorAll('select').forEach((s) => s.addEventListener('change', () => picked(s)));
  document.querySelectorAll('[data-side]').forEach((b) => b.addEventListener('click', () => showSide(b.dataset.side)));
  stayAtEnd($('buyer-flow'));
  stayAtEnd($('group-flow'));
  wireComposer('buyer', buyerSays, { type: 'image' }, (k) => ({ type: k }));
  wireComposer('group', operatorSays, { kind: 'photo' }, (k) => ({ kind: k }));
}

/* A picture that arrives late must not push the end out of sight. */
function stayAtEnd(box) {
  box.addEventListener('load', (e) => {
    if (box.scrollHeight - box.scrollTop - box.clientHeight < e.target.offsetHeight + 80) box.scrollTop = box.scrollHeight;
  }, true);
}

function showSide(side) {
  document.body.dataset.side = side;
  document.querySelectorAll('.tabs button').forEach((b) => b.setAttribute('aria-selected', String(b.dataset.side === side)));
  draw();
}

function online(yes) {
  $('link').textContent = yes ? t('online') : t('offline');
  $('link').classList.toggle('off', !yes);
}

let newest = 0;

/* Two of these may be on their way at once, and the older answer come last. */
async function refresh() {
  const there = await call('GET', 'state');
  if (there.version < newest) return;
  newest = there.version;
  state = there;
  draw();
}

async function follow() {
  for (;;) {
    try {
      await refresh();
      online(true);
      await call('GET', 'wait?timeout_ms=25000&since=' + state.version);
    } catch {
      online(false);
      newest = 0; /* another sandbox counts anew */
      await new Promise((done) => { setTimeout(done, 1000); });
    }
  }
}

wire();
showSide('buyer');
translate();
follow();
