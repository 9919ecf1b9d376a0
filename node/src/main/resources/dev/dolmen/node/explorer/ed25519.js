// Whether an Ed25519 signature is good, by the exact rule of docs/protocol.md#signatures: A and R are canonical points,
// A is not of small order, S < L, and [8][S]B = [8]R + [8][k]A. Nothing secret is handled here, so it need not be fast
// or take the same time always.

import { sha512 } from './sha2.js';

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (a) => ((a % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}

const inverse = (a) => power(a, P - 2n);

const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);

// Points as (X : Y : Z : T), with x = X/Z, y = Y/Z and xy = T/Z. These formulas hold for any two points of this curve.
const IDENTITY = [0n, 1n, 1n, 0n];

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, point) {
  let result = IDENTITY;
  for (let doubled = point, n = scalar; n > 0n; n >>= 1n, doubled = add(doubled, doubled)) {
    if (n & 1n) result = add(result, doubled);
  }
  return result;
}

const equal = ([x1, y1, z1], [x2, y2, z2]) =>
  mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;

function littleEndian(bytes) {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i]);
  return number;
}

// The point, or null if the bytes are not the canonical encoding of one.
function decode(bytes) {
  const encoded = littleEndian(bytes);
  const y = encoded & (2n ** 255n - 1n);
  const isOdd = encoded >> 255n;
  if (y >= P) return null;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * ROOT_OF_MINUS_1);
  if (mod(x * x - square) !== 0n) return null;
  if (x === 0n && isOdd === 1n) return null;
  if ((x & 1n) !== isOdd) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

const BASE = decode(Uint8Array.from([0x58, ...new Array(31).fill(0x66)]));

export function verify(publicKey, message, signature) {
  const a = decode(publicKey);
  const r = decode(signature.subarray(0, 32));
  const s = littleEndian(signature.subarray(32, 64));
  if (a === null || r === null || s >= L || equal(times(8n, a), IDENTITY)) return false;
  const hashed = new Uint8Array(64 + message.length);
  hashed.set(signature.subarray(0, 32));
  hashed.set(publicKey, 32);
  hashed.set(message, 64);
  const k = littleEndian(sha512(hashed)) % L;
  return equal(times(8n, times(s, BASE)), times(8n, add(r, times(k, a))));
}
