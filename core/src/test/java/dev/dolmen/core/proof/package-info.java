/** Tests of proof files; the cases are there for other implementations too. */
@NullMarked
package dev.dolmen.core.proof;

import org.jspecify.annotations.NullMarked;
