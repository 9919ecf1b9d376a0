// SHA-256 and SHA-512 (FIPS 180-4), to be read beside the standard. Browsers have their own, but not for pages that
// come over plain HTTP from another machine.

const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n++) {
  if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
}

// The standard's constants are the first bits behind the point of roots of the first primes.
function rootBits(prime, power) {
  const radicand = BigInt(prime) << (64n * power);
  let low = 0n;
  let high = 1n << 72n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= radicand) low = middle; else high = middle;
  }
  return low & 0xffffffffffffffffn;
}

const K512 = PRIMES.map((prime) => rootBits(prime, 3n));
const H512 = PRIMES.slice(0, 8).map((prime) => rootBits(prime, 2n));
const K256 = Uint32Array.from(K512.slice(0, 64), (bits) => Number(bits >> 32n));
const H256 = Uint32Array.from(H512, (bits) => Number(bits >> 32n));

// The message, a one bit, zeros, and the message's length in bits at the end of a whole block.
function padded(message, blockBytes) {
  const lengthBytes = blockBytes / 8;
  const blocks = Math.ceil((message.length + 1 + lengthBytes) / blockBytes);
  const bytes = new Uint8Array(blocks * blockBytes);
  bytes.set(message);
  bytes[message.length] = 0x80;
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, BigInt(message.length) * 8n);
  return bytes;
}

const rotate32 = (x, n) => (x >>> n) | (x << (32 - n));

export function sha256(message) {
  const bytes = padded(message, 64);
  const view = new DataView(bytes.buffer);
  const h = Uint32Array.from(H256);
  const w = new Uint32Array(64);
  for (let block = 0; block < bytes.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(block + 4 * t);
    for (let t = 16; t < 64; t++) {
      const s0 = rotate32(w[t - 15], 7) ^ rotate32(w[t - 15], 18) ^ (w[t - 15] >>> 3);
      const s1 = rotate32(w[t - 2], 17) ^ rotate32(w[t - 2], 19) ^ (w[t - 2] >>> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    let [a, b, c, d, e, f, g, i] = h;
    for (let t = 0; t < 64; t++) {
      const s1 = rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25);
      const t1 = (i + s1 + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
      const s0 = rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, i] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, i].forEach((value, n) => { h[n] += value; });
  }
  const digest = new Uint8Array(32);
  h.forEach((value, n) => new DataView(digest.buffer).setUint32(4 * n, value));
  return digest;
}

const MASK = 0xffffffffffffffffn;
const rotate64 = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;

export function sha512(message) {
  const bytes = padded(message, 128);
  const view = new DataView(bytes.buffer);
  const h = [...H512];
  const w = new Array(80);
  for (let block = 0; block < bytes.length; block += 128) {
    for (let t = 0; t < 16; t++) w[t] = view.getBigUint64(block + 8 * t);
    for (let t = 16; t < 80; t++) {
      const s0 = rotate64(w[t - 15], 1n) ^ rotate64(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
      const s1 = rotate64(w[t - 2], 19n) ^ rotate64(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
      w[t] = (w[t - 16] + s0 + w[t - 7] + s1) & MASK;
    }
    let [a, b, c, d, e, f, g, i] = h;
    for (let t = 0; t < 80; t++) {
      const s1 = rotate64(e, 14n) ^ rotate64(e, 18n) ^ rotate64(e, 41n);
      const t1 = i + s1 + ((e & f) ^ (~e & MASK & g)) + K512[t] + w[t];
      const s0 = rotate64(a, 28n) ^ rotate64(a, 34n) ^ rotate64(a, 39n);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, i] = [(t1 + t2) & MASK, a, b, c, (d + t1) & MASK, e, f, g];
    }
    [a, b, c, d, e, f, g, i].forEach((value, n) => { h[n] = (h[n] + value) & MASK; });
  }
  const digest = new Uint8Array(64);
  h.forEach((value, n) => new DataView(digest.buffer).setBigUint64(8 * n, value));
  return digest;
}
