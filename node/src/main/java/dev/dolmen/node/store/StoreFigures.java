package dev.dolmen.node.store;

/**
 * How a database is, for those who watch over it; sizes in bytes.
 *
 * @param filesBytes all table files
 * @param liveBytes what of them is in use, as RocksDB estimates
 * @param memtableBytes writes that are in memory and in the log, but in no table yet
 * @param cacheBytes blocks of tables in memory
 * @param pendingCompactionBytes what compaction still has to rewrite, as RocksDB estimates
 * @param errors while flushing and compacting, since it was opened
 * @param writesStopped whether it takes no writes until it has caught up with itself
 */
public record StoreFigures(
    long filesBytes,
    long liveBytes,
    long memtableBytes,
    long cacheBytes,
    long pendingCompactionBytes,
    long errors,
    boolean writesStopped) {}
