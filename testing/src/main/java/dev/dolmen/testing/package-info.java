/**
 * A network of nodes for JUnit 5 tests: {@code DolmenNetwork} is an extension, {@code @DolmenTest}
 * hands one to a test method. A thin edge on {@code dev.dolmen.node.devnet}, which runs the nodes;
 * each network belongs to one test, and its methods may be called from any thread of it.
 */
@NullMarked
package dev.dolmen.testing;

import org.jspecify.annotations.NullMarked;
