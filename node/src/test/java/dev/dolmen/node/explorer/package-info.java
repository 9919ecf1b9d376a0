/** Tests of the page's files. No thread of their own. Depends on the explorer only. */
@NullMarked
package dev.dolmen.node.explorer;

import org.jspecify.annotations.NullMarked;
