/**
 * Who a peer is: an Ed25519 public key, and for ourselves the pair and the certificate that proves
 * it. Everything here is an immutable value, so any thread may use it. It depends on BouncyCastle
 * and on no other package of this module.
 */
@NullMarked
package dev.dolmen.network.identity;

import org.jspecify.annotations.NullMarked;
