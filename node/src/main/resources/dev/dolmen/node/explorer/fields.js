// Canonical bytes and what they mean. Rule: docs/protocol.md#header, #transaction

import { asText, hex, time } from './words.js';

const SHOWN_PAYLOAD = 256;

/** Walks over bytes, field by field. */
class Walk {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.fields = [];
  }

  /** @param meaning of the bytes: words, or { words, link } */
  take(name, length, meaning) {
    if (this.at + length > this.bytes.length) throw new Error(`the bytes end within '${name}'`);
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.fields.push({ name, offset: this.at, bytes, ...meaning(bytes) });
    this.at += length;
  }

  number(name, length, words = (value) => value.toLocaleString('en')) {
    const value = length === 8 ? this.view.getBigUint64(this.at) : length === 4 ? this.view.getUint32(this.at) : this.view.getUint8(this.at);
    this.take(name, length, () => ({ words: words(value) }));
    return Number(value);
  }

  hash(name, link) {
    this.take(name, 32, (bytes) => ({ words: hex(bytes), link: link && link + hex(bytes) }));
  }
}

function header(walk) {
  walk.number('version', 4);
  walk.number('height', 8, (height) => 'block ' + height.toLocaleString('en'));
  walk.number('timestamp', 8, (millis) => time(Number(millis)));
  walk.hash('previousHash', '#/block/');
  walk.hash('merkleRoot');
  const transactions = walk.number('transactionCount', 4);
  walk.take('bits', 4, (bytes) => ({ words: 'the target, in compact form: 0x' + hex(bytes) }));
  walk.number('nonce', 8);
  return transactions;
}

function transaction(walk, prefix = '') {
  walk.number(prefix + 'version', 1);
  walk.hash(prefix + 'author', '#/author/');
  walk.number(prefix + 'expiryHeight', 8, (height) => 'the last block that may hold it: ' + height.toLocaleString('en'));
  const length = walk.number(prefix + 'payloadLength', 4);
  walk.take(prefix + 'payload', length, (bytes) => {
    const shown = asText(bytes.subarray(0, SHOWN_PAYLOAD));
    return { words: length === 0 ? 'empty' : shown === null ? 'bytes, not text' : shown + (length > SHOWN_PAYLOAD ? '…' : '') };
  });
  walk.take(prefix + 'signature', 64, () => ({ words: 'Ed25519: R (32) and S (32)' }));
}

/** The fields of an entry. */
export function entryFields(bytes) {
  const walk = new Walk(bytes);
  transaction(walk);
  return walk.fields;
}

/**
 * The fields of a block.
 *
 * @param entries how many of its entries at most
 */
export function blockFields(bytes, entries) {
  const walk = new Walk(bytes);
  const all = header(walk);
  for (let i = 0; i < Math.min(all, entries); i++) transaction(walk, `entry ${i}: `);
  return walk.fields;
}
