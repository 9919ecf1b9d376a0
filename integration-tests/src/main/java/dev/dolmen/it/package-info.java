/**
 * What can only be seen of the whole: its architecture. Runs on the test thread; may depend on
 * everything.
 */
@NullMarked
package dev.dolmen.it;

import org.jspecify.annotations.NullMarked;
