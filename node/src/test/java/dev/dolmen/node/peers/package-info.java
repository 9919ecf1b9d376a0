@NullMarked
package dev.dolmen.node.peers;

import org.jspecify.annotations.NullMarked;
