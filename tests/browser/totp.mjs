/*
 * totp.mjs - the authenticator app on somebody's phone (RFC 6238).
 */
import { createHmac } from 'node:crypto';

const STEP_S = 30;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text) {
  const bits = [...text.replace(/\s/g, '')].map((c) => LETTERS.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

/* The code of now, or of so many steps later. */
export function oneTimeCode(secret, later = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_S) + later));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, '0');
}
