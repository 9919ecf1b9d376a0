// Bytes, times and sizes in words. What strangers wrote is made harmless to read: see inert().

/** Characters that turn text around, hide in it or break lines: told by their number instead. */
const TRICKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;
const LONGEST_NAME = 64;

export function inert(text) {
  return text.replace(TRICKS, (c) => '⟨U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0') + '⟩');
}

/** What a peer calls itself, cut to a bearable length. */
export function name(text, otherwise) {
  const said = inert(text || '').replace(/\s+/gu, ' ').trim();
  return said.length > LONGEST_NAME ? said.slice(0, LONGEST_NAME) + '…' : said || otherwise;
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

export function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** The text that bytes are, or null if they are not text a person can read. */
export function asText(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return CONTROLS.test(text) ? null : inert(text);
  } catch (notText) {
    return null;
  }
}

/** One line about a payload. */
export function gist(base64, longest = 120) {
  const bytes = fromBase64(base64);
  if (bytes.length === 0) return '(empty)';
  const text = asText(bytes);
  if (text === null) return `${size(bytes.length)}, not text: ${hex(bytes.subarray(0, 12))}${bytes.length > 12 ? '…' : ''}`;
  const line = text.replace(/\s+/gu, ' ').trim() || '(blank)';
  return line.length > longest ? line.slice(0, longest) + '…' : line;
}

/** By these digits people tell blocks apart; zeros in front, which work makes, are left out. */
export const mark = (hash, digits = 6) => (hash.replace(/^0+/, '') || '0').slice(0, digits);

export const short = (digits) => digits.slice(0, 10) + '…';

export function size(bytes) {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : bytes + ' bytes';
  if (bytes < 1e6) return (bytes / 1e3).toFixed(1) + ' kB';
  return (bytes / 1e6).toFixed(1) + ' MB';
}

export function duration(millis) {
  const seconds = Math.abs(millis) / 1000;
  if (seconds < 0.9995) return Math.round(seconds * 1000) + ' ms';
  if (seconds < 59.95) return seconds.toFixed(seconds < 9.95 ? 1 : 0) + ' s';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min' + (seconds % 60 >= 1 ? ' ' + Math.floor(seconds % 60) + ' s' : '');
  if (seconds < 86400) return Math.floor(seconds / 3600) + ' h ' + Math.floor((seconds % 3600) / 60) + ' min';
  return Math.floor(seconds / 86400) + ' days';
}

export function delay(micros) {
  return micros === null ? 'not measured yet' : micros < 1000 ? micros + ' µs' : (micros / 1000).toFixed(micros < 10000 ? 1 : 0) + ' ms';
}

export function time(millis) {
  return new Date(millis).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** How long ago, roughly: it is read again and again. */
export function ago(millis, now = Date.now()) {
  const seconds = Math.floor((now - millis) / 1000);
  if (seconds < -1) return 'in ' + duration(millis - now);
  if (seconds < 1) return 'just now';
  if (seconds < 60) return seconds + ' s ago';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min ago';
  return seconds < 86400 ? Math.floor(seconds / 3600) + ' h ago' : Math.floor(seconds / 86400) + ' days ago';
}
