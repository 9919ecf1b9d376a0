// The page around proof.js: takes a file, shows what is found. Everything is set as text, so nothing a stranger wrote
// becomes markup, and the file goes nowhere.

import { Api } from './api.js';
import { DEV, MAX_BYTES, check, checkpointOf, networkOf, quoted } from './proof.js';

const FEW = 5;
const LITTLE_WORK = 10n ** 9n;

const $ = (id) => document.getElementById(id);
const networks = new Map();
let file = null;
let runs = 0;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** A sentence in which hashes and keys look like what they are. */
function sentenceElement(tag, text) {
  const made = element(tag);
  for (const part of text.split(/([0-9a-f]{64,})/)) made.append(/^[0-9a-f]{64}/.test(part) ? element('code', part) : part);
  return made;
}

function offer(key, label, json) {
  networks.set(key, networkOf(json));
  const option = element('option', label);
  option.value = key;
  $('network').append(option);
}

function sayWhatNetworkIsTrusted() {
  $('trust-network').textContent = $('network').value === 'dev'
    ? "The rules of the built-in network dev, as this page has them. Other networks: dolmen verify --network FILE."
    : "This node's word for the rules of its network. Its genesis hash, which covers all of them, is what to compare.";
}

async function loadNetworks() {
  try {
    const json = await new Api('/v1').get('/network');
    offer('node', json.name + ", this node's", json);
  } catch (gone) {
    $('progress').textContent = 'This node does not say its network: ' + (gone.wantsToken ? 'it wants its token, which the explorer asks for' : gone.message);
  }
  offer('dev', 'dev, built in', DEV);
  sayWhatNetworkIsTrusted();
}

function checkpoint() {
  const text = $('checkpoint').value.trim();
  const point = text === '' ? null : checkpointOf(text);
  const wrong = text !== '' && point === null;
  $('checkpoint').setAttribute('aria-invalid', String(wrong));
  $('checkpoint-complaint').textContent = wrong
    ? "a height, a colon and the 64 lower-case hex digits of a block's hash" : '';
  return wrong ? undefined : point;
}

const count = (n, one, many) => n + ' ' + (n === 1n ? one : many);

function showValid(verdict) {
  $('verdict-title').textContent = '✓ Valid';
  $('verdict-sentence').textContent = quoted(verdict.payload) + ' by ' + verdict.author.slice(0, 4)
    + '… in block ' + verdict.block.height + ' of network ' + verdict.network
    + (verdict.isFromGenesis ? ', from its genesis' : ', from the checkpoint at block ' + verdict.anchor.height)
    + ', no node, no network used';
  const facts = [
    ['Entry', verdict.id + ', number ' + verdict.index + ' of its block'],
    ['Author', verdict.author],
    ['Block', verdict.block.height + ' ' + verdict.block.hash + ', ' + time(verdict.timestamp)],
    ['Trusted', verdict.anchor.height + ' ' + verdict.anchor.hash
      + (verdict.isFromGenesis ? ', the genesis of network ' + verdict.network : ', the checkpoint')],
    ['Tip', verdict.tip.height + ' ' + verdict.tip.hash + ', so the entry is '
      + count(verdict.confirmations, 'block', 'blocks') + ' deep'],
    ['Work', verdict.work + " hashes on average, its block's and those after it"],
  ];
  if (verdict.work < LITTLE_WORK) {
    facts.push(['Mind', 'a single computer does so much in minutes, so that work proves little']);
  }
  $('facts').replaceChildren(...facts.flatMap(([name, value]) =>
    [element('dt', name), sentenceElement('dd', value)]));
}

function time(millis) {
  const date = new Date(Number(millis));
  return Number.isNaN(date.getTime()) ? millis + ' ms after 1970' : date.toISOString();
}

function showInvalid(verdict) {
  $('verdict-title').textContent = '✗ Invalid';
  $('verdict-sentence').replaceChildren(...sentenceElement('p', verdict.step + ': ' + verdict.reason).childNodes);
  $('facts').replaceChildren();
}

function stepItem(step, sentences) {
  const item = element('li');
  item.append(element('h3', '✓ ' + step));
  const paragraphs = (list) => list.map((sentence) => sentenceElement('p', sentence));
  if (sentences.length <= FEW) {
    item.append(...paragraphs(sentences));
    return item;
  }
  // Thousands of paragraphs are made only for who wants to see them.
  const details = element('details');
  details.append(element('summary', sentences.length + ' of them, from the first to the last'));
  details.addEventListener('toggle', () => details.append(...paragraphs(sentences)), { once: true });
  item.append(details);
  return item;
}

function showSteps(verdict) {
  const byStep = new Map();
  for (const { step, sentence } of verdict.findings) {
    if (!byStep.has(step)) byStep.set(step, []);
    byStep.get(step).push(sentence);
  }
  const items = [...byStep].map(([step, sentences]) => stepItem(step, sentences));
  if (!verdict.valid) {
    const item = element('li', undefined, 'broken');
    item.append(element('h3', '✗ ' + verdict.step), sentenceElement('p', verdict.reason));
    items.push(item);
  }
  $('steps').replaceChildren(...items);
}

function hideVerdict() {
  $('verdict').hidden = true;
  $('steps-section').hidden = true;
}

async function run() {
  const run = ++runs;
  const trusted = checkpoint();
  const network = networks.get($('network').value);
  hideVerdict();
  if (file === null || trusted === undefined || network === undefined) return;
  $('progress').textContent = 'Checking ' + file.name + ' …';
  // One byte more than any proof has is enough to refuse it.
  const bytes = new Uint8Array(await file.slice(0, MAX_BYTES + 1).arrayBuffer());
  const verdict = await check(bytes, network, trusted, async (done, all) => {
    if (run !== runs) return;
    $('progress').textContent = 'Checking ' + file.name + ': header ' + done + ' of ' + all;
    await new Promise((next) => { setTimeout(next); });
  });
  if (run !== runs) return;
  $('progress').textContent = file.name;
  $('verdict').classList.toggle('valid', verdict.valid);
  if (verdict.valid) showValid(verdict); else showInvalid(verdict);
  showSteps(verdict);
  $('verdict').hidden = false;
  $('steps-section').hidden = false;
  $('verdict').focus();
}

function runAndTell() {
  run().catch((failure) => {
    $('progress').textContent = 'The file cannot be read: ' + failure.message;
  });
}

function take(chosen) {
  file = chosen;
  runAndTell();
}

$('origin').textContent = window.location.host;
// So that the same file, changed meanwhile, can be chosen again.
$('file').addEventListener('click', () => { $('file').value = ''; });
$('file').addEventListener('change', () => { if ($('file').files.length > 0) take($('file').files[0]); });
$('network').addEventListener('change', () => { sayWhatNetworkIsTrusted(); runAndTell(); });
$('checkpoint').addEventListener('change', runAndTell);
$('form').addEventListener('submit', (event) => event.preventDefault());
for (const name of ['dragenter', 'dragover']) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $('drop').classList.add('over');
  });
}
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) $('drop').classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  $('drop').classList.remove('over');
  if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files[0]);
});
loadNetworks().then(runAndTell, (failure) => {
  $('progress').textContent = failure.message;
});
