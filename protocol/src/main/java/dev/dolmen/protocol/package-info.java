/**
 * The messages peers exchange, generated from {@code wire.proto}, and the limits that go with them.
 * Everything here is an immutable value, so any thread may use it. It may depend on protobuf and
 * nothing else.
 */
@NullMarked
package dev.dolmen.protocol;

import org.jspecify.annotations.NullMarked;
