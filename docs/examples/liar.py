#!/usr/bin/env python3
"""Tells a Dolmen node one lie, and prints what the node says to that. Needs Python 3 and the openssl command.

    python3 liar.py 127.0.0.1:8555 work      a block on the node's tip for which nobody has worked
    python3 liar.py 127.0.0.1:8555 body      a block whose header is about one entry and whose body holds another

For a network of your own, such as a devnet: a node that is not on this machine will not speak to you again.
It uses the words of fetch_chain.py beside it; the parts of docs/protocol.md that a lie breaks are named where it is told.
"""

import argparse
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import fetch_chain as honest
from fetch_chain import field

GET_BLOCKS, NEW_BLOCK = 8, 12


def fixed(number, value, size):
    """A field of 4 or 8 bytes."""
    return honest.varint(number << 3 | (5 if size == 4 else 1)) + value.to_bytes(size, "little")


def signed(payload, expiry, directory, network):
    """An entry as its author sends it (#transaction), signed with a key made for it."""
    key, message, signature = (directory / name for name in ("author.pem", "signed-message", "own-signature"))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
    author = public.stdout[-32:]
    unsigned = b"\x01" + author + struct.pack(">QI", expiry, len(payload)) + payload
    message.write_bytes(b"dolmen/transaction/1" + network.genesis.hash + honest.sha256(unsigned))
    subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", message, "-out", signature],
                   check=True, capture_output=True)
    return field(1, 1) + field(2, author) + field(3, expiry) + field(4, payload) + field(5, signature.read_bytes())


def header_on(tip, leaf, worked):
    """A header for one entry on top of the tip, with the first nonce that meets the target, or the first that does not."""
    timestamp = max(int(time.time() * 1000), tip.timestamp + 1)
    target = honest.decode_bits(tip.bits)
    nonce = 0
    while True:
        header = honest.Header(1, tip.height + 1, timestamp, tip.hash, leaf, 1, tip.bits, nonce)
        if (int.from_bytes(header.hash, "big") <= target) == worked:
            return header
        nonce += 1


def told(header):
    """A header as messages carry it."""
    return (field(1, header.version) + field(2, header.height) + field(3, header.timestamp) + field(4, header.previous)
            + field(5, header.merkle_root) + field(6, header.count) + fixed(7, header.bits, 4) + fixed(8, header.nonce, 8))


def lie(peer, kind, directory):
    """Announces a block, stands by it when asked, and returns what the node says in the end."""
    tip, _ = peer.latest_block()
    shown = signed(b"I owe dave 100", tip.height + 100, directory, peer.network)
    meant = signed(b"I owe dave 1", tip.height + 100, directory, peer.network)
    body = meant if kind == "body" else shown
    header = header_on(tip, honest.Transaction(honest.fields(shown)).leaf, worked=kind != "work")
    entry = honest.Transaction(honest.fields(body))
    print(f"me   a new block {header.height} on your {tip.height}, with the entry \"{entry.payload.decode()}\"")
    # The body comes along with the announcement (#relay): the beginning of its leaf, turned around as fixed64 wants it, and all of it.
    peer.send(0, NEW_BLOCK, field(2, told(header)) + field(3, entry.leaf[7::-1]) + field(4, field(2, body)))
    while True:
        try:
            envelope = peer.receive()
        except honest.Broken as end:
            return str(end)
        asked = honest.one(envelope, 1, 0)
        if GET_BLOCKS in envelope:
            print("node give me all of that block")
            print("me   here it is")
            block = field(1, told(header)) + field(2, body)
            peer.send(asked, honest.RESPONSE, field(honest.BLOCKS, field(1, block)))
        else:
            peer.be_polite(envelope)


def main():
    parser = argparse.ArgumentParser(description="Tell a Dolmen node of network dev one lie.")
    parser.add_argument("address", help="[ID@]HOST:PORT of the node's peer port")
    parser.add_argument("lie", choices=["work", "body"], help="about the work in a block, or about its body")
    arguments = parser.parse_args()
    network = honest.Network(honest.DEV)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        try:
            peer = honest.Peer(arguments.address, network, directory)
            try:
                print("node " + lie(peer, arguments.lie, directory).removeprefix("the node refuses: "))
            finally:
                peer.close()
        except (honest.Broken, OSError) as trouble:
            print(f"liar: {trouble}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
