package dev.dolmen.node;

import dev.dolmen.node.action.NodeAction;
import java.util.List;

/**
 * What the node answers to whoever asked it directly, and what is to be done besides. The answer is
 * given only once what it speaks of is on disk.
 *
 * @param value the answer
 * @param actions to perform, in order
 */
public record Answer<T>(T value, List<NodeAction> actions) {
  public Answer {
    actions = List.copyOf(actions);
  }
}
