// Checks a proof file as docs/protocol.md#proof-file says, in the same steps and with the same sentences as
// `dolmen verify`. Needs nothing but the file, the network's parameters and perhaps a checkpoint; asks nobody.

import { sha256 } from './sha2.js';
import { verify } from './ed25519.js';

const KIND = 'dolmen/proof/1';
const MAX_HEADERS = 10000;
const MAX_PATH = 31;
const MAX_KIND_CHARS = 64;
const MAX_PAYLOAD_BYTES = 100000;
const MIN_TRANSACTION_BYTES = 109;
const HEADER_BYTES = 100;
const MEDIAN_ANCESTORS = 11;
const EXPIRY_WINDOW = 256n;
const TWO_TO_63 = 2n ** 63n;
const HEADERS_WITHOUT_A_PAUSE = 200;

export const MAX_BYTES = 2232795;

/** The built-in network, as GET /v1/network answers it. */
export const DEV = {
  name: 'dev',
  genesisTime: 1767225600000,
  intervalMillis: 1000,
  halfLifeMillis: 3600000,
  firstBits: '207fffff',
  fixedTarget: true,
  largestBlock: 1048576,
  authors: [],
};

// What is said of a broken rule; the words are those of the node.
const RULES = {
  version: "The header's version is not 1, the only one that this network knows.",
  height: "The height is not one more than the parent's.",
  previousHash: 'The header names another parent than the one it is held against.',
  median: 'The timestamp is not later than the median of the last 11 blocks before it.',
  bits: 'The target is not the one that the difficulty rule asks for.',
  work: "The header's hash is above its target.",
  author: "A transaction's author is not among those who may write to this network.",
  signature: "A transaction's signature is not its author's over it for this network.",
  expired: "A transaction's expiry height is below the block's height.",
  tooLate: "A transaction's expiry height is more than 256 above the block's height.",
};

class Broken extends Error {
  constructor(step, reason) {
    super(reason);
    this.step = step;
  }
}

const ascii = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const hexOf = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
const bytesOf = (hex) => Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.substr(2 * i, 2), 16));
const numberOf = (hash) => BigInt('0x' + hexOf(hash));

function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

function bigEndian(number, length) {
  const bytes = new Uint8Array(length);
  for (let i = length - 1, n = BigInt(number); i >= 0; i--, n >>= 8n) bytes[i] = Number(n & 0xffn);
  return bytes;
}

const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

// ---- reading -------------------------------------------------------------------------------------------------------

/** Strict about all but the case of hex and leading zeros, which show when what was read is written again. */
class Reader {
  constructor(bytes) {
    this.text = new TextDecoder('latin1').decode(bytes);
    this.position = 0;
  }

  read() {
    this.expect('{"kind":"');
    this.kind();
    this.expect('","network":"');
    const network = this.hex(32);
    this.expect('","transaction":"');
    const transaction = this.transaction();
    this.expect('","height":');
    const height = this.number(TWO_TO_63 - 1n);
    this.expect(',"index":');
    const index = Number(this.number(2n ** 31n - 1n));
    this.expect(',"path":[');
    const path = this.path();
    this.expect('],"tip":{"height":');
    const tipHeight = this.number(TWO_TO_63 - 1n);
    this.expect(',"hash":"');
    const tipHash = this.hex(32);
    this.expect('"},"headers":[');
    const headers = this.headers();
    this.expect(']}');
    if (this.position !== this.text.length) this.fail('expected the end of the file');
    const file = { network, transaction, height, index, path, tip: { height: tipHeight, hash: tipHash }, headers };
    this.compare(encode(file));
    return file;
  }

  kind() {
    const end = this.text.indexOf('"', this.position);
    if (end < 0 || end - this.position > MAX_KIND_CHARS) this.fail('expected the kind of the proof in quotes');
    if (this.text.slice(this.position, end) !== KIND) {
      this.fail('this version knows no other kind of proof than ' + KIND + '; look for a newer one');
    }
    this.position = end;
  }

  path() {
    const path = [];
    while (this.text.startsWith(path.length === 0 ? '"' : ',', this.position)) {
      if (path.length === MAX_PATH) this.fail('expected no more than ' + MAX_PATH + ' hashes in the path');
      this.expect(path.length === 0 ? '"' : ',"');
      path.push(this.hex(32));
      this.expect('"');
    }
    return path;
  }

  headers() {
    const headers = [];
    while (headers.length === 0 || this.text.startsWith(',', this.position)) {
      if (headers.length === MAX_HEADERS) this.fail('expected no more than ' + MAX_HEADERS + ' headers');
      this.expect(headers.length === 0 ? '"' : ',"');
      headers.push(this.header());
      this.expect('"');
    }
    return headers;
  }

  transaction() {
    const begin = this.position;
    const end = Math.max(begin, this.text.indexOf('"', begin));
    const size = Math.min(Math.floor((end - begin) / 2), MIN_TRANSACTION_BYTES + MAX_PAYLOAD_BYTES);
    const bytes = this.hexOrNull(size);
    const transaction = bytes && transactionOf(bytes);
    if (!transaction) {
      this.position = begin;
      this.fail('expected the bytes of an entry of version 1, as hex');
    }
    return transaction;
  }

  header() {
    const begin = this.position;
    const bytes = this.hexOrNull(HEADER_BYTES);
    const header = bytes && headerOf(bytes);
    if (!header) {
      this.position = begin;
      this.fail('expected the 100 bytes of a header, as hex');
    }
    return header;
  }

  hex(size) {
    const bytes = this.hexOrNull(size);
    if (!bytes) this.fail('expected ' + 2 * size + ' hex digits');
    return bytes;
  }

  hexOrNull(size) {
    const digits = this.text.slice(this.position, this.position + 2 * size);
    if (digits.length !== 2 * size || /[^0-9a-fA-F]/.test(digits)) return null;
    this.position += digits.length;
    return bytesOf(digits);
  }

  number(most) {
    let end = this.position;
    while (this.text[end] >= '0' && this.text[end] <= '9') end++;
    const digits = this.text.slice(this.position, end);
    if (digits.length === 0 || digits.length > 19 || BigInt(digits) > most) {
      this.fail('expected a whole number of at most ' + most);
    }
    this.position = end;
    return BigInt(digits);
  }

  expect(literal) {
    if (!this.text.startsWith(literal, this.position)) this.fail('expected ' + literal);
    this.position += literal.length;
  }

  compare(canonical) {
    if (this.text === canonical) return;
    this.position = 0;
    while (this.text[this.position] === canonical[this.position]) this.position++;
    this.fail('hex digits are lower-case, and numbers have no leading zeros');
  }

  fail(what) {
    throw new Broken('form', 'at byte ' + this.position + ': ' + what);
  }
}

function encode(file) {
  const quoted = (bytes) => '"' + hexOf(bytes) + '"';
  return '{"kind":"' + KIND + '","network":' + quoted(file.network)
    + ',"transaction":' + quoted(file.transaction.bytes)
    + ',"height":' + file.height + ',"index":' + file.index
    + ',"path":[' + file.path.map(quoted).join(',')
    + '],"tip":{"height":' + file.tip.height + ',"hash":' + quoted(file.tip.hash)
    + '},"headers":[' + file.headers.map((header) => quoted(header.bytes)).join(',') + ']}';
}

function transactionOf(bytes) {
  if (bytes.length < MIN_TRANSACTION_BYTES || bytes[0] !== 1) return null;
  const view = new DataView(bytes.buffer);
  const expiryHeight = view.getBigUint64(33);
  const payloadLength = view.getUint32(41);
  if (expiryHeight >= TWO_TO_63 || payloadLength > MAX_PAYLOAD_BYTES) return null;
  if (bytes.length !== MIN_TRANSACTION_BYTES + payloadLength) return null;
  const signed = bytes.subarray(0, bytes.length - 64);
  const signature = bytes.subarray(bytes.length - 64);
  const id = sha256(signed);
  return {
    bytes,
    author: bytes.subarray(1, 33),
    expiryHeight,
    payload: bytes.subarray(45, 45 + payloadLength),
    signature,
    id,
    leaf: sha256(concat([0], id, signature)),
  };
}

function headerOf(bytes) {
  const view = new DataView(bytes.buffer);
  const header = {
    bytes,
    version: view.getUint32(0),
    height: view.getBigUint64(4),
    timestamp: view.getBigUint64(12),
    previousHash: bytes.subarray(20, 52),
    merkleRoot: bytes.subarray(52, 84),
    transactionCount: view.getUint32(84),
    bits: view.getUint32(88),
    hash: sha256(sha256(bytes)),
  };
  const inRange = [header.height, header.timestamp, view.getBigUint64(92)].every((number) => number < TWO_TO_63);
  return inRange && header.transactionCount < 2 ** 31 ? header : null;
}

// ---- the network's rules -------------------------------------------------------------------------------------------

/** What GET /v1/network answers, made into what the rules need. */
export function networkOf(json) {
  const times = [json.genesisTime, json.intervalMillis, json.halfLifeMillis, json.largestBlock];
  if (!times.every(Number.isSafeInteger)) {
    throw new Error('a parameter of this network is too large for a browser; use dolmen verify');
  }
  const name = ascii(json.name);
  const parameters = concat(
    [name.length], name, bigEndian(json.genesisTime, 8), bigEndian(json.intervalMillis, 8),
    bigEndian(json.halfLifeMillis, 8), bytesOf(json.firstBits), [json.fixedTarget ? 1 : 0],
    bigEndian(json.largestBlock, 4), bigEndian(json.authors.length, 4), ...json.authors.map(bytesOf));
  const firstBits = parseInt(json.firstBits, 16);
  const genesis = concat(
    bigEndian(1, 4), bigEndian(0, 8), bigEndian(json.genesisTime, 8),
    sha256(concat(ascii('dolmen/network/1'), parameters)), sha256(new Uint8Array(0)), bigEndian(0, 4),
    bigEndian(firstBits, 4), bigEndian(0, 8));
  return {
    name: json.name,
    hash: sha256(parameters),
    genesisHash: sha256(sha256(genesis)),
    genesisTime: BigInt(json.genesisTime),
    interval: BigInt(json.intervalMillis),
    halfLife: BigInt(json.halfLifeMillis),
    firstBits,
    firstTarget: targetOf(firstBits),
    fixedTarget: json.fixedTarget,
    authors: new Set(json.authors),
  };
}

function compactOf(target) {
  const digits = target.toString(16);
  let length = Math.ceil(digits.length / 2);
  let mantissa = Number(length <= 3 ? target << BigInt(8 * (3 - length)) : target >> BigInt(8 * (length - 3)));
  if (mantissa >= 0x800000) {
    mantissa >>= 8;
    length += 1;
  }
  return length * 2 ** 24 + mantissa;
}

/** The number these bits stand for, or null if they are not the canonical form of one. */
function targetOf(bits) {
  const length = Math.floor(bits / 2 ** 24);
  const mantissa = BigInt(bits % 2 ** 24);
  const target = length < 3 ? mantissa >> BigInt(8 * (3 - length)) : mantissa << BigInt(8 * (length - 3));
  return target > 0n && target < 2n ** 256n && compactOf(target) === bits ? target : null;
}

const workOf = (header) => 2n ** 256n / (targetOf(header.bits) + 1n);

/** aserti3-2d, anchored at genesis. */
function nextBits(network, parent) {
  if (network.fixedTarget) return network.firstBits;
  const passed = parent.timestamp - network.genesisTime + network.interval;
  const scheduled = network.interval * (parent.height + 1n);
  const exponent = ((passed - scheduled) * 65536n) / network.halfLife;
  const doublings = exponent >> 16n;
  if (doublings > 512n) return network.firstBits;
  const shift = (doublings < -512n ? -512n : doublings) - 16n;
  const fraction = exponent & 0xffffn;
  const factor = 65536n + ((195766423245049n * fraction + 971821376n * fraction ** 2n + 5127n * fraction ** 3n
    + 2n ** 47n) >> 48n);
  const scaled = network.firstTarget * factor;
  const next = shift >= 0n ? scaled << shift : scaled >> -shift;
  return compactOf(next < 1n ? 1n : next > network.firstTarget ? network.firstTarget : next);
}

function medianBefore(headers, place, fromGenesis) {
  const ancestors = Math.min(place, MEDIAN_ANCESTORS);
  if (ancestors < MEDIAN_ANCESTORS && !fromGenesis) return null;
  const times = headers.slice(place - ancestors, place).map((header) => header.timestamp);
  times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return times[ancestors >> 1];
}

function brokenRule(network, header, parent, median) {
  if (header.version !== 1) return RULES.version;
  if (header.height - 1n !== parent.height) return RULES.height;
  if (!equal(header.previousHash, parent.hash)) return RULES.previousHash;
  if (median !== null && header.timestamp <= median) return RULES.median;
  if (header.bits !== nextBits(network, parent)) return RULES.bits;
  if (numberOf(header.hash) > targetOf(header.bits)) return RULES.work;
  return null;
}

// ---- the steps -----------------------------------------------------------------------------------------------------

/** HEIGHT:HASH as an object, or null for anything else. */
export function checkpointOf(text) {
  const parts = /^([0-9]{1,19}):([0-9a-f]{64})$/.exec(text);
  if (!parts || BigInt(parts[1]) >= TWO_TO_63) return null;
  return { height: BigInt(parts[1]), hash: bytesOf(parts[2]) };
}

const about = (header, rule) => 'block ' + header.height + ' ' + hexOf(header.hash) + ': ' + rule;

class Check {
  constructor(file, network, checkpoint) {
    this.file = file;
    this.network = network;
    this.checkpoint = checkpoint;
    this.fromGenesis = equal(file.headers[0].hash, network.genesisHash);
    this.findings = [];
  }

  found(step, sentence) {
    this.findings.push({ step, sentence });
  }

  checkNetwork() {
    const { file, network } = this;
    if (!equal(file.network, network.hash)) {
      throw new Broken('network', 'the file is about the network whose parameters have the hash '
        + hexOf(file.network) + ', and those of ' + network.name + ' have ' + hexOf(network.hash)
        + '; check it with the parameters of its own network');
    }
    this.found('network', 'the parameters of network ' + network.name + ' have the hash ' + hexOf(network.hash)
      + ', as the file says, and lead to the genesis ' + hexOf(network.genesisHash));
  }

  checkEntry() {
    const { network, file: { transaction } } = this;
    const author = hexOf(transaction.author);
    this.found('entry', "SHA-256 of the entry's first " + (transaction.bytes.length - 64)
      + ' bytes, all but the signature, is its id ' + hexOf(transaction.id));
    if (network.authors.size > 0 && !network.authors.has(author)) throw new Broken('author', RULES.author);
    this.found('author', 'the author is ' + author + (network.authors.size === 0
      ? ', and on this network everyone may write' : ", who is on the network's list of authors"));
    const message = concat(ascii('dolmen/transaction/1'), network.genesisHash, transaction.id);
    if (!verify(transaction.author, message, transaction.signature)) throw new Broken('signature', RULES.signature);
    this.found('signature', 'the signature ' + hexOf(transaction.signature)
      + ' is that author\'s over "dolmen/transaction/1", the genesis hash and the id');
  }

  findBlock() {
    const { height, index, headers } = this.file;
    const first = headers[0].height;
    const offset = height - first;
    if (offset < 0n || offset >= BigInt(headers.length)) {
      throw new Broken('block', 'the entry is said to be in block ' + height + ', but the file has '
        + headers.length + ' headers from block ' + first + ' on');
    }
    const block = headers[Number(offset)];
    if (index >= block.transactionCount) {
      throw new Broken('block', 'the entry is said to be number ' + index + ', counted from 0, of block ' + height
        + ', which has ' + block.transactionCount);
    }
    this.found('block', 'the entry is said to be number ' + index + ', counted from 0, of the '
      + block.transactionCount + ' in block ' + height + ' ' + hexOf(block.hash));
    this.block = block;
    this.offset = Number(offset);
  }

  checkExpiry() {
    const { block, file: { transaction: { expiryHeight }, height } } = this;
    if (expiryHeight < height) throw new Broken('expiry', about(block, RULES.expired));
    if (expiryHeight - height > EXPIRY_WINDOW) throw new Broken('expiry', about(block, RULES.tooLate));
    this.found('expiry', 'block ' + height + ' may hold it: it may be included up to block ' + expiryHeight
      + ', and that is at most 256 blocks later');
  }

  checkPath() {
    const { block, file: { transaction, index, path } } = this;
    let hash = transaction.leaf;
    this.found('path', "SHA-256 of 00, the id and the signature is the entry's leaf " + hexOf(hash));
    const junctions = [];
    let fits = true;
    for (let place = index, last = block.transactionCount - 1; last > 0; place >>= 1, last >>= 1) {
      const siblingIsLeft = place % 2 === 1;
      if (siblingIsLeft || place < last) {
        fits = fits && junctions.length < path.length;
        if (!fits) break;
        const sibling = path[junctions.length];
        const [left, right] = siblingIsLeft ? [sibling, hash] : [hash, sibling];
        hash = sha256(concat([1], left, right));
        junctions.push('SHA-256 of 01, ' + (siblingIsLeft ? 'the neighbour ' : '') + hexOf(left) + ' and '
          + (siblingIsLeft ? '' : 'the neighbour ') + hexOf(right) + ' is ' + hexOf(hash));
      }
    }
    if (!fits || junctions.length !== path.length) {
      throw new Broken('path', 'a path of ' + path.length + ' hashes does not fit to entry number ' + index
        + ' of ' + block.transactionCount);
    }
    junctions.forEach((sentence) => this.found('path', sentence));
    if (!equal(hash, block.merkleRoot)) {
      throw new Broken('path', 'the path leads from the entry to ' + hexOf(hash) + ', but block ' + block.height
        + ' has the Merkle root ' + hexOf(block.merkleRoot));
    }
    this.found('path', 'that is the Merkle root in the header of block ' + block.height);
  }

  checkAnchor() {
    const { network, checkpoint, file: { headers } } = this;
    const first = headers[0];
    if (this.fromGenesis) {
      this.found('anchor', 'the first header, ' + hexOf(first.hash) + ', is the genesis of network ' + network.name);
      if (checkpoint) this.checkPassesThrough();
      return;
    }
    if (first.height === 0n) {
      throw new Broken('anchor', 'the first header, ' + hexOf(first.hash) + ', is not the genesis of network '
        + network.name + ', which is ' + hexOf(network.genesisHash));
    }
    if (!checkpoint) {
      throw new Broken('anchor', 'the file begins at block ' + first.height + ' and not at genesis, so it proves nothing'
        + ' to who does not trust that block; ask somebody you trust for the hash of block ' + first.height
        + ', and name it as the checkpoint');
    }
    if (first.height !== checkpoint.height) {
      throw new Broken('anchor', 'the file begins at block ' + first.height + ', but the checkpoint is block '
        + checkpoint.height + '; ask for a proof from the checkpoint on');
    }
    if (!equal(first.hash, checkpoint.hash)) this.failOtherThanCheckpoint(first);
    if (first.version !== 1) throw new Broken('anchor', about(first, RULES.version));
    const target = targetOf(first.bits);
    if (target === null || target > network.firstTarget || numberOf(first.hash) > target) {
      throw new Broken('anchor', about(first, RULES.work));
    }
    this.found('anchor', 'the first header, block ' + first.height + ' ' + hexOf(first.hash)
      + ', is the checkpoint that you trust');
  }

  checkPassesThrough() {
    const { checkpoint, file: { headers } } = this;
    if (checkpoint.height >= BigInt(headers.length)) {
      throw new Broken('anchor', 'the checkpoint is block ' + checkpoint.height + ', but the file ends at block '
        + (headers.length - 1) + '; ask for a proof with a later tip');
    }
    const there = headers[Number(checkpoint.height)];
    if (!equal(there.hash, checkpoint.hash)) this.failOtherThanCheckpoint(there);
    this.found('anchor', 'block ' + checkpoint.height + ' is the checkpoint ' + hexOf(checkpoint.hash));
  }

  failOtherThanCheckpoint(there) {
    throw new Broken('anchor', 'block ' + this.checkpoint.height + ' of the file is ' + hexOf(there.hash)
      + ', and not the checkpoint ' + hexOf(this.checkpoint.hash));
  }

  checkHeader(place) {
    const { network, file: { headers } } = this;
    const header = headers[place];
    const median = medianBefore(headers, place, this.fromGenesis);
    const rule = brokenRule(network, header, headers[place - 1], median);
    if (rule !== null) throw new Broken('header', about(header, rule));
    this.found('header', 'block ' + header.height + ': SHA-256 of SHA-256 of its 100 bytes is ' + hexOf(header.hash)
      + ', not above the target ' + targetOf(header.bits).toString(16).padStart(64, '0')
      + ', which is what the difficulty rule asks for; it names the block before it as its parent; its time '
      + header.timestamp + (median === null
        ? ' is not held against the median, since fewer than 11 blocks before it are in the file'
        : ' is above the median ' + median + ' of those before it'));
  }

  checkTip() {
    const { tip, headers } = this.file;
    const last = headers[headers.length - 1];
    if (last.height !== tip.height || !equal(last.hash, tip.hash)) {
      throw new Broken('tip', 'the file names block ' + tip.height + ' ' + hexOf(tip.hash)
        + ' as its tip, but its last header is block ' + last.height + ' ' + hexOf(last.hash));
    }
    this.found('tip', 'the last header, block ' + last.height + ' ' + hexOf(last.hash)
      + ', is the tip that the file names');
  }

  verdict() {
    const { block, offset, file: { transaction, index, headers } } = this;
    const last = headers[headers.length - 1];
    const work = headers.slice(offset).reduce((sum, header) => sum + workOf(header), 0n);
    this.found('work', 'block ' + block.height + ' and the ' + (headers.length - offset - 1)
      + ' on top of it took ' + work + ' hashes on average');
    const place = (header) => ({ height: header.height, hash: hexOf(header.hash) });
    return {
      valid: true,
      network: this.network.name,
      id: hexOf(transaction.id),
      author: hexOf(transaction.author),
      payload: transaction.payload,
      block: place(block),
      timestamp: block.timestamp,
      index,
      anchor: place(headers[0]),
      isFromGenesis: this.fromGenesis,
      tip: place(last),
      confirmations: last.height - block.height + 1n,
      work,
      findings: this.findings,
    };
  }
}

/**
 * Holds a file against every rule.
 *
 * bytes: the file; network: of networkOf; checkpoint: of checkpointOf, or null; pause: called now and then while
 * headers are checked, with how many are done and how many there are.
 */
export async function check(bytes, network, checkpoint, pause = async () => {}) {
  let steps = null;
  try {
    if (bytes.length > MAX_BYTES) {
      throw new Broken('form', 'the file has more than the ' + MAX_BYTES + ' bytes that a proof can have');
    }
    const file = new Reader(bytes).read();
    steps = new Check(file, network, checkpoint);
    steps.checkNetwork();
    steps.checkEntry();
    steps.findBlock();
    steps.checkExpiry();
    steps.checkPath();
    steps.checkAnchor();
    for (let place = 1; place < file.headers.length; place++) {
      if (place % HEADERS_WITHOUT_A_PAUSE === 0) await pause(place, file.headers.length);
      steps.checkHeader(place);
    }
    steps.checkTip();
    return steps.verdict();
  } catch (broken) {
    if (!(broken instanceof Broken)) throw broken;
    return { valid: false, step: broken.step, reason: broken.message, findings: steps ? steps.findings : [] };
  }
}

/** What an entry says, in quotes, without what cannot be seen; what is no UTF-8 is only counted. */
export function quoted(payload) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch (noText) {
    return payload.length === 1 ? '1 byte, not text' : payload.length + ' bytes, not text';
  }
  const characters = Array.from(text);
  const shown = characters.slice(0, 60).map((c) => {
    if (c === '"' || c === '\\') return '\\' + c;
    return /[\p{C}\p{Zl}\p{Zp}]/u.test(c) ? '\\u{' + c.codePointAt(0).toString(16) + '}' : c;
  });
  return '"' + shown.join('') + (characters.length > 60 ? '…"' : '"');
}
