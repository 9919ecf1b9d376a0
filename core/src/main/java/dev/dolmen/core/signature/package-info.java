/**
 * Ed25519 keys and signatures, and the one rule by which every node decides whether a signature is
 * good. All types are immutable and may be used from any thread. It depends on {@code
 * core.encoding} and on BouncyCastle's low-level arithmetic.
 */
@NullMarked
package dev.dolmen.core.signature;

import org.jspecify.annotations.NullMarked;
