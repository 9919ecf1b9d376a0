/**
 * The chain on disk: a store in RocksDB, and the claim on the data directory that keeps a second
 * node, another network and an older program away from it. The node thread is the only writer;
 * readers of any thread may look up what is there. Depends on {@code core.store} and below, and on
 * RocksDB.
 */
@NullMarked
package dev.dolmen.node.store;

import org.jspecify.annotations.NullMarked;
