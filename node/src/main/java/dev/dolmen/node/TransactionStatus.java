package dev.dolmen.node;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.action.TransactionState;
import java.util.Optional;

/**
 * A transaction this node knows, and where it stands.
 *
 * @param place where in the chain; present exactly if it is included
 */
public record TransactionStatus(
    Transaction transaction, TransactionState state, Optional<TransactionPlace> place) {}
