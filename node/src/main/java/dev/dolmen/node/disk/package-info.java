/**
 * How small files are replaced so that a crash leaves the old one or the new one. Used by whoever
 * owns such a file, on that owner's thread. Depends on nothing of ours.
 */
@NullMarked
package dev.dolmen.node.disk;

import org.jspecify.annotations.NullMarked;
