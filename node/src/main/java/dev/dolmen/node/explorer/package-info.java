/**
 * The page that every node serves at {@code /}: its files, read once from the program itself. No
 * thread owns them, since they never change. Depends on {@code core.encoding} only.
 */
@NullMarked
package dev.dolmen.node.explorer;

import org.jspecify.annotations.NullMarked;
