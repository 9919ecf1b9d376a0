package dev.dolmen.node;

import dev.dolmen.node.action.NodeEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the node's events to whoever wants them, in order, each after what it speaks of is on disk.
 * Subscribers are called on the node thread and must only pass the event on. One that throws costs
 * nobody else the event, nor the node its thread.
 */
public final class EventFeed {

  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);

  private final List<Consumer<NodeEvent>> subscribers = new CopyOnWriteArrayList<>();

  /** Ends when closed. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Every event from now on, until the subscription is closed. */
  public Subscription subscribe(Consumer<NodeEvent> subscriber) {
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  void tell(NodeEvent event) {
    for (Consumer<NodeEvent> subscriber : subscribers) {
      try {
        subscriber.accept(event);
      } catch (RuntimeException bug) {
        log.error("a subscriber to the node's events failed; the node goes on", bug);
      }
    }
  }
}
