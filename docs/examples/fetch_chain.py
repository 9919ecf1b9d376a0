#!/usr/bin/env python3
"""Fetches a chain from a Dolmen node and checks all of it. Needs Python 3 and the openssl command, nothing else.

    python3 fetch_chain.py 127.0.0.1:8555
    python3 fetch_chain.py ID@127.0.0.1:8555 --network mynet.toml

It is the whole lesson in one file: say hello, ask "what is your latest block?", ask "give me all blocks" until that
one has come, and believe none of it before it is checked. Every step names the part of docs/protocol.md it follows.
"""

import argparse
import datetime
import hashlib
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

DEV = {"name": "dev", "genesis-time": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc), "interval": "1s",
       "half-life": "1h", "first-target": "207fffff", "fixed-target": True, "largest-block": 1_048_576, "authors": []}
MEDIAN_ANCESTORS = 11
EXPIRY_WINDOW = 256
MAX_PAYLOAD = 100_000
TIMEOUT_SECONDS = 30
ED25519_KEY_IN_CERTIFICATE = bytes.fromhex("300506032b6570032100")


class Broken(Exception):
    """What we were sent breaks a rule."""


def expect(holds, rule):
    if not holds:
        raise Broken(rule)


def sha256(data):
    return hashlib.sha256(data).digest()


# ---------------------------------------------------------------------------------------------------------------------
# Protocol Buffers, as much of them as wire.proto uses: varints, byte strings and two fixed sizes
# ---------------------------------------------------------------------------------------------------------------------

def varint(value):
    out = b""
    while value > 0x7f:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """One field: an int as a varint, bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def read_varint(data, at):
    value = shift = 0
    while True:
        expect(at < len(data) and shift < 70, "a message ends inside a number")
        value |= (data[at] & 0x7f) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def fields(data):
    """All fields of a message, by number, each a list in order."""
    found = {}
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = read_varint(data, at)
        else:
            if kind == 2:
                size, at = read_varint(data, at)
            else:
                expect(kind in (1, 5), "a message with a kind of field that Dolmen does not use")
                size = 8 if kind == 1 else 4
            value, at = data[at:at + size], at + size
            expect(at <= len(data), "a message ends inside a field")
        found.setdefault(key >> 3, []).append(value)
    return found


def one(message, number, default):
    return message.get(number, [default])[-1]


# ---------------------------------------------------------------------------------------------------------------------
# The chain's own things: docs/protocol.md, part one
# ---------------------------------------------------------------------------------------------------------------------

def duration_millis(text):
    """'500ms', '10s', '2m', '1h', '1d', as network files write it."""
    for unit, millis in (("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)):
        if text.endswith(unit) and text[:-len(unit)].isdigit():
            return int(text[:-len(unit)]) * millis
    raise SystemExit(f"'{text}' is no duration; write for example 10s")


def decode_bits(bits):
    """#targets; canonical encodings only."""
    length, mantissa = bits >> 24, bits & 0xffffff
    target = mantissa << 8 * (length - 3) if length >= 3 else mantissa >> 8 * (3 - length)
    expect(0 < target < 2 ** 256 and encode_bits(target) == bits, f"bits {bits:08x} are not a canonical target")
    return target


def encode_bits(target):
    length = (target.bit_length() + 7) // 8
    mantissa = target >> 8 * (length - 3) if length >= 3 else target << 8 * (3 - length)
    if mantissa >= 0x800000:
        mantissa, length = mantissa >> 8, length + 1
    return length << 24 | mantissa


class Network:
    """#network: what the members agreed on before the first block."""

    def __init__(self, values):
        self.genesis_time = int(values["genesis-time"].timestamp() * 1000)
        self.interval = duration_millis(values["interval"])
        self.half_life = duration_millis(values["half-life"])
        self.first_bits = int(values["first-target"], 16)
        self.fixed = values["fixed-target"]
        self.largest_block = values["largest-block"]
        self.authors = sorted(bytes.fromhex(author) for author in values["authors"])
        name = values["name"].encode("ascii")
        parameters = (bytes([len(name)]) + name
                      + struct.pack(">QQQIBII", self.genesis_time, self.interval, self.half_life, self.first_bits,
                                    self.fixed, self.largest_block, len(self.authors)) + b"".join(self.authors))
        self.genesis = Header(1, 0, self.genesis_time, sha256(b"dolmen/network/1" + parameters), sha256(b""), 0,
                              self.first_bits, 0)

    def max_future(self):
        return max(60_000, min(12 * self.interval, 7_200_000))

    def bits_after(self, parent):
        """#difficulty"""
        if self.fixed:
            return self.first_bits
        passed = parent.timestamp - self.genesis_time + self.interval
        scheduled = self.interval * (parent.height + 1)
        exponent = abs(passed - scheduled) * 65536 // self.half_life
        exponent = exponent if passed >= scheduled else -exponent
        shifts, fraction = exponent >> 16, exponent & 0xffff
        factor = 65536 + ((195766423245049 * fraction + 971821376 * fraction ** 2 + 5127 * fraction ** 3 + 2 ** 47) >> 48)
        first = decode_bits(self.first_bits)
        shift = shifts - 16
        target = first * factor << shift if shift >= 0 else first * factor >> -shift
        return encode_bits(max(1, min(first, target)))


class Header:
    """#header"""

    def __init__(self, version, height, timestamp, previous, merkle_root, count, bits, nonce):
        expect(len(previous) == 32 and len(merkle_root) == 32, "hashes have 32 bytes")
        self.version, self.height, self.timestamp, self.previous = version, height, timestamp, previous
        self.merkle_root, self.count, self.bits, self.nonce = merkle_root, count, bits, nonce
        canonical = struct.pack(">IQQ32s32sIIQ", version, height, timestamp, previous, merkle_root, count, bits, nonce)
        self.hash = sha256(sha256(canonical))

    @staticmethod
    def of(message):
        bits, nonce = one(message, 7, bytes(4)), one(message, 8, bytes(8))
        return Header(one(message, 1, 0), one(message, 2, 0), one(message, 3, 0), one(message, 4, b""),
                      one(message, 5, b""), one(message, 6, 0),
                      int.from_bytes(bits, "little"), int.from_bytes(nonce, "little"))

    def work(self):
        return 2 ** 256 // (decode_bits(self.bits) + 1)


class Transaction:
    """#transaction"""

    def __init__(self, message):
        self.author, self.expiry = one(message, 2, b""), one(message, 3, 0)
        self.payload, self.signature = one(message, 4, b""), one(message, 5, b"")
        expect(one(message, 1, 0) == 1, "a transaction has version 1")
        expect(len(self.author) == 32 and len(self.signature) == 64, "a key has 32 bytes and a signature 64")
        expect(len(self.payload) <= MAX_PAYLOAD, "a payload has at most 100,000 bytes")
        unsigned = b"\x01" + self.author + struct.pack(">QI", self.expiry, len(self.payload)) + self.payload
        self.id = sha256(unsigned)
        self.size = len(unsigned) + 64
        self.leaf = sha256(b"\x00" + self.id + self.signature)


def merkle_root(leaves):
    """#merkle-tree"""
    if not leaves:
        return sha256(b"")
    while len(leaves) > 1:
        pairs = [sha256(b"\x01" + left + right) for left, right in zip(leaves[0::2], leaves[1::2])]
        leaves = pairs + leaves[len(pairs) * 2:]
    return leaves[0]


class Signatures:
    """#signatures, decided by openssl. Its yes is a yes by our rule; its no may differ in corners nobody meets by chance."""

    KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")

    def __init__(self, directory, genesis_hash):
        self.directory, self.genesis_hash = directory, genesis_hash

    def check(self, transaction):
        key, message, signature = (self.directory / name for name in ("author.der", "message", "signature"))
        key.write_bytes(self.KEY_PREFIX + transaction.author)
        message.write_bytes(b"dolmen/transaction/1" + self.genesis_hash + transaction.id)
        signature.write_bytes(transaction.signature)
        answer = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin",
                                 "-in", message, "-sigfile", signature], capture_output=True, check=False)
        expect(answer.returncode == 0, f"the signature of {transaction.id.hex()} is not its author's")


class Chain:
    """What we believe: blocks that follow the rules, in order."""

    def __init__(self, network, signatures):
        self.network, self.signatures = network, signatures
        self.headers = [network.genesis]
        self.work = network.genesis.work()
        self.included = {}

    def tip(self):
        return self.headers[-1]

    def locator(self):
        """#locator: the last ten, then each gap doubled, then genesis."""
        hashes, height, gap = [], len(self.headers) - 1, 1
        while height > 0:
            hashes.append(self.headers[height].hash)
            gap *= 2 if len(hashes) >= 10 else 1
            height -= gap
        return hashes + [self.headers[0].hash]

    def rewind_to(self, block_hash):
        """Takes blocks off again, down to one that another branch stands on."""
        expect(any(known.hash == block_hash for known in self.headers), "a block stands on one that we share")
        while self.tip().hash != block_hash:
            dropped = self.headers.pop()
            self.work -= dropped.work()
            self.included = {known: height for known, height in self.included.items() if height < dropped.height}

    def add(self, header, transactions):
        """#rules, in their order."""
        parent = self.tip()
        recent = sorted(known.timestamp for known in self.headers[-MEDIAN_ANCESTORS:])
        expect(header.version == 1, "the version is 1")
        expect(header.height == parent.height + 1, "the height is the parent's and one")
        expect(header.previous == parent.hash, "the parent is the block before")
        expect(header.timestamp > recent[len(recent) // 2], "the timestamp is above the median")
        expect(header.bits == self.network.bits_after(parent), "the target is what the difficulty rule says")
        expect(int.from_bytes(header.hash, "big") <= decode_bits(header.bits), "the hash meets the target")
        expect(header.timestamp <= time.time() * 1000 + self.network.max_future(), "the timestamp is not from the future")
        expect(header.count == len(transactions), "the body has as many transactions as the header counts")
        expect(header.merkle_root == merkle_root([transaction.leaf for transaction in transactions]),
               "the Merkle root is the body's")
        expect(100 + sum(transaction.size for transaction in transactions) <= self.network.largest_block,
               "the block is no larger than the network allows")
        for transaction in transactions:
            expect(not self.network.authors or transaction.author in self.network.authors, "the author may write")
            expect(0 <= transaction.expiry - header.height <= EXPIRY_WINDOW, "no transaction has expired or is too early")
            expect(transaction.id not in self.included, "every transaction is in the chain once")
            self.included[transaction.id] = header.height
        for transaction in transactions:
            self.signatures.check(transaction)
        self.headers.append(header)
        self.work += header.work()


# ---------------------------------------------------------------------------------------------------------------------
# The conversation: docs/protocol.md, part two
# ---------------------------------------------------------------------------------------------------------------------

HELLO, PING, PONG, LATEST_BLOCK, ALL_BLOCKS, RESPONSE = 2, 3, 4, 5, 6, 11
REQUESTS = (LATEST_BLOCK, ALL_BLOCKS, 7, 8, 9, 10)
BLOCKS, REFUSAL, MORE = 1, 5, 6
CANNOT_SERVE = 7


def make_certificate(directory):
    """#tls-and-identity: a key of our own and one self-signed certificate."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=fetch_chain", "-days", "3650",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


class Peer:
    """One link to a node."""

    def __init__(self, address, network, directory):
        pinned, _, place = address.rpartition("@")
        host, _, port = place.rpartition(":")
        key, certificate = make_certificate(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # nobody vouches for a peer: its key is its name
        context.load_cert_chain(certificate, key)
        raw = socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS)
        self.socket = context.wrap_socket(raw)
        shown = self.socket.getpeercert(binary_form=True)
        at = shown.find(ED25519_KEY_IN_CERTIFICATE)
        expect(at >= 0, "the node's certificate has an Ed25519 key")
        at += len(ED25519_KEY_IN_CERTIFICATE)
        self.id = shown[at:at + 32].hex()
        expect(pinned in ("", self.id), f"the node is {self.id}, not {pinned}")
        self.network, self.last_request = network, 0
        self.ready = False
        self.send(0, HELLO, field(1, 1) + field(2, network.genesis.hash))
        hello = fields(one(self.receive(), HELLO, b""))
        expect(one(hello, 2, b"") == network.genesis.hash, "the node is of our network")
        self.ready = True

    def send(self, request_id, kind, body):
        envelope = (field(1, request_id) if request_id else b"") + field(kind, body)
        self.socket.sendall(struct.pack(">I", len(envelope)) + envelope)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            expect(more, "the node closed the link")
            data += more
        return data

    def receive(self):
        """#frames: the length is judged before anything is read."""
        size = struct.unpack(">I", self.read(4))[0]
        largest = self.network.largest_block
        most = largest + max(65_536, largest // 16) if self.ready else 4_096
        expect(0 < size <= most, f"a frame of {size} bytes is too large")
        envelope = fields(self.read(size))
        response = fields(one(envelope, RESPONSE, b""))
        if REFUSAL in response:
            refusal = fields(response[REFUSAL][0])
            raise Broken("the node refuses: " + one(refusal, 2, b"").decode("utf-8", "replace"))
        return envelope

    def ask(self, kind, body):
        """Yields the blocks of an answer, however many messages it takes; whatever else is said meanwhile is not for us."""
        self.last_request += 1
        self.send(self.last_request, kind, body)
        while True:
            envelope = self.receive()
            self.be_polite(envelope)
            if RESPONSE not in envelope or one(envelope, 1, 0) != self.last_request:
                continue
            response = fields(envelope[RESPONSE][0])
            for block in fields(one(response, BLOCKS, b"")).get(1, []):
                message = fields(block)
                yield (Header.of(fields(one(message, 1, b""))),
                       [Transaction(fields(transaction)) for transaction in message.get(2, [])])
            if not one(response, MORE, 0):
                return

    def be_polite(self, envelope):
        """A peer is client and server at once: the node asks us, too. We have nothing to give, and say so."""
        asked = one(envelope, 1, 0)
        if PING in envelope:
            self.send(asked, PONG, field(1, self.network.genesis.hash))
        elif any(request in envelope for request in REQUESTS):
            self.send(asked, RESPONSE, field(REFUSAL, field(1, CANNOT_SERVE) + field(2, b"I only read")))

    def latest_block(self):
        answer = list(self.ask(LATEST_BLOCK, b""))
        expect(len(answer) == 1, "the latest block is one block")
        return answer[0]

    def all_blocks(self, locator):
        return self.ask(ALL_BLOCKS, b"".join(field(1, known) for known in locator))

    def close(self):
        self.socket.close()


def fetch(peer, chain):
    """What is your latest block? It does not fit ours: give me all blocks. Keep the heavier chain."""
    latest, _ = peer.latest_block()
    while latest.hash != chain.tip().hash:
        work = chain.work
        for header, transactions in peer.all_blocks(chain.locator()):
            if header.previous != chain.tip().hash:
                chain.rewind_to(header.previous)  # the node has changed to another branch meanwhile
            chain.add(header, transactions)
        expect(chain.work > work, f"the blocks after {chain.tip().height} are no heavier than what we had")
        latest, _ = peer.latest_block()


def main():
    parser = argparse.ArgumentParser(description="Fetch a chain from a Dolmen node and check all of it.")
    parser.add_argument("address", help="[ID@]HOST:PORT of the node's peer port")
    parser.add_argument("--network", help="a network file; without it, dev")
    arguments = parser.parse_args()
    if arguments.network:
        import tomllib  # since Python 3.11; dev needs no file
        with open(arguments.network, "rb") as file:
            network = Network(tomllib.load(file))
    else:
        network = Network(DEV)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        chain = Chain(network, Signatures(directory, network.genesis.hash))
        try:
            peer = Peer(arguments.address, network, directory)
            try:
                fetch(peer, chain)
            finally:
                peer.close()
        except (Broken, OSError) as trouble:
            print(f"fetch_chain: {trouble} (after block {chain.tip().height})", file=sys.stderr)
            return 1
    print(f"height {chain.tip().height}   hash {chain.tip().hash.hex()}   work {chain.work}   "
          f"entries {len(chain.included)}   from {peer.id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
